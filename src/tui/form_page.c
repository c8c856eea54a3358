/* The lines of the form: sections one below the other, side by side where there is room. */
#include "tui/form.h"
#include "tui/prompt.h"

#include <stdio.h>
#include <string.h>

enum { KEY = 16, TWO = 100, THREE = 180, MOST_COLUMNS = 3, MOST_SECTIONS = 16, GAP = 2 };

void ui_form_range(const struct hg_option *option, char *out, size_t size)
{
    bool below = option->most < 1 && option->most > 0.99;

    out[0] = '\0';
    if (option->type == HG_OPT_CHOICE || option->type == HG_OPT_YESNO) {
        size_t used = 0;
        for (const char *c = option->choices; *c != '\0' && used + 3 < size; c++) {
            used += (size_t)snprintf(out + used, size - used, *c == '|' ? " | " : "%c", *c);
        }
    } else if (option->type != HG_OPT_INTEGER && option->type != HG_OPT_REAL) {
        return;
    } else if (below) {
        snprintf(out, size, "%g to below 1", option->least);
    } else if (option->most >= 1e6) { /* who comes near is told */
        snprintf(out, size, option->open ? "above %g" : "from %g", option->least);
    } else if (option->open) {
        snprintf(out, size, "above %g, to %g", option->least, option->most);
    } else {
        snprintf(out, size, "%g to %g", option->least, option->most);
    }
}

/* ---- where everything stands ---- */

struct section {
    size_t first, count;
};

static size_t list_sections(const struct ui_form *form, struct section sections[MOST_SECTIONS])
{
    size_t count = 0;

    for (size_t i = 0; i < form->fields; i++) {
        if (i > 0 &&
            strcmp(form->field[i].option->section, form->field[i - 1].option->section) == 0) {
            sections[count - 1].count++;
        } else if (count < MOST_SECTIONS) {
            sections[count++] = (struct section){i, 1};
        }
    }
    return count;
}

/* Lines of sections from..to, a heading each and a blank between two. */
static int lines_of(const struct section *sections, size_t from, size_t to, int between)
{
    int lines = 0;

    for (size_t i = from; i < to; i++) {
        lines += (int)sections[i].count + 1 + (i > from ? between : 0);
    }
    return lines;
}

/* The least height that `columns` columns can have; the sections stay in order. */
static int height_of(const struct section *sections, size_t count, int columns, int between)
{
    int best = lines_of(sections, 0, count, between);

    for (size_t a = 1; a < count && columns > 1; a++) {
        int first = lines_of(sections, 0, a, between);
        for (size_t b = a; b <= count; b++) {
            int second = lines_of(sections, a, b, between);
            int third = lines_of(sections, b, count, between);
            int high = first > second ? first : second;
            high = third > high ? third : high;
            if ((b == count || columns > 2) && high < best) {
                best = high;
            }
        }
    }
    return best;
}

static void place(struct ui_form *form, struct ui_rect rect)
{
    struct section sections[MOST_SECTIONS];
    struct ui_form_page *page = &form->page;
    size_t count = list_sections(form, sections);
    int columns = rect.columns >= THREE ? MOST_COLUMNS : rect.columns >= TWO ? 2 : 1;
    int between = 1, high = height_of(sections, count, columns, between);
    int column = 0, line = 0;

    if (high > rect.rows) {
        between = 0;
        high = height_of(sections, count, columns, between);
    }
    for (size_t i = 0; i < count; i++) {
        int need = (int)sections[i].count + 1;
        line += line > 0 ? between : 0;
        if (line > 0 && line + need > high && column + 1 < columns) {
            column++;
            line = 0;
        }
        line++;
        for (size_t k = 0; k < sections[i].count; k++) {
            form->field[sections[i].first + k].column = column;
            form->field[sections[i].first + k].line = line++;
        }
    }
    page->rect = rect;
    page->columns = columns;
    page->wide = rect.columns / columns;
    page->lines = high;
}

static bool heads(const struct ui_form *form, size_t index)
{
    return index == 0 ||
           strcmp(form->field[index].option->section, form->field[index - 1].option->section) != 0;
}

/* The line under the cursor is seen, and the heading with the first of a section. */
static void scroll(struct ui_form *form)
{
    struct ui_form_page *page = &form->page;
    int line = form->field[form->at].line, last = page->lines - page->rect.rows;

    if (form->follow) {
        int first = line - (heads(form, form->at) ? 1 : 0);
        page->top = page->top > first ? first : page->top;
        page->top = page->top < line - page->rect.rows + 1 ? line - page->rect.rows + 1 : page->top;
    }
    page->top = page->top > last ? last : page->top;
    page->top = page->top < 0 ? 0 : page->top;
}

/* ---- one line ---- */

static bool spot_of(const struct ui_form *form, int column, int line, struct ui_spot *spot)
{
    const struct ui_form_page *page = &form->page;
    int row = line - page->top, gap = column + 1 < page->columns ? GAP : 0;

    *spot = (struct ui_spot){page->rect.row + row, page->rect.column + column * page->wide,
                             page->wide - gap};
    return row >= 0 && row < page->rect.rows;
}

static const char *key_of(const struct ui_form_field *field, char out[UI_FORM_NAME])
{
    char name[UI_FORM_NAME];

    ui_form_name(field, name);
    snprintf(out, UI_FORM_NAME, "%s", strchr(name, '.') + 1);
    return out;
}

static void put_heading(struct ui_scene *scene, size_t index, struct ui_canvas *canvas)
{
    const struct ui_form *form = scene->form;
    const struct ui_form_field *field = &form->field[index];
    struct ui_spot spot;
    char title[32];

    if (spot_of(form, field->column, field->line - 1, &spot)) {
        snprintf(title, sizeof title, "%s", field->option->section);
        ui_rule(canvas, spot, &scene->theme.rule, title, NULL);
    }
}

static void put_value(struct ui_scene *scene, size_t index, struct ui_spot spot,
                      struct ui_canvas *canvas)
{
    struct ui_form *form = scene->form;
    const struct ui_theme *theme = &scene->theme;
    bool here = index == form->at;
    char name[UI_FORM_NAME], text[1200], range[96];

    ui_form_name(&form->field[index], name);
    ui_form_shown(form, scene, index, text, sizeof text);
    if (here && form->open) {
        struct ui_rect line = {spot.row, spot.column, 1, spot.columns};
        ui_canvas_fill(canvas, line, ui_theme_style(theme, UI_ROLE_VALUE), ' ');
        ui_field_draw(&form->edit, theme, spot, canvas, form->cursor);
        return;
    }
    bool idle = strcmp(form->field[index].option->section, "gaussians") == 0 &&
                strcmp(form->next.data.source, "gaussians") != 0; /* nobody asks for it */
    enum ui_role role = ui_form_changed(form, name) != NULL ? UI_ROLE_WARN
                        : idle                              ? UI_ROLE_CHROME
                                                            : UI_ROLE_VALUE;
    int used = ui_put_cut(canvas, spot, ui_theme_style(theme, here ? UI_ROLE_SELECTED : role),
                          text);
    if (form->field[index].cluster > 0) {
        return;
    }
    ui_form_range(form->field[index].option, range, sizeof range);
    if (used + 3 + ui_width(range, canvas->ascii) < spot.columns) {
        ui_put_right(canvas, (struct ui_spot){spot.row, spot.column, spot.columns - 1},
                     ui_theme_style(theme, here ? UI_ROLE_SELECTED : UI_ROLE_CHROME), range);
    }
}

static void put_field(struct ui_scene *scene, size_t index, struct ui_canvas *canvas)
{
    struct ui_form *form = scene->form;
    const struct ui_form_field *field = &form->field[index];
    const struct ui_theme *theme = &scene->theme;
    bool here = index == form->at;
    char key[UI_FORM_NAME], name[UI_FORM_NAME];
    struct ui_spot spot;

    if (!spot_of(form, field->column, field->line, &spot)) {
        return;
    }
    if (here) {
        struct ui_rect line = {spot.row, spot.column, 1, spot.columns};
        ui_canvas_fill(canvas, line, ui_theme_style(theme, UI_ROLE_SELECTED), ' ');
    }
    ui_form_name(field, name);
    if (ui_form_changed(form, name) != NULL) {
        ui_put(canvas, spot, ui_theme_style(theme, here ? UI_ROLE_SELECTED : UI_ROLE_WARN), "*");
    }
    spot.column += 2;
    spot.columns -= 2;
    struct ui_spot left = {spot.row, spot.column, spot.columns < KEY ? spot.columns : KEY - 3};
    ui_put_cut(canvas, left, ui_theme_style(theme, here ? UI_ROLE_SELECTED : UI_ROLE_WORD),
               key_of(field, key));
    spot.column += KEY - 2;
    spot.columns -= KEY - 2;
    if (spot.columns > 0) {
        put_value(scene, index, spot, canvas);
    }
}

void ui_form_draw(struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas)
{
    struct ui_form *form = scene->form;

    form->cursor[0] = form->cursor[1] = -1;
    if (ui_rect_empty(rect) || form->fields == 0) {
        form->page.rect = (struct ui_rect){0, 0, 0, 0};
        return;
    }
    ui_blank(canvas, rect);
    place(form, rect);
    scroll(form);
    for (size_t i = 0; i < form->fields; i++) {
        if (heads(form, i)) {
            put_heading(scene, i, canvas);
        }
        put_field(scene, i, canvas);
    }
}
