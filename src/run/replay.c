#include "hourglass/replay.h"

#include "base/mem.h"
#include "base/text.h"
#include "run/replay.h"
#include "run/trainer_state.h"
#include "run/travel.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

void hg__replay_cut(struct hg__line *line, uint64_t step)
{
    while (line->changes && line->change[line->changes - 1].step > step) {
        struct hg__change *last = &line->change[--line->changes];
        hg__free(last->key);
        hg__free(last->to);
    }
    line->reached = step;
}

void hg__line_fini(struct hg__line *line)
{
    for (size_t i = 0; i < line->changes; i++) {
        hg__free(line->change[i].key);
        hg__free(line->change[i].to);
    }
    hg__free(line->change);
    hg__free(line->weights);
    if (line->begun)
        hg_spec_fini(&line->spec);
    memset(line, 0, sizeof *line);
    line->evaluated = NAN;
}

void hg_replay_close(struct hg_replay *replay)
{
    if (!replay)
        return;
    hg__line_fini(&replay->line);
    hg__line_fini(&replay->before);
    hg__free(replay->path);
    hg__free(replay);
}

const struct hg_spec *hg_replay_spec(const struct hg_replay *replay)
{
    return &replay->line.spec;
}

const char *hg_replay_weights(const struct hg_replay *replay)
{
    return replay->line.weights;
}

struct hg_replay_facts hg_replay_facts(const struct hg_replay *replay)
{
    const struct hg__line *line = &replay->line;

    return (struct hg_replay_facts){.steps = line->reached,
                                    .changes = line->changes,
                                    .ended = line->ended,
                                    .diverged = line->diverged,
                                    .evaluated = line->evaluated};
}

static enum hg_status change(const struct hg_replay *replay, struct hg_trainer *trainer,
                             const struct hg__change *change, struct hg_error *error)
{
    enum hg_status status;

    if (strcmp(change->key, HG__CHANGE_CONTINUE) == 0) {
        hg_trainer_continue(trainer);
        return HG_OK;
    }
    status = hg__is_edit(change->key) ? hg_trainer_edit(trainer, change->key, change->to, error)
                                      : hg_trainer_set(trainer, change->key, change->to, error);
    return status ? hg_error_prefix(error, status, "%s: step %" PRIu64, replay->path, change->step)
                  : HG_OK;
}

enum hg_status hg_replay_step(struct hg_replay *replay, struct hg_trainer *trainer, bool *done,
                              struct hg_error *error)
{
    const struct hg__line *line = &replay->line;
    uint64_t step = trainer->progress.step;
    enum hg_status status = HG_OK;

    *done = false;
    while (status == HG_OK && replay->at < line->changes && line->change[replay->at].step <= step)
        status = change(replay, trainer, &line->change[replay->at++], error);
    if (status)
        return status;
    if (step >= line->reached && !line->diverged) {
        *done = true;
        return HG_OK;
    }
    status = hg_trainer_step(trainer, error);
    if (status == HG_OK && trainer->progress.step == step)
        return hg_error_set(
            error, HG_FAILED,
            "%s: goes on to step %" PRIu64 ", but the run ends at step %" PRIu64 " (%s)",
            replay->path, line->reached, step, hg_end_name(hg_trainer_end(trainer)));
    return status;
}
