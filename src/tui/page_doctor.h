/* page_doctor.h - the doctor's page: findings with the cause first, what they rest on, and the
 * key that applies each advice. */
#ifndef UI_PAGE_DOCTOR_H
#define UI_PAGE_DOCTOR_H

#include "tui/canvas.h"

#include <stdint.h>

struct ui_scene;
struct hg_finding;
struct hg_snapshot;

struct ui_doctor {
    bool open, asked; /* asked: the trainer knows that it is */
    int top;          /* first line shown */
    int lines, page;  /* of the last drawing */
    char name[48];    /* an option to start again with, while that is being asked; "" = none */
    char text[96];
};

/* Draws the page into `rect`, its rule included. */
void ui_doctor_draw(struct ui_doctor *doctor, const struct ui_scene *scene, struct ui_rect rect,
                    struct ui_canvas *canvas);
void ui_doctor_footer(const struct ui_doctor *doctor, const struct ui_scene *scene,
                      struct ui_rect rect, struct ui_canvas *canvas);
/* Scrolls or closes; false for a key that does nothing of that. */
bool ui_doctor_key(struct ui_doctor *doctor, uint32_t key);
void ui_doctor_scroll(struct ui_doctor *doctor, int lines);
/* The finding that a digit stands for; NULL = none. */
const struct hg_finding *ui_doctor_finding(const struct hg_snapshot *snapshot, uint32_t key);

#endif
