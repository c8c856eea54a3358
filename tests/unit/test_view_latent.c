/* View 2 driven by scripts: how it looks, what is asked for, at every size. */
#include "view_latent_help.h"

/* ---- stored screens ---- */

static void test_sizes_stored(void **state)
{
    static const int sizes[][2] = {{24, 80}, {40, 120}, {50, 200}, {12, 40}, {8, 24}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[32];
        struct fake *fake = looking(sizes[i][0], sizes[i][1], 2);
        snprintf(name, sizeof name, "latent-%dx%d", sizes[i][1], sizes[i][0]);
        check_screen(fake, name);
        fake_close(fake);
    }
}

static void check_kind(size_t codes, bool table, bool ascii, const char *name)
{
    struct fake *fake = in_view(24, 80, ascii, ascii ? 256 : 0);

    if (table) {
        make_table(fake, 4);
        fake->snapshot.classes = 0;
        fake->snapshot.label = -1;
    }
    fake->snapshot.codes = codes;
    fill(fake, codes);
    if (table) {
        fake->snapshot.latent.agreement[0] = fake->snapshot.latent.agreement[1] = NAN;
    }
    fake_take(fake);
    check_screen(fake, name);
    fake_close(fake);
}

static void test_kinds_stored(void **state)
{
    (void)state;
    check_kind(8, false, false, "latent-projected");
    check_kind(1, false, false, "latent-strip");
    check_kind(2, true, false, "latent-table");
    check_kind(2, false, true, "latent-ascii");
}

static void test_nothing_yet(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256);

    (void)state;
    assert_true(has(fake, "Looking at the codes"));
    keys(fake, "Up Down Left Right Enter m M z . [ ] PageUp PageDown");
    assert_null(asked(fake, HG_DO_SET)); /* an arrow is no rate here */
    fake_close(fake);
}

/* ---- what is asked for ---- */

static void test_asked(void **state)
{
    struct fake *fake = fake_settled(40, 120);
    const struct hg_command *told;

    (void)state;
    assert_null(asked(fake, HG_DO_LATENT)); /* nothing outside the view */
    keys(fake, "2");
    told = asked(fake, HG_DO_LATENT);
    assert_non_null(told);
    assert_int_equal(told->number, 1);
    assert_true(told->first >= 5 && told->count >= 2); /* of the grid */
    assert_null(asked(fake, HG_DO_LATENT));            /* once */
    fill(fake, 2);
    fake_take(fake);
    told = asked(fake, HG_DO_LATENT_SAMPLE); /* the cursor begins where the sample is */
    assert_non_null(told);
    assert_int_equal(told->first, fake->snapshot.sample);
    keys(fake, "80x24");
    told = asked(fake, HG_DO_LATENT); /* no room for a grid */
    assert_non_null(told);
    assert_int_equal(told->first, 0);
    keys(fake, "1");
    told = asked(fake, HG_DO_LATENT);
    assert_non_null(told);
    assert_int_equal(told->number, 0);
    fake_close(fake);
}

static void test_keys_elsewhere(void **state)
{
    struct fake *fake = looking(24, 80, 2);

    (void)state;
    keys(fake, "+");
    fake->told_count = 0;
    keys(fake, "+");
    assert_string_equal(fake_last(fake), "SET train.lr 0.0015625");
    keys(fake, "n");
    assert_string_equal(fake_last(fake), "SHOW_LABEL 1 -1");
    assert_true(has(fake, "arrows move"));
    keys(fake, "1 m");
    assert_true(has(fake, "press 2"));
    fake_close(fake);
}

/* ---- every size ---- */

/* Drawn at any size, on any screen, whatever there is. */
static void test_sizes_drawn(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++) {
        struct fake *fake = in_view(24, 80, kind == 1, kind < 2 ? 256 : kind == 2 ? 0 : 16);
        if (kind >= 4) {
            make_table(fake, kind == 4 ? 4 : 900);
        }
        fake->snapshot.codes = kind == 3 ? 32 : kind == 4 ? 1 : 2;
        for (int i = 0; i < 120; i++) {
            char size[32];
            snprintf(size, sizeof size, "%dx%d", 1 + i * 53 % 260, 1 + i * 17 % 71);
            keys(fake, size);
            free(ui_script_text(&fake->script));
            fill(fake, fake->snapshot.codes);
            fake_take(fake);
            keys(fake, "] Right Esc Right m");
            free(ui_script_text(&fake->script));
        }
        fake_close(fake);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes_stored),   cmocka_unit_test(test_kinds_stored),
        cmocka_unit_test(test_nothing_yet),    cmocka_unit_test(test_asked),
        cmocka_unit_test(test_keys_elsewhere), cmocka_unit_test(test_sizes_drawn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
