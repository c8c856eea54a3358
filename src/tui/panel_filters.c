/* A page of pictures: which layer, the scale of the colours, the pictures. */
#include "tui/filters.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LEGEND = 12, LEGEND_FROM = 60, BAR_FROM = 11, SAMPLE_FROM = 76, SAMPLE_COLUMNS = 30 };

/* While the values fill so much of the scale, it stays: colours that jump with
 * every step cannot be compared, and cost bytes. */
static const double filled = 0.75;

static bool has_signs(const struct hg_filters *shown)
{
    return shown->kind != HG_FILTER_MAPS;
}

static bool is_row(const struct hg_filters *shown)
{
    return shown->kind == HG_FILTER_OUTPUTS || shown->picture.rows == 1;
}

/* ---- the scale ---- */

/* Two digits of the span, outwards. */
static double round_out(double value, double span, bool up)
{
    double unit = pow(10, floor(log10(span)) - 1);

    return up ? ceil(value / unit - 1e-9) * unit : floor(value / unit + 1e-9) * unit;
}

static void follow_scale(struct ui_filters *filters, const struct hg_filters *shown, bool anew)
{
    double span = shown->highest - shown->lowest;
    double held = filters->highest - filters->lowest;

    if (!anew && shown->lowest >= filters->lowest && shown->highest <= filters->highest &&
        span >= filled * held) {
        return;
    }
    if (!(span > 0) || !isfinite(span)) {
        span = 1;
    }
    filters->lowest = round_out(shown->lowest, span, false);
    filters->highest = round_out(shown->highest, span, true);
    if (!(filters->highest > filters->lowest)) {
        filters->highest = filters->lowest + span;
    }
}

/* "-0.42 ▄▄▄ +0.42", flush right; returns the columns it takes. */
static int draw_legend(const struct ui_scene *scene, struct ui_spot spot, struct ui_canvas *canvas)
{
    const struct ui_filters *filters = &scene->filters;
    bool signs = has_signs(&scene->snapshot->filters);
    float ramp[2 * LEGEND];
    char low[24], high[24];
    int right, left, columns;

    snprintf(low, sizeof low, "%.3g", filters->lowest);
    snprintf(high, sizeof high, "%s%.3g", signs ? "+" : "", filters->highest);
    right = ui_width(high, canvas->ascii);
    left = ui_width(low, canvas->ascii);
    columns = left + right + LEGEND + 2;
    if (columns > spot.columns) {
        return 0;
    }
    for (int i = 0; i < 2 * LEGEND; i++) {
        ramp[i] = (float)(filters->lowest +
                          (filters->highest - filters->lowest) * (i % LEGEND) / (LEGEND - 1));
    }
    struct ui_picture picture = {.values = ramp,
                                 .diverging = signs,
                                 .shape = {1, 2, LEGEND},
                                 .lowest = filters->lowest,
                                 .highest = filters->highest};
    struct ui_style style = ui_theme_style(&scene->theme, UI_ROLE_WORD);
    spot.column += spot.columns - columns;
    spot.columns = columns;
    ui_put(canvas, spot, style, low);
    ui_put_right(canvas, spot, style, high);
    struct ui_rect rect = {spot.row, spot.column + left + 1, 1, LEGEND};
    if (is_row(&scene->snapshot->filters)) {
        struct ui_tiles tiles = {rect, 0, 1, 1, LEGEND, 1, 1};
        struct ui_tile_values values = {ramp, 0, 1, filters->highest};
        ui_tiles_draw(&tiles, &scene->theme, canvas, &values, LEGEND);
    } else {
        ui_art_picture(canvas, &scene->theme, rect, &picture, NULL);
    }
    return columns;
}

/* ---- which layer ---- */

static void what(const struct hg_filters *shown, char *out, size_t size)
{
    struct hg_shape shape = shown->shape;
    const char *noun = shown->kind == HG_FILTER_KERNELS   ? "kernel"
                       : shown->kind == HG_FILTER_WEIGHTS ? "unit"
                       : shown->kind == HG_FILTER_MAPS    ? "map"
                                                          : "value";
    const char *many = shown->total == 1 ? "" : "s";

    if (shown->kind == HG_FILTER_OUTPUTS) {
        snprintf(out, size, "%zu %s%s", shown->total, noun, many);
    } else if (shown->averaged) {
        snprintf(out, size, "%zu %s%s %d×%d (mean of %d channels)", shown->total, noun, many,
                 shape.rows, shape.columns, shape.channels);
    } else if (shape.rows == 1) {
        snprintf(out, size, "%zu %s%s, %d weight%s each", shown->total, noun, many, shape.columns,
                 shape.columns == 1 ? "" : "s");
    } else {
        snprintf(out, size, "%zu %s%s %d×%d", shown->total, noun, many, shape.rows, shape.columns);
    }
}

/* The longest title that leaves room for a figure. */
static void choose_title(const struct hg_filters *shown, int columns, bool ascii, char *out,
                         size_t size)
{
    const char *of = shown->kind == HG_FILTER_KERNELS   ? "kernels of "
                     : shown->kind == HG_FILTER_WEIGHTS ? "weights of "
                                                        : "";

    snprintf(out, size, "%s%s %s", of, shown->name, shown->text);
    if (ui_width(out, ascii) > columns) {
        snprintf(out, size, "%s%s", of, shown->text);
    }
    if (ui_width(out, ascii) > columns) {
        snprintf(out, size, "%s", shown->text);
    }
}

static void draw_rule(const struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas,
                      size_t room)
{
    const struct hg_filters *shown = &scene->snapshot->filters;
    char title[160], facts[128], page[64] = "", sample[80] = "", flat[48] = "";
    char all[400], less[300], label[32];
    const char *figures[] = {all, less, facts, NULL};
    size_t pages = room > 0 ? (shown->total + room - 1) / room : 1;

    what(shown, facts, sizeof facts);
    if (pages > 1) {
        snprintf(page, sizeof page, "page %zu of %zu", shown->first / room + 1, pages);
        figures[2] = page;
    }
    if (shown->constants > 0) {
        snprintf(flat, sizeof flat, ", %zu flat", shown->constants);
    }
    if (shown->level > 0) {
        ui_label_name(scene->snapshot, scene->snapshot->label, label, sizeof label);
        snprintf(sample, sizeof sample, label[0] != '\0' ? "sample #%u \"%s\"  " : "sample #%u  ",
                 (unsigned)shown->sample, label);
    }
    snprintf(all, sizeof all, "%s%s%s%s%s", sample, facts, flat, pages > 1 ? "  " : "", page);
    snprintf(less, sizeof less, "%s%s%s", facts, pages > 1 ? "  " : "", page);
    choose_title(shown, rect.columns - 7 - ui_width(figures[2], canvas->ascii), canvas->ascii,
                 title, sizeof title);
    ui_rule_fitting(&scene->theme, (struct ui_spot){rect.row, rect.column, rect.columns}, canvas,
                    title, figures);
}

static int level_width(const struct hg_filters *shown, int level, bool ascii)
{
    return ui_width(shown->level_text[level], ascii) + 2;
}

/* All levels in one line, the present one lit; those around it where there are too many. */
static void draw_levels(const struct ui_scene *scene, struct ui_spot spot, struct ui_canvas *canvas)
{
    const struct hg_filters *shown = &scene->snapshot->filters;
    int count = shown->levels < HG_FILTER_LEVELS ? shown->levels : HG_FILTER_LEVELS;
    int at = shown->level < count ? shown->level : count - 1, first = at, last = at + 1;
    int room = spot.columns - level_width(shown, at, canvas->ascii) - 6; /* two "… " */
    struct ui_style word = ui_theme_style(&scene->theme, UI_ROLE_WORD);

    for (bool grown = true; grown;) {
        grown = false;
        if (last < count && level_width(shown, last, canvas->ascii) <= room) {
            room -= level_width(shown, last++, canvas->ascii);
            grown = true;
        }
        if (first > 0 && level_width(shown, first - 1, canvas->ascii) <= room) {
            room -= level_width(shown, --first, canvas->ascii);
            grown = true;
        }
    }
    for (int i = first; i <= last; i++) {
        const char *text = i < last ? shown->level_text[i] : last < shown->levels ? "…" : "";
        int used = 0;
        if (i == first && first > 0) {
            used = ui_put(canvas, spot, word, "…") + 1;
            spot.column += used;
            spot.columns -= used;
        }
        used = ui_put_cut(canvas, spot, i == at ? ui_theme_style(&scene->theme, UI_ROLE_KEY) : word,
                          text);
        spot.column += used + 2;
        spot.columns -= used + 2;
    }
}

/* ---- the pictures ---- */

/* Halves of a page take turns on a slow line. */
static bool is_fresh(const struct ui_scene *scene, size_t index, size_t count)
{
    return (scene->fresh & (2 * index < count ? UI_FRESH_PICTURES : UI_FRESH_CODE)) != 0;
}

static void put_number(const struct ui_scene *scene, struct ui_rect slot, int columns,
                       struct ui_canvas *canvas, size_t index)
{
    const struct hg_filters *shown = &scene->snapshot->filters;
    struct ui_spot spot = {slot.row - 1, slot.column, columns};
    bool flat = shown->constant[index];
    char text[40];

    snprintf(text, sizeof text, flat ? "%zu flat" : "%zu", shown->first + index);
    if (ui_width(text, canvas->ascii) > columns) {
        snprintf(text, sizeof text, "%zu", shown->first + index);
    }
    ui_blank(canvas, (struct ui_rect){spot.row, spot.column, 1, columns});
    ui_put(canvas, spot, ui_theme_style(&scene->theme, flat ? UI_ROLE_CHROME : UI_ROLE_WORD), text);
}

/* The sample itself, its number above it. */
static void draw_sample(struct ui_scene *scene, struct ui_rect slot, int columns,
                        struct ui_canvas *canvas)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    struct ui_spot spot = {slot.row - 1, slot.column, columns};
    int channels = snapshot->shape.channels;
    struct ui_picture picture = {.values = snapshot->input,
                                 .shape = snapshot->shape,
                                 .channel = channels == 1 || channels == 3 ? -1 : scene->channel,
                                 .lowest = snapshot->lowest,
                                 .highest = snapshot->highest};
    char text[80], label[32];

    ui_label_name(snapshot, snapshot->label, label, sizeof label);
    snprintf(text, sizeof text, label[0] != '\0' ? "input #%u \"%s\"" : "input #%u",
             (unsigned)snapshot->sample, label);
    if (ui_width(text, canvas->ascii) > columns) {
        snprintf(text, sizeof text, "#%u", (unsigned)snapshot->sample);
    }
    if (ui_width(text, canvas->ascii) > columns) {
        snprintf(text, sizeof text, "in");
    }
    ui_blank(canvas, (struct ui_rect){spot.row, spot.column, 1, columns});
    ui_put(canvas, spot, ui_theme_style(&scene->theme, UI_ROLE_ACCENT), text);
    ui_art_picture(canvas, &scene->theme, slot, &picture, &scene->filters.input);
}

static size_t draw_pictures(struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas)
{
    const struct hg_filters *shown = &scene->snapshot->filters;
    struct ui_filters *filters = &scene->filters;
    size_t each = hg_shape_size(shown->picture), count;
    bool extra = shown->kind == HG_FILTER_MAPS && scene->snapshot->image;
    struct ui_page_wishes wishes = {.rows = shown->picture.rows,
                                    .columns = shown->picture.columns,
                                    .total = shown->total,
                                    .large = filters->large,
                                    .extra = extra,
                                    .even = !scene->theme.utf8 || scene->theme.art == HG_ART_ASCII};
    struct ui_page page;

    ui_page_fit(&page, rect, &wishes);
    page.room = page.room < HG_FILTER_PICTURES ? page.room : HG_FILTER_PICTURES;
    count = shown->count < page.room ? shown->count : page.room;
    if (extra && page.room > 0 && is_fresh(scene, 0, count)) {
        draw_sample(scene, ui_page_slot(&page, 0), page.pitch_x - 1, canvas);
    }
    for (size_t i = 0; i < count; i++) {
        struct ui_rect slot = ui_page_slot(&page, i + extra);
        struct ui_picture picture = {.values = shown->values + i * each,
                                     .diverging = has_signs(shown),
                                     .shape = shown->picture,
                                     .channel = -1,
                                     .lowest = filters->lowest,
                                     .highest = filters->highest};
        if (is_fresh(scene, i, count)) {
            put_number(scene, slot, page.pitch_x - 1, canvas, i);
            ui_art_picture(canvas, &scene->theme, slot, &picture, &filters->memory[i]);
        }
    }
    return page.room;
}

/* Values of a layer without picture, the sample beside them; or a row of weights a unit. */
static size_t draw_values(struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas)
{
    const struct hg_filters *shown = &scene->snapshot->filters;
    int per_row = shown->kind == HG_FILTER_OUTPUTS ? 0 : shown->picture.columns;
    size_t most = per_row > 0 ? HG_FILTER_PICTURES : HG_FILTER_VALUES;
    bool fresh = (scene->fresh & UI_FRESH_PICTURES) != 0;
    struct ui_tiles tiles;

    if (per_row == 0 && scene->snapshot->image && rect.columns >= SAMPLE_FROM && rect.rows > 4) {
        struct ui_rect slot = {rect.row + 1, rect.column, rect.rows - 1, SAMPLE_COLUMNS - 2};
        slot = ui_art_fit(&scene->theme, slot, scene->snapshot->shape.rows,
                          scene->snapshot->shape.columns);
        slot.row = rect.row + 1;
        slot.column = rect.column;
        if (fresh) {
            draw_sample(scene, slot, SAMPLE_COLUMNS - 2, canvas);
        }
        rect.column += slot.columns + 3;
        rect.columns -= slot.columns + 3;
    }
    ui_tiles_fit(&tiles, rect, shown->total, per_row);
    tiles.room = tiles.room < most ? tiles.room : most;
    if (fresh) {
        struct ui_tile_values values = {shown->values, shown->first, shown->count,
                                        scene->filters.highest};
        ui_tiles_draw(&tiles, &scene->theme, canvas, &values, per_row);
    }
    return tiles.room;
}

size_t ui_panel_filters(struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas)
{
    const struct hg_filters *shown = &scene->snapshot->filters;
    struct ui_rect inner = {rect.row + 1, rect.column + 1, rect.rows - 1, rect.columns - 2};
    struct ui_spot line = {rect.row + 1, rect.column + 1, rect.columns - 2};
    bool bar = rect.rows >= BAR_FROM;
    size_t room;

    if (rect.rows < 2 || rect.columns < 8) {
        return 0;
    }
    if (!shown->known || shown->total == 0) {
        ui_put_cut(canvas, line, ui_theme_style(&scene->theme, UI_ROLE_WORD),
                   shown->known ? "There is nothing to show." : "Looking into the network …");
        return 0;
    }
    follow_scale(&scene->filters, shown, shown->level != scene->filters.scale_level);
    scene->filters.scale_level = shown->level;
    if (bar) {
        ui_blank(canvas, (struct ui_rect){line.row, rect.column, 1, rect.columns});
        int used = rect.columns >= LEGEND_FROM ? draw_legend(scene, line, canvas) : 0;
        line.columns -= used > 0 ? used + 2 : 0;
        draw_levels(scene, line, canvas);
        inner.row++;
        inner.rows--;
    }
    room = is_row(shown) ? draw_values(scene, inner, canvas) : draw_pictures(scene, inner, canvas);
    draw_rule(scene, rect, canvas, room);
    return room;
}
