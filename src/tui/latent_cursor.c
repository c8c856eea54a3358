/* latent_cursor.c - where the cursor of view 2 is wanted, and what the trainer is told about it.
 *
 * A key is seen at once, so the screen shows what was asked for until the trainer has answered. Of
 * many moves between two drawings only the last becomes a command.
 */
#include "tui/latent.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WALK_MS = 2000, STRIDE_MS = 80, PATIENCE_MS = 300, AHEAD = 4 };

static const struct hg_latent *shown_of(const struct ui_scene *scene)
{
    return &scene->snapshot->latent;
}

bool ui_latent_ready(const struct ui_scene *scene)
{
    return scene->latent != NULL && scene->snapshot != NULL && shown_of(scene)->known;
}

void ui_latent_here(const struct ui_scene *scene, float *x, float *y)
{
    const struct ui_latent *latent = scene->latent;

    *x = latent->placed ? latent->x : shown_of(scene)->x;
    *y = latent->placed ? latent->y : shown_of(scene)->y;
}

float ui_latent_value(const struct ui_scene *scene, size_t slider)
{
    return scene->latent->slid ? scene->latent->position[slider]
                               : shown_of(scene)->position[slider];
}

static int cell_of(float value, float low, float high, int cells)
{
    float at = high > low ? floorf((value - low) / (high - low) * (float)cells) : 0;

    return at > 0 ? at < (float)cells ? (int)at : cells - 1 : 0; /* NaN: 0 */
}

void ui_latent_cell(const struct hg_latent *latent, struct ui_rect rect, float x, float y, int *row,
                    int *column)
{
    *column = cell_of(x, latent->left, latent->right, rect.columns);
    *row = latent->codes == 1 ? rect.rows - 1
                              : rect.rows - 1 - cell_of(y, latent->bottom, latent->top, rect.rows);
}

void ui_latent_middle(const struct hg_latent *latent, struct ui_rect rect, int row, int column,
                      float *x, float *y)
{
    float right = ((float)column + 0.5F) / (float)rect.columns;
    float up = ((float)(rect.rows - 1 - row) + 0.5F) / (float)rect.rows;

    *x = latent->left + right * (latent->right - latent->left);
    *y = latent->codes == 1 ? 0 : latent->bottom + up * (latent->top - latent->bottom);
}

/* Is the plane the sliders' own, not rotated against them? Then each tells where the other is. */
static bool same_plane(const struct hg_latent *shown)
{
    float reach = 1e-3F * (shown->right - shown->left);

    return !shown->projected && shown->sliders > 0 && shown->sliders <= 2 &&
           fabsf(shown->x - shown->position[0]) <= reach &&
           (shown->sliders == 1 || fabsf(shown->y - shown->position[1]) <= reach);
}

static struct hg_command *want(struct ui_scene *scene, enum hg_command_kind kind)
{
    struct ui_latent *latent = scene->latent;

    latent->at = (struct hg_command){
        .kind = kind, .number = (int64_t)++latent->number, .label = -1};
    latent->placed = latent->slid = false;
    if (kind != HG_DO_LATENT_MIX) {
        latent->walk = 0;
    }
    return &latent->at;
}

void ui_latent_to_plane(struct ui_scene *scene, float x, float y)
{
    struct ui_latent *latent = scene->latent;
    bool same = same_plane(shown_of(scene)) || latent->slid;
    struct hg_command *command = want(scene, HG_DO_LATENT_PLANE);

    command->value[0] = latent->x = x;
    command->value[1] = latent->y = y;
    command->count = 2;
    latent->placed = true;
    if (same && !shown_of(scene)->projected) {
        latent->position[0] = x;
        latent->position[1] = y;
        latent->slid = true;
    }
}

void ui_latent_to_value(struct ui_scene *scene, size_t slider, float value)
{
    struct ui_latent *latent = scene->latent;
    const struct hg_latent *shown = shown_of(scene);
    size_t count = shown->sliders < HG_LATENT_SLIDERS ? shown->sliders : HG_LATENT_SLIDERS;
    bool same = same_plane(shown);

    if (slider >= count) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        latent->position[i] = ui_latent_value(scene, i);
    }
    latent->position[slider] = fmaxf(shown->low[slider], fminf(value, shown->high[slider]));
    struct hg_command *command = want(scene, HG_DO_LATENT_AT);
    memcpy(command->value, latent->position, count * sizeof *command->value);
    command->count = (uint32_t)count;
    latent->slid = true;
    if (same) {
        latent->x = latent->position[0];
        latent->y = count > 1 ? latent->position[1] : 0;
        latent->placed = true;
    }
}

void ui_latent_to_sample(struct ui_scene *scene, uint32_t sample)
{
    struct ui_latent *latent = scene->latent;
    const struct hg_latent *shown = shown_of(scene);

    want(scene, HG_DO_LATENT_SAMPLE)->first = sample;
    for (size_t i = 0; i < shown->points; i++) {
        if (shown->point[i].sample == sample) {
            latent->x = shown->point[i].x;
            latent->y = shown->point[i].y;
            latent->placed = true;
            return;
        }
    }
}

void ui_latent_to_random(struct ui_scene *scene)
{
    uint32_t seed = (uint32_t)scene->now * 2654435761U + ++scene->latent->draws;

    want(scene, HG_DO_LATENT_RANDOM)->first = seed;
}

static void say(struct ui_scene *scene, const char *before, const char *after)
{
    const struct hg_latent *shown = shown_of(scene);
    char name[32];

    ui_label_name(scene->snapshot, shown->nearest_label, name, sizeof name);
    snprintf(scene->say, sizeof scene->say, name[0] != '\0' ? "%s#%u \"%s\"%s" : "%s#%u%s%s",
             before, (unsigned)shown->nearest, name, after);
    scene->say_tone = HG_TONE_PLAIN;
}

/* The nearest sample is marked: what lies between samples has no name. */
void ui_latent_mark(struct ui_scene *scene)
{
    struct ui_latent *latent = scene->latent;
    const struct hg_latent *shown = shown_of(scene);
    int which = latent->mark[0] >= 0 && latent->mark[1] < 0;

    if (which == 1 && latent->mark[0] == (int64_t)shown->nearest) {
        say(scene, "", " is A already: move on, then m marks B.");
        return;
    }
    latent->mark[which] = shown->nearest;
    latent->mark_label[which] = shown->nearest_label;
    if (which == 0) {
        latent->mark[1] = -1;
        say(scene, "A is ", ".  Move on, then m marks B.");
    } else {
        say(scene, "B is ", ".  M walks from A to B.");
    }
}

void ui_latent_walk(struct ui_scene *scene)
{
    struct ui_latent *latent = scene->latent;

    if (latent->mark[0] < 0 || latent->mark[1] < 0) {
        snprintf(scene->say, sizeof scene->say, "%s",
                 latent->mark[0] < 0
                     ? "A walk needs two samples: m marks the nearest as A, then one as B."
                     : "A walk needs an end: move on, then m marks the nearest sample as B.");
        scene->say_tone = HG_TONE_PLAIN;
        return;
    }
    latent->walk = scene->now > 0 ? scene->now : 1;
}

double ui_latent_walked(const struct ui_scene *scene)
{
    const struct ui_latent *latent = scene->latent;

    if (latent->walk == 0 || scene->now <= latent->walk) {
        return 0;
    }
    return fmin((double)(scene->now - latent->walk) / WALK_MS, 1);
}

/* Commands that the trainer has not obeyed yet; one that it never saw is not waited for. */
static uint64_t unanswered(const struct ui_scene *scene)
{
    const struct ui_latent *latent = scene->latent;
    uint64_t answered = shown_of(scene)->answered;

    if (latent->sent <= answered || scene->now >= latent->sent_at + PATIENCE_MS) {
        return 0;
    }
    return latent->sent - answered;
}

/* A step of the walk as soon as the one before is on the screen. */
static void go_on_walking(struct ui_scene *scene)
{
    struct ui_latent *latent = scene->latent;
    double share = ui_latent_walked(scene);
    struct hg_command *command;

    scene->wake = scene->now + STRIDE_MS;
    if (latent->sent != latent->number || unanswered(scene) > 0 ||
        (share > 0 && share < 1 && scene->now < latent->sent_at + STRIDE_MS)) {
        return;
    }
    command = want(scene, HG_DO_LATENT_MIX);
    command->first = (uint32_t)latent->mark[0];
    command->count = (uint32_t)latent->mark[1];
    command->value[0] = (float)share;
    if (share >= 1) {
        latent->walk = 0;
    }
}

bool ui_latent_ask(struct ui_scene *scene, struct hg_command *command)
{
    struct ui_latent *latent = scene->latent;
    bool on = scene->view == 2;
    int across = on ? latent->layout.grid.across : 0, down = on ? latent->layout.grid.down : 0;

    if (on != latent->shown || across != latent->across || down != latent->down) {
        *command = (struct hg_command){.kind = HG_DO_LATENT,
                                       .number = on,
                                       .label = -1,
                                       .first = (uint32_t)across,
                                       .count = (uint32_t)down};
        return true;
    }
    if (!on || !ui_latent_ready(scene)) {
        return false;
    }
    if (!latent->begun) {
        latent->begun = true;
        ui_latent_to_sample(scene, scene->snapshot->sample);
    }
    if (latent->walk != 0) {
        go_on_walking(scene);
    }
    if (latent->sent != latent->number && unanswered(scene) < AHEAD) {
        *command = latent->at;
        return true;
    }
    *command = (struct hg_command){.kind = HG_DO_SHOW, .number = latent->show, .label = -1};
    return latent->show >= 0;
}

void ui_latent_asked(struct ui_scene *scene, const struct hg_command *command)
{
    struct ui_latent *latent = scene->latent;

    if (command->kind == HG_DO_LATENT) {
        latent->shown = command->number != 0;
        latent->across = (int)command->first;
        latent->down = (int)command->count;
    } else if (command->kind == HG_DO_SHOW) {
        latent->show = -1;
    } else {
        latent->sent = (uint64_t)command->number;
        latent->sent_at = scene->now;
    }
}
