/* Header and sentence: the same around every view. */
#include "tui/format.h"
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

enum { PARTS = 8, STATE_WIDTH = 9, NAME_ENOUGH = 20 };
enum { NAME = 1, LAYERS = 2 }; /* which part they are, after the program */

/* A word group of the header. Higher ranks give way first; words are never cut. */
struct part {
    char text[560];
    enum ui_role role;
    int rank;
    bool right, gone;
};

struct header {
    struct part part[PARTS];
    size_t count;
    bool ascii;
};

static struct part *add(struct header *header, enum ui_role role, int rank, bool right)
{
    struct part *part = &header->part[header->count++];

    part->text[0] = '\0';
    part->role = role;
    part->rank = rank;
    part->right = right;
    part->gone = false;
    return part;
}

static int width(const struct header *header)
{
    int sum = 0;

    for (size_t i = 0; i < header->count; i++) {
        if (!header->part[i].gone && header->part[i].text[0] != '\0') {
            sum += ui_width(header->part[i].text, header->ascii) + 2;
        }
    }
    return sum - 2;
}

/* Leaves out the parts of the highest rank, down to `least`, until the rest fits. */
static void squeeze(struct header *header, int columns, int least)
{
    while (width(header) > columns) {
        struct part *worst = NULL;
        for (size_t i = 0; i < header->count; i++) {
            struct part *part = &header->part[i];
            if (!part->gone && part->text[0] != '\0' && part->rank >= least &&
                (worst == NULL || part->rank > worst->rank)) {
                worst = part;
            }
        }
        if (worst == NULL) {
            return;
        }
        worst->gone = true;
    }
}

/* Dot and at most five letters. */
static const char *brief_state(const char *state)
{
    static const char *const words[][2] = {
        {"● loading", "● load"}, {"● running", "● run"},  {"● paused", "● pause"},
        {"● finished", "● end"}, {"● diverged", "● NaN"}, {"● failed", "● error"},
        {"● viewed", "● view"},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i][0], state) == 0) {
            return words[i][1];
        }
    }
    return state;
}

static void state_words(const struct ui_scene *scene, const char **text, enum ui_role *role)
{
    enum hg_run_state state = scene->snapshot == NULL ? HG_STATE_LOADING : scene->snapshot->state;

    if (state == HG_STATE_RUNNING || state == HG_STATE_PAUSED) {
        state = scene->running ? HG_STATE_RUNNING : HG_STATE_PAUSED;
    }
    if (scene->viewed && state != HG_STATE_LOADING && state != HG_STATE_FAILED) {
        *text = "● viewed";
        *role = UI_ROLE_BAR_ACCENT;
        return;
    }
    switch (state) {
    case HG_STATE_LOADING:
        *text = "● loading";
        *role = UI_ROLE_BAR_WORD;
        break;
    case HG_STATE_RUNNING:
        *text = "● running";
        *role = UI_ROLE_BAR_GOOD;
        break;
    case HG_STATE_PAUSED:
        *text = "● paused";
        *role = UI_ROLE_BAR_WARN;
        break;
    case HG_STATE_FINISHED:
        *text = "● finished";
        *role = UI_ROLE_BAR_ACCENT;
        break;
    case HG_STATE_DIVERGED:
        *text = "● diverged";
        *role = UI_ROLE_BAR_BAD;
        break;
    default:
        *text = "● failed";
        *role = UI_ROLE_BAR_BAD;
        break;
    }
}

/* The long form of the layers where it fits, else the short one. */
static void add_settings(struct header *header, const struct ui_scene *scene, int columns)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    char number[UI_NUMBER];

    struct part *layers = add(header, UI_ROLE_BAR_WORD, 5, false);
    snprintf(add(header, UI_ROLE_BAR, 4, true)->text, sizeof layers->text, "%s",
             hg_optimizer_name(scene->optimizer));
    snprintf(add(header, UI_ROLE_BAR, 1, true)->text, sizeof layers->text, "lr %s",
             ui_format_rate(number, scene->lr));
    snprintf(add(header, UI_ROLE_BAR, 3, true)->text, sizeof layers->text, "batch %llu",
             (unsigned long long)scene->batch);
    snprintf(add(header, UI_ROLE_BAR, 7, true)->text, sizeof layers->text, "%s",
             hg_loss_name(snapshot->loss));
    snprintf(layers->text, sizeof layers->text, "%s", snapshot->layers_long);
    if (width(header) + STATE_WIDTH + 2 > columns) {
        snprintf(layers->text, sizeof layers->text, "%s", snapshot->layers);
    }
}

/* The first `keep` layers and the last: "784-128-…-784". */
static void elide_layers(const char *layers, size_t keep, char *out, size_t size)
{
    const char *end = layers;

    for (size_t i = 0; i < keep; i++) {
        end += i > 0;
        end += strcspn(end, "-");
    }
    snprintf(out, size, "%.*s-…%s", (int)(end - layers), layers, strrchr(layers, '-'));
}

/* As many layers as there is room for; two at least. */
static void fit_layers(struct header *header, const char *layers, int columns)
{
    struct part *part = &header->part[LAYERS];
    size_t count = 1;

    for (const char *c = layers; *c != '\0'; c++) {
        count += *c == '-';
    }
    snprintf(part->text, sizeof part->text, "%s", layers);
    for (size_t keep = count - 1; keep > 1 && width(header) > columns; keep--) {
        elide_layers(layers, keep - 1, part->text, sizeof part->text);
    }
}

/* The beginning of a long name. */
static void cut_name(struct header *header)
{
    char name[sizeof header->part[NAME].text];
    const char *end = name;

    snprintf(name, sizeof name, "%s", header->part[NAME].text);
    if (ui_width(name, header->ascii) <= NAME_ENOUGH) {
        return;
    }
    for (int used = 0; used < NAME_ENOUGH - 3;) {
        used += ui_char_width(ui_next_char(&end));
    }
    snprintf(header->part[NAME].text, sizeof name, "%.*s…", (int)(end - name), name);
}

/* Room for the state, the last word to be shortened: before it the network and the name are, and
 * words go. */
static void make_room(struct header *header, const struct ui_scene *scene, const char *state,
                      int columns)
{
    struct part *last = &header->part[header->count - 1];

    squeeze(header, columns, 7);
    if (header->count > LAYERS && width(header) > columns) {
        const char *layers = scene->snapshot->layers;
        fit_layers(header, layers, columns);
        squeeze(header, columns, 6);
        fit_layers(header, layers, columns);
        if (width(header) > columns) {
            cut_name(header);
            fit_layers(header, layers, columns);
        }
    }
    squeeze(header, columns, 1);
    if (width(header) > columns) {
        snprintf(last->text, sizeof last->text, "%-*s", (int)sizeof "● pause" - 1,
                 brief_state(state));
    }
}

static void put_state(const struct ui_scene *scene, const char *text, enum ui_role role,
                      struct ui_spot spot, struct ui_canvas *canvas)
{
    const char *word = strchr(text, ' ') + 1;
    int dot = ui_put(canvas, spot, ui_theme_style(&scene->theme, role), "●");

    spot.column += dot + 1;
    spot.columns -= dot + 1;
    ui_put(canvas, spot, ui_theme_style(&scene->theme, UI_ROLE_BAR), word);
}

static void put_parts(const struct ui_scene *scene, const struct header *header,
                      struct ui_rect rect, struct ui_canvas *canvas)
{
    const struct part *last = &header->part[header->count - 1];
    struct ui_spot left = {rect.row, rect.column + 1, rect.columns - 2};
    int right = rect.column + rect.columns - 1;

    for (size_t i = 0; i < header->count; i++) {
        const struct part *part = &header->part[i];
        if (!part->right && !part->gone && part->text[0] != '\0') {
            int used = ui_put(canvas, left, ui_theme_style(&scene->theme, part->role), part->text);
            left.column += used + 2;
            left.columns -= used + 2;
        }
    }
    for (size_t i = header->count; i-- > 0;) {
        const struct part *part = &header->part[i];
        if (!part->right || part->gone || part->text[0] == '\0') {
            continue;
        }
        int wide = ui_width(part->text, canvas->ascii);
        struct ui_spot spot = {rect.row, right - wide, wide};
        if (part == last) {
            put_state(scene, part->text, part->role, spot, canvas);
        } else {
            ui_put(canvas, spot, ui_theme_style(&scene->theme, part->role), part->text);
        }
        right = spot.column - 2;
    }
}

void ui_panel_header(const struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas)
{
    struct header header = {.count = 0, .ascii = canvas->ascii};
    const char *state;
    enum ui_role role;

    if (ui_rect_empty(rect)) {
        return;
    }
    ui_canvas_fill(canvas, rect, ui_theme_style(&scene->theme, UI_ROLE_BAR), ' ');
    state_words(scene, &state, &role);
    snprintf(add(&header, UI_ROLE_BAR_ACCENT, 6, false)->text, 16, "hourglass");
    if (scene->snapshot != NULL && scene->snapshot->layers[0] != '\0') {
        snprintf(add(&header, UI_ROLE_BAR_TITLE, 2, false)->text, 80, "%s", scene->snapshot->name);
        add_settings(&header, scene, rect.columns - 2);
    }
    /* As wide as "running", so that pausing moves nothing. */
    struct part *last = add(&header, role, 0, true);
    snprintf(last->text, sizeof last->text, "%-*s", (int)sizeof "● running" - 1, state);
    make_room(&header, scene, state, rect.columns - 2);
    put_parts(scene, &header, rect, canvas);
}

static void put_fitting(const char *text, struct ui_spot spot, struct ui_style style,
                        struct ui_canvas *canvas)
{
    char line[600];

    for (;;) {
        size_t length = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        if (text[length] == '\0' || ui_width(line, canvas->ascii) <= spot.columns) {
            break;
        }
        text += length + 1;
    }
    ui_put_cut(canvas, spot, style, line);
}

/* View 2 compares the code with PCA's, unless something is wrong. */
static bool compares(const struct ui_scene *scene)
{
    const struct hg_latent *latent = &scene->snapshot->latent;

    return scene->view == 2 && latent->known && latent->verdict[0] != '\0' &&
           scene->snapshot->sentence_tone < HG_TONE_WARN;
}

void ui_panel_sentence(const struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas)
{
    const struct hg_snapshot *snapshot = scene->snapshot;
    int margin = rect.columns > 12;
    struct ui_spot spot = {rect.row, rect.column + margin, rect.columns - 2 * margin};
    char both[HG_SNAPSHOT_TEXT + 100];

    if (ui_rect_empty(rect)) {
        return;
    }
    ui_blank(canvas, rect);
    if (scene->message != NULL) {
        put_fitting(scene->message, spot, ui_theme_tone(&scene->theme, scene->message_tone),
                    canvas);
    } else if (snapshot != NULL && snapshot->state != HG_STATE_LOADING) {
        enum hg_tone tone = snapshot->sentence_tone;
        snprintf(both, sizeof both, "%s\n%s", snapshot->sentence, snapshot->sentence_short);
        if (compares(scene)) {
            snprintf(both, sizeof both, "%s\n%s", snapshot->latent.verdict,
                     snapshot->sentence_short);
            tone = HG_TONE_PLAIN;
        }
        put_fitting(both, spot, ui_theme_tone(&scene->theme, tone), canvas);
    }
}
