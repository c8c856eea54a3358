/* The interface driven by scripts: what stands on the screen, what the trainer is told.
 * The stored screens are in tests/screens; HG_UPDATE_SCREENS=1 writes them anew. */
#include "keys_help.h"

#include <sys/stat.h>
#include <unistd.h>

/* ---- stored screens ---- */

static void test_sizes_stored(void **state)
{
    static const int sizes[][2] = {{24, 80}, {40, 120}, {50, 200}, {12, 40}, {8, 30}, {45, 60}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[32];
        struct fake *fake = fake_settled(sizes[i][0], sizes[i][1]);
        snprintf(name, sizeof name, "train-%dx%d", sizes[i][1], sizes[i][0]);
        check_screen(fake, name);
        fake_close(fake);
    }
}

/* The header's state is told in full at every width: before it the network and the name give. */
static void test_state_whole(void **state)
{
    static const struct {
        enum hg_run_state state;
        const char *word;
    } words[] = {{HG_STATE_RUNNING, " running\n"},
                 {HG_STATE_PAUSED, " paused\n"},
                 {HG_STATE_FINISHED, " finished\n"},
                 {HG_STATE_DIVERGED, " diverged\n"}};
    static const char *const names[] = {"digits", "a-run-with-a-name-that-goes-on-and-on-and-on"};

    (void)state;
    for (size_t i = 0; i < 4 * sizeof words / sizeof *words; i++) {
        struct fake *fake = fake_settled(12, 120);
        fake->script.canvas.ascii = i / 8;
        fake->snapshot.state = words[i % 4].state;
        fake->snapshot.rival.racing = i % 3 == 0;
        snprintf(fake->snapshot.name, sizeof fake->snapshot.name, "%s", names[i / 4 % 2]);
        fake_take(fake);
        for (int columns = 20; columns <= 120; columns++) {
            assert_true(ui_canvas_resize(&fake->script.canvas, 12, columns));
            char *text = ui_script_text(&fake->script), *end = strchr(text, '\n');
            end[1] = '\0';
            while (end > text && end[-1] == ' ') {
                memcpy(--end, "\n", 2);
            }
            if (strstr(text, words[i % 4].word) == NULL ||
                (columns >= 60 && strstr(text, "lr 0.001  batch 32") == NULL) ||
                (columns >= 60 &&
                 strstr(text, i / 4 % 2 ? "a-run-with-a-name" : "digits") == NULL)) {
                fail_msg("at %d columns: %s", columns, text);
            }
            free(text);
        }
        fake_close(fake);
    }
}

static void test_ascii_stored(void **state)
{
    struct fake *fake = fake_open(24, 80, true, 256);

    (void)state;
    fake_take(fake);
    check_screen(fake, "train-ascii");
    char *text = ui_script_text(&fake->script);
    for (const char *c = text; *c != '\0'; c++) {
        assert_true(*c == '\n' || (*c >= ' ' && *c < 0x7F));
    }
    free(text);
    fake_close(fake);
}

static void test_mono_stored(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 0);

    (void)state;
    fake_take(fake);
    check_screen(fake, "train-mono");
    fake_close(fake);
}

static void make_table(struct fake *fake, size_t features)
{
    struct hg_snapshot *snapshot = &fake->snapshot;

    snapshot->image = false;
    snapshot->features = features;
    snapshot->shape = (struct hg_shape){1, 1, (int)features};
    for (size_t i = 0; i < features; i++) {
        fake->input[i] = (float)i / (float)features;
        fake->output[i] = (float)i / (float)features * 0.9f;
    }
}

static void test_kinds_stored(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 256);
    struct hg_snapshot *snapshot = &fake->snapshot;

    (void)state;
    make_table(fake, 6);
    snapshot->classes = 0;
    snapshot->label = -1;
    snapshot->validation = NAN;
    snapshot->codes = 8;
    snapshot->projected = true;
    snprintf(snapshot->layers, sizeof snapshot->layers, "6-8-6");
    fake_take(fake);
    keys(fake, "20s");
    check_screen(fake, "table");
    make_table(fake, 1);
    snapshot->codes = 1;
    fake_take(fake);
    check_screen(fake, "one-feature");
    fake_close(fake);
}

static void test_loading_and_failed(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 256);
    struct hg_snapshot before = {.state = HG_STATE_LOADING};

    (void)state;
    assert_true(has(fake, "Loading digits"));
    ui_app_take(&fake->script.app, &before);
    check_screen(fake, "loading");
    told(fake, "space s n w Up", "");
    before.state = HG_STATE_FAILED;
    snprintf(before.message, sizeof before.message, "x.png: not a PNG, byte 0");
    ui_app_take(&fake->script.app, &before);
    assert_true(has(fake, "x.png: not a PNG, byte 0"));
    told(fake, "space r", "");
    keys(fake, "q");
    assert_int_equal(fake->script.app.leave, UI_LEAVE);
    fake_close(fake);
}

/* ---- what is said ---- */

static void test_greeting(void **state)
{
    struct fake *fake = fake_open(40, 120, false, 256);

    (void)state;
    snprintf(fake->snapshot.notes[0], sizeof fake->snapshot.notes[0], "sizes differ: 3 of 9");
    fake->snapshot.note_count = 1;
    fake_take(fake);
    assert_true(has(fake, "Training a 784-128-32-2-32-128-784 autoencoder on MNIST.  space pauses, "
                          "? shows all keys, q quits."));
    keys(fake, "80x24");
    assert_true(has(fake, "space pauses, ? shows all keys, q quits."));
    keys(fake, "4s");
    assert_true(has(fake, "sizes differ: 3 of 9"));
    keys(fake, "3s");
    assert_true(has(fake, "Below PCA-2: it has learned"));
    keys(fake, "40x12");
    assert_true(has(fake, "Below PCA-2: beyond a linear code."));
    assert_true(has(fake, "? help"));
    assert_true(has(fake, "q quit"));
    fake_close(fake);
}

/* However much there is to tell at the start, after six seconds the sentence is read. */
static void test_many_notes(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 256);

    (void)state;
    for (size_t i = 0; i < 5; i++)
        snprintf(fake->snapshot.notes[i], sizeof fake->snapshot.notes[i], "choice %zu", i);
    fake->snapshot.note_count = 5;
    fake_take(fake);
    for (int i = 0; i < 65; i++)
        keys(fake, "0.1s");
    assert_true(has(fake, "Below PCA-2: it has learned"));
    fake_close(fake);
}

/* A run that goes on has more to say than what it is. */
static void test_resumed(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 256);

    (void)state;
    fake->script.app.config.resumed = true;
    snprintf(fake->snapshot.notes[0], sizeof fake->snapshot.notes[0], "sizes differ: 3 of 9");
    fake->snapshot.note_count = 1;
    fake_take(fake);
    assert_true(has(fake, "Below PCA-2: it has learned"));
    keys(fake, "4s");
    assert_true(has(fake, "Below PCA-2: it has learned"));
    fake_close(fake);
}

static void test_messages(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    snprintf(fake->snapshot.message, sizeof fake->snapshot.message, "saved to digits.safetensors");
    fake->snapshot.message_serial++;
    fake->snapshot.message_tone = HG_TONE_GOOD;
    fake_take(fake);
    assert_true(has(fake, "saved to digits.safetensors"));
    keys(fake, "5s");
    assert_true(has(fake, "Below PCA-2"));
    fake_take(fake); /* the same message is no news */
    assert_true(has(fake, "Below PCA-2"));
    fake_close(fake);
}

static void test_later(void **state)
{
    static const char *const pressed[][2] = {
        {"x", "export (x) comes"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pressed / sizeof *pressed; i++) {
        struct fake *fake = fake_settled(24, 80);
        told(fake, pressed[i][0], "");
        assert_true(has(fake, pressed[i][1]));
        fake_close(fake);
    }
}

/* Numbers may change four times a second, not more often. */
static void test_steady_numbers(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    keys(fake, "1s");
    fake_take(fake);
    fake->snapshot.train = 0.0211;
    keys(fake, "0.1s");
    fake_take(fake);
    assert_true(has(fake, "train 0.0374"));
    keys(fake, "0.2s");
    fake_take(fake);
    assert_true(has(fake, "train 0.0211"));
    fake->snapshot.sample = 9;
    fake->snapshot.sample_loss = 0.5;
    fake_take(fake);
    assert_true(has(fake, "mse 0.500"));
    fake_close(fake);
}

/* ---- keys ---- */

static void test_training_keys(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    told(fake, "space", "PAUSE");
    told(fake, "space", "RUN"); /* counts from the wish, before any answer */
    told(fake, "s", "STEPS 1");
    told(fake, "e", "EPOCH");
    told(fake, "Up", "SET train.lr 0.00125");
    told(fake, "+", "SET train.lr 0.0015625");
    told(fake, "=", "SET train.lr 0.00195312");
    told(fake, "- Down Down", "SET train.lr 0.001");
    assert_true(has(fake, "lr 0.001"));
    told(fake, "o", "SET train.optimizer adamw");
    told(fake, "o", "SET train.optimizer sgd");
    told(fake, "O O O", "SET train.optimizer rmsprop");
    told(fake, "B", "SET train.batch 64");
    told(fake, "b b", "SET train.batch 16");
    told(fake, "n", "SHOW_LABEL 1 -1");
    told(fake, "Left", "SHOW_LABEL -1 -1");
    told(fake, "w", "SAVE ");
    fake_close(fake);
}

static void test_batch_ends(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    fake->snapshot.batch = 1;
    fake_take(fake);
    told(fake, "b", "");
    fake->snapshot.batch = 3600;
    fake_take(fake);
    told(fake, "B", "");
    assert_true(has(fake, "holds all"));
    fake_close(fake);
}

/* Is the cell before the cursor reversed? Drawn here. */
static bool reversed(struct fake *fake)
{
    struct ui_script *script = &fake->script;

    free(ui_script_text(script));
    return ui_canvas_at(&script->canvas, script->cursor[0], script->cursor[1] - 1)
               ->style.attributes &
           UI_REVERSE;
}

/* Without colours and in ASCII, too. */
static void test_offer_shown(void **state)
{
    (void)state;
    for (int colours = 0; colours <= 256; colours += 128) {
        struct fake *fake = fake_open(24, 80, colours == 0, colours);
        fake_take(fake);
        keys(fake, "S");
        assert_true(reversed(fake));
        assert_true(has(fake, "another number"));
        keys(fake, "2");
        assert_false(reversed(fake));
        keys(fake, "Esc R");
        assert_true(reversed(fake));
        keys(fake, "End");
        assert_false(reversed(fake));
        fake_close(fake);
    }
}

/* A default is typed over; any other key of editing keeps it. */
static void test_offered(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    told(fake, "S 2 5 Enter", "STEPS 25");
    told(fake, "S End 0 Enter", "STEPS 250");
    told(fake, "S Backspace 1 Enter", "STEPS 251");
    told(fake, "S Home 1 Enter", "STEPS 1251");
    told(fake, "S Left Delete 2 Enter", "STEPS 1252");
    told(fake, "R 7 Enter", "RESTART 7");
    told(fake, "R 7 y Enter", ""); /* what is typed is no default any more */
    keys(fake, "W");
    assert_true(has(fake, ":write digits.ini"));
    keys(fake, "text:mine.ini");
    assert_true(has(fake, ":write mine.ini\n"));
    keys(fake, "Esc");
    fake_close(fake);
}

static void test_questions(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    told(fake, "S", "");
    assert_true(has(fake, "How many steps? 10"));
    told(fake, "C-u text:250 Enter", "STEPS 250");
    told(fake, "S Enter", "STEPS 250"); /* the last number is offered */
    told(fake, "S C-u text:x Enter", "");
    assert_true(has(fake, "no number"));
    told(fake, "S Esc space", "PAUSE");
    told(fake, "g text:17 Enter", "SHOW 17");
    told(fake, "g text:4000 Enter", "");
    assert_true(has(fake, "samples 0 to 3999"));
    told(fake, "f text:5 Enter", "SHOW_LABEL 1 5");
    told(fake, "n", "SHOW_LABEL 1 5");
    told(fake, "f text:12 Enter", "");
    told(fake, "f Enter p", "SHOW_LABEL -1 -1");
    told(fake, "r", "");
    assert_true(has(fake, "Start again from seed 1?"));
    told(fake, "n", "");
    told(fake, "r y", "RESTART 0");
    told(fake, "R", "");
    told(fake, "Enter", "RESTART 2");
    told(fake, "R C-u text:77 Enter", "RESTART 77");
    told(fake, "R y", "RESTART 2"); /* as with r */
    told(fake, "R Esc", "");
    fake->snapshot.classes = 0;
    fake_take(fake);
    told(fake, "f", "");
    assert_true(has(fake, "no labels"));
    fake_close(fake);
}

static void test_quit(void **state)
{
    struct fake *fake = fake_settled(24, 80);
    struct ui_app *app = &fake->script.app;

    (void)state;
    keys(fake, "q");
    assert_true(has(fake, "not saved"));
    assert_true(has(fake, "w save and quit  y discard  Esc cancel"));
    keys(fake, "z Esc");
    assert_int_equal(app->leave, UI_STAY);
    keys(fake, "F10 y");
    assert_int_equal(app->leave, UI_LEAVE);
    app->leave = UI_STAY;
    told(fake, "q w", "SAVE ");
    assert_int_equal(app->leave, UI_STAY); /* not before it is saved */
    fake->snapshot.unsaved = false;
    fake_take(fake); /* not before the trainer has said so */
    assert_int_equal(app->leave, UI_STAY);
    snprintf(fake->snapshot.message, sizeof fake->snapshot.message, "saved to digits.safetensors");
    fake->snapshot.message_serial++;
    fake->snapshot.message_tone = HG_TONE_GOOD;
    fake_take(fake);
    assert_int_equal(app->leave, UI_LEAVE);
    app->leave = UI_STAY;
    fake->snapshot.state = HG_STATE_PAUSED;
    keys(fake, "2s");
    fake_take(fake);
    keys(fake, "q"); /* nothing unsaved: no question */
    assert_int_equal(app->leave, UI_LEAVE);
    fake_close(fake);
}

static void test_save_fails(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    keys(fake, "q w");
    snprintf(fake->snapshot.message, sizeof fake->snapshot.message, "not saved: disk full");
    fake->snapshot.message_serial++;
    fake->snapshot.message_tone = HG_TONE_BAD;
    fake_take(fake);
    assert_int_equal(fake->script.app.leave, UI_STAY);
    assert_true(has(fake, "disk full"));
    fake->snapshot.unsaved = false;
    fake_take(fake); /* saved later: it was called off */
    assert_int_equal(fake->script.app.leave, UI_STAY);
    fake_close(fake);
}

static void test_control_c(void **state)
{
    struct fake *fake = fake_settled(24, 80);
    struct ui_app *app = &fake->script.app;

    (void)state;
    keys(fake, "C-c");
    assert_int_equal(app->leave, UI_STAY);
    assert_true(has(fake, "not saved"));
    keys(fake, "C-c");
    assert_int_equal(app->leave, UI_LEAVE_KEEP);
    app->leave = UI_STAY;
    keys(fake, "Esc : text:qqq C-c"); /* no text: it asks */
    assert_true(has(fake, "not saved"));
    keys(fake, "Esc ? C-c");
    assert_true(has(fake, "not saved"));
    fake_close(fake);
}

static void test_commands(void **state)
{
    struct fake *fake = fake_settled(24, 80);
    struct ui_app *app = &fake->script.app;

    (void)state;
    told(fake, ": text:set_lr_0.5 Enter", "SET train.lr 0.5");
    told(fake, ": text:set_tr Tab text:lr_3 Enter", "SET train.lr 3");
    told(fake, ": Up Enter", "SET train.lr 3");
    told(fake, ": text:write_my.safetensors Enter", "SAVE my.safetensors");
    told(fake, ": text:step_5 Enter", "STEPS 5");
    told(fake, ": text:sample_5 Enter", "SHOW 5");
    told(fake, ": text:bogus Enter", "");
    assert_true(has(fake, "no command 'bogus'"));
    told(fake, ": text:set_screen.art_braille Enter", "");
    assert_int_equal(app->scene.theme.art, HG_ART_BRAILLE);
    told(fake, ": text:set_screen.fps_x Enter", "");
    assert_true(has(fake, "screen.fps"));
    keys(fake, ": text:open_other.ini Enter");
    assert_true(has(fake, "Open another run?"));
    keys(fake, "y");
    assert_int_equal(app->leave, UI_LEAVE_OPEN);
    assert_string_equal(app->leave_path, "other.ini");
    app->leave = UI_STAY;
    keys(fake, ": text:q! Enter");
    assert_int_equal(app->leave, UI_LEAVE);
    fake_close(fake);
}

static void test_prompt_stored(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    keys(fake, ": text:set_train. Tab");
    check_screen(fake, "command");
    assert_int_equal(fake->script.cursor[0], 22);
    assert_int_equal(fake->script.cursor[1], 12);
    keys(fake, "40x3");
    assert_true(has(fake, ":set train."));
    keys(fake, "20x1");
    assert_true(has(fake, ":set train."));
    fake_close(fake);
}

static void test_help(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    keys(fake, "?");
    check_screen(fake, "help");
    keys(fake, "PageDown PageDown PageDown PageDown End");
    assert_true(has(fake, "This run"));
    told(fake, "s space w", ""); /* keys do nothing behind the page */
    keys(fake, "q");
    assert_int_equal(fake->script.app.leave, UI_STAY);
    assert_true(has(fake, "q quit"));
    keys(fake, "h Esc F1 ? h");
    assert_true(has(fake, "Help"));
    keys(fake, "wheel-down wheel-up 200x50 End Home");
    assert_true(has(fake, "Help"));
    fake_close(fake);
}

/* Every action is on the help page with its keys. */
static void test_help_is_whole(void **state)
{
    size_t count;
    const struct ui_action_info *actions = ui_actions(&count);
    struct fake *fake = fake_settled(120, 100);

    (void)state;
    keys(fake, "?");
    for (size_t i = 0; i < count; i++) {
        assert_true(has(fake, actions[i].help));
    }
    fake_close(fake);
}

static void test_axes_and_looks(void **state)
{
    struct fake *fake = fake_settled(24, 80);
    struct ui_scene *scene = &fake->script.app.scene;

    (void)state;
    keys(fake, "l");
    assert_true(scene->linear_loss);
    keys(fake, "L L l");
    assert_false(scene->linear_loss || scene->linear_steps);
    assert_int_equal(scene->theme.art, HG_ART_BLOCKS);
    keys(fake, "a");
    assert_int_equal(scene->theme.art, HG_ART_BRAILLE);
    keys(fake, "a a");
    assert_int_equal(scene->theme.art, HG_ART_BLOCKS);
    enum hg_palette before = scene->theme.palette;
    keys(fake, "c");
    assert_int_not_equal(scene->theme.palette, before);
    fake_close(fake);
}

/* A click on a glyph shows its sample. */
static void test_click(void **state)
{
    struct fake *fake = fake_settled(40, 120);
    struct ui_app *app = &fake->script.app;
    struct ui_rect body;
    int row, column;

    (void)state;
    free(ui_script_text(&fake->script));
    body = ui_layout_body(&app->layout, UI_PLACE_CODE);
    fake->snapshot.points = 1;
    assert_true(ui_scatter_place(body, &app->scene.code_axes, (double)fake->point[0].x,
                                 (double)fake->point[0].y, &row, &column));
    fake->told_count = 0;
    ui_app_point(app, &(struct ui_pointer){UI_POINTER_PRESS, row, column - 1});
    assert_string_equal(fake_last(fake), "SHOW 0");
    fake->told_count = 0;
    ui_app_point(app, &(struct ui_pointer){UI_POINTER_PRESS, row > body.row + 8 ? row - 8 : row + 8,
                                           column});
    assert_string_equal(fake_last(fake), "");
    fake_close(fake);
}

/* ---- a slow line ---- */

/* Costly panels come in turn, and in the end the screen is what it would have been at once. */
static void test_turns(void **state)
{
    struct fake *fake = fake_settled(24, 80);
    struct ui_script *script = &fake->script;
    int cursor[2], frames = 0;

    (void)state;
    free(ui_script_text(script));
    for (int i = 0; i < 784; i++) {
        fake->output[i] = 1 - fake->output[i];
    }
    for (int i = 0; i < 300; i++) {
        fake->point[i].x = -fake->point[i].x;
    }
    fake_take(fake);
    char *before = ui_canvas_text(&script->canvas);
    ui_app_draw(&script->app, &script->canvas, UI_DRAW_WORDS, cursor);
    char *words = ui_canvas_text(&script->canvas);
    assert_string_equal(words, before);
    assert_true(script->app.dirty);
    while (script->app.dirty && frames < 10) {
        ui_app_draw(&script->app, &script->canvas, UI_DRAW_TURN, cursor);
        frames++;
    }
    assert_int_equal(frames, 2);
    char *turns = ui_canvas_text(&script->canvas), *whole = ui_script_text(script);
    assert_string_equal(turns, whole);
    assert_string_not_equal(turns, before);
    free(before);
    free(words);
    free(turns);
    free(whole);
    fake_close(fake);
}

/* ---- every size ---- */

static void draw_sizes(struct fake *fake, int step)
{
    for (int rows = 1; rows <= 45; rows += step) {
        for (int columns = 1; columns <= 120; columns += step) {
            struct ui_script *script = &fake->script;
            assert_true(ui_canvas_resize(&script->canvas, rows, columns));
            ui_app_draw(&script->app, &script->canvas, UI_DRAW_ALL, script->cursor);
            assert_true(script->cursor[0] < rows && script->cursor[1] < columns);
        }
    }
}

static void test_every_size(void **state)
{
    static const struct hg_shape shapes[] = {
        {1, 28, 28}, {3, 20, 13}, {1, 1, 7}, {5, 9, 9}, {1, 60, 3}};
    bool quick = getenv("TESTS") != NULL && strcmp(getenv("TESTS"), "quick") == 0;

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct fake *fake = fake_settled(24, 80);
        fake->snapshot.shape = shapes[i];
        fake->snapshot.features = hg_shape_size(shapes[i]);
        fake->snapshot.image = shapes[i].rows > 1;
        fake->snapshot.codes = i + 1;
        fake->snapshot.projected = i + 1 > 2;
        fake_picture(fake, shapes[i].channels, shapes[i].rows, shapes[i].columns);
        keys(fake, "1s Enter");
        fake_take(fake);
        draw_sizes(fake, i == 0 && !quick ? 1 : 3);
        fake_close(fake);
    }
}

static void test_every_size_of_pages(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    keys(fake, "?");
    draw_sizes(fake, 2);
    keys(fake, "q : text:set_screen.art_=_braille_and_more_than_fits_the_line");
    draw_sizes(fake, 2);
    keys(fake, "Esc q");
    draw_sizes(fake, 3);
    fake->snapshot.state = HG_STATE_LOADING;
    fake_take(fake);
    draw_sizes(fake, 3);
    fake_close(fake);
}

/* A run without anything known yet. */
static void test_nothing_known(void **state)
{
    struct fake *fake = fake_open(24, 80, false, 256);
    struct hg_snapshot *snapshot = &fake->snapshot;

    (void)state;
    snapshot->points = snapshot->epochs = fake->series.count = 0;
    snapshot->epoch = snapshot->step = 0;
    snapshot->train = snapshot->validation = snapshot->running = NAN;
    snapshot->sample_loss = snapshot->collapse = NAN;
    snapshot->ladder = (struct hg_ladder){.mean = NAN};
    snapshot->here_x = NAN;
    snapshot->sentence[0] = snapshot->sentence_short[0] = '\0';
    fake_take(fake);
    assert_true(has(fake, "train –"));
    draw_sizes(fake, 2);
    fake_close(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_stored),
        cmocka_unit_test(test_state_whole),
        cmocka_unit_test(test_ascii_stored),
        cmocka_unit_test(test_mono_stored),
        cmocka_unit_test(test_kinds_stored),
        cmocka_unit_test(test_loading_and_failed),
        cmocka_unit_test(test_greeting),
        cmocka_unit_test(test_many_notes),
        cmocka_unit_test(test_resumed),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_later),
        cmocka_unit_test(test_steady_numbers),
        cmocka_unit_test(test_training_keys),
        cmocka_unit_test(test_batch_ends),
        cmocka_unit_test(test_offer_shown),
        cmocka_unit_test(test_offered),
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_quit),
        cmocka_unit_test(test_save_fails),
        cmocka_unit_test(test_control_c),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_prompt_stored),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_help_is_whole),
        cmocka_unit_test(test_axes_and_looks),
        cmocka_unit_test(test_click),
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_every_size_of_pages),
        cmocka_unit_test(test_nothing_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
