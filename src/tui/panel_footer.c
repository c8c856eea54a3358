/* Footer: what can be pressed now. */
#include "tui/view.h"

static int hint_width(const struct ui_hint *hint, bool ascii)
{
    return ui_width(hint->keys, ascii) + 1 + ui_width(hint->word, ascii) + 2;
}

/* The greatest rank that still fits, with all smaller ones. */
static int greatest_rank(const struct ui_hint *hints, size_t count, int room, bool ascii)
{
    int rank = 0;

    for (int next = 0; next <= 100; next++) {
        int sum = -2;
        for (size_t i = 0; i < count; i++) {
            sum += hints[i].rank <= next ? hint_width(&hints[i], ascii) : 0;
        }
        if (sum > room) {
            break;
        }
        rank = next;
    }
    return rank;
}

void ui_panel_hints(const struct ui_theme *theme, struct ui_rect rect, struct ui_canvas *canvas,
                    const struct ui_hint *hints, size_t count)
{
    int margin = rect.columns > 20;
    struct ui_spot spot = {rect.row, rect.column + margin, rect.columns - 2 * margin};
    int rank = greatest_rank(hints, count, spot.columns, canvas->ascii);

    if (ui_rect_empty(rect)) {
        return;
    }
    ui_blank(canvas, rect);
    for (size_t i = 0; i < count; i++) {
        if (hints[i].rank > rank) {
            continue;
        }
        int wide = hint_width(&hints[i], canvas->ascii) - 2;
        bool whole = wide <= spot.columns; /* else only the keys, or nothing */
        int used = ui_width(hints[i].keys, canvas->ascii);
        if (used > spot.columns) {
            return;
        }
        ui_put(canvas, spot, ui_theme_style(theme, UI_ROLE_KEY), hints[i].keys);
        if (whole) {
            struct ui_spot word = {spot.row, spot.column + used + 1, spot.columns - used - 1};
            ui_put(canvas, word, ui_theme_style(theme, UI_ROLE_WORD), hints[i].word);
            used = wide;
        }
        spot.column += used + (whole ? 2 : 1);
        spot.columns -= used + (whole ? 2 : 1);
    }
}

/* The word of "space" says what it would do now. */
static const char *run_word(const struct ui_scene *scene)
{
    enum hg_run_state state = scene->snapshot == NULL ? HG_STATE_LOADING : scene->snapshot->state;

    if (state == HG_STATE_FINISHED) {
        return "go on";
    }
    return scene->running ? "pause" : "run";
}

static bool has_diverged(const struct ui_scene *scene)
{
    return scene->snapshot != NULL && scene->snapshot->state == HG_STATE_DIVERGED;
}

/* Nothing trains weights that are spoilt; these lead out of it. */
static bool leads_out(enum ui_action action)
{
    return action == UI_ACT_RESTART || action == UI_ACT_DOCTOR;
}

/* Does the action do anything in the view that is shown? */
static bool belongs(enum ui_action action, const struct ui_scene *scene)
{
    int view = scene->view;
    bool pages = action == UI_ACT_LAYER_NEXT || action == UI_ACT_PAGE_NEXT;
    bool axes = action == UI_ACT_LOSS_AXIS;

    if (scene->viewed && (ui_action_find(action)->group == UI_GROUP_TRAIN ||
                          ui_action_find(action)->group == UI_GROUP_KEEP)) {
        return false;
    }
    if (has_diverged(scene) &&
        (action == UI_ACT_RUN || action == UI_ACT_STEP || action == UI_ACT_EPOCH)) {
        return false;
    }
    if (action == UI_ACT_SWAP || action == UI_ACT_KEEP) {
        return scene->snapshot != NULL && scene->snapshot->rival.racing;
    }
    if (view == 6) { /* arrows move in the form, and its samples are not shown */
        return !pages && !axes && action != UI_ACT_NEXT && action != UI_ACT_GOTO &&
               action != UI_ACT_FILTER && action != UI_ACT_RESTART;
    }
    if (view == 5) {
        return !pages && !axes;
    }
    return view == 4 ? !axes : !pages && !((view == 2 || view == 3) && axes);
}

/* Its keys: where arrows act inside the view, + - n p do what they do elsewhere. */
static const char *keys_of(const struct ui_action_info *info, int view)
{
    bool inside = view == 2 || view == 3 || view == 6;

    return inside && info->action == UI_ACT_FASTER ? "+ -"
           : inside && info->action == UI_ACT_NEXT ? "n p"
                                                   : info->shown;
}

void ui_panel_footer(const struct ui_scene *scene, struct ui_rect rect, struct ui_canvas *canvas)
{
    enum { OWN = 16 };
    struct ui_hint hints[UI_ACT_COUNT + OWN];
    size_t total, count = 0;
    const struct ui_action_info *actions = ui_actions(&total);
    const struct ui_view_ops *view = ui_view(scene->view);
    const struct ui_hint *own = NULL;
    bool loaded = scene->snapshot != NULL && scene->snapshot->state != HG_STATE_LOADING &&
                  scene->snapshot->state != HG_STATE_FAILED;

    if (loaded && view != NULL && view->hints != NULL) {
        own = view->hints(scene);
    }
    for (; own != NULL && own->keys != NULL && count < OWN - 1; own++) {
        hints[count++] = *own;
    }
    if (own != NULL && own->rank == UI_HINT_ALONE) {
        total = 0;
    }
    int at[2];
    if (count > 0 && view->cursor != NULL && view->cursor(scene, at)) {
        total = 0; /* in an open field all other keys are text */
    }
    if (total > 0 && has_diverged(scene) && !scene->viewed) {
        hints[count++] = (struct ui_hint){"u", "back", 2};
    }
    for (size_t i = 0; i < total; i++) {
        bool always = actions[i].rank == 0;
        if (actions[i].shown == NULL || actions[i].later || (!loaded && !always) ||
            !belongs(actions[i].action, scene)) {
            continue;
        }
        bool out = has_diverged(scene) && leads_out(actions[i].action);
        hints[count++] = (struct ui_hint){keys_of(&actions[i], scene->view),
                                          actions[i].action == UI_ACT_RUN ? run_word(scene)
                                                                          : actions[i].footer,
                                          out ? 3 : actions[i].rank};
    }
    ui_panel_hints(&scene->theme, rect, canvas, hints, count);
}
