/* page_check.h - the page of the gradient check: a line a tensor, and what they come to. */
#ifndef UI_PAGE_CHECK_H
#define UI_PAGE_CHECK_H

#include "tui/canvas.h"

#include <stdint.h>

struct ui_scene;

struct ui_check {
    bool open, again; /* again: a check from its beginning is to be asked for */
    bool asked;       /* the trainer knows that it is open */
    int top;          /* first line shown, as one has scrolled */
    bool still;       /* one has: else the newest line stays in sight */
    int lines, page;  /* of the last drawing */
};

/* Draws the page into `rect`, its rule included. */
void ui_check_draw(struct ui_check *check, const struct ui_scene *scene, struct ui_rect rect,
                   struct ui_canvas *canvas);
void ui_check_footer(const struct ui_check *check, const struct ui_scene *scene,
                     struct ui_rect rect, struct ui_canvas *canvas);
/* Scrolls, closes, begins again; false for a key that does nothing of that. */
bool ui_check_key(struct ui_check *check, uint32_t key);
void ui_check_scroll(struct ui_check *check, int lines);

#endif
