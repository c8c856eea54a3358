/* View 6 driven by scripts: keys, typing, refusals, restart with changes, the file, every size. */
#include "keys_help.h"

#include "tui/form.h"

#include <sys/stat.h>
#include <unistd.h>

static struct fake *in_form(int rows, int columns, bool ascii, int colours)
{
    struct fake *fake = fake_open(rows, columns, ascii, colours);

    hg_spec_set(&fake->spec, "model.encoder", "dense 128 tanh, dense 32 tanh", "chosen", NULL);
    hg_spec_set(&fake->spec, "model.output", "sigmoid", "chosen", NULL);
    fake->snapshot.spec = &fake->spec;
    fake->snapshot.spec_serial = 1;
    fake_take(fake);
    keys(fake, "20s 6");
    free(ui_script_text(&fake->script));
    fake->told_count = 0;
    return fake;
}

static struct ui_form *form_of(struct fake *fake)
{
    return fake->script.app.scene.form;
}

static const char *here(struct fake *fake)
{
    static char name[UI_FORM_NAME];

    ui_form_name(&form_of(fake)->field[form_of(fake)->at], name);
    return name;
}

/* ---- moving ---- */

static void test_moves(void **state)
{
    struct fake *fake = in_form(24, 80, false, 256);

    (void)state;
    assert_string_equal(here(fake), "data.source");
    keys(fake, "Up");
    assert_string_equal(here(fake), "data.source");
    keys(fake, "Down Down");
    assert_string_equal(here(fake), "data.only");
    keys(fake, "PageDown PageDown");
    assert_string_equal(here(fake), "model.encoder");
    assert_true(has(fake, "auto: dense 128 tanh, dense 32 tanh"));
    keys(fake, "PageUp");
    assert_string_equal(here(fake), "gaussians.clusters");
    keys(fake, "End");
    assert_string_equal(here(fake), "screen.mouse");
    assert_true(has(fake, "screen.mouse"));
    keys(fake, "Down Home");
    assert_string_equal(here(fake), "data.source");
    /* the letters of the program keep their meaning */
    keys(fake, "+");
    assert_string_equal(fake_last(fake), "SET train.lr 0.00125");
    keys(fake, "n");
    assert_string_equal(fake_last(fake), "SHOW_LABEL 1 -1");
    keys(fake, "1");
    assert_int_equal(fake->script.app.view, 1);
    fake_close(fake);
}

static void test_mouse(void **state)
{
    struct fake *fake = in_form(24, 80, false, 256);

    (void)state;
    keys(fake, "press@5,10");
    assert_string_equal(here(fake), "data.shape");
    keys(fake, "wheel-down wheel-down");
    assert_string_equal(here(fake), "data.shape"); /* only looks elsewhere */
    assert_true(has(fake, "encoder"));
    keys(fake, "wheel-up wheel-up press@5,10");
    assert_true(form_of(fake)->open);
    keys(fake, "press@8,10 wheel-down"); /* not while it is typed into */
    assert_string_equal(here(fake), "data.shape");
    keys(fake, "Esc press@0,10");
    assert_string_equal(here(fake), "data.shape");
    fake_close(fake);
}

/* ---- values ---- */

static void test_at_once(void **state)
{
    struct fake *fake = in_form(24, 80, false, 256);

    (void)state;
    keys(fake, "PageDown PageDown PageDown Right");
    assert_string_equal(fake_last(fake), "SET train.optimizer adamw");
    keys(fake, "Right"); /* counts from what was asked for, not yet answered */
    assert_string_equal(fake_last(fake), "SET train.optimizer sgd");
    keys(fake, "Down Right Right");
    assert_string_equal(fake_last(fake), "SET train.lr 0.0015625");
    assert_true(has(fake, "takes effect at once"));
    keys(fake, "Enter C-u text:0.5 Enter");
    assert_string_equal(fake_last(fake), "SET train.lr 0.5");
    assert_false(form_of(fake)->open);
    keys(fake, "Enter 0 . 2 5 Enter"); /* what is there is typed over */
    assert_string_equal(fake_last(fake), "SET train.lr 0.25");
    keys(fake, "Enter End Backspace Enter"); /* or edited */
    assert_string_equal(fake_last(fake), "SET train.lr 0.2");
    fake->told_count = 0;
    keys(fake, "Enter Enter"); /* nothing is changed */
    assert_string_equal(fake_last(fake), "");
    keys(fake, "End Right"); /* the screen's are the program's own */
    assert_string_equal(fake_last(fake), "");
    assert_false(fake->script.app.spec.screen.mouse);
    assert_true(fake->script.app.screen_changed);
    assert_int_equal(form_of(fake)->changes, 0);
    fake_close(fake);
}

/* All keys but Enter, Esc and Ctrl-C are text. */
static void test_typing(void **state)
{
    struct fake *fake = in_form(24, 80, false, 256);

    (void)state;
    keys(fake, "PageDown PageDown Enter");
    assert_true(has(fake, "Enter accept  Esc cancel"));
    assert_false(has(fake, "q quit"));
    keys(fake, "C-u q u i t space r 1 : ? Tab");
    assert_string_equal(form_of(fake)->edit.text, "quit r1:?");
    assert_int_equal(fake->script.app.view, 6);
    keys(fake, "Home x End y Left Backspace");
    assert_string_equal(form_of(fake)->edit.text, "xquit r1:y");
    keys(fake, "Esc");
    assert_false(form_of(fake)->open);
    assert_string_equal(fake_last(fake), "");
    keys(fake, "Enter C-c"); /* asks whether to quit */
    assert_true(has(fake, "Quit?"));
    fake_close(fake);
}

static void test_refused_in_place(void **state)
{
    struct fake *fake = in_form(24, 80, false, 256);
    char *text;

    (void)state;
    keys(fake, "PageDown PageDown Enter C-u text:dens_8 Enter");
    assert_true(form_of(fake)->open);
    assert_true(has(fake, "not a word of a layer"));
    text = ui_script_styled(&fake->script);
    assert_non_null(strstr(text, "dens 8"));
    free(text);
    keys(fake, "Backspace"); /* something else is typed; the network says what that is */
    assert_string_equal(form_of(fake)->error, "");
    assert_true(has(fake, "encoder: \"dens\": not a word of a layer"));
    keys(fake, "C-u text:dense_8 Enter");
    assert_false(form_of(fake)->open);
    assert_true(has(fake, "was auto; r restarts, Del drops it"));
    assert_true(has(fake, "parameters: 784 → 8 → 2 → 8 → 784 sigmoid"));
    keys(fake, "Enter C-u Enter");
    assert_true(has(fake, "has no value"));
    fake_close(fake);
}

/* ---- starting again ---- */

static const char *restarted_with(struct fake *fake, const char *name)
{
    static char text[512];
    const struct hg_command *last = &fake->told[fake->told_count - 1];

    assert_true(fake->told_count > 0 && last->kind == HG_DO_RESTART);
    if (last->spec == NULL || !hg_spec_get(last->spec, name, text, sizeof text)) {
        return "";
    }
    return text;
}

static void test_restart(void **state)
{
    struct fake *fake = in_form(24, 80, false, 256);

    (void)state;
    keys(fake, "PageDown PageDown Down Enter C-u 8 Enter Down Down Down Right r");
    assert_true(has(fake, "Start again with 2 changes?  What was learned is not saved."));
    keys(fake, "n");
    assert_string_equal(fake_last(fake), "");
    keys(fake, "1 r y"); /* also from another view */
    assert_string_equal(restarted_with(fake, "model.code"), "8");
    assert_string_equal(restarted_with(fake, "model.loss"), "rmse");
    assert_string_equal(restarted_with(fake, "model.encoder"), "auto");

    /* the library refuses: all goes on, and the form says where */
    fake->snapshot.message_serial++;
    fake->snapshot.message_tone = HG_TONE_BAD;
    snprintf(fake->snapshot.message, sizeof fake->snapshot.message,
             "x.ini:12: loss: rmse needs something");
    keys(fake, "6 Home");
    fake_take(fake);
    assert_string_equal(here(fake), "model.loss");
    assert_string_equal(form_of(fake)->error, "rmse needs something");
    assert_int_equal(form_of(fake)->changes, 2);

    keys(fake, "Delete");
    assert_int_equal(form_of(fake)->changes, 1);
    keys(fake, "Up Up Up Delete r");
    assert_true(has(fake, "Start again from seed 1?"));
    keys(fake, "y");
    assert_string_equal(fake_last(fake), "RESTART 0");
    assert_null(fake->told[fake->told_count - 1].spec);
    keys(fake, "Enter C-u 3 Enter R C-u 7 Enter");
    assert_string_equal(restarted_with(fake, "model.code"), "3");
    assert_int_equal(fake->told[fake->told_count - 1].number, 7);
    fake_close(fake);
}

/* Another network and other data: nothing of the old ones is drawn, the form stays. */
static void test_another(void **state)
{
    struct fake *fake = in_form(24, 80, false, 256);

    (void)state;
    keys(fake, "PageDown PageDown Down Enter C-u 8 Enter r y");
    hg_spec_set(&fake->spec, "model.code", "8", "form", NULL);
    fake->snapshot.spec_serial++;
    fake->snapshot.generation = 1;
    fake->snapshot.features = 6;
    fake->snapshot.shape = (struct hg_shape){1, 1, 6};
    fake->snapshot.image = false;
    fake->script.app.scene.filter = 3;
    fake_take(fake);
    assert_int_equal(form_of(fake)->changes, 0);
    assert_int_equal(fake->script.app.scene.filter, -1);
    assert_true(has(fake, "parameters: 6 → 128 tanh"));
    assert_string_equal(here(fake), "model.code");
    keys(fake, "1");
    free(ui_script_text(&fake->script));
    fake_close(fake);
}

/* ---- the command line beside it ---- */

static void test_command_line(void **state)
{
    struct fake *fake = in_form(24, 80, false, 256);

    (void)state;
    keys(fake, ": text:set_code_12 Enter");
    assert_true(has(fake, "model.code: noted."));
    assert_non_null(ui_form_changed(form_of(fake), "model.code"));
    keys(fake, ": text:set_code Enter");
    assert_true(has(fake, "model.code = 12"));
    keys(fake, ": text:set_code_0 Enter");
    assert_true(has(fake, "model.code: "));
    assert_string_equal(fake_last(fake), "");
    keys(fake, ": text:set_lr_0.3 Enter");
    assert_string_equal(fake_last(fake), "SET train.lr 0.3");
    keys(fake, ": text:restart_5 Enter");
    assert_string_equal(restarted_with(fake, "model.code"), "12");
    fake_close(fake);
}

/* A file that the program reads again, to the same experiment. */
static void test_file(void **state)
{
    struct fake *fake = in_form(24, 100, false, 256);
    char folder[] = "/tmp/hourglass-test-XXXXXX", line[200], path[100], *text, *again;
    struct hg_spec spec;
    struct hg_error error;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.ini", folder);
    keys(fake, "PageDown PageDown Down Enter C-u 5 Enter W");
    assert_true(has(fake, ":write digits.ini"));
    snprintf(line, sizeof line, "C-u text:write_%s Enter", path);
    keys(fake, line);
    assert_true(has(fake, "The experiment is in /tmp/"));
    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    if (hg_spec_load(&spec, path, &error) != HG_OK || hg_spec_check(&spec, &error) != HG_OK) {
        fail_msg("%s", error.text);
    }
    text = hg_spec_text(&spec, HG_SPEC_RUN);
    again = hg_spec_text(&form_of(fake)->next, HG_SPEC_RUN);
    assert_string_equal(text, again);
    assert_non_null(strstr(text, "code         = 5"));
    hg_free_text(text);
    hg_free_text(again);
    hg_spec_fini(&spec);
    assert_int_equal(truncate(path, 3), 0);
    snprintf(line, sizeof line, ": text:write_%s Enter", path);
    keys(fake, line);
    assert_true(has(fake, "exists already.  Replace it?"));
    keys(fake, "w n");
    struct stat facts;
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_size, 3);
    keys(fake, line);
    keys(fake, "y");
    assert_int_equal(stat(path, &facts), 0);
    assert_true(facts.st_size > 1000);
    keys(fake, ": text:write_/nowhere/x.ini Enter");
    assert_true(has(fake, "not written: "));
    remove(path);
    rmdir(folder);
    fake_close(fake);
}

/* ---- what is shown ---- */

static void test_stored(void **state)
{
    static const struct {
        int rows, columns;
        bool ascii;
        int colours;
        const char *keys, *name;
    } screens[] = {
        {24, 80, false, 0, "", "experiment-80x24"},
        {40, 120, false, 256, "PageDown PageDown Down Enter C-u 8 Enter", "experiment-120x40"},
        {50, 200, false, 256, "Enter C-u text:gaussians Enter PageDown Down", "experiment-200x50"},
        {24, 80, true, 16, "PageDown PageDown Enter C-u text:dens_8 Enter", "experiment-ascii"},
        {12, 40, false, 256, "PageDown", "experiment-40x12"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof screens / sizeof *screens; i++) {
        struct fake *fake = in_form(screens[i].rows, screens[i].columns, screens[i].ascii,
                                    screens[i].colours);
        keys(fake, screens[i].keys);
        check_screen(fake, screens[i].name);
        fake_close(fake);
    }
}

/* No size breaks it; at every one that shows fields the one under the cursor is seen. */
static void test_every_size(void **state)
{
    (void)state;
    for (int rows = 1; rows <= 60; rows += rows < 14 ? 1 : 7) {
        for (int columns = 1; columns <= 210; columns += columns < 40 ? 3 : 17) {
            struct fake *fake = in_form(rows, columns, false, 256);
            for (int k = 0; k < 4; k++) {
                keys(fake, k % 2 ? "PageDown Down" : "End");
                free(ui_script_text(&fake->script));
                const struct ui_form *form = form_of(fake);
                int row = form->field[form->at].line - form->page.top;
                assert_true(form->page.rect.rows <= 0 || (row >= 0 && row < form->page.rect.rows));
                keys(fake, "Enter x Enter Home");
                free(ui_script_text(&fake->script));
                assert_true(fake->script.cursor[0] < rows && fake->script.cursor[1] < columns);
                keys(fake, "Esc");
            }
            fake_close(fake);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moves),
        cmocka_unit_test(test_mouse),
        cmocka_unit_test(test_at_once),
        cmocka_unit_test(test_typing),
        cmocka_unit_test(test_refused_in_place),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_another),
        cmocka_unit_test(test_command_line),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_stored),
        cmocka_unit_test(test_every_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
