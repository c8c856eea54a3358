/* selftest.h - the experiments of docs/experiments.md, each held against its pass lines.
 *
 * A system is a sample (samples/NAME.ini, compiled in) run in several ways; each of its lines says
 * one figure and what it must be. Everything goes through the public library, as a
 * user's run does, and needs no file.
 */
#ifndef CLI_SELFTEST_H
#define CLI_SELFTEST_H

#include "hourglass/hourglass.h"

/* The texts of samples/, made by Makefile.am; the last has no name. */
struct cli_sample {
    const char *name, *text;
};
extern const struct cli_sample cli_samples[];

/* ---- judging (selftest_judge.c) ---- */

/* The present state of a self-test. Zero-initialised but for what the caller gives. */
struct cli_selftest {
    struct hg_context *context;
    uint64_t seed;       /* the first of the seeds */
    const char *system;  /* whose lines these are */
    bool talk;           /* say on standard error what is running */
    bool drawn;          /* it does */
    double told;         /* when it last did */
    size_t lines, wrong; /* said so far; of these failed */
    struct hg_error error;
};

/* Says "ok SYSTEM: figure (pass)" or "FAIL SYSTEM: ..." on standard output, at once. */
void cli_judge(struct cli_selftest *self, bool ok, const char *pass, const char *format, ...)
    HG_PRINTF(4, 5);
/* The exit status of what was judged. Nothing judged is a failure, too. */
int cli_judge_status(const struct cli_selftest *self);

/* |value - wanted| <= relative |wanted|; never of what is not a number. */
bool cli_near(double value, double wanted, double relative);
double cli_median(const double *values, size_t count);
/* How many are below (above) the bound; what is not a number is neither. */
size_t cli_below(const double *values, size_t count, double bound);
size_t cli_above(const double *values, size_t count, double bound);
/* The largest (smallest); NaN as soon as one is. */
double cli_largest(const double *values, size_t count);
double cli_smallest(const double *values, size_t count);

/* On a terminal: what is running now, in a line that the next one replaces. */
void cli_selftest_tell(struct cli_selftest *self, const char *format, ...) HG_PRINTF(2, 3);
void cli_selftest_hush(struct cli_selftest *self);

/* ---- runs (selftest_study.c) ---- */

/* A way to run a sample. */
struct cli_study {
    const char *sample;                   /* NULL = all defaults */
    const char *const *set, *const *also; /* SECTION.KEY, value, ..., NULL; may be NULL */
    uint64_t epochs, steps;               /* ends; 0 = none, both 0 = the sample's epochs */
};

enum { CLI_SEEDS = 20 };
/* What came out of the same study from several seeds. */
struct cli_outcomes {
    size_t count;
    double loss[CLI_SEEDS];     /* evaluated; NaN = diverged */
    double collapse[CLI_SEEDS]; /* the index C */
};

/* Errors are in self->error. */
enum hg_status cli_study_open(struct cli_selftest *self, const struct cli_study *study,
                              uint64_t seed, struct hg_trainer **trainer);
/* Trains until so many epochs or steps of the whole run. A divergence is a result. */
enum hg_status cli_study_train(struct cli_selftest *self, struct hg_trainer *trainer,
                               uint64_t epochs, uint64_t steps);
/* Both, as the study says. */
enum hg_status cli_study_run(struct cli_selftest *self, const struct cli_study *study,
                             uint64_t seed, struct hg_trainer **trainer);
/* From `count` seeds on end. */
enum hg_status cli_study_seeds(struct cli_selftest *self, const struct cli_study *study,
                               size_t count, struct cli_outcomes *outcomes);

/* The evaluated loss over the training samples; NaN once the run has diverged. */
double cli_study_loss(const struct hg_trainer *trainer);
enum hg_status cli_study_ladder(struct cli_selftest *self, const struct hg_trainer *trainer,
                                size_t rungs, struct hg_ladder *ladder);
/* The doctor's word on the run as it stands; `health` may be NULL where it is not wanted. */
enum hg_status cli_study_diagnose(struct cli_selftest *self, struct hg_trainer *trainer,
                                  struct hg_symptoms *symptoms, struct hg_health *health,
                                  struct hg_diagnosis *diagnosis);
/* NULL: not among the findings. */
const struct hg_finding *cli_study_finding(const struct hg_diagnosis *diagnosis,
                                           enum hg_finding_kind kind);

enum { CLI_VERDICTS = 8 };
/* What `hourglass check` finds out about the gradient. */
struct cli_proof {
    size_t count, wrong; /* tensors looked at; those whose gradient is wrong */
    struct hg_gradient_verdict verdict[CLI_VERDICTS];
    struct hg_gradient_finding finding;
};
enum hg_status cli_study_check(struct cli_selftest *self, const struct hg_trainer *trainer,
                               struct cli_proof *proof);

/* Up to four numbers of a tensor, rows of weights in x out as docs/experiments.md has them. */
struct cli_tensor {
    const char *name; /* NULL closes a list */
    double numbers[4];
};
/* Sets the model's values. False: a tensor is not there or has another size. */
bool cli_tensors_set(struct hg_model *model, const struct cli_tensor *tensors);
/* The largest relative error of a part of the model's; NaN: a tensor does not fit. */
double cli_tensors_error(const struct hg_model *model, enum hg_tensor_part part,
                         const struct cli_tensor *wanted);

/* ---- systems: their lines; HG_OK also where some fail ---- */

enum hg_status cli_selftest_digits(struct cli_selftest *self);
enum hg_status cli_selftest_two(struct cli_selftest *self);
enum hg_status cli_selftest_faults(struct cli_selftest *self);
enum hg_status cli_selftest_faces(struct cli_selftest *self);
enum hg_status cli_selftest_stack(struct cli_selftest *self);
enum hg_status cli_selftest_trap(struct cli_selftest *self);
enum hg_status cli_selftest_clusters(struct cli_selftest *self);
enum hg_status cli_selftest_conv(struct cli_selftest *self);
enum hg_status cli_selftest_conv_code(struct cli_selftest *self);

#endif
