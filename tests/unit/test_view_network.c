/* View 3 driven by scripts: what is drawn at every size, what the trainer is asked for, a weight
 * read and changed. */
#include "keys_help.h"

#include "tui/network.h"

static struct hg_network facts;

/* Draws, and tells what the trainer was asked for meanwhile. */
static const char *asked(struct fake *fake)
{
    fake->told_count = 0;
    free(ui_script_text(&fake->script));
    return fake_last(fake);
}

static float wave(uint32_t a, uint32_t b)
{
    return (float)sin((double)(a * 7 + b * 3 + 1));
}

static void add_column(uint32_t units, const char *name, const char *text, uint32_t most,
                       uint32_t few)
{
    struct hg_network_column *column = &facts.column[facts.count++];

    *column = (struct hg_network_column){.units = units, .shape = {1, 1, (int)units}};
    snprintf(column->name, sizeof column->name, "%s", name);
    snprintf(column->text, sizeof column->text, "%s", text);
    column->count = units <= most ? units : few;
    column->choice = units <= most                            ? HG_NETWORK_ALL
                     : facts.chosen_column == facts.count - 1 ? HG_NETWORK_RANGE
                                                              : HG_NETWORK_ACTIVE;
    uint32_t first = 0;
    if (column->choice == HG_NETWORK_RANGE && facts.chosen_unit >= few) {
        first = facts.chosen_unit - few + 1;
    }
    for (uint32_t i = 0; i < column->count; i++) {
        uint32_t unit = column->choice == HG_NETWORK_ACTIVE ? i * 5 : first + i;
        column->unit[i] = (struct hg_network_unit){unit, facts.count > 1 ? wave(unit, 2) / 2 : NAN,
                                                   wave(unit, facts.count)};
    }
    column->most_active = column->strongest = 1;
    column->most_biased = 0.5F;
}

static void add_edges(bool chosen)
{
    for (uint16_t c = 1; c < facts.count; c++) {
        for (uint32_t f = 0; f < facts.column[c - 1].count; f++) {
            for (uint32_t t = 0; t < facts.column[c].count && facts.edges < HG_NETWORK_EDGES; t++) {
                bool here = (facts.first + c == facts.chosen_column &&
                             facts.column[c].unit[t].unit == facts.chosen_unit) ||
                            (facts.first + c - 1 == facts.chosen_column &&
                             facts.column[c - 1].unit[f].unit == facts.chosen_unit);
                if (here == chosen) {
                    facts.edge[facts.edges++] = (struct hg_network_edge){c, (uint8_t)f, (uint8_t)t,
                                                                         here, wave(f * c, t)};
                }
            }
        }
    }
}

static void add_chosen(int32_t page)
{
    const struct hg_network_column *column = ui_network_column(&facts, facts.chosen_column);
    uint32_t before = facts.chosen_column > 0 ? column[-1].units : 0;

    facts.bias = column->unit[0].bias;
    facts.activation = -0.25F;
    facts.ins = before;
    facts.outs = facts.chosen_column + 1 < facts.columns ? column[1].units : 0;
    facts.top_ins = facts.ins < HG_NETWORK_TOP ? facts.ins : HG_NETWORK_TOP;
    facts.top_outs = facts.outs < HG_NETWORK_TOP ? facts.outs : HG_NETWORK_TOP;
    for (uint32_t i = 0; i < HG_NETWORK_TOP; i++) {
        facts.in[i] = (struct hg_network_link){i * 3, (i % 2 ? -1.0F : 1.0F) / (float)(i + 1)};
        facts.out[i] = (struct hg_network_link){i, (i % 3 ? 0.5F : -0.7F) / (float)(i + 1)};
    }
    facts.weights = before > 0 ? before + 1 : 0;
    facts.page_first = page > 0 ? (uint32_t)page : 0;
    facts.page_count = 0;
    for (uint32_t i = facts.page_first;
         page >= 0 && i < facts.weights && i - facts.page_first < HG_NETWORK_PAGE; i++) {
        struct hg_network_weight *weight = &facts.page[facts.page_count++];
        *weight = (struct hg_network_weight){.value = i == 0 ? 0.125F : wave(i, 4)};
        snprintf(weight->what, sizeof weight->what, i == 0 ? "bias" : "from %u", (unsigned)i - 1);
        snprintf(weight->key, sizeof weight->key, i == 0 ? "%s.bias[%u]" : "%s.weight[%u,%u]",
                 column->name, (unsigned)facts.chosen_unit, (unsigned)i - 1);
    }
}

/* What a trainer would answer to the last wish. */
static void answer(struct fake *fake, bool wide)
{
    const struct hg_command *wish = NULL;
    uint64_t serial = facts.serial;

    for (size_t i = 0; i < fake->told_count; i++) {
        wish = fake->told[i].kind == HG_DO_NETWORK ? &fake->told[i] : wish;
    }
    assert_non_null(wish);
    uint32_t most = wish->count, few = (uint32_t)wish->value[0];
    memset(&facts, 0, sizeof facts);
    facts.known = true;
    facts.serial = serial + 1;
    facts.sample = fake->snapshot.sample;
    facts.columns = wide ? 7 : 5;
    facts.chosen_column = (uint32_t)wish->number;
    facts.chosen_unit = wish->first;
    add_column(wide ? 784 : 4, "", "", most, few);
    add_column(wide ? 128 : 6, "encoder.0", "dense 6 tanh", most, few);
    if (wide) {
        add_column(32, "encoder.2", "dense 32 tanh", most, few);
    }
    add_column(2, "encoder.4", "dense 2 tanh", most, few);
    facts.column[facts.count - 1].code = true;
    add_column(wide ? 32 : 5, "decoder.0", "dense 5 tanh", most, few);
    if (wide) {
        add_column(128, "decoder.2", "dense 128 tanh", most, few);
    }
    add_column(wide ? 784 : 4, "decoder.4", "dense 4 tanh", most, few);
    add_edges(false);
    add_edges(true);
    add_chosen(wish->label);
    fake->snapshot.network = &facts;
    fake_take(fake);
}

static void look(struct fake *fake, const char *words, bool wide)
{
    keys(fake, words);
    asked(fake);
    if (fake->told_count > 0) {
        answer(fake, wide);
    }
    free(ui_script_text(&fake->script));
}

static struct fake *in_view(int rows, int columns, bool ascii, int colours, bool wide)
{
    struct fake *fake = fake_open(rows, columns, ascii, colours);

    fake_take(fake);
    keys(fake, "20s");
    look(fake, "3", wide);
    return fake;
}

/* ---- stored screens ---- */

static void test_stored(void **state)
{
    static const struct {
        int rows, columns;
        bool ascii, wide;
        const char *name;
    } screens[] = {
        {24, 80, false, false, "network-80x24"},  {40, 120, false, false, "network-120x40"},
        {50, 200, false, true, "network-200x50"}, {12, 40, false, false, "network-40x12"},
        {24, 80, false, true, "network-wide"},    {24, 80, true, false, "network-ascii"}};

    (void)state;
    for (size_t i = 0; i < sizeof screens / sizeof *screens; i++) {
        struct fake *fake = in_view(screens[i].rows, screens[i].columns, screens[i].ascii, 256,
                                    screens[i].wide);
        look(fake, "Right", screens[i].wide);
        look(fake, "Down", screens[i].wide);
        check_screen(fake, screens[i].name);
        fake_close(fake);
    }
}

static void test_list_stored(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256, true);

    (void)state;
    look(fake, "Enter", true);
    look(fake, "PageDown Down", true);
    check_screen(fake, "network-list");
    keys(fake, "Enter C-u text:0.5 Enter");
    check_screen(fake, "network-confirm");
    fake_close(fake);
}

/* ---- what is asked for ---- */

static void test_asked(void **state)
{
    struct fake *fake = fake_settled(24, 80);

    (void)state;
    assert_string_equal(asked(fake), ""); /* nothing outside the view */
    keys(fake, "3");
    assert_true(has(fake, "Looking into the network"));
    fake->told_count = 0;
    keys(fake, "1 3");
    free(ui_script_text(&fake->script));
    fake_close(fake);
    fake = in_view(24, 80, false, 256, false);
    assert_string_equal(asked(fake), ""); /* once */
    look(fake, "Right", false);
    assert_string_equal(asked(fake), "");
    assert_int_equal(facts.chosen_column, 2);
    look(fake, "Down Down Down", false); /* there are two */
    assert_int_equal(facts.chosen_unit, 1);
    look(fake, "Home", false);
    assert_int_equal(facts.chosen_unit, 0);
    look(fake, "Left Left Left Left", false);
    assert_int_equal(facts.chosen_column, 0);
    look(fake, "] > Right", false);
    assert_int_equal(facts.chosen_column, 3);
    keys(fake, "1");
    assert_string_equal(asked(fake), "NETWORK -1/1, 16, page -1");
    assert_string_equal(asked(fake), "");
    fake_close(fake);
}

/* Every unit of a wide column can be reached, and the column is entered where it was left. */
static void test_wide(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256, true);

    (void)state;
    assert_true(has(fake, "/128"));
    look(fake, "End", true);
    assert_int_equal(facts.chosen_unit, 127);
    for (int i = 0; i < 20; i++) {
        look(fake, "Up", true);
    }
    assert_int_equal(facts.chosen_unit, 107);
    look(fake, "PageUp", true);
    assert_int_equal(facts.chosen_unit, 99);
    look(fake, "Left", true);
    assert_int_equal(facts.chosen_column, 0);
    look(fake, "Right", true);
    assert_int_equal(facts.chosen_unit, 99);
    look(fake, "Left Home", true);
    for (int i = 0; i < 783; i++) {
        keys(fake, "Down");
    }
    look(fake, "Down", true);
    assert_int_equal(facts.chosen_unit, 783);
    fake_close(fake);
}

static void test_keys_of_all_views(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256, false);

    (void)state;
    assert_true(has(fake, "←→ layer"));
    assert_true(has(fake, "Enter weights"));
    fake->told_count = 0;
    keys(fake, "n");
    assert_string_equal(fake_last(fake), "SHOW_LABEL 1 -1");
    keys(fake, "+");
    assert_string_equal(fake_last(fake), "SET train.lr 0.00125");
    keys(fake, "space");
    assert_string_equal(fake_last(fake), "PAUSE");
    fake_close(fake);
}

/* ---- a parameter read and changed ---- */

static void test_edit(void **state)
{
    struct fake *fake = in_view(40, 120, false, 256, false);

    (void)state;
    look(fake, "Down Enter", false);
    assert_true(has(fake, "into unit 1"));
    assert_true(has(fake, "bias                      +0.125"));
    look(fake, "Down Down Down Enter", false);
    keys(fake, "C-u text:nan Enter");
    assert_true(has(fake, "'nan' is no number; accepted: one like -0.25 or 1e-3."));
    keys(fake, "C-u text:1e39 Enter");
    assert_true(has(fake, "'1e39' is no number"));
    keys(fake, "C-u Enter");
    assert_true(has(fake, "'' is no number"));
    keys(fake, "text:q Enter"); /* text, no quitting */
    assert_true(has(fake, "'q' is no number"));
    keys(fake, "C-u text:_-1.5e-2_ Enter");
    assert_true(has(fake, "→ -1.5e-2 ?"));
    assert_true(has(fake, "y or Enter: yes, Esc: no"));
    assert_false(has(fake, "space pause")); /* no other key does anything */
    assert_string_equal(asked(fake), "");
    keys(fake, "Esc");
    assert_string_equal(asked(fake), "");
    assert_false(has(fake, "y or Enter"));
    keys(fake, "Enter C-u text:0.5 Enter n Enter C-u text:0.25 Enter y");
    assert_string_equal(asked(fake), "EDIT encoder.0.weight[1,2] = 0.25");
    assert_string_equal(asked(fake), "");
    keys(fake, "Enter 7 Enter y"); /* what is there is typed over */
    assert_string_equal(asked(fake), "EDIT encoder.0.weight[1,2] = 7");
    keys(fake, "Enter");
    int cursor[2] = {-1, -1};
    ui_app_draw(&fake->script.app, &fake->script.canvas, UI_DRAW_ALL, cursor);
    assert_true(cursor[0] > 0 && cursor[1] > 80);
    keys(fake, "Esc Esc");
    assert_true(has(fake, "unit 1"));
    assert_int_equal(fake->script.app.view, 3);
    fake_close(fake);
}

/* A running statistic is shown, and not set. */
static void test_measured(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256, false);

    (void)state;
    look(fake, "Enter", false);
    facts.page[0].key[0] = '\0';
    keys(fake, "Enter");
    assert_true(has(fake, "it is not set"));
    fake_close(fake);
}

/* All pages of a long list. */
static void test_pages(void **state)
{
    struct fake *fake = in_view(24, 80, false, 256, true);

    (void)state;
    look(fake, "Enter", true);
    assert_true(has(fake, "1 of 785"));
    look(fake, "End", true);
    assert_true(has(fake, "785/785"));
    assert_true(has(fake, "from 783"));
    for (int i = 0; i < 300; i++) {
        look(fake, "Up", true);
    }
    assert_true(has(fake, "485/785"));
    assert_true(has(fake, "from 483"));
    keys(fake, "wheel-down");
    assert_true(has(fake, "488/785"));
    fake_close(fake);
}

static void test_mouse(void **state)
{
    struct fake *fake = in_view(40, 120, false, 256, false);
    const struct ui_network *network = fake->script.app.scene.network;
    struct ui_network_columns columns;
    char word[32];

    (void)state;
    ui_network_columns(&columns, &network->place, &facts);
    snprintf(word, sizeof word, "press@%d,%d", ui_network_row(&network->place, 5, 3), columns.x[3]);
    look(fake, word, false);
    assert_int_equal(facts.chosen_column, 3);
    assert_int_equal(facts.chosen_unit, 3);
    look(fake, "wheel-up", false);
    assert_int_equal(facts.chosen_unit, 2);
    fake_close(fake);
}

/* ---- every size ---- */

static void test_every_size(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        struct fake *fake = in_view(24, 80, kind == 3, kind == 2 ? 0 : 256, kind % 2 == 1);
        for (int rows = 1; rows <= 100; rows += 7) {
            for (int columns = 1; columns <= 300; columns += 11) {
                struct ui_script *script = &fake->script;
                assert_true(ui_canvas_resize(&script->canvas, rows, columns));
                free(ui_script_text(script));
                keys(fake, "Enter");
                free(ui_script_text(script));
                keys(fake, "Esc");
            }
        }
        fake_close(fake);
    }
}

/* Columns lie within the drawing, apart from each other, nodes within its rows. */
static void test_places(void **state)
{
    (void)state;
    struct fake *fake = in_view(24, 80, false, 256, true);
    for (int rows = 3; rows <= 100; rows++) {
        for (int columns = 12; columns <= 300; columns += 3) {
            struct ui_network_place place;
            struct ui_network_columns at;
            ui_network_place(&place, (struct ui_rect){1, 0, rows, columns});
            if (place.rows < 1 || place.drawing.columns < 12) {
                continue;
            }
            ui_network_columns(&at, &place, &facts);
            for (int i = 0; i < at.count; i++) {
                assert_in_range(at.x[i], place.drawing.column,
                                place.drawing.column + place.drawing.columns - at.wide);
                assert_true(i == 0 || at.x[i] > at.x[i - 1] + at.wide);
            }
            assert_in_range(facts.chosen_column, at.first, at.first + at.count - 1);
            for (int count = 1; count <= place.most; count++) {
                for (int i = 0; i < count; i++) {
                    int row = ui_network_row(&place, count, i);
                    assert_in_range(row, place.top, place.top + place.rows - 1);
                    assert_true(i == 0 || row > ui_network_row(&place, count, i - 1));
                }
            }
        }
    }
    fake_close(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stored),   cmocka_unit_test(test_list_stored),
        cmocka_unit_test(test_asked),    cmocka_unit_test(test_wide),
        cmocka_unit_test(test_edit),     cmocka_unit_test(test_keys_of_all_views),
        cmocka_unit_test(test_measured), cmocka_unit_test(test_pages),
        cmocka_unit_test(test_mouse),    cmocka_unit_test(test_every_size),
        cmocka_unit_test(test_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
