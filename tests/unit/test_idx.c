/* IDX: types, dimensions, gzip, siblings, and headers that lie. */
#include "data_help.h"

static struct help_bytes idx, gz;

static void begin(int type, int dims, const uint32_t *shape)
{
    unsigned char head[4] = {0, 0, (unsigned char)type, (unsigned char)dims};

    idx.length = 0;
    help_add(&idx, head, 4);
    for (int i = 0; i < dims; i++)
        help_add32(&idx, shape[i]);
}

static const char *save(const char *name)
{
    return help_file(name, idx.data, idx.length);
}

static const char *save_gz(const char *name)
{
    gz.length = 0;
    help_gzip(&gz, idx.data, idx.length);
    return help_file(name, gz.data, gz.length);
}

/* Three images of 2 rows and 3 columns: 0, 1, 2, ... 17. */
static void images(void)
{
    unsigned char v[18];

    begin(8, 3, (uint32_t[]){3, 2, 3});
    for (int i = 0; i < 18; i++)
        v[i] = (unsigned char)i;
    help_add(&idx, v, 18);
}

static void bytes_are_images(void **state)
{
    struct hg_dataset *d;

    (void)state;
    images();
    for (int packed = 0; packed < 2; packed++) {
        d = help_source(packed ? save_gz("a.bin") : save("a.csv")); /* the name means nothing */
        assert_int_equal(d->samples, 3);
        assert_int_equal(d->shape.rows, 2);
        assert_int_equal(d->shape.columns, 3);
        assert_true(d->image && d->bounded);
        assert_true(d->lowest == 0 && d->highest == 1);
        assert_int_equal(d->scaling, HG_SCALE_UNIT);
        for (int i = 0; i < 18; i++)
            assert_true(d->values[i] == (float)(i / 255.0));
        assert_int_equal(d->classes, 0);
        assert_int_equal(d->training, 3);
        hg_dataset_destroy(d);
    }
}

static void other_types(void **state)
{
    static const struct {
        int type;
        unsigned char bytes[16];
        size_t each;
        double values[2];
    } cases[] = {{0x09, {0xff, 0x80}, 1, {-1, -128}},
                 {0x0B, {0xff, 0xfe, 0x01, 0x00}, 2, {-2, 256}},
                 {0x0C, {0xff, 0xff, 0xff, 0xfd, 0, 1, 0, 0}, 4, {-3, 65536}},
                 {0x0D, {0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0}, 4, {1, -2}},
                 {0x0E, {0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0}, 8, {1.5, -2}}};

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct hg_dataset *d;
        begin(cases[c].type, 2, (uint32_t[]){2, 1});
        help_add(&idx, cases[c].bytes, 2 * cases[c].each);
        d = help_source(save("t.idx"));
        assert_int_equal(d->samples, 2);
        assert_int_equal(d->features, 1);
        assert_int_equal(d->scaling, HG_SCALE_NONE);
        assert_false(d->bounded);
        assert_true((double)d->values[0] == cases[c].values[0]);
        assert_true((double)d->values[1] == cases[c].values[1]);
        hg_dataset_destroy(d);
    }
}

static void sibling_labels(void **state)
{
    struct hg_data_config config;
    struct hg_dataset *d;
    const char *path;

    (void)state;
    begin(8, 1, (uint32_t[]){3});
    help_add(&idx, "\7\2\7", 3);
    save_gz("x-labels-idx1-ubyte.gz");
    images();
    path = save("x-images-idx3-ubyte"); /* not compressed; its sibling is */
    d = help_source(path);
    assert_int_equal(d->classes, 2);
    assert_string_equal(d->class_names[0], "2");
    assert_string_equal(d->class_names[1], "7");
    assert_int_equal(d->labels[0], 1);
    assert_int_equal(d->labels[1], 0);
    assert_true(help_has_note(d, "x-labels-idx1-ubyte.gz"));
    hg_dataset_destroy(d);

    config = help_config(path);
    config.limit = 2; /* the count is still checked against all three */
    d = help_load(&config);
    assert_int_equal(d->samples, 2);
    assert_int_equal(d->labels[1], 0);
    hg_dataset_destroy(d);
    config.labels = "none";
    d = help_load(&config);
    assert_null(d->labels);
    hg_dataset_destroy(d);

    begin(8, 1, (uint32_t[]){2});
    help_add(&idx, "\7\2", 2);
    save_gz("x-labels-idx1-ubyte.gz");
    help_source_refused(path, HG_DAMAGED, "2 labels for 3 samples");
}

static void lies(void **state)
{
    struct hg_data_config config;

    (void)state;
    images();
    idx.length--;
    help_source_refused(save("short"), HG_DAMAGED, "declares 34 bytes in all; the file has 33");
    help_source_refused(save_gz("short.gz"), HG_DAMAGED, "its header declares 34");
    idx.length += 2;
    help_source_refused(save("long"), HG_DAMAGED, "has 35");
    help_source_refused(save_gz("long.gz"), HG_DAMAGED, "more than the 34 bytes");
    idx.length = 9;
    help_source_refused(save("head"), HG_DAMAGED, "ends inside the IDX header");
    /* 2^40 bytes from a hundred: refused before anything is allocated. */
    begin(8, 3, (uint32_t[]){1 << 20, 1 << 10, 1 << 10});
    help_source_refused(save("bomb"), HG_DAMAGED, "declares 1099511627792 bytes");
    help_source_refused(save_gz("bomb.gz"), HG_DAMAGED, "can hold no more than");
    begin(8, 4, (uint32_t[]){~0u, 1u << 31, 1 << 10, 1});
    help_source_refused(save("bomb2"), HG_DAMAGED, "bomb2");
    begin(8, 4, (uint32_t[]){~0u, 65536, 65536, 65536});
    help_source_refused(save("bomb3"), HG_DAMAGED, "bomb3");
    begin(8, 2, (uint32_t[]){0, 5});
    help_source_refused(save("none"), HG_DAMAGED, "no samples");
    begin(8, 5, (uint32_t[]){1, 1, 1, 1, 1});
    help_add(&idx, "", 1);
    help_source_refused(save("five"), HG_DAMAGED, "dimensions");
    images();
    config = help_config(save("limits"));
    config.max_pixels = 5;
    help_refused(&config, HG_DAMAGED, NULL, "--max-pixels");
    config.max_pixels = 6;
    config.max_samples = 2;
    help_refused(&config, HG_DAMAGED, NULL, "--max-samples");
    config.limit = 2;
    hg_dataset_destroy(help_load(&config));
}

static void damaged_gzip(void **state)
{
    (void)state;
    images();
    save_gz("d.gz");
    for (size_t cut = 11; cut < gz.length; cut++) {
        const char *path = help_file("cut.gz", gz.data, cut);
        struct hg_data_config config = help_config(path);
        help_refused(&config, HG_DAMAGED, NULL, "cut.gz");
    }
    gz.data[gz.length - 8] ^= 1; /* its CRC */
    help_source_refused(help_file("crc.gz", gz.data, gz.length), HG_DAMAGED, "gzip");
    help_source_refused(help_file("empty", "", 0), HG_DAMAGED, "is empty");
}

static void little_memory(void **state)
{
    struct hg_data_config config;
    struct hg_context *small = NULL;
    struct hg_dataset *d;

    (void)state;
    images(); /* 34 bytes of file, 18 values of 1 + 4 bytes */
    config = help_config(save("m"));
    assert_int_equal(hg_context_create(1, NULL, 89, &small, NULL), HG_OK);
    assert_int_equal(hg_dataset_load(small, &config, &d, NULL, &help_error), HG_NO_MEMORY);
    assert_non_null(strstr(help_error.text, "3 samples of 6 values need"));
    hg_context_destroy(small);
    assert_int_equal(hg_context_create(1, NULL, 90, &small, NULL), HG_OK);
    assert_int_equal(hg_dataset_load(small, &config, &d, NULL, &help_error), HG_OK);
    hg_dataset_destroy(d);
    hg_context_destroy(small);
}

static void not_finite(void **state)
{
    (void)state;
    begin(0x0D, 2, (uint32_t[]){2, 2});
    help_add(&idx, "\0\0\0\0\0\0\0\0\0\0\0\0\x7f\xc0\0\0", 16);
    help_source_refused(save("nan"), HG_DAMAGED, "sample 2, value 2: not a number");
}

static void mnist(void **state)
{
    struct hg_dataset *d = help_source(help_shared("mnist/t10k-images-idx3-ubyte.gz"));
    static const size_t counts[10] = {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009};
    size_t found[10] = {0};
    double sum = 0;

    (void)state;
    assert_int_equal(d->samples, 10000);
    assert_string_equal(d->name, "mnist t10k");
    for (size_t i = 0; i < d->samples; i++)
        found[d->labels[i]]++;
    assert_memory_equal(found, counts, sizeof counts);
    for (size_t i = 0; i < d->samples * d->features; i++)
        sum += (double)d->values[i];
    assert_near(sum * 255 / 7840000, 33.791, 0.001);
    hg_dataset_destroy(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_images), cmocka_unit_test(other_types),
        cmocka_unit_test(sibling_labels),   cmocka_unit_test(lies),
        cmocka_unit_test(damaged_gzip),     cmocka_unit_test(little_memory),
        cmocka_unit_test(not_finite),       cmocka_unit_test(mnist),
    };
    return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
