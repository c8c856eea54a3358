/* The facts: one a line, the less important ones only where there is room. */
#include "tui/format.h"
#include "tui/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* From AIRY rows on the groups are set apart. */
enum { FACTS = 24, WORD_WIDTH = 11, MARGIN = 2, AIRY = 12, GAPS = 3 };

/* Lower ranks stay longer. `gap`: a blank line before it where there is room. */
struct fact {
    const char *word;
    char value[96];
    int rank;
    bool gap;
};

struct facts {
    struct fact fact[FACTS];
    size_t count;
};

static char *add(struct facts *facts, const char *word, int rank)
{
    struct fact *fact = &facts->fact[facts->count++];

    fact->word = word;
    fact->rank = rank;
    return fact->value;
}

static void add_gap(struct facts *facts)
{
    facts->fact[facts->count].gap = true;
}

enum { VALUE = sizeof((struct fact *)0)->value };

static void add_progress(struct facts *facts, const struct ui_scene *scene)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    const struct ui_figures *figures = &scene->figures;
    char number[UI_NUMBER], end[UI_NUMBER];

    ui_format_count(number, figures->epoch);
    char *epoch = add(facts, "epoch", 0);
    if (snapshot->end_epochs > 0) {
        snprintf(epoch, VALUE, "%s of %s", number, ui_format_count(end, snapshot->end_epochs));
    } else {
        snprintf(epoch, VALUE, "%s", number);
    }
    ui_format_count(number, figures->step);
    char *step = add(facts, "step", 1);
    if (snapshot->end_steps > 0) {
        uint64_t last = snapshot->end_steps == HG_NO_STEP ? 0 : snapshot->end_steps;
        snprintf(step, VALUE, "%s of %s", number, ui_format_count(end, last));
    } else {
        snprintf(step, VALUE, "%s", number);
    }
}

static void add_losses(struct facts *facts, const struct ui_scene *scene)
{
    const struct ui_figures *figures = &scene->figures;
    char number[UI_NUMBER];

    double train = isnan(figures->train) ? figures->running : figures->train;
    snprintf(add(facts, "train", 0), VALUE, "%s", ui_format_loss(number, train));
    snprintf(add(facts, "validation", 2), VALUE, "%s",
             isnan(figures->validation) && figures->epoch > 0
                 ? "none"
                 : ui_format_loss(number, figures->validation));
    char *speed = add(facts, "speed", 3);
    if (figures->samples_per_s > 0) {
        snprintf(speed, VALUE, "%s /s", ui_format_speed(number, figures->samples_per_s));
    } else {
        snprintf(speed, VALUE, "–");
    }
    if (fabs(figures->rate - scene->lr) > 1e-9 * scene->lr) {
        snprintf(add(facts, "rate now", 8), VALUE, "%s", ui_format_rate(number, figures->rate));
    }
}

/* As many code values as `columns` hold; "…" when there are more. */
static void write_code(const struct ui_scene *scene, int columns, char *out)
{
    size_t length = 0, count = scene->snapshot->codes;
    char number[UI_NUMBER];

    count = count < HG_SNAPSHOT_CODES ? count : HG_SNAPSHOT_CODES;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        ui_format_code(number, scene->figures.code[i], 2);
        size_t next = length + strlen(number) + (i > 0);
        if (next + 4 >= VALUE || (int)next + (i + 1 < count ? 2 : 0) > columns) {
            snprintf(out + length, VALUE - length, i > 0 ? " …" : "%s", number);
            return;
        }
        snprintf(out + length, VALUE - length, "%s%s", i > 0 ? " " : "", number);
        length = next;
    }
}

static void add_sample(struct facts *facts, const struct ui_scene *scene, int columns)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    char number[UI_NUMBER], name[40];

    write_code(scene, columns, add(facts, "code", 4));
    ui_label_name(snapshot, snapshot->label, name, sizeof name);
    snprintf(add(facts, "sample", 6), VALUE, name[0] == '\0' ? "#%u%s%s%s" : "#%u \"%s\"%s%s",
             (unsigned)snapshot->sample, name, snapshot->held_out ? " held out" : "", "");
    add_gap(facts);
    const char *word = snapshot->loss == HG_LOSS_MSE    ? "output mse"
                       : snapshot->loss == HG_LOSS_RMSE ? "output rmse"
                       : snapshot->loss == HG_LOSS_BCE  ? "output bce"
                                                        : "output sse";
    snprintf(add(facts, word, 5), VALUE, "%s", ui_format_loss(number, scene->figures.sample_loss));
}

/* The collapse index in words: do different inputs give different outputs? */
static void add_collapse(struct facts *facts, double index)
{
    add_gap(facts);
    char *value = add(facts, "collapse", 7);

    if (isnan(index)) {
        snprintf(value, VALUE, "–");
    } else {
        snprintf(value, VALUE, "%s (C %.2f)",
                 index < 0.01  ? "total"
                 : index < 0.1 ? "nearly"
                               : "none",
                 index);
    }
}

static void add_run(struct facts *facts, const struct ui_scene *scene)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    char number[UI_NUMBER];

    add_gap(facts);
    snprintf(add(facts, "samples", 10), VALUE, "%s", ui_format_count(number, snapshot->samples));
    snprintf(add(facts, "held out", 12), VALUE, "%s",
             ui_format_count(number, snapshot->samples - snapshot->training));
    snprintf(add(facts, "parameters", 11), VALUE, "%s",
             ui_format_count(number, snapshot->parameters));
    snprintf(add(facts, "seed", 13), VALUE, "%lld", (long long)snapshot->seed);
    if (strcmp(snapshot->schedule, "constant") != 0 && snapshot->schedule[0] != '\0') {
        snprintf(add(facts, "schedule", 9), VALUE, "%s", snapshot->schedule);
    }
    if (snapshot->saved[0] != '\0') {
        const char *slash = strrchr(snapshot->saved, '/');
        snprintf(add(facts, "file", 9), VALUE, "%.*s", VALUE - 1,
                 slash == NULL ? snapshot->saved : slash + 1);
    }
}

/* Takes out the facts of the highest rank until `rows` hold the rest. */
static void thin(struct facts *facts, int rows)
{
    while (facts->count > 0 && (int)facts->count > rows) {
        size_t worst = 0;
        for (size_t i = 1; i < facts->count; i++) {
            if (facts->fact[i].rank > facts->fact[worst].rank) {
                worst = i;
            }
        }
        memmove(&facts->fact[worst], &facts->fact[worst + 1],
                (facts->count - worst - 1) * sizeof facts->fact[0]);
        facts->count--;
    }
}

void ui_panel_now(const struct ui_scene *scene, const struct ui_layout *layout,
                  struct ui_canvas *canvas)
{
    static const char *const none[] = {NULL};
    struct ui_rect body = ui_layout_body(layout, UI_PLACE_NOW);
    struct facts facts = {.count = 0};

    if (ui_rect_empty(layout->place[UI_PLACE_NOW])) {
        return;
    }
    ui_rule_fitting(&scene->theme, ui_layout_rule(layout, UI_PLACE_NOW), canvas, "now", none);
    ui_blank(canvas, body);
    add_progress(&facts, scene);
    add_losses(&facts, scene);
    add_sample(&facts, scene, body.columns - WORD_WIDTH - MARGIN);
    add_collapse(&facts, scene->figures.collapse);
    add_run(&facts, scene);
    thin(&facts, body.rows >= AIRY ? body.rows - GAPS : body.rows);
    int spare = body.rows - (int)facts.count, row = body.row;
    if (spare > GAPS) {
        row++;
        spare--;
    }
    for (size_t i = 0; i < facts.count; i++) {
        const struct fact *fact = &facts.fact[i];
        if (fact->gap && spare > 0 && i > 0) {
            row++;
            spare--;
        }
        struct ui_spot word = {row, body.column + MARGIN, WORD_WIDTH};
        struct ui_spot value = {row, body.column + MARGIN + WORD_WIDTH,
                                body.columns - WORD_WIDTH - MARGIN};
        ui_put_cut(canvas, word, ui_theme_style(&scene->theme, UI_ROLE_WORD), fact->word);
        ui_put_cut(canvas, value, ui_theme_style(&scene->theme, UI_ROLE_VALUE), fact->value);
        row++;
    }
}
