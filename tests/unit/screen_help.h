/* screen_help.h - a made-up run for tests of the interface: a snapshot filled by hand, and a
 * trainer that only writes down what it is told. */
#ifndef HG_TEST_SCREEN_HELP_H
#define HG_TEST_SCREEN_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/script.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAKE_TOLD = 64, FAKE_MOST = 4096 };

struct fake {
    struct hg_spec spec;
    struct hg_snapshot snapshot;
    struct ui_script script;
    struct hg_command told[FAKE_TOLD];
    size_t told_count;
    float input[FAKE_MOST], output[FAKE_MOST];
    struct hg_code_point point[300];
    struct hg_series series;
    struct hg_epoch history[40];
};

static inline bool fake_send(void *self, const struct hg_command *command)
{
    struct fake *fake = self;

    if (fake->told_count < FAKE_TOLD) {
        fake->told[fake->told_count++] = *command;
    }
    return true;
}

/* The last thing the trainer was told, "" for nothing: "SET train.lr 0.00125". */
static inline const char *fake_last(const struct fake *fake)
{
    static const char *const names[] = {[HG_DO_RUN] = "RUN",
                                        [HG_DO_PAUSE] = "PAUSE",
                                        [HG_DO_STEPS] = "STEPS",
                                        [HG_DO_EPOCH] = "EPOCH",
                                        [HG_DO_SET] = "SET",
                                        [HG_DO_SHOW] = "SHOW",
                                        [HG_DO_SHOW_LABEL] = "SHOW_LABEL",
                                        [HG_DO_RESTART] = "RESTART",
                                        [HG_DO_SAVE] = "SAVE",
                                        [HG_DO_BACK] = "BACK",
                                        [HG_DO_FORWARD] = "FORWARD",
                                        [HG_DO_QUIT] = "QUIT",
                                        [HG_DO_EDIT] = "EDIT",
                                        [HG_DO_NETWORK] = "NETWORK",
                                        [HG_DO_FILTERS] = "FILTERS",
                                        [HG_DO_DOCTOR] = "DOCTOR",
                                        [HG_DO_HEALTH] = "HEALTH",
                                        [HG_DO_TRAIN] = "TRAIN",
                                        [HG_DO_CHECK] = "CHECK",
                                        [HG_DO_LATENT] = "LATENT",
                                        [HG_DO_LATENT_AT] = "LATENT_AT",
                                        [HG_DO_LATENT_PLANE] = "LATENT_PLANE",
                                        [HG_DO_LATENT_SAMPLE] = "LATENT_SAMPLE",
                                        [HG_DO_LATENT_MIX] = "LATENT_MIX",
                                        [HG_DO_LATENT_RANDOM] = "LATENT_RANDOM"};
    static char text[640];

    if (fake->told_count == 0) {
        return "";
    }
    const struct hg_command *last = &fake->told[fake->told_count - 1];
    int length = snprintf(text, sizeof text, "%s", names[last->kind]);
    if (last->kind == HG_DO_SET) {
        snprintf(text + length, sizeof text - (size_t)length, " %s %s", last->name, last->text);
    } else if (last->kind == HG_DO_RESTART && last->name[0] != '\0') {
        snprintf(text + length, sizeof text - (size_t)length, " with %s = %s", last->name,
                 last->text);
    } else if (last->kind == HG_DO_EDIT) {
        snprintf(text + length, sizeof text - (size_t)length, " %s = %s", last->text, last->name);
    } else if (last->kind == HG_DO_NETWORK) {
        snprintf(text + length, sizeof text - (size_t)length, " %lld/%u, %u, page %d",
                 (long long)last->number, (unsigned)last->first, (unsigned)last->count,
                 (int)last->label);
    } else if (last->kind == HG_DO_SAVE) {
        snprintf(text + length, sizeof text - (size_t)length, " %s", last->text);
    } else if (last->kind == HG_DO_SHOW_LABEL) {
        snprintf(text + length, sizeof text - (size_t)length, " %lld %d", (long long)last->number,
                 (int)last->label);
    } else if (last->kind == HG_DO_FILTERS) {
        snprintf(text + length, sizeof text - (size_t)length, " %lld from %u, %u",
                 (long long)last->number, (unsigned)last->first, (unsigned)last->count);
    } else if (last->kind != HG_DO_RUN && last->kind != HG_DO_PAUSE && last->kind != HG_DO_EPOCH) {
        snprintf(text + length, sizeof text - (size_t)length, " %lld", (long long)last->number);
    }
    return text;
}

/* A ring: something that is easily told from its rough copy. */
static inline void fake_picture(struct fake *fake, int channels, int rows, int columns)
{
    for (int i = 0; i < channels * rows * columns; i++) {
        int row = i / columns % rows, column = i % columns;
        double y = (row - rows / 2.0) / (rows / 2.0),
               x = (column - columns / 2.0) / (columns / 2.0);
        double away = fabs(sqrt(x * x + y * y) - 0.6);
        fake->input[i] = away < 0.2 ? 1.0f : 0.0f;
        fake->output[i] = (float)fmax(0, 1 - 2.5 * away);
    }
}

static inline void fake_curve(struct fake *fake)
{
    fake->series.count = 1000;
    for (size_t i = 0; i < 1000; i++) {
        fake->series.points[i] = (struct hg_series_point){i + 1, i + 1,
                                                          0.067 * pow((double)i / 5 + 1, -0.09)};
    }
    for (size_t i = 0; i < 40; i++) {
        double step = (double)(i + 1) * 25;
        fake->history[i] = (struct hg_epoch){i + 1, (i + 1) * 25, 0.067 * pow(step / 5, -0.09),
                                             0.070 * pow(step / 5, -0.08), 0.001};
    }
}

static inline void fake_points(struct fake *fake)
{
    for (size_t i = 0; i < 300; i++) {
        double angle = (double)(i % 10) * 0.628, spread = (double)(i * 37 % 101) / 100;
        fake->point[i] = (struct hg_code_point){(uint32_t)i, (int32_t)(i % 10),
                                                (float)(2 * cos(angle) + spread * sin((double)i)),
                                                (float)(2 * sin(angle) + spread * cos((double)i))};
    }
}

static inline void fake_snapshot(struct fake *fake)
{
    struct hg_snapshot *snapshot = &fake->snapshot;

    *snapshot = (struct hg_snapshot){
        .serial = 1,
        .state = HG_STATE_RUNNING,
        .name = "MNIST",
        .layers = "784-128-32-2-32-128-784",
        .layers_long = "784 → 128 tanh → 32 tanh → 2 → 32 tanh → 128 tanh → 784 sigmoid",
        .shape = {1, 28, 28},
        .image = true,
        .features = 784,
        .codes = 2,
        .samples = 4000,
        .training = 3600,
        .classes = 10,
        .lowest = 0,
        .highest = 1,
        .loss = HG_LOSS_MSE,
        .parameters = 209426,
        .epoch = 40,
        .step = 4520,
        .epoch_steps = 113,
        .train = 0.037412,
        .validation = 0.044321,
        .running = 0.0371,
        .samples_per_s = 118234,
        .lr = 0.001,
        .rate = 0.001,
        .optimizer = HG_ADAM,
        .batch = 32,
        .schedule = "constant",
        .seed = 1,
        .collapse = 0.44,
        .unsaved = true,
        .sample = 7,
        .label = 3,
        .sample_loss = 0.0337,
        .code = {0.39f, 1.99f},
        .points = 300,
        .here_x = 0.39f,
        .here_y = 1.99f,
        .epochs = 40,
        .ladder = {.loss = HG_LOSS_MSE, .mean = 0.0666, .rungs = 2, .pca = {0.0600, 0.0551}},
        .sentence_tone = HG_TONE_GOOD,
        .sentence = "Below PCA-2: it has learned what a linear code of 2 cannot.  Still falling.",
        .sentence_short = "Below PCA-2: beyond a linear code."};
    for (int i = 0; i < 10; i++) {
        snprintf(snapshot->class_names[i], sizeof snapshot->class_names[i], "%d", i);
    }
    snapshot->input = fake->input;
    snapshot->output = fake->output;
    snapshot->point = fake->point;
    snapshot->series = &fake->series;
    snapshot->history = fake->history;
    fake_picture(fake, 1, 28, 28);
    fake_curve(fake);
    fake_points(fake);
}

static inline struct fake *fake_open(int rows, int columns, bool ascii, int colours)
{
    struct fake *fake = calloc(1, sizeof *fake);
    struct ui_script_config config = {.rows = rows,
                                      .columns = columns,
                                      .colours = colours,
                                      .ascii = ascii,
                                      .send = fake_send,
                                      .self = fake};

    assert_non_null(fake);
    assert_int_equal(hg_spec_init(&fake->spec, NULL), HG_OK);
    config.spec = &fake->spec;
    assert_true(ui_script_open(&fake->script, &config));
    fake_snapshot(fake);
    return fake;
}

static inline void fake_close(struct fake *fake)
{
    ui_script_close(&fake->script);
    hg_spec_fini(&fake->spec);
    free(fake);
}

/* Hands the snapshot over, as the trainer would. */
static inline void fake_take(struct fake *fake)
{
    fake->snapshot.serial++;
    ui_app_take(&fake->script.app, &fake->snapshot);
}

/* Past the greeting. */
static inline struct fake *fake_settled(int rows, int columns)
{
    struct fake *fake = fake_open(rows, columns, false, 256);

    fake_take(fake);
    assert_true(ui_script_keys(&fake->script, "20s"));
    fake_take(fake);
    return fake;
}

#endif
