#include "cli/table.h"

#include "hourglass/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void cli_fact(const char *name, const char *format, ...)
{
    char raw[2048], line[2048];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    hg_text_sanitize(line, sizeof line, raw);
    printf("%-12s %s\n", name, line);
}

void cli_shape_text(struct hg_shape shape, char *text, size_t size)
{
    if (shape.channels == 1 && shape.rows == 1)
        snprintf(text, size, "%d", shape.columns);
    else
        snprintf(text, size, "%d x %d x %d", shape.channels, shape.rows, shape.columns);
}

void cli_print_layers(const struct hg_model *model)
{
    size_t count = hg_model_layers(model);

    printf("%-14s %-24s %14s %12s\n", "layer", "", "shape", "parameters");
    for (size_t i = 0; i < count; i++) {
        struct hg_layer_info layer = hg_model_layer(model, i);
        char shape[64];
        cli_shape_text(layer.shape, shape, sizeof shape);
        printf("%-14s %-24s %14s %12" PRIu64 "\n", layer.name, layer.text, shape, layer.parameters);
    }
    printf("%-14s %-24s %14s %12" PRIu64 "\n", "all", "", "", hg_model_parameters(model));
}

void cli_print_ladder(const struct hg_ladder *ladder)
{
    printf("%-12s %s\n", "floor", hg_loss_name(ladder->loss));
    cli_fact("mean", "%.6g", ladder->mean);
    for (size_t i = 0; i < ladder->rungs; i++) {
        char name[32];
        snprintf(name, sizeof name, "PCA-%zu", i + 1);
        cli_fact(name, "%.6g%s", ladder->pca[i], ladder->approximate ? " (approximate)" : "");
    }
    if (ladder->has_entropy)
        cli_fact("entropy", "%.6g", ladder->entropy);
}

struct hg_model_config cli_model_config(const struct hg_spec *spec, struct hg_shape shape,
                                        bool image)
{
    return (struct hg_model_config){
        .encoder = spec->model.encoder,
        .code = spec->model.code,
        .decoder = spec->model.decoder,
        .output = spec->model.output,
        .input = shape,
        .image = image,
        .bias = spec->model.bias,
        .loss = (enum hg_loss)spec->model.loss,
        .beta = spec->model.beta,
        .sparsity = spec->train.sparsity,
    };
}
