/* The model of the form: a line each option, changes that wait, values that step, refusals. */
#include "screen_help.h"

#include "tui/form.h"

static struct fake *with_form(void)
{
    struct fake *fake = fake_open(24, 80, false, 256);

    assert_int_equal(hg_spec_set(&fake->spec, "model.encoder", "dense 9 tanh", "chosen", NULL),
                     HG_OK);
    assert_int_equal(hg_spec_set(&fake->spec, "model.output", "sigmoid", "chosen", NULL), HG_OK);
    fake->snapshot.spec = &fake->spec;
    fake->snapshot.spec_serial = 1;
    fake_take(fake);
    return fake;
}

static struct ui_form *form_of(struct fake *fake)
{
    return fake->script.app.scene.form;
}

static void set(struct fake *fake, const char *name, const char *text)
{
    char error[HG_ERROR_TEXT];

    if (!ui_form_set(&fake->script.app.scene, name, text, error)) {
        fail_msg("%s = %s: %s", name, text, error);
    }
}

static void refuse(struct fake *fake, const char *name, const char *text, const char *says)
{
    char error[HG_ERROR_TEXT];
    size_t changes = form_of(fake)->changes;

    assert_false(ui_form_set(&fake->script.app.scene, name, text, error));
    if (strstr(error, says) == NULL || strstr(error, name) != NULL) {
        fail_msg("%s = %s: %s", name, text, error);
    }
    assert_int_equal(form_of(fake)->changes, changes);
    assert_string_equal(fake->script.app.scene.set_name, "");
}

/* Every option of the table has its line, in its order; every range fits a line. */
static void test_lines(void **state)
{
    struct fake *fake = with_form();
    struct ui_form *form = form_of(fake);
    size_t count;
    const struct hg_option *option = hg_options(&count);

    (void)state;
    assert_true(form->known);
    assert_int_equal(form->fields, count);
    for (size_t i = 0; i < count; i++) {
        char range[128], name[UI_FORM_NAME];
        assert_ptr_equal(form->field[i].option, &option[i]);
        ui_form_name(&form->field[i], name);
        assert_int_equal(ui_form_find(form, name), i);
        ui_form_range(&option[i], range, sizeof range);
        bool number = option[i].type == HG_OPT_INTEGER || option[i].type == HG_OPT_REAL;
        assert_true(!number || (range[0] != '\0' && strlen(range) < 20));
    }
    fake_close(fake);
}

static void shows(struct fake *fake, const char *name, const char *text)
{
    char shown[512];
    struct ui_form *form = form_of(fake);

    ui_form_shown(form, &fake->script.app.scene, ui_form_find(form, name), shown, sizeof shown);
    assert_string_equal(shown, text);
}

static void test_values(void **state)
{
    struct fake *fake = with_form();

    (void)state;
    shows(fake, "model.encoder", "auto: dense 9 tanh");
    shows(fake, "model.loss", "mse");
    shows(fake, "train.beta2", "0.999");
    hg_spec_set(&fake->spec, "train.optimizer", "rmsprop", "live", NULL);
    fake->snapshot.spec_serial++;
    fake_take(fake);
    shows(fake, "train.beta2", "0.99"); /* what is in force */
    set(fake, "model.encoder", "dense 5");
    shows(fake, "model.encoder", "dense 5");
    fake_close(fake);
}

/* What is not live waits; what is put back waits no more; a new start takes it all. */
static void test_changes(void **state)
{
    struct fake *fake = with_form();
    struct ui_form *form = form_of(fake);
    char text[512];

    (void)state;
    assert_null(ui_form_next(form));
    set(fake, "model.code", "8 gaussian");
    set(fake, "data.limit", "100");
    set(fake, "train.threads", "3");
    assert_int_equal(form->changes, 3);
    assert_int_equal(ui_form_waiting(form), 2); /* threads are the program's */
    set(fake, "data.limit", "0");
    assert_int_equal(form->changes, 2);
    assert_non_null(ui_form_changed(form, "model.code"));
    assert_null(ui_form_changed(form, "data.limit"));
    const struct hg_spec *next = ui_form_next(form);
    assert_true(hg_spec_get(next, "model.code", text, sizeof text));
    assert_string_equal(text, "8 gaussian");
    assert_string_equal(next->model.encoder, "auto"); /* chosen anew */
    assert_int_equal(next->train.threads, 0);

    hg_spec_set(&fake->spec, "model.code", "8 gaussian", "live", NULL);
    fake->snapshot.spec_serial++;
    fake->snapshot.generation++;
    fake_take(fake);
    assert_int_equal(form->changes, 1);
    assert_int_equal(ui_form_waiting(form), 0);
    assert_true(ui_form_drop(form, "train.threads"));
    assert_false(ui_form_drop(form, "train.threads"));
    assert_int_equal(form->changes, 0);
    fake_close(fake);
}

/* A centre and deviations for every cluster; empty is without. */
static void test_clusters(void **state)
{
    struct fake *fake = with_form();
    struct ui_form *form = form_of(fake);
    size_t count;

    (void)state;
    hg_options(&count);
    set(fake, "data.source", "gaussians");
    set(fake, "gaussians.clusters", "3");
    set(fake, "gaussians.dims", "2");
    assert_int_equal(form->fields, count + 6);
    shows(fake, "gaussians.center.3", "drawn by the seed");
    set(fake, "gaussians.center.3", "0.5 -0.5");
    shows(fake, "gaussians.center.3", "0.5 -0.5");
    refuse(fake, "gaussians.center.2", "0.5 x", "number");
    refuse(fake, "gaussians.center.1", "0.5", "2");
    set(fake, "gaussians.center.3", "");
    shows(fake, "gaussians.center.3", "drawn by the seed");
    set(fake, "gaussians.clusters", "100000"); /* no more lines than are of use */
    assert_int_equal(form->fields, count + 2 * UI_FORM_CLUSTERS);
    set(fake, "data.source", "builtin:digits");
    assert_int_equal(form->fields, count);
    fake_close(fake);
}

static void test_refused(void **state)
{
    struct fake *fake = with_form();

    (void)state;
    refuse(fake, "model.code", "0", "whole number");
    refuse(fake, "model.encoder", "dense x", "dense");
    refuse(fake, "model.loss", "l2", "mse, rmse, bce or sse");
    refuse(fake, "train.lr", "0", "above 0");
    refuse(fake, "train.schedule", "step", "step");
    refuse(fake, "train.corrupt", "mask 2", "mask");
    refuse(fake, "data.validation", "1", "below 1");
    refuse(fake, "train.save_every", "soon", "30s");
    refuse(fake, "screen.fps", "0", "1 to 120");
    fake_close(fake);
}

static void steps(const char *name, const char *from, int direction, const char *to)
{
    char text[64] = "";
    const struct hg_option *option = hg_option_find(name);

    assert_non_null(option);
    bool any = ui_form_step(option, from, direction, text, sizeof text);
    if (any != (to != NULL) || (any && strcmp(text, to) != 0)) {
        fail_msg("%s: from %s to %s", name, from, any ? text : "nothing");
    }
}

static void test_steps(void **state)
{
    (void)state;
    steps("train.optimizer", "adam", 1, "adamw");
    steps("train.optimizer", "adamw", 1, "sgd");
    steps("train.optimizer", "sgd", -1, "adamw");
    steps("data.center", "yes", 1, "no");
    steps("train.lr", "0.001", 1, "0.00125");
    steps("train.lr", "0.00125", -1, "0.001");
    steps("train.beta1", "0.9", 1, "0.92");
    steps("train.beta1", "0.92", -1, "0.9");
    steps("data.validation", "0.1", 1, "0.125");
    steps("data.validation", "0", -1, NULL);
    steps("train.l1", "0", 1, "0.0001");
    steps("train.l1", "0.0001", -1, "0");
    steps("train.epsilon", "1e-8", 1, "1.25e-08");
    steps("train.epochs", "0", -1, NULL);
    steps("gaussians.clusters", "4", 1, "5");
    steps("gaussians.points", "250", 1, "310");
    steps("screen.fps", "120", 1, NULL);
    steps("model.encoder", "dense 3", 1, NULL);
    for (int direction = -1; direction <= 1; direction += 2) { /* never beyond a range */
        size_t count;
        const struct hg_option *option = hg_options(&count);
        for (size_t i = 0; i < count; i++) {
            char text[64];
            struct hg_spec spec;
            snprintf(text, sizeof text, "%s", option[i].fallback);
            assert_int_equal(hg_spec_init(&spec, NULL), HG_OK);
            for (int k = 0; k < 60 && strlen(option[i].fallback) < 60; k++) {
                char next[64], name[64];
                struct hg_error error;
                if (!ui_form_step(&option[i], text, direction, next, sizeof next)) {
                    break;
                }
                snprintf(name, sizeof name, "%s.%s", option[i].section, option[i].key);
                if (hg_spec_set(&spec, name, next, "test", &error) != HG_OK) {
                    fail_msg("%s", error.text);
                }
                snprintf(text, sizeof text, "%s", next);
            }
            hg_spec_fini(&spec);
        }
    }
}

/* The network that is typed, without building it. */
static void test_network(void **state)
{
    struct fake *fake = with_form();
    struct ui_form *form = form_of(fake);
    char text[1024];
    const char *key;

    (void)state;
    assert_true(ui_form_network(form, &fake->snapshot, text, sizeof text, &key));
    assert_string_equal(text, "14,952 parameters: 784 → 9 tanh → 2 → 9 tanh → 784 sigmoid");
    set(fake, "model.encoder", "conv 4 stride 2 relu");
    assert_true(ui_form_network(form, &fake->snapshot, text, sizeof text, &key));
    assert_non_null(strstr(text, ": 28×28 → conv 4 3x3 stride 2 relu → 2 "));
    set(fake, "model.decoder", "dense 30, up 3, conv 2");
    assert_false(ui_form_network(form, &fake->snapshot, text, sizeof text, &key));
    assert_string_equal(key, "decoder");
    set(fake, "model.decoder", "mirror");
    set(fake, "model.encoder", "dense 1000000");
    ui_form_network(form, &fake->snapshot, text, sizeof text, &key); /* is not built */
    set(fake, "data.limit", "7");
    set(fake, "model.encoder", "dense 4");
    assert_true(ui_form_network(form, &fake->snapshot, text, sizeof text, &key));
    assert_non_null(strstr(text, ", on the present data"));
    fake_close(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),   cmocka_unit_test(test_values),
        cmocka_unit_test(test_changes), cmocka_unit_test(test_clusters),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_steps),
        cmocka_unit_test(test_network),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
