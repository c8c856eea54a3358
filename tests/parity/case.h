/* case.h - one case of cases.txt run on the engine; for engine.c and test_parity.c.
 * The formulas of the start and of the data are those of network.py. */
#ifndef HG_PARITY_CASE_H
#define HG_PARITY_CASE_H

#include "hourglass/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARITY_SHOWN = 2 };

struct parity_case {
    char copy[1024]; /* the line, cut up */
    const char *encoder, *code, *decoder, *output;
    struct hg_shape inputs;
    bool image;
    size_t samples;
    uint64_t steps;
    double sparsity;
    bool bias, center;
    enum hg_loss loss;
    struct hg_update update;
};

/* "6": values; "1x6x6": an image. */
static inline void parity_inputs(struct parity_case *c, const char *value)
{
    char *next;

    c->inputs = (struct hg_shape){1, 1, (int)strtol(value, &next, 10)};
    c->image = *next == 'x';
    if (!c->image)
        return;
    c->inputs.channels = c->inputs.columns;
    c->inputs.rows = (int)strtol(next + 1, &next, 10);
    c->inputs.columns = (int)strtol(next + 1, &next, 10);
}

static inline void parity_set(struct parity_case *c, const char *key, const char *value)
{
    struct {
        const char *key;
        double *number;
    } numbers[] = {
        {"rate", &c->update.rate},
        {"beta1", &c->update.beta1},
        {"beta2", &c->update.beta2},
        {"epsilon", &c->update.epsilon},
        {"weight_decay", &c->update.weight_decay},
        {"l1", &c->update.l1},
        {"clip", &c->update.clip},
        {"sparsity", &c->sparsity},
    };
    struct {
        const char *key, **text;
    } texts[] = {
        {"encoder", &c->encoder},
        {"code", &c->code},
        {"decoder", &c->decoder},
        {"output", &c->output},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(key, numbers[i].key) == 0)
            *numbers[i].number = strtod(value, NULL);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(key, texts[i].key) == 0)
            *texts[i].text = value;
    if (strcmp(key, "inputs") == 0)
        parity_inputs(c, value);
    else if (strcmp(key, "samples") == 0)
        c->samples = strtoul(value, NULL, 10);
    else if (strcmp(key, "steps") == 0)
        c->steps = strtoul(value, NULL, 10);
    else if (strcmp(key, "bias") == 0)
        c->bias = strcmp(value, "yes") == 0;
    else if (strcmp(key, "center") == 0)
        c->center = strcmp(value, "yes") == 0;
    else if (strcmp(key, "loss") == 0)
        c->loss = (enum hg_loss)hg_loss_find(value);
    else if (strcmp(key, "optimizer") == 0)
        c->update.optimizer = (enum hg_optimizer)hg_optimizer_find(value);
}

/* *c keeps the texts: it must stay where it is. */
static inline void parity_parse(struct parity_case *c, const char *line)
{
    char *rest;

    memset(c, 0, sizeof *c);
    c->encoder = "dense 5 tanh";
    c->code = "3 tanh";
    c->decoder = "mirror";
    c->output = "linear";
    parity_inputs(c, "6");
    c->samples = 5;
    c->steps = 20;
    c->bias = c->center = true;
    c->update = (struct hg_update){HG_ADAM, 0.01, 0.9, 0.999, 1e-8, 0, 0, 0, 0, 1};
    snprintf(c->copy, sizeof c->copy, "%s", line);
    c->copy[strcspn(c->copy, "\r\n")] = '\0';
    for (char *part = strtok_r(c->copy, "|", &rest); part; part = strtok_r(NULL, "|", &rest)) {
        char *equals = strchr(part, '=');
        if (!equals)
            continue;
        *equals = '\0';
        parity_set(c, part, equals + 1);
    }
}

static inline void parity_begin(struct hg_model *model)
{
    for (size_t t = 0; t < hg_model_tensors(model); t++) {
        struct hg_tensor_info info = hg_model_tensor(model, t);
        const char *last = strrchr(info.name, '.') + 1;
        float *values = malloc(info.count * sizeof *values);

        for (size_t k = 0; values && k < info.count; k++) {
            double w = sin(12.9898 * (double)k * ((double)k + 1.5) + 78.233 * (double)t);
            if (info.dims > 1)
                w *= 1.2 / sqrt((double)info.count / (double)info.shape[0]);
            else if (strcmp(last, "weight") == 0 || strcmp(last, "running_var") == 0)
                w = 1 + 0.1 * w;
            else
                w *= 0.1;
            values[k] = (float)w;
        }
        if (values)
            hg_model_write(model, t, HG_PART_VALUE, values);
        free(values);
    }
}

/* Three batches of data; free them. `mean` gets their mean. */
static inline float *parity_data(const struct parity_case *c, float *mean)
{
    size_t n = hg_shape_size(c->inputs), rows = 3 * c->samples;
    float *x = malloc(rows * n * sizeof *x);

    for (size_t r = 0; x && r < rows; r++)
        for (size_t i = 0; i < n; i++)
            x[r * n + i] = (float)(0.5 + 0.45 * sin(3.1 * (double)r + 1.7 * (double)i +
                                                    0.9 * (double)r * (double)i));
    for (size_t i = 0; x && i < n; i++) {
        double sum = 0;
        for (size_t r = 0; r < rows; r++)
            sum += x[r * n + i];
        mean[i] = (float)(sum / (double)rows);
    }
    return x;
}

/* The trained model (destroy it), or NULL with the reason in *error. `shown`: what it then makes
 * of the first PARITY_SHOWN samples, one after the other; free it. */
static inline struct hg_model *parity_run(struct hg_context *context, struct parity_case *c,
                                          float **shown, struct hg_error *error)
{
    struct hg_model_config config = {
        .encoder = c->encoder,
        .code = c->code,
        .decoder = c->decoder,
        .output = c->output,
        .input = c->inputs,
        .image = c->image,
        .bias = c->bias,
        .loss = c->loss,
        .sparsity = c->sparsity,
    };
    size_t n = hg_shape_size(c->inputs);
    struct hg_model *model;
    float *mean, *x;
    double loss;

    if (hg_model_create(context, &config, &model, NULL, error))
        return NULL;
    if (hg_model_reserve(model, c->samples, error)) {
        hg_model_destroy(model);
        return NULL;
    }
    mean = malloc(n * sizeof *mean);
    x = mean ? parity_data(c, mean) : NULL;
    parity_begin(model);
    if (c->center && mean)
        hg_model_set_center(model, mean);
    for (uint64_t step = 0; x && step < c->steps; step++) {
        const float *at = x + step % 3 * c->samples * n;
        struct hg_batch batch = {at, at, c->samples, 1, step};
        hg_model_train(model, &batch, &c->update, &loss);
    }
    *shown = calloc(PARITY_SHOWN * n, sizeof **shown);
    if (*shown && x)
        hg_model_reconstruct(model, x, PARITY_SHOWN, *shown, NULL);
    free(mean);
    free(x);
    return model;
}

#endif
