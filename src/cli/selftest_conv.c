/* conv5: convolutions far below PCA-16 through what is no bottleneck, and through one. */
#include "cli/selftest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNG = 16 };

/* ---- the network ---- */

static void judge_shape(struct cli_selftest *self, const struct hg_model *model)
{
    char sides[64] = "28", step[16];
    int last = 28;
    uint64_t convolution = 0, norm = 0;

    for (size_t i = 0; i < hg_model_layers(model); i++) {
        struct hg_layer_info layer = hg_model_layer(model, i);
        if (strncmp(layer.text, "conv", 4) == 0)
            convolution += layer.parameters;
        else
            norm += layer.parameters;
        if (layer.shape.columns == last)
            continue;
        last = layer.shape.columns;
        snprintf(step, sizeof step, "-%d", last);
        strncat(sides, step, sizeof sides - strlen(sides) - 1);
    }
    cli_judge(self, convolution == 112001 && norm == 512 && strcmp(sides, "28-14-7-14-28") == 0,
              "112001 and 512; 28-14-7-14-28",
              "%llu parameters of convolutions, %llu of batch norm; sides %s",
              (unsigned long long)convolution, (unsigned long long)norm, sides);
}

/* ---- the floor, and the doctor's word ---- */

/* A run, its floor and a doctor, until `close`. */
struct look {
    struct hg_trainer *trainer;
    double floor; /* PCA-16 */
    struct hg_health health;
    struct hg_diagnosis diagnosis;
};

static void look_close(struct look *look)
{
    if (look)
        hg_trainer_destroy(look->trainer);
    free(look);
}

static enum hg_status look_open(struct cli_selftest *self, const char *sample, struct look **look)
{
    const struct cli_study study = {.sample = sample};
    struct hg_ladder ladder;
    enum hg_status status;

    *look = calloc(1, sizeof **look);
    if (!*look)
        return hg_error_set(&self->error, HG_NO_MEMORY, "no memory for figures");
    status = cli_study_open(self, &study, self->seed, &(*look)->trainer);
    if (status == HG_OK)
        status = cli_study_ladder(self, (*look)->trainer, RUNG, &ladder);
    if (status == HG_OK)
        (*look)->floor = ladder.pca[RUNG - 1];
    return status;
}

/* NULL where the doctor does not say that the code is no bottleneck. */
static enum hg_status ask(struct cli_selftest *self, struct look *look,
                          const struct hg_finding **finding)
{
    struct hg_symptoms symptoms = {.gradient_ratio = NAN};
    enum hg_status status = cli_study_diagnose(self, look->trainer, &symptoms, &look->health,
                                               &look->diagnosis);

    *finding = cli_study_finding(&look->diagnosis, HG_FINDING_NOT_A_BOTTLENECK);
    return status;
}

enum hg_status cli_selftest_conv(struct cli_selftest *self)
{
    const struct hg_finding *finding;
    struct look *look;
    enum hg_status status = look_open(self, "conv5", &look);

    if (status == HG_OK) {
        judge_shape(self, hg_trainer_experiment(look->trainer)->model);
        status = cli_study_train(self, look->trainer, 3, 0);
    }
    if (status == HG_OK) {
        double loss = cli_study_loss(look->trainer);
        cli_judge(self, loss < 0.5 * look->floor, "below half of the PCA-16 floor",
                  "after 3 epochs %.4f, PCA-16 %.4f: %.2f of it", loss, look->floor,
                  loss / look->floor);
        status = ask(self, look, &finding);
    }
    if (status == HG_OK)
        cli_judge(self, finding != NULL, "said by the doctor", "the bottleneck is not one: %s",
                  finding ? finding->number : "not said");
    look_close(look);
    return status;
}

enum hg_status cli_selftest_conv_code(struct cli_selftest *self)
{
    const struct hg_finding *finding;
    struct look *look;
    double five = NAN, ten;
    enum hg_status status = look_open(self, "conv5-code", &look);

    if (status == HG_OK)
        status = cli_study_train(self, look->trainer, 5, 0);
    if (status == HG_OK) {
        five = cli_study_loss(look->trainer);
        cli_judge(self, five < look->floor, "below PCA-16", "after 5 epochs %.4f, PCA-16 %.4f",
                  five, look->floor);
        status = cli_study_train(self, look->trainer, 10, 0);
    }
    if (status == HG_OK) {
        ten = cli_study_loss(look->trainer);
        cli_judge(self, ten < 0.6 * look->floor, "below 0.6 x PCA-16",
                  "after 10 epochs %.4f: %.2f x PCA-16", ten, ten / look->floor);
        status = ask(self, look, &finding);
    }
    if (status == HG_OK)
        cli_judge(self, finding == NULL, "the doctor has nothing to say about it",
                  "%zu values in the middle are a bottleneck%s", look->health.codes,
                  finding ? ", says the doctor, not" : "");
    look_close(look);
    return status;
}
