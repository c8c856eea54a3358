/* theme.h - colours and glyphs for roles, at 256, 16, 8 and no colours, UTF-8 or ASCII.
 *
 * A theme is plain data, made by ui_theme_init, passed to whatever draws.
 * The caller decides the number of colours (NO_COLOR and --color give 0).
 */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include "tui/canvas.h"

#include "hourglass/session.h"
#include "hourglass/spec.h"

enum ui_role {
    UI_ROLE_VALUE,      /* 252: numbers and names that matter */
    UI_ROLE_WORD,       /* 245: what a number is */
    UI_ROLE_CHROME,     /* 240: rules, axes */
    UI_ROLE_TITLE,      /* bold value: title of a panel */
    UI_ROLE_ACCENT,     /* 45: cursor, training curve */
    UI_ROLE_KEY,        /* bold accent: a key in footer and help */
    UI_ROLE_VALIDATION, /* 215 */
    UI_ROLE_RUNG,       /* 66 */
    UI_ROLE_RIVAL,      /* 177: curve and name of the run that is not shown */
    UI_ROLE_GOOD,
    UI_ROLE_WARN,
    UI_ROLE_BAD, /* the sentence that judges */
    UI_ROLE_BAR, /* 252 on 236: the header */
    UI_ROLE_BAR_WORD,
    UI_ROLE_BAR_TITLE,
    UI_ROLE_BAR_ACCENT,
    UI_ROLE_BAR_GOOD,
    UI_ROLE_BAR_WARN,
    UI_ROLE_BAR_BAD,  /* the state's dot on the header */
    UI_ROLE_SELECTED, /* reverse: the line under the cursor of a list or field */
    UI_ROLE_COUNT
};

enum { UI_LABEL_COLOURS = 10 };

struct ui_theme {
    int colours; /* 256, 16, 8 or 0 */
    bool utf8;
    enum hg_art art;         /* resolved: never HG_ART_AUTO */
    enum hg_palette palette; /* resolved: never HG_PALETTE_AUTO */
    struct ui_style role[UI_ROLE_COUNT];
    int16_t label[UI_LABEL_COLOURS];
    struct ui_rule_style rule; /* for ui_rule */
};

/* Resolves "auto": blocks in 256 or 16 colours, Braille below, ASCII where the
 * codeset is not UTF-8 (there Braille becomes ASCII too, and blocks are drawn
 * with background colours only); palette grey. */
void ui_theme_init(struct ui_theme *theme, int colours, bool utf8, enum hg_art art,
                   enum hg_palette palette);

struct ui_style ui_theme_style(const struct ui_theme *theme, enum ui_role role);
/* Of the sentence. */
struct ui_style ui_theme_tone(const struct ui_theme *theme, enum hg_tone tone);
/* Glyph colour of a label (-1: value); `shown`: in reverse. */
struct ui_style ui_theme_label(const struct ui_theme *theme, int32_t label, bool shown);

/* The character a label is drawn with: its name if that is one character; the
 * first letter of its name if no other class begins so; else 0-9, a-z, A-Z by
 * index; ● for no label (-1). Always of width 1, ASCII when the theme is. */
uint32_t ui_theme_glyph(const struct ui_theme *theme, const char (*names)[24], size_t classes,
                        int32_t label);

/* Number of steps of the palette (24 greys, 2 in mono, 4 greys in 16 colours ...),
 * and the colour index of step 0..steps-1 from dark to bright. */
int ui_palette_steps(const struct ui_theme *theme);
int16_t ui_palette_colour(const struct ui_theme *theme, int step);
/* Signed difference -1..1: blue = too dark, orange = too bright, near 0 dark grey.
 * Only with 16 colours or more. */
enum { UI_DIFFERENCE_STEPS = 11 }; /* the middle one, 5, is zero */
int16_t ui_palette_difference(const struct ui_theme *theme, int step);

/* The nearest of the theme's colours to r, g, b (0..255). */
int16_t ui_colour_rgb(int colours, int r, int g, int b);
void ui_colour_split(int16_t colour, int *r, int *g, int *b);
/* A 256-colour index as the nearest among fewer colours (0: UI_DEFAULT). */
int16_t ui_colour_map(int colours, int16_t colour);

#endif
