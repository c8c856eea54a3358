/* A run again from its beginning: the same, from another seed, or as another experiment. */
#include "run/trainer_state.h"

#include "base/mem.h"
#include "run/checkup.h"
#include "run/spec_parts.h"
#include "run/travel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- what differs ---- */

/* Do two experiments differ in an option of `section`, of which only `key` counts unless NULL? */
static bool differs(const struct hg_spec *a, const struct hg_spec *b, const char *section,
                    const char *key)
{
    size_t count;
    const struct hg_option *option = hg_options(&count);
    bool other = false;

    for (size_t i = 0; i < count && !other; i++) {
        char *before, *after;
        if (strcmp(option[i].section, section) != 0 || (key && strcmp(option[i].key, key) != 0))
            continue;
        before = hg__option_write(&option[i], a);
        after = hg__option_write(&option[i], b);
        other = !before || !after || strcmp(before, after) != 0;
        hg__free(before);
        hg__free(after);
    }
    return other;
}

static const char *override_of(const struct hg_spec *spec, const struct hg_spec_override *wanted)
{
    for (size_t i = 0; i < spec->gaussians.override_count; i++) {
        const struct hg_spec_override *override = &spec->gaussians.overrides[i];
        if (override->cluster == wanted->cluster && override->is_spread == wanted->is_spread)
            return override->values;
    }
    return "";
}

/* Are all centres and spreads of `a` those of `b`? */
static bool same_overrides(const struct hg_spec *a, const struct hg_spec *b)
{
    for (size_t i = 0; i < a->gaussians.override_count; i++)
        if (strcmp(a->gaussians.overrides[i].values, override_of(b, &a->gaussians.overrides[i])) !=
            0)
            return false;
    return a->gaussians.override_count == b->gaussians.override_count;
}

/* The same data, measured alike? Another seed splits them in another way. */
static bool same_task(const struct hg_spec *a, const struct hg_spec *b)
{
    return !differs(a, b, "data", NULL) && !differs(a, b, "gaussians", NULL) &&
           !differs(a, b, "model", "loss") && same_overrides(a, b);
}

/* Weights given for one network do not begin another one. */
static bool other_network(const struct hg_spec *a, const struct hg_spec *b)
{
    static const char *const keys[] = {"encoder", "code", "decoder", "output", "bias", "init"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (differs(a, b, "model", keys[i]))
            return true;
    return false;
}

/* ---- the log: a change for all that differs, so that a replay begins with the same ---- */

static void log_overrides(struct hg_trainer *trainer, const struct hg_spec *these,
                          const struct hg_spec *others, bool news)
{
    for (size_t i = 0; i < these->gaussians.override_count; i++) {
        const struct hg_spec_override *override = &these->gaussians.overrides[i];
        const char *other = override_of(others, override);
        char name[48];

        if (strcmp(override->values, other) == 0 || (!news && other[0]))
            continue;
        snprintf(name, sizeof name, "gaussians.%s.%zu", override->is_spread ? "spread" : "center",
                 override->cluster);
        hg_log_change(trainer->log, trainer->progress.step, name, news ? other : override->values,
                      news ? override->values : "");
    }
}

static void log_differences(struct hg_trainer *trainer, const struct hg_experiment *fresh)
{
    const struct hg_experiment *old = trainer->experiment;
    size_t count;
    const struct hg_option *option = hg_options(&count);
    char name[64];

    for (size_t i = 0; i < count && trainer->log; i++) {
        char *before, *after;
        if (strcmp(option[i].section, "screen") == 0 ||
            option[i].offset == offsetof(struct hg_spec, model.seed))
            continue; /* the restart itself tells the seed */
        before = hg__option_in_force(&option[i], &old->spec);
        after = hg__option_in_force(&option[i], &fresh->spec);
        snprintf(name, sizeof name, "%s.%s", option[i].section, option[i].key);
        if (before && after && strcmp(before, after) != 0)
            hg_log_change(trainer->log, trainer->progress.step, name, before, after);
        hg__free(before);
        hg__free(after);
    }
    log_overrides(trainer, &old->spec, &fresh->spec, false);
    log_overrides(trainer, &fresh->spec, &old->spec, true);
    if (old->weights && !fresh->weights)
        hg_log_change(trainer->log, trainer->progress.step, HG__CHANGE_INIT, old->weights, "");
}

/* ---- beginning ---- */

/* All that the run has learned and counted is forgotten. `same`: its losses can be compared with
 * those to come. */
static void forget(struct hg_trainer *trainer, long long seed_before, bool same)
{
    char before[24], after[24];

    snprintf(before, sizeof before, "%lld", seed_before);
    snprintf(after, sizeof after, "%lld", trainer->experiment->spec.model.seed);
    hg_log_change(trainer->log, trainer->progress.step, HG__CHANGE_RESTART, before, after);
    hg__progress_empty(&trainer->progress);
    hg_history_fini(&trainer->history);
    hg_series_clear(trainer->series);
    trainer->update.count = trainer->logged = 0;
    trainer->ordered = false;
    trainer->end = HG_END_NOT;
    trainer->loss = NAN;
    trainer->changed = true;
    hg__free(trainer->best);
    trainer->best = NULL;
    hg__trainer_keep_good(trainer);
    hg__travel_restarted(trainer, same);
}

enum hg_status hg__trainer_remake(const struct hg_trainer *trainer, const struct hg_spec *spec,
                                  struct hg_experiment **fresh, struct hg_error *error)
{
    const struct hg_experiment *old = trainer->experiment;
    const char *weights = other_network(&old->spec, spec) ? NULL : old->weights;
    enum hg_status status = hg_spec_check(spec, error);

    *fresh = NULL;
    return status ? status
                  : hg_experiment_create(old->context, spec, &old->limits, weights, NULL, fresh,
                                         error);
}

/* A run is saved where it was saved before, another experiment is not: it would take the
 * place of what was learned. A file that the user has named is for what this session makes. */
static void leave_file(struct hg_trainer *trainer)
{
    if (!trainer->output || trainer->taken_up) {
        hg__free(trainer->saved);
        trainer->saved = NULL;
    }
    if (trainer->taken_up) {
        hg__free(trainer->output);
        trainer->output = NULL;
        trainer->overwrite = trainer->taken_up = false;
    }
}

static enum hg_status take_over(struct hg_trainer *trainer, struct hg_experiment *fresh,
                                struct hg__good *good, struct hg_error *error)
{
    struct hg_experiment *old = trainer->experiment;
    struct hg__batcher batcher = trainer->batcher;
    enum hg_status status;

    trainer->batcher = (struct hg__batcher){0};
    trainer->experiment = fresh;
    status = hg__batcher_init(&trainer->batcher, fresh->dataset, (uint64_t)fresh->spec.model.seed,
                              error);
    if (status == HG_OK)
        status = hg__trainer_configure(trainer, error);
    if (status) { /* no memory: the old one goes on */
        hg__batcher_fini(&trainer->batcher);
        trainer->batcher = batcher;
        trainer->experiment = old;
        hg__trainer_configure(trainer, NULL);
        return status;
    }
    hg__batcher_fini(&batcher);
    hg__free(trainer->good.state);
    trainer->good = *good;
    return HG_OK;
}

enum hg_status hg__trainer_begin(struct hg_trainer *trainer, struct hg_experiment *fresh,
                                 struct hg_error *error)
{
    struct hg_experiment *old = trainer->experiment;
    bool task = same_task(&old->spec, &fresh->spec);
    bool same = task && old->spec.model.seed == fresh->spec.model.seed;
    struct hg__good good = {
        .room = hg_model_whole_count(fresh->model, (enum hg_optimizer)fresh->spec.train.optimizer)};
    enum hg_status status;

    good.state = hg__alloc_aligned(good.room, sizeof *good.state);
    status = good.state ? HG_OK : hg_error_set(error, HG_NO_MEMORY, "no memory for training");

    if (status == HG_OK)
        status = take_over(trainer, fresh, &good, error);
    if (status) {
        hg__free(good.state);
        hg_experiment_destroy(fresh);
        return status;
    }
    trainer->experiment = old; /* what is told of it is told before it goes */
    hg__travel_restarting(trainer);
    log_differences(trainer, fresh);
    trainer->experiment = fresh;
    if (!same && trainer->checkup) { /* the floors are those of other data */
        hg__checkup_destroy(trainer->checkup);
        trainer->checkup = hg__checkup_create(NULL);
    }
    if (!task || other_network(&old->spec, &fresh->spec))
        leave_file(trainer);
    forget(trainer, old->spec.model.seed, same);
    hg_experiment_destroy(old);
    return HG_OK;
}

/* On the same data, with the network as it stands. */
static enum hg_status begin_same(struct hg_trainer *trainer, struct hg_error *error)
{
    long long seed = trainer->experiment->spec.model.seed;
    enum hg_status status;

    hg__travel_restarting(trainer);
    status = hg_experiment_reset(trainer->experiment, (uint64_t)seed, error);
    if (status == HG_OK)
        status = hg__trainer_configure(trainer, error);
    if (status)
        return status;
    forget(trainer, seed, true);
    return HG_OK;
}

enum hg_status hg_trainer_restart_as(struct hg_trainer *trainer, const struct hg_spec *spec,
                                     struct hg_error *error)
{
    struct hg_experiment *fresh;
    enum hg_status status = hg__trainer_remake(trainer, spec, &fresh, error);

    return status ? status : hg__trainer_begin(trainer, fresh, error);
}

enum hg_status hg_trainer_restart(struct hg_trainer *trainer, uint64_t seed, struct hg_error *error)
{
    struct hg_spec spec = trainer->experiment->spec; /* who copies it makes strings of its own */

    if (seed == (uint64_t)spec.model.seed)
        return begin_same(trainer, error);
    spec.model.seed = (long long)seed;
    return hg_trainer_restart_as(trainer, &spec, error);
}

enum hg_status hg_trainer_restart_with(struct hg_trainer *trainer, const char *name,
                                       const char *text, struct hg_error *error)
{
    const struct hg_option *option = hg_option_find(name);
    struct hg_spec spec;
    enum hg_status status;

    if (option && option->live) {
        status = hg_trainer_set(trainer, name, text, error);
        return status ? status : begin_same(trainer, error);
    }
    status = hg_spec_copy(&spec, &trainer->experiment->spec, error);
    if (status)
        return status;
    status = hg_spec_set(&spec, name, text, "live", error);
    if (status == HG_OK)
        status = hg_trainer_restart_as(trainer, &spec, error);
    hg_spec_fini(&spec);
    return status;
}
