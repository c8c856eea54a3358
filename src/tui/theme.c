#include "tui/theme.h"

#include <string.h>

enum { NAMED_CLASSES = 64, D = UI_DEFAULT };

/* fg, bg, attributes of each role */
static const struct ui_style roles_256[UI_ROLE_COUNT] = {
    [UI_ROLE_VALUE] = {252, D, 0},
    [UI_ROLE_WORD] = {245, D, 0},
    [UI_ROLE_CHROME] = {240, D, 0},
    [UI_ROLE_TITLE] = {252, D, UI_BOLD},
    [UI_ROLE_ACCENT] = {45, D, 0},
    [UI_ROLE_KEY] = {45, D, UI_BOLD},
    [UI_ROLE_VALIDATION] = {215, D, 0},
    [UI_ROLE_RUNG] = {66, D, 0},
    [UI_ROLE_RIVAL] = {177, D, 0},
    [UI_ROLE_GOOD] = {78, D, 0},
    [UI_ROLE_WARN] = {220, D, 0},
    [UI_ROLE_BAD] = {203, D, 0},
    [UI_ROLE_BAR] = {252, 236, 0},
    [UI_ROLE_BAR_WORD] = {245, 236, 0},
    [UI_ROLE_BAR_TITLE] = {252, 236, UI_BOLD},
    [UI_ROLE_BAR_ACCENT] = {45, 236, UI_BOLD},
    [UI_ROLE_BAR_GOOD] = {78, 236, 0},
    [UI_ROLE_BAR_WARN] = {220, 236, 0},
    [UI_ROLE_BAR_BAD] = {203, 236, 0},
    [UI_ROLE_SELECTED] = {252, D, UI_REVERSE},
};

static const struct ui_style roles_16[UI_ROLE_COUNT] = {
    [UI_ROLE_VALUE] = {D, D, 0},
    [UI_ROLE_WORD] = {7, D, 0},
    [UI_ROLE_CHROME] = {8, D, 0},
    [UI_ROLE_TITLE] = {D, D, UI_BOLD},
    [UI_ROLE_ACCENT] = {14, D, 0},
    [UI_ROLE_KEY] = {14, D, UI_BOLD},
    [UI_ROLE_VALIDATION] = {11, D, 0},
    [UI_ROLE_RUNG] = {6, D, 0},
    [UI_ROLE_RIVAL] = {13, D, 0},
    [UI_ROLE_GOOD] = {10, D, 0},
    [UI_ROLE_WARN] = {11, D, 0},
    [UI_ROLE_BAD] = {9, D, 0},
    [UI_ROLE_BAR] = {15, 8, 0},
    [UI_ROLE_BAR_WORD] = {7, 8, 0},
    [UI_ROLE_BAR_TITLE] = {15, 8, UI_BOLD},
    [UI_ROLE_BAR_ACCENT] = {14, 8, UI_BOLD},
    [UI_ROLE_BAR_GOOD] = {10, 8, 0},
    [UI_ROLE_BAR_WARN] = {11, 8, 0},
    [UI_ROLE_BAR_BAD] = {9, 8, 0},
    [UI_ROLE_SELECTED] = {D, D, UI_REVERSE},
};

static const struct ui_style roles_8[UI_ROLE_COUNT] = {
    [UI_ROLE_VALUE] = {D, D, 0},       [UI_ROLE_WORD] = {D, D, 0},
    [UI_ROLE_CHROME] = {D, D, UI_DIM}, [UI_ROLE_TITLE] = {D, D, UI_BOLD},
    [UI_ROLE_ACCENT] = {6, D, 0},      [UI_ROLE_KEY] = {6, D, UI_BOLD},
    [UI_ROLE_VALIDATION] = {3, D, 0},  [UI_ROLE_RUNG] = {2, D, 0},
    [UI_ROLE_RIVAL] = {5, D, 0},       [UI_ROLE_GOOD] = {2, D, 0},
    [UI_ROLE_WARN] = {3, D, 0},        [UI_ROLE_BAD] = {1, D, UI_BOLD},
    [UI_ROLE_BAR] = {0, 7, 0},         [UI_ROLE_BAR_WORD] = {0, 7, 0},
    [UI_ROLE_BAR_TITLE] = {0, 7, 0},   [UI_ROLE_BAR_ACCENT] = {4, 7, 0},
    [UI_ROLE_BAR_GOOD] = {2, 7, 0},    [UI_ROLE_BAR_WARN] = {5, 7, 0},
    [UI_ROLE_BAR_BAD] = {1, 7, 0},     [UI_ROLE_SELECTED] = {D, D, UI_REVERSE},
};

/* Without colours bold, dim and reverse tell the weights apart. */
static const struct ui_style roles_none[UI_ROLE_COUNT] = {
    [UI_ROLE_VALUE] = {D, D, 0},
    [UI_ROLE_WORD] = {D, D, 0},
    [UI_ROLE_CHROME] = {D, D, UI_DIM},
    [UI_ROLE_TITLE] = {D, D, UI_BOLD},
    [UI_ROLE_ACCENT] = {D, D, 0},
    [UI_ROLE_KEY] = {D, D, UI_BOLD},
    [UI_ROLE_VALIDATION] = {D, D, UI_BOLD},
    [UI_ROLE_RUNG] = {D, D, UI_DIM},
    [UI_ROLE_RIVAL] = {D, D, UI_BOLD},
    [UI_ROLE_GOOD] = {D, D, 0},
    [UI_ROLE_WARN] = {D, D, UI_BOLD},
    [UI_ROLE_BAD] = {D, D, UI_BOLD},
    [UI_ROLE_BAR] = {D, D, UI_REVERSE},
    [UI_ROLE_BAR_WORD] = {D, D, UI_REVERSE},
    [UI_ROLE_BAR_TITLE] = {D, D, UI_REVERSE | UI_BOLD},
    [UI_ROLE_BAR_ACCENT] = {D, D, UI_REVERSE | UI_BOLD},
    [UI_ROLE_BAR_GOOD] = {D, D, UI_REVERSE},
    [UI_ROLE_BAR_WARN] = {D, D, UI_REVERSE},
    [UI_ROLE_BAR_BAD] = {D, D, UI_REVERSE | UI_BOLD},
    [UI_ROLE_SELECTED] = {D, D, UI_REVERSE},
};

static const int16_t labels_256[UI_LABEL_COLOURS] = {39, 208, 78, 203, 141, 220, 44, 205, 250, 112};
static const int16_t labels_16[UI_LABEL_COLOURS] = {12, 3, 10, 9, 5, 11, 6, 13, 7, 2};
static const int16_t labels_8[UI_LABEL_COLOURS] = {4, 3, 2, 1, 5, 3, 6, 5, 7, 2};
static const int16_t labels_none[UI_LABEL_COLOURS] = {D, D, D, D, D, D, D, D, D, D};

static enum hg_art resolve_art(const struct ui_theme *theme, enum hg_art art)
{
    if (!theme->utf8) {
        return art == HG_ART_BLOCKS && theme->colours > 0 ? HG_ART_BLOCKS : HG_ART_ASCII;
    }
    if (art == HG_ART_AUTO) {
        return theme->colours >= 16 ? HG_ART_BLOCKS : HG_ART_BRAILLE;
    }
    return art;
}

void ui_theme_init(struct ui_theme *theme, int colours, bool utf8, enum hg_art art,
                   enum hg_palette palette)
{
    const struct ui_style *roles;
    const int16_t *labels;

    memset(theme, 0, sizeof *theme);
    theme->colours = colours >= 256 ? 256 : colours >= 16 ? 16 : colours >= 8 ? 8 : 0;
    theme->utf8 = utf8;
    theme->art = resolve_art(theme, art);
    theme->palette = palette == HG_PALETTE_AUTO ? HG_PALETTE_GREY : palette;
    switch (theme->colours) {
    case 256:
        roles = roles_256;
        labels = labels_256;
        break;
    case 16:
        roles = roles_16;
        labels = labels_16;
        break;
    case 8:
        roles = roles_8;
        labels = labels_8;
        break;
    default:
        roles = roles_none;
        labels = labels_none;
        break;
    }
    memcpy(theme->role, roles, sizeof theme->role);
    memcpy(theme->label, labels, sizeof theme->label);
    theme->rule.line = theme->role[UI_ROLE_CHROME];
    theme->rule.title = theme->role[UI_ROLE_TITLE];
    theme->rule.figure = theme->role[UI_ROLE_WORD];
}

struct ui_style ui_theme_style(const struct ui_theme *theme, enum ui_role role)
{
    return theme->role[role];
}

struct ui_style ui_theme_tone(const struct ui_theme *theme, enum hg_tone tone)
{
    switch (tone) {
    case HG_TONE_GOOD:
        return theme->role[UI_ROLE_GOOD];
    case HG_TONE_WARN:
        return theme->role[UI_ROLE_WARN];
    case HG_TONE_BAD:
        return theme->role[UI_ROLE_BAD];
    default:
        return theme->role[UI_ROLE_VALUE];
    }
}

struct ui_style ui_theme_label(const struct ui_theme *theme, int32_t label, bool shown)
{
    struct ui_style style = theme->role[UI_ROLE_VALUE];

    if (label >= 0) {
        style.fg = theme->label[label % UI_LABEL_COLOURS];
    }
    if (shown) {
        style.attributes |= UI_REVERSE;
    }
    return style;
}

/* First character of a name, if it can stand in one cell. */
static uint32_t initial(const struct ui_theme *theme, const char *name, bool *alone)
{
    uint32_t character = ui_next_char(&name);

    *alone = *name == 0;
    if (character <= ' ' || character == 0xFFFD || ui_char_width(character) != 1 ||
        (!theme->utf8 && character >= 0x80)) {
        return 0;
    }
    return character;
}

uint32_t ui_theme_glyph(const struct ui_theme *theme, const char (*names)[24], size_t classes,
                        int32_t label)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t named = classes < NAMED_CLASSES ? classes : NAMED_CLASSES;
    uint32_t fallback, own;
    bool alone, other;

    if (label < 0) {
        return theme->utf8 ? 0x25CF : '*';
    }
    fallback = (uint32_t)digits[(size_t)label % (sizeof digits - 1)];
    if (names == NULL || (size_t)label >= named) {
        return fallback;
    }
    own = initial(theme, names[label], &alone);
    if (own == 0 || alone) {
        return own == 0 ? fallback : own;
    }
    for (size_t i = 0; i < named; i++) {
        if (i != (size_t)label && initial(theme, names[i], &other) == own) {
            return fallback;
        }
    }
    return classes > named ? fallback : own;
}
