/* Below the form: the field under the cursor in words, and the network that is typed. */
#include "tui/form.h"
#include "tui/format.h"

#include "hourglass/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_image_layer(const char *text)
{
    return strncmp(text, "conv", 4) == 0 || strncmp(text, "pool", 4) == 0 ||
           strncmp(text, "up ", 3) == 0;
}

static void append(char *out, size_t size, const char *between, const char *text)
{
    size_t used = strlen(out);

    if (used < size) {
        snprintf(out + used, size - used, "%s%s", between, text);
    }
}

/* "64 → 32 tanh → 2 → 32 tanh → 64 sigmoid", with its parameters in front. */
static void describe(const struct hg_sketch *sketch, const struct hg_snapshot *snapshot, char *out,
                     size_t size)
{
    const struct hg_shape *shape = &snapshot->shape;
    char count[UI_NUMBER], input[64];
    bool image = snapshot->image && sketch->layers > 0 && is_image_layer(sketch->layer[0].text);

    ui_format_count(count, sketch->parameters);
    snprintf(input, sizeof input, "%d×%d", shape->columns, shape->rows);
    if (!image) {
        snprintf(input, sizeof input, "%zu", snapshot->features);
    } else if (shape->channels > 1) {
        append(input, sizeof input, "×", shape->channels == 3 ? "3" : "…");
    }
    snprintf(out, size, "%s parameters: %s", count, input);
    for (size_t i = 0; i < sketch->layers && i < HG_SKETCH_LAYERS; i++) {
        const char *text = sketch->layer[i].text;
        bool dense = strncmp(text, "dense ", 6) == 0;
        append(out, size, dense || is_image_layer(text) ? " → " : " ", dense ? text + 6 : text);
    }
    if (sketch->layers > HG_SKETCH_LAYERS) {
        append(out, size, " ", "…");
    }
}

/* One of the four texts: as it is typed right now, as changed, or as chosen for the data. */
static const char *text_of(const struct ui_form *form, const char *key, const char *value)
{
    const struct hg_option *here = form->field[form->at].option;

    if (form->open && strcmp(here->section, "model") == 0 && strcmp(here->key, key) == 0) {
        value = form->edit.text;
    }
    if (strcmp(value, "auto") != 0) {
        return value;
    }
    return strcmp(key, "encoder") == 0  ? form->chosen.model.encoder
           : strcmp(key, "output") == 0 ? form->chosen.model.output
                                        : value;
}

/* Are the data to be others, of which nothing is known yet? */
static bool other_data(const struct ui_form *form)
{
    for (size_t i = 0; i < form->changes; i++) {
        const char *name = form->change[i].name;
        if (strncmp(name, "data.", 5) == 0 || strncmp(name, "gaussians.", 10) == 0) {
            return true;
        }
    }
    return false;
}

bool ui_form_network(const struct ui_form *form, const struct hg_snapshot *snapshot, char *out,
                     size_t size, const char **key)
{
    const struct hg_spec *spec = &form->next;
    struct hg_model_config config = {.encoder = text_of(form, "encoder", spec->model.encoder),
                                     .code = text_of(form, "code", spec->model.code),
                                     .decoder = text_of(form, "decoder", spec->model.decoder),
                                     .output = text_of(form, "output", spec->model.output),
                                     .input = snapshot->shape,
                                     .image = snapshot->image,
                                     .bias = spec->model.bias,
                                     .loss = (enum hg_loss)spec->model.loss,
                                     .beta = spec->model.beta,
                                     .sparsity = spec->train.sparsity};
    struct hg_sketch *sketch = malloc(sizeof *sketch);
    struct hg_model_fault fault = {NULL, 0};
    struct hg_error error;

    *key = NULL;
    out[0] = '\0';
    if (sketch == NULL) {
        return true;
    }
    /* "auto" cannot be sketched where nothing was ever chosen */
    bool known = strcmp(config.encoder, "auto") != 0 && strcmp(config.output, "auto") != 0;
    enum hg_status status = known ? hg_model_sketch(&config, sketch, &fault, &error) : HG_OK;
    if (status != HG_OK) {
        *key = fault.key;
        hg_text_sanitize(out, size, error.text);
    } else if (known) {
        describe(sketch, snapshot, out, size);
        append(out, size, "", other_data(form) ? ", on the present data" : "");
    }
    free(sketch);
    return status == HG_OK;
}

/* ---- words ---- */

/* Bytes of `text` that fit into `columns`, up to a blank; a word that is too long is cut. */
static size_t fitting(const struct ui_canvas *canvas, const char *text, int columns)
{
    char part[512];
    size_t best = 0;

    for (size_t end = strcspn(text, " ");; end += 1 + strcspn(text + end + 1, " ")) {
        snprintf(part, sizeof part, "%.*s", (int)end, text);
        if (best > 0 && ui_width(part, canvas->ascii) > columns) {
            return best;
        }
        best = end;
        if (text[end] == '\0' || end + 1 >= sizeof part) {
            return best;
        }
    }
}

/* Over at most `rows` rows; the last ends with a whole word and "…" where there is more.
 * Returns the rows used. */
static int put_words(struct ui_canvas *canvas, struct ui_spot spot, int rows, struct ui_style style,
                     const char *text)
{
    int used = 0;

    for (; *text != '\0' && used < rows; used++) {
        size_t length = fitting(canvas, text, spot.columns);
        bool cut = used + 1 == rows && text[length] != '\0';
        char part[1024];
        if (cut) {
            length = fitting(canvas, text, spot.columns - (canvas->ascii ? 4 : 2));
        }
        snprintf(part, sizeof part, "%.*s%s", (int)length, text, cut ? " …" : "");
        ui_put_cut(canvas, spot, style, part);
        text += length;
        text += strspn(text, " ");
        spot.row++;
    }
    return used;
}

static void describe_state(const struct ui_form *form, const char *name,
                           const struct hg_option *option, char *out, size_t size)
{
    const struct ui_form_change *change = ui_form_changed(form, name);
    char was[160] = "", safe[200];

    if (change != NULL) {
        hg_spec_get(&form->now, name, was, sizeof was);
        hg_text_sanitize(safe, sizeof safe, was[0] != '\0' ? was : "not set");
        snprintf(out, size,
                 ui_form_effect(option) == UI_FORM_PROGRAM
                     ? "was %s; W writes it for the next start of the program"
                     : "was %s; r restarts, Del drops it",
                 safe);
    } else if (ui_form_effect(option) == UI_FORM_AT_ONCE) {
        snprintf(out, size, "takes effect at once");
    } else if (ui_form_effect(option) == UI_FORM_RESTART) {
        snprintf(out, size, "takes effect on restart");
    } else {
        snprintf(out, size, "takes effect when the program starts anew");
    }
}

/* What the field is, and what it takes: one sentence, or two. */
static void describe_field(const struct ui_form_field *field, char *out, size_t size)
{
    const struct hg_option *option = field->option;
    char what[400];

    if (field->cluster > 0) {
        snprintf(out, size,
                 field->is_spread
                     ? "Standard deviations of cluster %zu: a number a feature; empty: spread."
                     : "Centre of cluster %zu: a number a feature; empty: drawn by the seed.",
                 field->cluster);
        return;
    }
    hg_option_accepts(option, what, sizeof what);
    if (strcmp(what, option->help) == 0) {
        snprintf(out, size, "Accepted: %s.", what);
        return;
    }
    snprintf(out, size, "%s: %s.", option->help, what);
    out[0] = (char)toupper((unsigned char)out[0]);
}

static void put_network(struct ui_scene *scene, struct ui_spot spot, int rows,
                        struct ui_canvas *canvas)
{
    const struct ui_form *form = scene->form;
    char text[2048], line[2200];
    const char *key;
    bool fine = ui_form_network(form, scene->snapshot, text, sizeof text, &key);

    if (fine) {
        put_words(canvas, spot, rows, ui_theme_style(&scene->theme, UI_ROLE_WORD), text);
    } else {
        snprintf(line, sizeof line, "%s%s%s", key != NULL ? key : "", key != NULL ? ": " : "",
                 text);
        put_words(canvas, spot, rows, ui_theme_tone(&scene->theme, HG_TONE_BAD), line);
    }
}

void ui_form_foot(struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas)
{
    const struct ui_form *form = scene->form;
    const struct ui_theme *theme = &scene->theme;
    char name[UI_FORM_NAME], text[HG_ERROR_TEXT], state[300];
    const char *figures[] = {state, NULL};
    int rows = rect.rows - 1, used;

    if (ui_rect_empty(rect) || form->fields == 0) {
        return;
    }
    const struct ui_form_field *field = &form->field[form->at];
    ui_form_name(field, name);
    describe_state(form, name, field->option, state, sizeof state);
    ui_blank(canvas, rect);
    ui_rule_fitting(theme, (struct ui_spot){rect.row, rect.column, rect.columns}, canvas, name,
                    figures);
    struct ui_spot spot = {rect.row + 1, rect.column + 2, rect.columns - 3};
    int network = rows > 3 ? 2 : rows > 1 ? 1 : 0;
    if (spot.columns <= 0) {
        return;
    }
    if (form->error[0] != '\0') {
        used = put_words(canvas, spot, rows, ui_theme_tone(theme, HG_TONE_BAD), form->error);
        network = rows - used < 2 ? 0 : network;
    } else {
        describe_field(field, text, sizeof text);
        put_words(canvas, spot, rows - network, ui_theme_style(theme, UI_ROLE_VALUE), text);
    }
    spot.row = rect.row + 1 + rows - network;
    put_network(scene, spot, network, canvas);
}
