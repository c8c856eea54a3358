/* View 3 within a session: looking into the network when it is time, and a parameter changed. */
#include "run/session_state.h"

#include "run/trainer_state.h"

#include <math.h>

/* The share of the time that looking may take, and how much of it may be saved up. */
static const double share = 0.0025, most_credit = 0.02;

void hg__session_network_show(struct hg_session *session, const struct hg_command *command)
{
    hg__network_ask(&session->network,
                    &(struct hg__network_wish){.column = (int)command->number,
                                               .unit = command->first,
                                               .units = command->count,
                                               .few = (uint32_t)command->value[0],
                                               .page = command->label});
}

void hg__session_network_look(struct hg_session *session, bool idle)
{
    struct hg__network *network = &session->network;
    const struct hg_experiment *experiment = session->trainer->experiment;
    uint64_t step = session->trainer->progress.step;
    double now = hg__now(), begin;

    network->credit = fmin(most_credit, network->credit + share * (now - network->granted_at));
    network->granted_at = now;
    if (network->wish.column < 0 || (network->known && network->step == step) ||
        (!network->wanted && !idle && network->credit <= 0))
        return;
    begin = hg__spent();
    hg__network_probe(network, experiment->model, experiment->dataset, session->watch.sample);
    network->step = step;
    network->credit -= hg__spent() - begin;
}

void hg__session_edit(struct hg_session *session, const struct hg_command *command)
{
    struct hg_error error;

    if (hg_trainer_edit(session->trainer, command->text, command->name, &error)) {
        hg__session_tell(session, HG_TONE_BAD, "%s", error.text);
        return;
    }
    hg__session_tell(session, HG_TONE_PLAIN, "%s = %s", command->text, command->name);
    hg__watch_show(&session->watch, session->watch.sample);
    hg__visit_stale(&session->visit);
}
