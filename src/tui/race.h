/* race.h - the words of a race: which run is shown, who leads. */
#ifndef UI_RACE_H
#define UI_RACE_H

#include "tui/view.h"

/* The name of the run that is not shown, for the end of its curve: "copy", "run". */
const char *ui_race_other(const struct hg_rival *rival);
/* Both names with their losses, and who leads, on the rule of the loss chart, as much as fits;
 * false: nothing races. */
bool ui_race_rule(const struct ui_scene *scene, struct ui_spot spot, struct ui_canvas *canvas);

#endif
