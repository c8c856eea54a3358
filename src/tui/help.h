/* help.h - the page titled Help, made from the table of actions and commands. */
#ifndef UI_HELP_H
#define UI_HELP_H

#include "tui/canvas.h"
#include "tui/theme.h"

struct hg_snapshot;

struct ui_help {
    bool open;
    int top;         /* first line shown */
    int lines, page; /* of the last drawing */
};

/* Draws the page over the whole canvas. snapshot (may be NULL): its notes are listed. */
void ui_help_draw(struct ui_help *help, const struct ui_theme *theme,
                  const struct hg_snapshot *snapshot, struct ui_canvas *canvas);
/* Scrolls; false for a key that does nothing here. */
bool ui_help_key(struct ui_help *help, uint32_t key);
void ui_help_scroll(struct ui_help *help, int lines);

#endif
