/* CSV: delimiters, quotes, headers, labels, and where a mistake is. */
#include "data_help.h"

#include "data/csv_text.h"

static struct hg_dataset *text(const char *csv)
{
    return help_source(help_text("t.csv", csv));
}

static void refused(const char *csv, const char *part)
{
    help_source_refused(help_text("t.csv", csv), HG_DAMAGED, part);
}

/* The same table in every dress. */
static void dresses(void **state)
{
    static const char *const dress[] = {
        "1,2.5,-3\n4,5,6e1\n",
        "1;2.5;-3\n4;5;6e1\n",
        "1\t2.5\t-3\n4\t5\t6e1\n",
        "1,2.5,-3\r\n4,5,6e1\r\n",
        "1,2.5,-3\r4,5,6e1",
        ("\xef\xbb\xbf"
         "1,2.5,-3\n4,5,6e1"),
        "\n\n 1 , 2.5 ,\t-3 \n\n4,5,6e1\n\n  \n",
        "\"1\",\"2.5\",\"-3\"\n\"4\",\"5\",\"6e1\"\n",
        "a,b,c\n1,2.5,-3\n4,5,6e1\n",
        "\"a, x\",\"b \"\"q\"\"\",\"c\nd\"\n1,2.5,-3\n4,5,6e1\n",
        "# a,b,c\n1,2.5,-3\n4,5,6e1\n",
        "a;b;c,d\n1;2.5;-3\n4;5;6e1\n",
    };
    static const float expected[6] = {1, 2.5f, -3, 4, 5, 60};

    (void)state;
    for (size_t i = 0; i < sizeof dress / sizeof dress[0]; i++) {
        struct hg_dataset *d = text(dress[i]);
        assert_int_equal(d->samples, 2);
        assert_int_equal(d->features, 3);
        assert_memory_equal(d->values, expected, sizeof expected);
        assert_false(d->image);
        assert_int_equal(d->scaling, HG_SCALE_NONE);
        assert_int_equal(d->classes, 0);
        hg_dataset_destroy(d);
    }
}

static void text_is_labels(void **state)
{
    struct hg_dataset *d;

    (void)state;
    d = text("size,kind,weight\n1,dog,2\n3,cat 10,4\n5,cat 9,6\n7,dog,8\n");
    assert_int_equal(d->features, 2);
    assert_int_equal(d->classes, 3);
    assert_string_equal(d->class_names[0], "cat 9"); /* natural order */
    assert_string_equal(d->class_names[1], "cat 10");
    assert_string_equal(d->class_names[2], "dog");
    assert_int_equal(d->labels[0], 2);
    assert_int_equal(d->labels[1], 1);
    assert_true(d->values[3] == 4);
    assert_true(help_has_note(d, "labels from column 2 (kind)"));
    hg_dataset_destroy(d);
    d = text("v,k\n1,\"b \"\"q\"\"\"\n");
    assert_string_equal(d->class_names[0], "b \"q\"");
    hg_dataset_destroy(d);
    d = text("v,k\n1,a\x1b[31m\n2,b\xff\n"); /* what names do to a terminal */
    assert_string_equal(d->class_names[0], "a\\x1b[31m");
    assert_string_equal(d->class_names[1], "b\\xff");
    hg_dataset_destroy(d);
}

static void asked_labels(void **state)
{
    static const struct {
        const char *labels;
        int features, classes;
    } cases[] = {{"auto", 3, 0},     {"none", 3, 0},     {"column:-1", 2, 2}, {"column:3", 2, 2},
                 {"column:y", 2, 2}, {"column:1", 2, 3}, {"column:-3", 2, 3}};
    struct hg_data_config config;

    (void)state;
    config = help_config(help_text("t.csv", "a,b,y\n1,2,0\n3,4,1.0\n5,6,1\n"));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hg_dataset *d;
        config.labels = cases[i].labels;
        d = help_load(&config);
        assert_int_equal(d->features, cases[i].features);
        assert_int_equal(d->classes, cases[i].classes);
        if (cases[i].classes == 2)
            assert_int_equal(d->labels[1], d->labels[2]); /* 1.0 is 1 */
        hg_dataset_destroy(d);
    }
    config.labels = "column:4";
    help_refused(&config, HG_USAGE, "labels", "has columns 1 to 3, not 4");
    config.labels = "column:-4";
    help_refused(&config, HG_USAGE, "labels", "not -4");
    config.labels = "column:z";
    help_refused(&config, HG_USAGE, "labels", "no column \"z\"");
    config.labels = "column:0";
    help_refused(&config, HG_USAGE, "labels", "from 1; -1 = the last");
    config.source = help_text("one.csv", "1\n2\n");
    config.labels = "column:1";
    help_refused(&config, HG_DAMAGED, NULL, "no numbers");
}

/* What is a table, and what a header. */
static void headers(void **state)
{
    char csv[8192] = "";
    struct hg_dataset *d;

    (void)state;
    d = text("5.1,3.5,setosa\n4.9,3,setosa\n");
    assert_int_equal(d->samples, 1);
    assert_true(help_has_note(d, "line 1 has text and numbers"));
    hg_dataset_destroy(d);
    d = text(",a,k\n0,1,x\n1,3,y\n"); /* as pandas writes its index */
    assert_int_equal(d->samples, 2);
    assert_false(help_has_note(d, "line 1"));
    hg_dataset_destroy(d);
    d = text("k,x\n<50K,1\n>50K,2\n"); /* a label, no markup */
    assert_int_equal(d->classes, 2);
    hg_dataset_destroy(d);
    refused("<p>1,2</p>\n3,4\n", "of no known kind");
    for (int i = 0; i < 12; i++) /* the questions of a survey: longer than what is looked at */
        snprintf(csv + strlen(csv), sizeof csv - strlen(csv), "%s%0400d or not?", i ? "," : "", i);
    strcat(csv, "\n1,2,3,4,5,6,7,8,9,10,11,12\n");
    d = text(csv);
    assert_int_equal(d->features, 12);
    hg_dataset_destroy(d);
}

/* Numbers that a float or even a double cannot hold, and blanks that quotes keep. */
static void numbers(void **state)
{
    struct hg_data_config config = help_config(help_text("n.csv", "a,b\n1,2\n3,-1e300\n"));
    struct hg_dataset *d;

    (void)state;
    help_refused(&config, HG_DAMAGED, NULL, "line 3, column 2 (b): too large; single precision");
    config.scale = "none";
    help_refused(&config, HG_DAMAGED, NULL, "line 3, column 2 (b): too large");
    config.scale = "0..1";
    hg_dataset_destroy(help_load(&config));
    config.scale = "auto";
    config.labels = "column:2";
    hg_dataset_destroy(help_load(&config));
    refused("1,3.40282357e38\n", "line 1, column 2: too large");
    d = text("1,3.4028235e38\n");
    assert_true(isfinite(d->values[1]));
    hg_dataset_destroy(d);
    refused("1e999,2\n3,4\n", "line 1, column 1: too large"); /* no header */
    d = text("\"  1\",\"2 \"\n3,\"\t4\"\n");
    assert_int_equal(d->samples, 2);
    assert_true(d->values[0] == 1 && d->values[1] == 2 && d->values[3] == 4);
    hg_dataset_destroy(d);
    refused("1,2\n3,\" NA \"\n", "line 2, column 2: missing");
}

static void mistakes(void **state)
{
    (void)state;
    refused("1,2\n3\n", "line 2: 1 fields, expected 2");
    refused("1,2\r\n3,4\r\n5\r\n", "line 3: 1 fields");
    refused("1,2\n3,4,5\n", "line 2: 3 fields, expected 2");
    refused("a,b\n1,2\n\n3,\n", "line 4, column 2 (b): the value is missing");
    refused("1,2\n,3\n", "line 2, column 1: the value is missing");
    refused("1,2\n3,nan\n", "line 2, column 2: missing or not finite: \"nan\"");
    refused("1,2\n3,-Inf\n", "line 2, column 2: missing or not finite");
    refused("1,2\n3,NA\n", "line 2, column 2: missing or not finite");
    refused("1,nan\n3,4\n", "line 1, column 2: missing or not finite"); /* no header */
    refused("1,2\n3,1e999\n", "line 2, column 2");
    refused("1,2\n3,0x10\n", "line 2, column 2: expected a number");
    refused("1;2,5\n3;4,5\n", "line 1, column 2: a decimal comma");
    refused("a,b,c\n1,x,y\n", "line 2, column 3 (c): text in more than");
    refused("a,b\n1,x\n2,\n", "line 3, column 2 (b): the label is missing");
    refused("a,b\n1,\"2\n3,4\n", "line 2, column 2 (b): a quotation mark");
    refused("a,b\n1,\"2\"3\n", "line 2, column 2 (b): a quotation mark");
    refused("\"a\nb\",c\n1,2\n3,x\n", "line 4, column 2"); /* lines inside quotes count */
    refused("a,b\n", "of no known kind");
    refused("1,b\n\n", "holds no rows below its header in line 1");
    refused("just words\nand more words\n", "of no known kind");
    refused("[data]\nlimit = 3\n", "of no known kind");
    refused("limit = 3, 4\n1, 2\n", "of no known kind");
    refused("# run, 2024\n\n# more\n[data]\n", "of no known kind");
    refused("{\"a\": [1, 2]}\n", "of no known kind");
}

static void none_with_text(void **state)
{
    struct hg_data_config config = help_config(help_text("t.csv", "a,b\n1,x\n"));

    (void)state;
    config.labels = "none";
    help_refused(&config, HG_DAMAGED, NULL, "text can only be the labels");
}

static void shapes(void **state)
{
    struct hg_data_config config;
    struct hg_dataset *d;
    char csv[4096] = "";
    size_t n = 0;

    (void)state;
    for (int i = 0; i < 16; i++)
        n += (size_t)sprintf(csv + n, "%d,", i);
    strcpy(csv + n, "7\n");
    config = help_config(help_text("t.csv", csv));
    d = help_load(&config); /* 17 values: a vector */
    assert_false(d->image);
    hg_dataset_destroy(d);
    config.source = help_text("u.csv", csv + 2); /* 16 values without labels: a vector too */
    d = help_load(&config);
    assert_int_equal(d->features, 16);
    assert_false(d->image);
    hg_dataset_destroy(d);
    config.source = help_path("t.csv");
    config.labels = "column:-1"; /* labels and a square number: an image */
    d = help_load(&config);
    assert_true(d->image);
    assert_int_equal(d->shape.rows, 4);
    assert_int_equal(d->shape.columns, 4);
    hg_dataset_destroy(d);
    config.shape = "8x2";
    d = help_load(&config);
    assert_int_equal(d->shape.columns, 8);
    assert_int_equal(d->shape.rows, 2);
    hg_dataset_destroy(d);
    config.shape = "2x2x4"; /* row, column, channel -> channel, row, column */
    d = help_load(&config);
    assert_int_equal(d->shape.channels, 4);
    assert_true(d->values[0] == 0 && d->values[1] == 4 && d->values[2] == 8 && d->values[3] == 12);
    assert_true(d->values[4] == 1 && d->values[15] == 15);
    hg_dataset_destroy(d);
    config.shape = "4x3";
    help_refused(&config, HG_USAGE, "shape", "makes 12 values, but the data have 16");
    config = help_config(help_text("p.csv", "pixel0,pixel1,pixel2,pixel3\n1,2,3,4\n"));
    d = help_load(&config); /* names say so */
    assert_true(d->image);
    hg_dataset_destroy(d);
    config = help_config(help_text("q.csv", "a,b,c,d,kind\n1,2,3,4,x\n"));
    d = help_load(&config); /* names say otherwise */
    assert_false(d->image);
    hg_dataset_destroy(d);
}

static void pixel_names(void **state)
{
    static const char *const yes[] = {"pixel0", "pixel783", "px_1", "p10",  "1x1",
                                      "28x28",  "0_0",      "r0c0", "pix.4"};
    static const char *const no[] = {"", "pixel", "a", "x1", "1", "petal1", "r1", "1x", "alcohol"};

    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        if (!hg__csv_is_pixel(yes[i]))
            fail_msg("%s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        if (hg__csv_is_pixel(no[i]))
            fail_msg("%s", no[i]);
}

static void limits(void **state)
{
    struct hg_data_config config = help_config(help_text("t.csv", "1\n2\n3\n"));
    struct hg_context *small = NULL;
    struct hg_dataset *d;

    (void)state;
    config.limit = 2;
    d = help_load(&config);
    assert_int_equal(d->samples, 2);
    assert_int_equal(d->features, 1);
    hg_dataset_destroy(d);
    config.limit = 0;
    config.max_samples = 2;
    help_refused(&config, HG_DAMAGED, NULL, "3 samples; the limit is 2");
    assert_int_equal(hg_context_create(1, NULL, 16, &small, NULL), HG_OK);
    config.max_samples = 0;
    assert_int_equal(hg_dataset_load(small, &config, &d, NULL, &help_error), HG_NO_MEMORY);
    hg_context_destroy(small);
}

static void real_tables(void **state)
{
    struct hg_data_config config = help_config(help_shared("digits/digits.csv.gz"));
    struct hg_dataset *d;

    (void)state;
    config.labels = "column:-1";
    d = help_load(&config);
    assert_int_equal(d->samples, 1797);
    assert_int_equal(d->shape.rows, 8);
    assert_int_equal(d->classes, 10);
    assert_true(d->highest == 16);
    assert_string_equal(d->name, "digits");
    hg_dataset_destroy(d);

    config.source = help_shared("iris/iris.csv");
    d = help_load(&config);
    assert_int_equal(d->samples, 150);
    assert_int_equal(d->features, 4);
    assert_false(d->image);
    assert_int_equal(d->classes, 3);
    assert_true(help_has_note(d, "not column names"));
    hg_dataset_destroy(d);

    config.source = help_shared("wine/wine_data.csv");
    d = help_load(&config);
    assert_int_equal(d->samples, 178);
    assert_int_equal(d->features, 13);
    assert_true(help_has_note(d, "line 1 has 5 fields and the rows 14"));
    hg_dataset_destroy(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dresses),        cmocka_unit_test(text_is_labels),
        cmocka_unit_test(asked_labels),   cmocka_unit_test(headers),
        cmocka_unit_test(numbers),        cmocka_unit_test(mistakes),
        cmocka_unit_test(none_with_text), cmocka_unit_test(shapes),
        cmocka_unit_test(pixel_names),    cmocka_unit_test(limits),
        cmocka_unit_test(real_tables),
    };
    return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
