/* The table of actions and the keys made from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/keymap.h"
#include "tui/term.h"

#include <string.h>

/* INTERFACE section 6: every key and what it does. */
static const struct {
    const char *key;
    enum ui_action action;
} contract[] = {
    {"space", UI_ACT_RUN},
    {"s", UI_ACT_STEP},
    {"S", UI_ACT_STEPS},
    {"e", UI_ACT_EPOCH},
    {"Up", UI_ACT_FASTER},
    {"+", UI_ACT_FASTER},
    {"=", UI_ACT_FASTER},
    {"Down", UI_ACT_SLOWER},
    {"-", UI_ACT_SLOWER},
    {"o", UI_ACT_OPTIMIZER_NEXT},
    {"O", UI_ACT_OPTIMIZER_PREVIOUS},
    {"b", UI_ACT_BATCH_HALVE},
    {"B", UI_ACT_BATCH_DOUBLE},
    {"n", UI_ACT_NEXT},
    {"Right", UI_ACT_NEXT},
    {"p", UI_ACT_PREVIOUS},
    {"Left", UI_ACT_PREVIOUS},
    {"g", UI_ACT_GOTO},
    {"f", UI_ACT_FILTER},
    {"u", UI_ACT_BACK},
    {"U", UI_ACT_FORWARD},
    {"r", UI_ACT_RESTART},
    {"R", UI_ACT_RESEED},
    {"1", UI_ACT_VIEW_1},
    {"6", UI_ACT_VIEW_6},
    {"Tab", UI_ACT_VIEW_NEXT},
    {"S-Tab", UI_ACT_VIEW_PREVIOUS},
    {"d", UI_ACT_DOCTOR},
    {"G", UI_ACT_CHECK},
    {"a", UI_ACT_ART},
    {"c", UI_ACT_PALETTE},
    {"l", UI_ACT_LOSS_AXIS},
    {"L", UI_ACT_STEP_AXIS},
    {"w", UI_ACT_WRITE},
    {"x", UI_ACT_EXPORT},
    {"F", UI_ACT_FORK},
    {"Enter", UI_ACT_ENTER},
    {"Esc", UI_ACT_CANCEL},
    {":", UI_ACT_COMMAND},
    {"?", UI_ACT_HELP},
    {"F1", UI_ACT_HELP},
    {"h", UI_ACT_HELP},
    {"q", UI_ACT_QUIT},
    {"F10", UI_ACT_QUIT},
    {"C-c", UI_ACT_QUIT},
    {"C-z", UI_ACT_SUSPEND},
    {"C-l", UI_ACT_REDRAW},
};

static void test_contract(void **state)
{
    struct ui_keymap keymap;

    (void)state;
    ui_keymap_init(&keymap);
    for (size_t i = 0; i < sizeof contract / sizeof *contract; i++) {
        uint32_t key;
        assert_true(ui_key_parse(contract[i].key, &key));
        assert_int_equal(ui_keymap_action(&keymap, key), contract[i].action);
    }
    assert_int_equal(ui_keymap_action(&keymap, 'j'), UI_ACT_NONE);
}

/* Every action stands in the table once, with a name, keys and words of its own. */
static void test_table(void **state)
{
    size_t count;
    const struct ui_action_info *actions = ui_actions(&count);

    (void)state;
    assert_int_equal(count, UI_ACT_COUNT - 1);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(ui_action_find(actions[i].action), &actions[i]);
        assert_int_equal(ui_action_named(actions[i].name), actions[i].action);
        assert_true(strlen(actions[i].help) > 4);
        assert_true(actions[i].shown == NULL || actions[i].footer != NULL);
    }
    assert_int_equal(ui_action_named("no such"), UI_ACT_NONE);
}

/* No key is given twice: the keymap holds as many as the table lists. */
static void test_no_key_twice(void **state)
{
    size_t count, listed = 0;
    const struct ui_action_info *actions = ui_actions(&count);
    struct ui_keymap keymap;

    (void)state;
    for (size_t i = 0; i < count; i++) {
        listed++;
        for (const char *c = actions[i].keys; *c != '\0'; c++) {
            listed += *c == ' ';
        }
    }
    ui_keymap_init(&keymap);
    assert_int_equal(keymap.count, listed);
}

static void test_names(void **state)
{
    static const char *const names[] = {"space", "Enter", "Esc", "Tab", "S-Tab", "PageUp",
                                        "F12",   "C-l",   "a",   "?",   "é",     "→"};
    static const char *const wrong[] = {"", "ab", "F0", "F13", "C-", "C-ab", "spac"};
    char back[24];
    uint32_t key;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(ui_key_parse(names[i], &key));
        ui_key_name(key, back, sizeof back);
        assert_string_equal(back, names[i]);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(ui_key_parse(wrong[i], &key));
    }
}

static void test_bind(void **state)
{
    struct ui_keymap keymap;
    char bad[24];

    (void)state;
    ui_keymap_init(&keymap);
    assert_true(ui_keymap_bind(&keymap, UI_ACT_RUN, "z Enter", NULL, 0));
    assert_int_equal(ui_keymap_action(&keymap, 'z'), UI_ACT_RUN);
    assert_int_equal(ui_keymap_action(&keymap, UI_KEY_ENTER), UI_ACT_RUN);
    assert_int_equal(ui_keymap_action(&keymap, ' '), UI_ACT_NONE);
    assert_false(ui_keymap_bind(&keymap, UI_ACT_RUN, "y nonsense", bad, sizeof bad));
    assert_string_equal(bad, "nonsense");
    assert_int_equal(ui_keymap_action(&keymap, 'y'), UI_ACT_NONE);
    assert_int_equal(ui_keymap_action(&keymap, 'z'), UI_ACT_RUN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contract),     cmocka_unit_test(test_table),
        cmocka_unit_test(test_no_key_twice), cmocka_unit_test(test_names),
        cmocka_unit_test(test_bind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
