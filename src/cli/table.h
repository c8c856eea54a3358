/* table.h - facts in columns on standard output. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "hourglass/ladder.h"
#include "hourglass/model.h"
#include "hourglass/spec.h"

/* "name        text" */
void cli_fact(const char *name, const char *format, ...) HG_PRINTF(2, 3);

/* One line a layer: name, text, shape, parameters; then the sum. */
void cli_print_layers(const struct hg_model *model);

/* The floors: mean, PCA-1 and on, entropy. */
void cli_print_ladder(const struct hg_ladder *ladder);

/* "1 x 28 x 28", or "6" for a plain vector. */
void cli_shape_text(struct hg_shape shape, char *text, size_t size);

/* What hg_model_create needs, of a spec whose "auto" is resolved; strings stay the spec's. */
struct hg_model_config cli_model_config(const struct hg_spec *spec, struct hg_shape shape,
                                        bool image);

#endif
