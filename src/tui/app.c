#include "tui/app.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOTES_TOLD = 2 };
enum {
    FIGURES_MS = 250,
    WISH_MS = 1000,
    MESSAGE_MS = 4000,
    BAD_MS = 8000,
    GREETING_MS = 3000,
    NOTES_MS = 3000 /* all of them */
};

void ui_app_theme(struct ui_app *app)
{
    ui_theme_init(&app->scene.theme, app->config.colours, app->config.utf8,
                  (enum hg_art)app->spec.screen.art, (enum hg_palette)app->spec.screen.palette);
    for (int i = 0; i < UI_PICTURE_COUNT; i++) {
        ui_art_memory_reset(&app->scene.memory[i]);
    }
    ui_views_forget(&app->scene);
    app->dirty = app->anew = true;
}

static void queue(struct ui_app *app, enum hg_tone tone, const char *text)
{
    if (app->queued < UI_NOTES) {
        struct ui_message *message = &app->queue[app->queued++];
        snprintf(message->text, sizeof message->text, "%s", text);
        message->tone = tone;
    }
}

static void forget_run(struct ui_app *app)
{
    memset(app->wish, 0, sizeof app->wish);
    app->scene.snapshot = NULL;
    app->scene.running = false;
    app->scene.filter = -1;
    app->scene.channel = 0;
    memset(&app->scene.figures, 0, sizeof app->scene.figures);
    memset(&app->scene.loss_axes, 0, sizeof app->scene.loss_axes);
    memset(&app->scene.code_axes, 0, sizeof app->scene.code_axes);
    for (int i = 0; i < UI_PICTURE_COUNT; i++) {
        ui_art_memory_reset(&app->scene.memory[i]);
    }
    ui_views_renew(&app->scene);
    app->figures_at = 0;
    app->figures_state = HG_STATE_LOADING;
    app->message_serial = 0;
    app->generation = 0;
    app->message.until = 0;
    app->queued = app->queue_at = 0;
    app->greeted = app->closing = app->recover = false;
    app->leave = UI_STAY;
    app->help.open = false;
    memset(&app->doctor, 0, sizeof app->doctor);
    memset(&app->check, 0, sizeof app->check);
    ui_prompt_close(&app->prompt);
    app->dirty = app->anew = true;
}

/* [screen] stays as it is: it belongs to the user, not to the run. */
void ui_app_renew(struct ui_app *app, const struct hg_spec *spec)
{
    struct hg_spec copy;

    if (hg_spec_copy(&copy, spec, NULL) == HG_OK) {
        copy.screen = app->spec.screen;
        hg_spec_fini(&app->spec);
        app->spec = copy;
    }
    forget_run(app);
}

bool ui_app_init(struct ui_app *app, const struct ui_app_config *config)
{
    memset(app, 0, sizeof *app);
    app->config = *config;
    if (hg_spec_copy(&app->spec, config->spec, NULL) != HG_OK) {
        return false;
    }
    if (!ui_views_begin(&app->scene)) {
        ui_views_end(&app->scene);
        hg_spec_fini(&app->spec);
        return false;
    }
    app->scene.own = &app->spec;
    app->view = 1;
    app->last_steps = 10;
    ui_keymap_init(&app->keymap);
    ui_app_theme(app);
    forget_run(app);
    for (size_t i = 0; i < config->note_count; i++) {
        queue(app, HG_TONE_PLAIN, config->notes[i]);
    }
    return true;
}

void ui_app_fini(struct ui_app *app)
{
    for (int i = 0; i < UI_PICTURE_COUNT; i++) {
        ui_art_memory_fini(&app->scene.memory[i]);
    }
    ui_views_end(&app->scene);
    hg_spec_fini(&app->spec);
}

void ui_app_say(struct ui_app *app, enum hg_tone tone, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(app->message.text, sizeof app->message.text, format, args);
    va_end(args);
    app->message.tone = tone;
    app->message.greets = false;
    app->message.until = app->now + (tone == HG_TONE_BAD ? BAD_MS : MESSAGE_MS);
    app->dirty = true;
}

void ui_app_wish(struct ui_app *app, enum ui_wish_kind kind, double value)
{
    if (app->scene.viewed) { /* nothing is done */
        return;
    }
    app->wish[kind].value = value;
    app->wish[kind].until = app->now + WISH_MS;
    ui_app_show(app);
    app->dirty = true;
}

/* A wish holds until the trainer has done it, or did not within a second. */
static double wished(struct ui_app *app, enum ui_wish_kind kind, double real)
{
    struct ui_wish *wish = &app->wish[kind];

    if (wish->until <= app->now || fabs(wish->value - real) <= 1e-9 * fabs(real)) {
        wish->until = 0;
        return real;
    }
    return wish->value;
}

/* A greeting that says what space does is wrong once it has been pressed. */
static bool is_over(const struct ui_app *app, const struct ui_message *message)
{
    return message->greets && message->running != app->scene.running;
}

/* What is shown of settings and state: the snapshot's, or what was just asked for. */
void ui_app_show(struct ui_app *app)
{
    struct ui_scene *scene = &app->scene;
    const struct hg_snapshot *snapshot = scene->snapshot;

    if (snapshot != NULL) {
        scene->running = wished(app, UI_WISH_RUN, snapshot->state == HG_STATE_RUNNING) > 0.5;
        scene->lr = wished(app, UI_WISH_LR, snapshot->lr);
        scene->optimizer = (enum hg_optimizer)wished(app, UI_WISH_OPTIMIZER,
                                                     (double)snapshot->optimizer);
        scene->batch = (uint64_t)wished(app, UI_WISH_BATCH, (double)snapshot->batch);
    }
    if (is_over(app, &app->message)) {
        app->message.until = 0;
    }
    scene->message = app->message.until > app->now ? app->message.text : NULL;
    scene->message_tone = app->message.tone;
}

static void copy_figures(struct ui_app *app, const struct hg_snapshot *snapshot)
{
    struct ui_figures *figures = &app->scene.figures;

    figures->epoch = snapshot->epoch;
    figures->step = snapshot->step;
    figures->epoch_steps = snapshot->epoch_steps;
    figures->epoch_position = snapshot->epoch_position;
    figures->train = snapshot->train;
    figures->validation = snapshot->validation;
    figures->running = snapshot->running;
    figures->samples_per_s = snapshot->samples_per_s;
    figures->sample_loss = snapshot->sample_loss;
    figures->rate = snapshot->rate;
    figures->collapse = snapshot->collapse;
    figures->ran = snapshot->rival.run;
    figures->copied = snapshot->rival.copied;
    figures->raced_at = snapshot->rival.at;
    memcpy(figures->code, snapshot->code, sizeof figures->code);
    app->figures_at = app->now;
    app->figures_sample = snapshot->sample;
    app->figures_state = snapshot->state;
}

/* "784-…-2-…-784" of "784-128-32-2-32-128-784". */
static void brief_layers(const struct hg_snapshot *snapshot, char *out, size_t size)
{
    const char *first = strchr(snapshot->layers, '-'), *last = strrchr(snapshot->layers, '-');

    if (first == NULL || first == last) {
        snprintf(out, size, "%s", snapshot->layers);
        return;
    }
    snprintf(out, size, "%.*s-…-%zu-…%s", (int)(first - snapshot->layers), snapshot->layers,
             snapshot->codes, last);
}

/* Not so many that the sentence would have to wait for long. */
static void queue_notes(struct ui_app *app, const struct hg_snapshot *snapshot)
{
    char more[64];
    size_t left = snapshot->note_count > NOTES_TOLD ? snapshot->note_count - NOTES_TOLD : 0;

    for (size_t i = 0; i < snapshot->note_count && i < NOTES_TOLD; i++) {
        queue(app, HG_TONE_PLAIN, snapshot->notes[i]);
    }
    if (left > 0) {
        snprintf(more, sizeof more, "%zu more choice%s made: ? lists %s.", left,
                 left == 1 ? " was" : "s were", left == 1 ? "it" : "them");
        queue(app, HG_TONE_PLAIN, more);
    }
}

/* The first line a new user reads: what happens, and what to press. */
static void greet(struct ui_app *app, const struct hg_snapshot *snapshot)
{
    char brief[sizeof snapshot->layers + 48];
    const char *verb = snapshot->state == HG_STATE_RUNNING ? "pauses" : "starts";
    bool resumed = (app->config.resumed && snapshot->epoch > 0) || app->scene.viewed;

    brief_layers(snapshot, brief, sizeof brief);
    ui_app_say(app, HG_TONE_PLAIN,
               "Training a %s autoencoder on %s.  space %s, ? shows all keys, q quits.\n"
               "Training %s on %s.  space %s, ? shows all keys, q quits.\n"
               "Training on %s.  space %s, ? shows all keys, q quits.\n"
               "space %s, ? shows all keys, q quits.\n"
               "space %s, ? keys, q quits",
               snapshot->layers, snapshot->name, verb, brief, snapshot->name, verb, snapshot->name,
               verb, verb, verb);
    app->message.until = app->now + GREETING_MS;
    app->message.greets = true;
    app->message.running = app->scene.running = snapshot->state == HG_STATE_RUNNING;
    if (resumed) { /* there is something to say about it: that comes first */
        app->message.until = 0;
        app->queued = 0;
    }
    if (app->config.news != NULL) {
        if (app->queued < UI_NOTES) {
            app->queue[app->queued++] = app->message;
        }
        ui_app_say(app, HG_TONE_WARN, "%s", app->config.news);
        app->message.until = app->now + GREETING_MS;
        app->config.news = NULL;
    }
    app->greeted = app->anew = true;
    if (!resumed) {
        queue_notes(app, snapshot);
    }
}

/* Started again with other data or another network: what is remembered of pictures, labels and
 * axes belongs to the old ones. The form keeps what is not in force yet. */
static void forget_network(struct ui_app *app)
{
    app->scene.filter = -1;
    app->scene.channel = 0;
    memset(&app->scene.loss_axes, 0, sizeof app->scene.loss_axes);
    memset(&app->scene.code_axes, 0, sizeof app->scene.code_axes);
    for (int i = 0; i < UI_PICTURE_COUNT; i++) {
        ui_art_memory_reset(&app->scene.memory[i]);
    }
    ui_views_forget(&app->scene);
    app->figures_at = 0;
    app->generation = app->scene.snapshot->generation;
    app->anew = true;
}

/* After "save and quit": leave when the trainer has saved; stay when it could not. */
static void follow_close(struct ui_app *app, const struct hg_snapshot *snapshot)
{
    if (snapshot->message_tone >= HG_TONE_WARN) {
        app->closing = false;
    } else if (!snapshot->unsaved) {
        app->closing = false;
        app->leave = app->closing_leave;
    }
}

bool ui_app_is_behind(const struct ui_app *app)
{
    const struct hg_snapshot *snapshot = app->scene.snapshot;

    return snapshot != NULL &&
           ((app->view == 1 && snapshot->aside) || (app->view == 2 && snapshot->latent_aside));
}

/* A view that was opened, or whose run was swapped or started again, shows what there was. What
 * it is now comes at once, whatever is owed. */
static void catch_up(struct ui_app *app)
{
    app->behind |= app->scene.snapshot->jumps != app->jumps && app->view <= 2;
    app->jumps = app->scene.snapshot->jumps;
    if (app->behind && !ui_app_is_behind(app)) {
        app->anew = true;
        app->figures_at = 0;
    }
}

void ui_app_take(struct ui_app *app, const struct hg_snapshot *snapshot)
{
    bool news = snapshot->message_serial != app->message_serial;

    app->scene.snapshot = snapshot;
    app->dirty = true;
    app->stale = UI_FRESH_ALL;
    if (snapshot->generation != app->generation) {
        forget_network(app);
    }
    if (!app->greeted && snapshot->state != HG_STATE_LOADING &&
        snapshot->state != HG_STATE_FAILED) {
        greet(app, snapshot);
    }
    if (news && snapshot->message[0] != '\0') {
        ui_app_say(app, snapshot->message_tone, "%s", snapshot->message);
    }
    app->message_serial = snapshot->message_serial;
    if (app->closing && news) { /* every save is answered */
        follow_close(app, snapshot);
    }
    if (snapshot->sample != app->figures_sample) {
        ui_art_memory_reset(&app->scene.memory[UI_PICTURE_INPUT]);
        ui_art_memory_reset(&app->scene.memory[UI_PICTURE_OUTPUT]);
        ui_art_memory_reset(&app->scene.memory[UI_PICTURE_DIFFERENCE]);
        app->anew = true;
    }
    if (ui_views_take(&app->scene)) {
        app->anew = true;
    }
    catch_up(app);
    if (app->now >= app->figures_at + FIGURES_MS || app->figures_at == 0 ||
        snapshot->sample != app->figures_sample || snapshot->state != app->figures_state ||
        snapshot->state != HG_STATE_RUNNING) {
        copy_figures(app, snapshot);
    }
    ui_app_show(app);
}

int ui_app_tick(struct ui_app *app)
{
    bool up = app->message.until > app->now;
    int wait, wake;

    if (!up && app->message.until != 0) {
        app->message.until = 0;
        app->dirty = true;
    }
    while (!up && app->queue_at < app->queued && app->greeted) {
        app->message = app->queue[app->queue_at++];
        if (is_over(app, &app->message)) {
            continue;
        }
        app->message.until = app->now + NOTES_MS / app->queued;
        app->dirty = up = true;
    }
    ui_app_show(app);
    wait = up || app->message.until > app->now ? (int)(app->message.until - app->now) : -1;
    wake = app->scene.wake > app->now ? (int)(app->scene.wake - app->now) : 0;
    return app->scene.wake != 0 && (wait < 0 || wake < wait) ? wake : wait;
}

bool ui_app_woken(struct ui_app *app)
{
    if (app->scene.wake == 0 || app->now < app->scene.wake) {
        return false;
    }
    app->scene.wake = 0;
    app->dirty = true;
    return true;
}
