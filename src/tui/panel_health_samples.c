/* The samples that are reconstructed worst and best: input over output, or lines of a list. */
#include "tui/health.h"

#include <stdio.h>

/* "#3770 "9" 0.12" as far as it fits. */
static void describe(const struct hg_snapshot *snapshot, const struct hg_extreme *extreme,
                     int columns, bool ascii, char *out, size_t size)
{
    char label[32], loss[UI_NUMBER];
    unsigned number = (unsigned)extreme->sample;

    ui_label_name(snapshot, extreme->label, label, sizeof label);
    ui_health_number(loss, extreme->loss);
    if (label[0] != '\0') {
        snprintf(out, size, "#%u \"%s\" %s", number, label, loss);
        if (ui_width(out, ascii) <= columns) {
            return;
        }
    }
    snprintf(out, size, "#%u %s", number, loss);
    if (ui_width(out, ascii) > columns) {
        snprintf(out, size, "%u %s", number, loss);
    }
    if (ui_width(out, ascii) > columns) {
        snprintf(out, size, "#%u", number);
    }
}

static void put_caption(const struct ui_scene *scene, struct ui_spot spot,
                        const struct hg_extreme *extreme, struct ui_canvas *canvas, bool chosen)
{
    char text[96];

    describe(scene->snapshot, extreme, spot.columns, canvas->ascii, text, sizeof text);
    ui_blank(canvas, (struct ui_rect){spot.row, spot.column, 1, spot.columns});
    ui_put(canvas, spot, ui_theme_style(&scene->theme, chosen ? UI_ROLE_SELECTED : UI_ROLE_WORD),
           text);
}

static void put_picture(struct ui_scene *scene, struct ui_rect rect, const float *values,
                        struct ui_canvas *canvas, struct ui_art_memory *memory)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    struct ui_picture picture = {.values = values,
                                 .shape = snapshot->extremes.picture,
                                 .channel = -1,
                                 .lowest = snapshot->lowest,
                                 .highest = snapshot->highest};

    ui_blank(canvas, rect);
    ui_art_picture(canvas, &scene->theme, rect, &picture, memory);
}

static void put_sample(struct ui_scene *scene, const struct ui_health_page *page,
                       struct ui_rect slot, struct ui_canvas *canvas, size_t index, bool best)
{
    const struct hg_extremes *extremes = &scene->snapshot->extremes;
    struct ui_health *health = scene->health;
    const struct hg_extreme *extreme = best ? &extremes->best[index] : &extremes->worst[index];
    size_t each = hg_shape_size(extremes->picture), at = index + (best ? extremes->count : 0);
    size_t number = health->slots++;

    health->slot[number] = slot;
    health->sample[number] = extreme->sample;
    put_caption(scene, (struct ui_spot){slot.row, slot.column, slot.columns}, extreme, canvas,
                number == health->chosen);
    if (page->high > 0 && extremes->values != NULL && (scene->fresh & UI_FRESH_PICTURES) != 0) {
        struct ui_rect rect = {slot.row + 1, slot.column, page->high, page->wide};
        put_picture(scene, rect, extremes->values + 2 * at * each, canvas,
                    &health->memory[2 * number]);
        rect.row += page->high;
        put_picture(scene, rect, extremes->values + (2 * at + 1) * each, canvas,
                    &health->memory[2 * number + 1]);
    }
}

static void put_half(struct ui_scene *scene, const struct ui_health_page *page, struct ui_rect half,
                     struct ui_canvas *canvas, bool best)
{
    const struct hg_extremes *extremes = &scene->snapshot->extremes;
    size_t count = extremes->count < page->each ? extremes->count : page->each;

    for (size_t i = 0; i < count; i++) {
        struct ui_rect slot = {half.row + 1 + (int)i, half.column + 1, 1, half.columns - 2};
        if (page->high > 0) {
            slot = (struct ui_rect){half.row + 1, half.column + 1 + (int)i * page->pitch,
                                    1 + 2 * page->high, page->pitch - 1};
        }
        put_sample(scene, page, slot, canvas, i, best);
    }
}

static void put_rules(const struct ui_scene *scene, struct ui_rect left, struct ui_rect right,
                      struct ui_canvas *canvas)
{
    const struct hg_extremes *extremes = &scene->snapshot->extremes;
    bool all = extremes->among >= scene->snapshot->samples;
    char among[UI_NUMBER], samples[UI_NUMBER], large[96], small[64];
    const char *figures[] = {large, small, NULL}, *none[] = {NULL};

    ui_format_count(among, extremes->among);
    ui_format_count(samples, scene->snapshot->samples);
    snprintf(large, sizeof large, all ? "of all %s samples" : "of %s of %s samples", among,
             samples);
    snprintf(small, sizeof small, "of %s", among);
    ui_rule_fitting(&scene->theme, (struct ui_spot){left.row, left.column, left.columns}, canvas,
                    scene->snapshot->image ? "worst: input, output" : "worst reconstructed", none);
    ui_rule_fitting(&scene->theme, (struct ui_spot){right.row, right.column, right.columns}, canvas,
                    "best", extremes->known ? figures : none);
}

void ui_panel_health_samples(struct ui_scene *scene, const struct ui_health_page *page,
                             struct ui_canvas *canvas)
{
    const struct hg_extremes *extremes = &scene->snapshot->extremes;
    struct ui_rect left = page->samples, right = page->samples;
    struct ui_health *health = scene->health;
    char text[96];

    health->slots = 0;
    if (ui_rect_empty(page->samples)) {
        return;
    }
    left.columns = page->samples.columns / 2;
    right.column += left.columns;
    right.columns -= left.columns;
    put_rules(scene, left, right, canvas);
    if (!extremes->known) {
        snprintf(text, sizeof text, "Looking at the samples …");
        ui_put_cut(canvas, (struct ui_spot){left.row + 1, left.column + 1, left.columns - 2},
                   ui_theme_style(&scene->theme, UI_ROLE_WORD), text);
        return;
    }
    put_half(scene, page, left, canvas, false);
    put_half(scene, page, right, canvas, true);
}
