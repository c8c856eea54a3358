/* The race on the rule of the loss chart: "● run 0.0374  ● copy lr 0.003 0.0351  copy leads 6.2 %". */
#include "tui/race.h"

#include "tui/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PIECES = 9, TITLE = 7 }; /* of the line: 1 + 3 + 4 + 1 */

/* Words in one style; `rank`: the greater gives way first, 0 stays. */
struct piece {
    char text[112];
    struct ui_style style;
    int rank;
    bool gone, close; /* close: one blank before it, else two */
};

struct line {
    struct piece piece[PIECES];
    size_t count;
    bool ascii;
};

const char *ui_race_other(const struct hg_rival *rival)
{
    return rival->copy ? "run" : "copy";
}

static char *add(struct line *line, struct ui_style style, int rank, bool close)
{
    struct piece *piece = &line->piece[line->count++];

    *piece = (struct piece){.style = style, .rank = rank, .close = close};
    return piece->text;
}

static int width(const struct line *line)
{
    int sum = 0;

    for (size_t i = 0; i < line->count; i++) {
        if (!line->piece[i].gone) {
            sum += ui_width(line->piece[i].text, line->ascii) + (line->piece[i].close ? 1 : 2);
        }
    }
    return sum;
}

static void squeeze(struct line *line, int room)
{
    for (int rank = 9; rank > 0 && width(line) > room; rank--) {
        for (size_t i = 0; i < line->count; i++) {
            line->piece[i].gone |= line->piece[i].rank == rank;
        }
    }
}

/* "● copy lr 0.003 0.0351"; the one that is shown in bold. */
static void add_run(struct line *line, const struct ui_scene *scene, bool copy)
{
    const struct hg_rival *rival = &scene->snapshot->rival;
    const struct ui_theme *theme = &scene->theme;
    bool shown = copy == rival->copy;
    struct ui_style name = ui_theme_style(theme, shown ? UI_ROLE_TITLE : UI_ROLE_WORD);
    double loss = copy ? scene->figures.copied : scene->figures.ran;
    char number[UI_NUMBER];

    snprintf(add(line, ui_theme_style(theme, shown ? UI_ROLE_ACCENT : UI_ROLE_RIVAL), 4, false),
             sizeof line->piece[0].text, "%s", shown ? "●" : "○");
    snprintf(add(line, name, 0, true), sizeof line->piece[0].text, "%s", copy ? "copy" : "run");
    if (copy && rival->change[0] != '\0') {
        const char *key = strchr(rival->change, '.');
        snprintf(add(line, name, 5, true), sizeof line->piece[0].text, "%s",
                 key == NULL ? rival->change : key + 1);
    }
    snprintf(add(line, ui_theme_style(theme, UI_ROLE_VALUE), 1, true), sizeof line->piece[0].text,
             "%-6s", isnan(loss) ? "-" : ui_format_loss(number, loss));
}

/* Always as wide: "copy leads 12.4 %", "level            ". */
static void verdict(const struct ui_figures *figures, char *out, size_t size)
{
    double run = figures->ran, copied = figures->copied, by = (copied - run) / fmax(run, copied);
    bool leads = isfinite(by) && fabs(by) >= 0.0005;
    char text[64];

    if (!leads) {
        snprintf(text, sizeof text, "%s", isnan(run) ? "" : "level");
    } else {
        snprintf(text, sizeof text, "%-4s leads %4.1f %%", by < 0 ? "copy" : "run",
                 fmin(100 * fabs(by), 99.9));
    }
    snprintf(out, size, "%-17s", text);
}

/* What is compared: "validation, epoch 12". */
static void what(const struct ui_scene *scene, char *out, size_t size)
{
    const struct hg_rival *rival = &scene->snapshot->rival;
    char number[UI_NUMBER];

    if (rival->end == HG_END_DIVERGED) {
        snprintf(out, size, "the %s diverged", ui_race_other(rival));
    } else if (scene->figures.raced_at == 0) {
        snprintf(out, size, "from step %s", ui_format_count(number, rival->from));
    } else {
        snprintf(out, size, rival->validation ? "validation, epoch %s" : "training, step %s",
                 ui_format_count(number, scene->figures.raced_at));
    }
}

bool ui_race_rule(const struct ui_scene *scene, struct ui_spot spot, struct ui_canvas *canvas)
{
    struct line line = {.ascii = canvas->ascii};
    struct ui_style word = ui_theme_style(&scene->theme, UI_ROLE_WORD);

    if (!scene->snapshot->rival.racing) {
        return false;
    }
    ui_rule(canvas, spot, &scene->theme.rule, "loss", NULL);
    what(scene, add(&line, word, 6, false), sizeof line.piece[0].text);
    add_run(&line, scene, false);
    add_run(&line, scene, true);
    verdict(&scene->figures, add(&line, ui_theme_style(&scene->theme, UI_ROLE_VALUE), 3, false),
            sizeof line.piece[0].text);
    squeeze(&line, spot.columns - TITLE - 2);
    int wide = width(&line);
    struct ui_spot at = {spot.row, spot.column + spot.columns - wide - 2, wide + 1};
    if (at.column < spot.column + TITLE) {
        return true;
    }
    ui_canvas_fill(canvas, (struct ui_rect){at.row, at.column, 1, at.columns}, word, ' ');
    for (size_t i = 0; i < line.count; i++) {
        const struct piece *piece = &line.piece[i];
        if (piece->gone) {
            continue;
        }
        int gap = piece->close ? 1 : 2;
        at.column += i == 0 ? 1 : gap;
        at.columns -= i == 0 ? 1 : gap;
        int used = ui_put(canvas, at, piece->style, piece->text);
        at.column += used;
        at.columns -= used;
    }
    return true;
}
