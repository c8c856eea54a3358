/* The `:` line: parsing, completion, history, editing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hourglass/spec.h"
#include "tui/command.h"
#include "tui/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_parse(void **state)
{
    static const struct {
        const char *line;
        enum ui_order_kind kind;
        const char *name, *text;
        int64_t number;
        bool force;
    } lines[] = {
        {"", UI_ORDER_NONE, "", "", -1, false},
        {"   ", UI_ORDER_NONE, "", "", -1, false},
        {"set train.lr 0.01", UI_ORDER_SET, "train.lr", "0.01", -1, false},
        {"set lr 0.01", UI_ORDER_SET, "train.lr", "0.01", -1, false},
        {"set train.lr = 0.01 ", UI_ORDER_SET, "train.lr", "0.01", -1, false},
        {"set train.lr=0.01", UI_ORDER_SET, "train.lr", "0.01", -1, false},
        {"set schedule warmup 100, cosine 50", UI_ORDER_SET, "train.schedule",
         "warmup 100, cosine 50", -1, false},
        {"set lr", UI_ORDER_ASK, "train.lr", "", -1, false},
        {"write", UI_ORDER_WRITE, "", "", -1, false},
        {"w a file.safetensors", UI_ORDER_WRITE, "", "a file.safetensors", -1, false},
        {"open x.ini", UI_ORDER_OPEN, "", "x.ini", -1, false},
        {"open! x.ini", UI_ORDER_OPEN, "", "x.ini", -1, true},
        {"q", UI_ORDER_QUIT, "", "", -1, false},
        {"quit!", UI_ORDER_QUIT, "", "", -1, true},
        {"step", UI_ORDER_STEPS, "", "", -1, false},
        {"step 50", UI_ORDER_STEPS, "", "", 50, false},
        {"sample 3", UI_ORDER_SAMPLE, "", "", 3, false},
        {"label 3", UI_ORDER_LABEL, "", "3", -1, false},
        {"recover", UI_ORDER_RECOVER, "", "", -1, false},
        {"help", UI_ORDER_ACTION, "", "", -1, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct ui_order order;
        char error[256] = "";
        assert_true(ui_command_parse(lines[i].line, &order, error, sizeof error));
        assert_int_equal(order.kind, lines[i].kind);
        assert_string_equal(order.name, lines[i].name);
        assert_string_equal(order.text, lines[i].text);
        assert_int_equal(order.number, lines[i].number);
        assert_int_equal(order.force, lines[i].force);
    }
}

static void test_refusals(void **state)
{
    static const struct {
        const char *line, *says;
    } lines[] = {
        {"nonsense", "no command 'nonsense'"},
        {"re", "more than one"},
        {"set", "no option"},
        {"set nothing 1", "no option 'nothing'"},
        {"open", "open FILE"},
        {"sample", "sample N"},
        {"sample x", "sample N"},
        {"sample -1", "sample N"},
        {"step 1.5", "step [N]"},
        {"quit now", "quit"},
        {"export a.onnx", "comes with a later version"},
        {"back x", "back [N]"},
        {"forward -1", "forward [N]"},
        {"step 99999999999999999999", "step [N]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct ui_order order;
        char error[256] = "";
        assert_false(ui_command_parse(lines[i].line, &order, error, sizeof error));
        assert_non_null(strstr(error, lines[i].says));
    }
}

static void complete(const char *line, const char *becomes, size_t count)
{
    struct ui_field field;
    static struct ui_candidates candidates;

    ui_field_set(&field, line);
    ui_command_complete(&field, &candidates);
    assert_string_equal(field.text, becomes);
    assert_int_equal(candidates.count, count);
    assert_int_equal(field.cursor, strlen(becomes));
}

static void test_complete(void **state)
{
    (void)state;
    complete("se", "set ", 1);
    complete("s", "s", 4);
    complete("set train.lr", "set train.lr ", 1);
    complete("set train.opt", "set train.optimizer ", 1);
    complete("set opt", "set optimizer ", 1);
    complete("set train.optimizer nest", "set train.optimizer nesterov", 1);
    complete("set train.optimizer ad", "set train.optimizer adam", 2);
    complete("set screen.art br", "set screen.art braille", 1);
    complete("set model.enc", "set model.encoder ", 1); /* takes effect on restart */
    complete("zzz", "zzz", 0);
    complete("", "", 17);
}

static void test_complete_files(void **state)
{
    char folder[] = "/tmp/hourglass-test-XXXXXX", line[128], want[128], path[128];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/one file.ini", folder);
    fclose(fopen(path, "w"));
    snprintf(want, sizeof want, "%s/sub", folder);
    assert_int_equal(mkdir(want, 0700), 0);
    snprintf(line, sizeof line, "open %s/on", folder);
    snprintf(want, sizeof want, "open %s/one file.ini", folder);
    complete(line, want, 1);
    snprintf(line, sizeof line, "open %s/s", folder);
    snprintf(want, sizeof want, "open %s/sub/", folder);
    complete(line, want, 1);
    unlink(path);
    snprintf(path, sizeof path, "%s/sub", folder);
    rmdir(path);
    rmdir(folder);
}

static void test_history(void **state)
{
    static struct ui_history history;
    struct ui_field field;
    char line[16];

    (void)state;
    for (int i = 0; i < UI_HISTORY + 5; i++) {
        snprintf(line, sizeof line, "line %d", i);
        ui_history_add(&history, line);
        ui_history_add(&history, line); /* twice the same counts once */
    }
    assert_int_equal(history.count, UI_HISTORY);
    ui_field_set(&field, "typed");
    ui_history_move(&history, &field, -1);
    assert_string_equal(field.text, "line 36");
    for (int i = 0; i < 100; i++) {
        ui_history_move(&history, &field, -1);
    }
    assert_string_equal(field.text, "line 5");
    for (int i = 0; i < 100; i++) {
        ui_history_move(&history, &field, 1);
    }
    assert_string_equal(field.text, "typed");
}

static void test_field(void **state)
{
    struct ui_field field;

    (void)state;
    ui_field_set(&field, "héllo wörld");
    ui_field_edit(&field, UI_EDIT_KILL_WORD);
    assert_string_equal(field.text, "héllo ");
    ui_field_edit(&field, UI_EDIT_HOME);
    ui_field_edit(&field, UI_EDIT_RIGHT);
    ui_field_edit(&field, UI_EDIT_DELETE);
    assert_string_equal(field.text, "hllo ");
    ui_field_insert(&field, 0x20AC);
    assert_string_equal(field.text, "h€llo ");
    ui_field_edit(&field, UI_EDIT_BACKSPACE);
    assert_string_equal(field.text, "hllo ");
    ui_field_edit(&field, UI_EDIT_KILL_REST);
    ui_field_insert(&field, 7); /* a control is no text */
    assert_string_equal(field.text, "h");
    ui_field_edit(&field, UI_EDIT_KILL_LINE);
    ui_field_edit(&field, UI_EDIT_BACKSPACE);
    ui_field_edit(&field, UI_EDIT_LEFT);
    assert_int_equal(field.length, 0);
    for (int i = 0; i < 2000; i++) {
        ui_field_insert(&field, 0x1F600);
    }
    assert_int_equal(field.length, (UI_FIELD_TEXT - 1) / 4 * 4);
}

static void test_numbers(void **state)
{
    char out[UI_NUMBER];

    (void)state;
    assert_string_equal(ui_format_loss(out, 0.037412), "0.0374");
    assert_string_equal(ui_format_loss(out, 0.09996), "0.100");
    assert_string_equal(ui_format_loss(out, 1.2345), "1.23");
    assert_string_equal(ui_format_loss(out, 123.4), "123");
    assert_string_equal(ui_format_loss(out, 0.00012345), "1.23e-04");
    assert_string_equal(ui_format_loss(out, 1234567), "1.23e+06");
    assert_string_equal(ui_format_loss(out, 0), "0");
    assert_string_equal(ui_format_loss(out, NAN), "–");
    assert_string_equal(ui_format_count(out, 4520), "4,520");
    assert_string_equal(ui_format_count(out, 123), "123");
    assert_string_equal(ui_format_count(out, 1234567), "1,234,567");
    assert_string_equal(ui_format_speed(out, 118234), "118k");
    assert_string_equal(ui_format_speed(out, 9412), "9.4k");
    assert_string_equal(ui_format_speed(out, 950), "950");
    assert_string_equal(ui_format_speed(out, 999.7), "1.0k");
    assert_string_equal(ui_format_speed(out, 2.34e6), "2.3M");
    assert_string_equal(ui_format_code(out, -0.001, 2), "+0.00");
    assert_string_equal(ui_format_code(out, -12.345, 2), "-12.3");
    assert_string_equal(ui_format_rate(out, 0.0015625), "0.00156");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),    cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_complete), cmocka_unit_test(test_complete_files),
        cmocka_unit_test(test_history),  cmocka_unit_test(test_field),
        cmocka_unit_test(test_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
