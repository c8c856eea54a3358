/* resume.h - the experiment of a run file, and what may differ from it. */
#ifndef CLI_RESUME_H
#define CLI_RESUME_H

#include "cli/setup.h"

/* Opens the run at `path` and puts its experiment into setup->spec. `operand`
 * (may be NULL): an experiment or data that must agree in [data] and [model]
 * (HG_USAGE names the first difference) and gives what a run file does not keep;
 * `file` is what it says, the command line's settings included. */
enum hg_status cli_resume_open(struct cli_setup *setup, const char *path, const char *operand,
                               const struct hg_spec *file, struct hg_error *error);

/* After --set: nothing of [data] and [model] may differ from the run but where
 * its data lie. `before` is the spec without --set. */
enum hg_status cli_resume_check(const struct hg_spec *before, const struct hg_spec *after,
                                struct hg_error *error);

#endif
