/* panel_latent_side.c - view 2: what the cursor's code decodes to, its values, what is near it. */
#include "tui/format.h"
#include "tui/latent.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { VALUE = 6, UNIT = 1, SHARE = 5, SHARE_FROM = 34, TRACK_LEAST = 6 };
/* A key held down changes the picture no more often: that is seen as motion, and costs half. */
enum { OFTEN_MS = 50 };

/* ---- decoded here ---- */

static void draw_decoded(struct ui_scene *scene, struct ui_rect body, struct ui_canvas *canvas)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    const struct hg_latent *shown = &snapshot->latent;
    int channels = snapshot->shape.channels;

    ui_blank(canvas, body);
    if (!snapshot->image) {
        struct ui_bars bars = {.values = shown->decoded,
                               .count = snapshot->features,
                               .lowest = snapshot->lowest,
                               .highest = snapshot->highest};
        ui_art_bars(canvas, &scene->theme, body, &bars);
        return;
    }
    struct ui_picture picture = {.values = shown->decoded,
                                 .shape = snapshot->shape,
                                 .channel = channels == 1 || channels == 3 ? -1 : scene->channel,
                                 .lowest = snapshot->lowest,
                                 .highest = snapshot->highest};
    ui_art_picture(canvas, &scene->theme, body, &picture, &scene->latent->decoded);
}

/* The answer to a key is drawn at once; what training changes, in turn. */
void ui_panel_decoded(struct ui_scene *scene, struct ui_canvas *canvas)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    const struct hg_latent *shown = &snapshot->latent;
    struct ui_latent *latent = scene->latent;
    struct ui_rect rect = latent->layout.place[UI_LATENT_DECODED];
    struct ui_spot spot = {rect.row, rect.column, rect.columns};
    char figure[64] = "", channel[64] = "";
    const char *figures[] = {figure, NULL};

    if (ui_rect_empty(rect)) {
        return;
    }
    if (snapshot->image && snapshot->shape.channels != 1 && snapshot->shape.channels != 3) {
        snprintf(channel, sizeof channel, "channel %d of %d", scene->channel + 1,
                 snapshot->shape.channels);
    }
    if (latent->walk != 0) {
        snprintf(figure, sizeof figure, "walk %.0f %%", 100 * ui_latent_walked(scene));
    } else {
        memcpy(figure, channel, sizeof figure);
    }
    figures[0] = figure[0] != '\0' ? figure : NULL;
    ui_rule_fitting(&scene->theme, spot, canvas, "decoded here", figures);
    if (!shown->known || shown->decoded == NULL) {
        return;
    }
    if ((scene->fresh & UI_FRESH_PICTURES) == 0 && shown->answered == latent->answered) {
        return;
    }
    if ((scene->fresh & UI_FRESH_PICTURES) == 0 && scene->now < latent->answered_at + OFTEN_MS) {
        scene->wake = latent->answered_at + OFTEN_MS;
        return;
    }
    if (shown->answered != latent->answered) {
        latent->answered = shown->answered;
        latent->answered_at = scene->now;
        scene->fresh |= UI_FRESH_PICTURES; /* it is paid for like one */
        scene->answer = true;
    }
    draw_decoded(scene, ui_latent_body(&latent->layout, UI_LATENT_DECODED), canvas);
}

/* ---- sliders ---- */

static void put_name(const struct hg_latent *latent, size_t slider, char *out, size_t size)
{
    snprintf(out, size, latent->projected ? "axis %zu" : "z%zu", slider + 1);
}

/* "▸axis 1 ────●──── +0.35σ 31 %" */
struct ui_spot ui_latent_track(const struct hg_latent *latent, struct ui_rect rect)
{
    char name[32];
    int before, after = VALUE + 1 + (latent->projected ? UNIT : 0);

    put_name(latent, latent->sliders > 0 ? latent->sliders - 1 : 0, name, sizeof name);
    before = (int)strlen(name) + 2;
    if (latent->projected && rect.columns >= SHARE_FROM) {
        after += SHARE;
    }
    if (rect.columns - before - after < TRACK_LEAST) {
        after = 0;
    }
    return (struct ui_spot){rect.row, rect.column + before, rect.columns - before - after};
}

static void draw_track(const struct ui_scene *scene, struct ui_spot track, size_t slider,
                       struct ui_canvas *canvas)
{
    const struct hg_latent *shown = &scene->snapshot->latent;
    bool chosen = scene->latent->slider == (int)slider;
    struct ui_rect line = {track.row, track.column, 1, track.columns};
    float low = shown->low[slider], high = shown->high[slider];
    float share = (ui_latent_value(scene, slider) - low) / (high - low);
    float zero = -low / (high - low);
    int steps = track.columns - 1;

    if (track.columns < 1) {
        return;
    }
    ui_canvas_fill(canvas, line,
                   ui_theme_style(&scene->theme, chosen ? UI_ROLE_ACCENT : UI_ROLE_CHROME), 0x2500);
    if (zero > 0 && zero < 1) {
        ui_canvas_set(canvas, track.row, track.column + (int)(zero * (float)steps + 0.5F),
                      ui_theme_style(&scene->theme, UI_ROLE_CHROME), 0x253C);
    }
    share = share > 0 ? fminf(share, 1) : 0; /* NaN: 0 */
    ui_canvas_set(canvas, track.row, track.column + (int)(share * (float)steps + 0.5F),
                  ui_theme_style(&scene->theme, UI_ROLE_KEY), 0x25CF);
}

static void draw_slider(const struct ui_scene *scene, struct ui_spot line, size_t slider,
                        struct ui_canvas *canvas)
{
    const struct hg_latent *shown = &scene->snapshot->latent;
    struct ui_rect rect = {line.row, line.column, 1, line.columns};
    struct ui_spot track = ui_latent_track(shown, rect);
    bool chosen = scene->latent->slider == (int)slider;
    int end = track.column + track.columns;
    struct ui_spot value = {line.row, end, line.column + line.columns - end};
    char name[32], number[UI_NUMBER], text[64];

    put_name(shown, slider, name, sizeof name);
    snprintf(text, sizeof text, "%s%s", chosen ? "▸" : " ", name);
    ui_put(canvas, line, ui_theme_style(&scene->theme, chosen ? UI_ROLE_KEY : UI_ROLE_WORD), text);
    draw_track(scene, track, slider, canvas);
    if (value.columns < VALUE) {
        return;
    }
    ui_format_code(number, (double)ui_latent_value(scene, slider), 2);
    const char *unit = !shown->projected ? "" : canvas->ascii ? "s" : "σ";
    if (value.columns > VALUE + 1 + UNIT) {
        snprintf(text, sizeof text, "%.0f %%", 100 * (double)shown->share[slider]);
        ui_put_right(canvas, value, ui_theme_style(&scene->theme, UI_ROLE_WORD), text);
        value.columns -= SHARE;
    }
    snprintf(text, sizeof text, "%s%s", number, unit);
    ui_put_right(canvas, value, ui_theme_style(&scene->theme, UI_ROLE_VALUE), text);
}

void ui_panel_sliders(struct ui_scene *scene, struct ui_canvas *canvas)
{
    const struct hg_latent *shown = &scene->snapshot->latent;
    struct ui_latent *latent = scene->latent;
    struct ui_rect rect = latent->layout.place[UI_LATENT_SLIDERS];
    int count = (int)shown->sliders;
    bool more;

    latent->rows = 0;
    if (ui_rect_empty(rect) || !shown->known) {
        return;
    }
    ui_blank(canvas, rect);
    more = count > rect.rows && rect.rows > 2;
    latent->rows = more ? rect.rows - 1 : rect.rows < count ? rect.rows : count;
    ui_latent_choose(scene, latent->slider);
    latent->first = latent->first > count - latent->rows ? count - latent->rows : latent->first;
    latent->first = latent->first > 0 ? latent->first : 0;
    for (int i = 0; i < latent->rows; i++) {
        struct ui_spot line = {rect.row + i, rect.column, rect.columns};
        draw_slider(scene, line, (size_t)(latent->first + i), canvas);
    }
    if (more) {
        struct ui_spot line = {rect.row + latent->rows, rect.column + 1, rect.columns - 1};
        ui_putf(canvas, line, ui_theme_style(&scene->theme, UI_ROLE_CHROME), "%d–%d of %d",
                latent->first + 1, latent->first + latent->rows, count);
    }
}

/* ---- nearest sample, density ---- */

static void put_pair(const struct ui_scene *scene, struct ui_spot line, const char *word,
                     const char *text, struct ui_canvas *canvas)
{
    int used = ui_put(canvas, line, ui_theme_style(&scene->theme, UI_ROLE_WORD), word) + 1;

    line.column += used;
    line.columns -= used;
    ui_put_cut(canvas, line, ui_theme_style(&scene->theme, UI_ROLE_VALUE), text);
}

static void put_sample(const struct ui_scene *scene, int64_t sample, int32_t label, char *out,
                       size_t size)
{
    char name[32];

    ui_label_name(scene->snapshot, label, name, sizeof name);
    snprintf(out, size, name[0] != '\0' ? "#%lld \"%s\"" : "#%lld", (long long)sample, name);
}

static void draw_nearest(const struct ui_scene *scene, struct ui_spot line,
                         struct ui_canvas *canvas)
{
    const struct hg_latent *shown = &scene->snapshot->latent;
    char sample[64], distance[UI_NUMBER], text[128];

    put_sample(scene, shown->nearest, shown->nearest_label, sample, sizeof sample);
    snprintf(text, sizeof text, "%s at %s", sample,
             ui_format_loss(distance, (double)shown->distance));
    if (ui_width(text, canvas->ascii) + 8 <= line.columns) {
        put_pair(scene, line, "nearest", text, canvas);
    } else if (ui_width(sample, canvas->ascii) + 8 <= line.columns) {
        put_pair(scene, line, "nearest", sample, canvas);
    } else {
        put_pair(scene, line, "by", sample, canvas);
    }
}

static void draw_density(const struct ui_scene *scene, struct ui_spot line,
                         struct ui_canvas *canvas)
{
    static const struct {
        const char *words, *brief;
        enum hg_tone tone;
    } densities[] = {[HG_LATENT_INSIDE] = {"inside the data", "inside", HG_TONE_GOOD},
                     [HG_LATENT_EDGE] = {"at the data's edge", "at the edge", HG_TONE_WARN},
                     [HG_LATENT_OUTSIDE] = {"outside the data", "outside", HG_TONE_BAD}};
    enum hg_latent_density density = scene->snapshot->latent.density;
    struct ui_style style = ui_theme_tone(&scene->theme, densities[density].tone);

    if (line.columns >= 26) {
        ui_put(canvas, line, ui_theme_style(&scene->theme, UI_ROLE_WORD), "density");
        line.column += 8;
        line.columns -= 8;
    }
    style.attributes &= (uint8_t)~UI_BOLD;
    ui_put(canvas, line, style,
           line.columns >= 18 ? densities[density].words : densities[density].brief);
}

/* The walk when there is one, else how far codes are from one another. */
static void draw_third(const struct ui_scene *scene, struct ui_spot line, struct ui_canvas *canvas)
{
    const struct ui_latent *latent = scene->latent;
    char a[64], b[64], text[160], distance[UI_NUMBER];

    if (latent->mark[0] < 0) {
        snprintf(text, sizeof text, "%s apart",
                 ui_format_loss(distance, (double)scene->snapshot->latent.usual));
        put_pair(scene, line, "codes lie", text, canvas);
        return;
    }
    put_sample(scene, latent->mark[0], latent->mark_label[0], a, sizeof a);
    put_sample(scene, latent->mark[1], latent->mark_label[1], b, sizeof b);
    snprintf(text, sizeof text, "%s%s%s", a, latent->mark[1] < 0 ? "" : "  B ",
             latent->mark[1] < 0 ? "" : b);
    put_pair(scene, line, "A", text, canvas);
}

void ui_panel_nearest(struct ui_scene *scene, struct ui_canvas *canvas)
{
    struct ui_rect rect = scene->latent->layout.place[UI_LATENT_FACTS];
    struct ui_spot line = {rect.row, rect.column, rect.columns};

    if (ui_rect_empty(rect) || !scene->snapshot->latent.known) {
        return;
    }
    ui_blank(canvas, rect);
    draw_nearest(scene, line, canvas);
    if (rect.rows > 1) {
        line.row++;
        draw_density(scene, line, canvas);
    }
    if (rect.rows > 2) {
        line.row++;
        draw_third(scene, line, canvas);
    }
}
