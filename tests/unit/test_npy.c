/* NPY and NPZ: headers of three versions, byte and index orders, types, refusals. */
#include "data_help.h"

static struct help_bytes npy, zip;

/* A header of the given version and dictionary, padded as NumPy does, then the numbers. */
static void make(int version, const char *dictionary, const void *data, size_t length)
{
    size_t fixed = version == 1 ? 10 : 12;
    size_t total = (fixed + strlen(dictionary) + 1 + 63) / 64 * 64, text = total - fixed;
    unsigned char size[4] = {(unsigned char)text, (unsigned char)(text >> 8), 0, 0};
    unsigned char head[8] = {0x93, 'N', 'U', 'M', 'P', 'Y', (unsigned char)version, 0};

    npy.length = 0;
    help_add(&npy, head, 8);
    help_add(&npy, size, version == 1 ? 2 : 4);
    help_add(&npy, dictionary, strlen(dictionary));
    while (npy.length < total - 1)
        help_add(&npy, " ", 1);
    help_add(&npy, "\n", 1);
    help_add(&npy, data, length);
}

static void plain(const char *type, const char *shape, const void *data, size_t length)
{
    char text[256];

    snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type,
             shape);
    make(1, text, data, length);
}

static const char *save(const char *name)
{
    return help_file(name, npy.data, npy.length);
}

/* Archive members, stored. */
static void zip_begin(void)
{
    zip.length = 0;
}

struct member {
    const char *name;
    size_t at;
    uint32_t crc, size;
};

static void add16(struct help_bytes *b, unsigned v)
{
    unsigned char d[2] = {(unsigned char)v, (unsigned char)(v >> 8)};
    help_add(b, d, 2);
}

static void zip_facts(const struct member *m)
{
    help_add(&zip, "\0\0\0\0\0\0\x21\0", 8); /* flags, stored, a time, a date */
    help_add32_little(&zip, m->crc);
    help_add32_little(&zip, m->size);
    help_add32_little(&zip, m->size);
    add16(&zip, (unsigned)strlen(m->name));
    add16(&zip, 0);
}

static struct member zip_member(const char *name)
{
    struct member m = {name, zip.length, hg__crc32(0, npy.data, npy.length), (uint32_t)npy.length};

    help_add(&zip, "PK\3\4\24\0", 6);
    zip_facts(&m);
    help_add(&zip, name, strlen(name));
    help_add(&zip, npy.data, npy.length);
    return m;
}

static const char *zip_end(const char *file, const struct member *members, unsigned count)
{
    size_t at = zip.length, size;

    for (unsigned i = 0; i < count; i++) {
        help_add(&zip, "PK\1\2\24\0\24\0", 8);
        zip_facts(&members[i]);
        help_add(&zip, "\0\0\0\0\0\0\0\0\0\0", 10);
        help_add32_little(&zip, (uint32_t)members[i].at);
        help_add(&zip, members[i].name, strlen(members[i].name));
    }
    size = zip.length - at;
    help_add(&zip, "PK\5\6\0\0\0\0", 8);
    add16(&zip, count);
    add16(&zip, count);
    help_add32_little(&zip, (uint32_t)size);
    help_add32_little(&zip, (uint32_t)at);
    add16(&zip, 0);
    return help_file(file, zip.data, zip.length);
}

static void all_types(void **state)
{
    static const struct {
        const char *type;
        unsigned char bytes[16];
        size_t each;
        double first, second;
        enum hg_scaling scaling;
    } cases[] = {
        {"|u1", {0, 255}, 1, 0, 1, HG_SCALE_UNIT},
        {"|b1", {1, 0}, 1, 1, 0, HG_SCALE_UNIT},
        {"|i1", {0xff, 5}, 1, -1, 5, HG_SCALE_NONE},
        {"<u2", {0, 0, 0xff, 0xff}, 2, 0, 1, HG_SCALE_UNIT},
        {">u2", {0xff, 0xff, 0, 0}, 2, 1, 0, HG_SCALE_UNIT},
        {"<i2", {0xfe, 0xff, 0, 1}, 2, -2, 256, HG_SCALE_NONE},
        {">i2", {0xff, 0xfe, 1, 0}, 2, -2, 256, HG_SCALE_NONE},
        {"<u4", {1, 0, 0, 0, 0, 0, 0, 0x80}, 4, 1, 2147483648.0, HG_SCALE_NONE},
        {"<i4", {0xff, 0xff, 0xff, 0xff, 7, 0, 0, 0}, 4, -1, 7, HG_SCALE_NONE},
        {"<i8", {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 9}, 8, -1, 9, HG_SCALE_NONE},
        {">u8", {0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 1, 0}, 8, 3, 256, HG_SCALE_NONE},
        {"<f2", {0x00, 0x3c, 0x01, 0x00}, 2, 1, 0x1p-24, HG_SCALE_NONE},
        {"<f2", {0x00, 0xc0, 0xff, 0x7b}, 2, -2, 65504, HG_SCALE_NONE},
        {"<f4", {0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}, 4, 1, -2, HG_SCALE_NONE},
        {">f4", {0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0}, 4, 1, -2, HG_SCALE_NONE},
        {"<f8", {0, 0, 0, 0, 0, 0, 0xf8, 0x3f}, 8, 1.5, 0, HG_SCALE_NONE},
        {">f8", {0x3f, 0xf8}, 8, 1.5, 0, HG_SCALE_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct hg_dataset *d;
        plain(cases[i].type, "(2,)", cases[i].bytes, 2 * cases[i].each);
        d = help_source(save("t.npy"));
        assert_int_equal(d->samples, 2);
        assert_int_equal(d->features, 1);
        if ((double)d->values[0] != cases[i].first || (double)d->values[1] != cases[i].second)
            fail_msg("%s: %g %g", cases[i].type, (double)d->values[0], (double)d->values[1]);
        assert_int_equal(d->scaling, cases[i].scaling);
        assert_int_equal(d->bounded, cases[i].scaling == HG_SCALE_UNIT);
        hg_dataset_destroy(d);
    }
}

/* The same 2 x 2 x 3 x 2 numbers in both orders, all versions. */
static void orders(void **state)
{
    float c_order[24], fortran[24];

    (void)state;
    for (int n = 0; n < 2; n++)
        for (int y = 0; y < 2; y++)
            for (int x = 0; x < 3; x++)
                for (int c = 0; c < 2; c++) {
                    float v = (float)(1000 * n + 100 * c + 10 * y + x);
                    c_order[((n * 2 + y) * 3 + x) * 2 + c] = v;
                    fortran[n + 2 * (y + 2 * (x + 3 * c))] = v;
                }
    for (int i = 0; i < 6; i++) {
        struct hg_data_config config;
        struct hg_dataset *d;
        make(i % 3 + 1,
             i < 3 ? "{'shape': (2, 2, 3, 2), \"fortran_order\":False,'descr': '<f4'}"
                   : "{'descr': '<f4', 'fortran_order': True, 'shape': (2L, 2L, 3L, 2L), }",
             i < 3 ? c_order : fortran, sizeof c_order);
        config = help_config(save("o.npy"));
        d = help_load(&config);
        assert_int_equal(d->shape.channels, 2);
        assert_int_equal(d->shape.rows, 2);
        assert_int_equal(d->shape.columns, 3);
        assert_true(d->image);
        for (int k = 0; k < 24; k++)
            assert_true(d->values[k] ==
                        (float)(k / 12 * 1000 + k / 6 % 2 * 100 + k / 3 % 2 * 10 + k % 3));
        hg_dataset_destroy(d);
        config.limit = 1;
        d = help_load(&config);
        assert_int_equal(d->samples, 1);
        assert_true(d->values[11] == 112);
        hg_dataset_destroy(d);
    }
}

static void refusals(void **state)
{
    static const struct {
        const char *dictionary, *part;
    } cases[] = {
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "Python objects"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "records"},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "type <c8"},
        {"{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }", "texts, not numbers"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "a single number"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,0), }", "no samples"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1), }", "5 dimensions"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "damaged"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,2), }",
         "impossibly"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,), }",
         "declares 4398046511"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }", "damaged"},
        {"{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", "damaged"},
        {"{'descr': '<f4', 'fortran_order': False}", "damaged"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)", "damaged"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "damaged"},
        {"", "damaged"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make(1, cases[i].dictionary, "\0\0\0\0", 4);
        help_source_refused(save("r.npy"), HG_DAMAGED, cases[i].part);
    }
    plain("<f4", "(1,)", "\0\0\0\0", 4);
    npy.data[6] = 4;
    help_source_refused(save("v.npy"), HG_DAMAGED, "version 4");
    npy.data[6] = 1;
    for (size_t cut = 8; cut < npy.length; cut++)
        help_source_refused(help_file("c.npy", npy.data, cut), HG_DAMAGED, "c.npy");
    plain("<f4", "(2,)", "\0\0\x80\x7f\0\0\0\0", 8);
    help_source_refused(save("i.npy"), HG_DAMAGED, "sample 1, value 1: infinite");
    plain("<f8", "(2,)", "\0\0\0\0\0\0\0\0\x9c\x75\0\x88\x3c\xe4\x37\x7e", 16); /* 0, 1e300 */
    help_source_refused(save("l.npy"), HG_DAMAGED, "sample 2, value 1: too large; single");
}

static void archives(void **state)
{
    struct member members[3];
    struct hg_dataset *d;
    struct hg_data_config config;
    char name[600];
    const char *path;

    (void)state;
    zip_begin();
    plain("|u1", "(2, 2)", "\1\2\3\4", 4);
    members[0] = zip_member("x.npy");
    path = zip_end("one.bin", members, 1);
    d = help_source(path);
    assert_int_equal(d->samples, 2);
    assert_int_equal(d->features, 2);
    hg_dataset_destroy(d);

    plain("|u1", "(2,)", "\5\3", 2);
    zip_begin();
    plain("|u1", "(2, 2)", "\1\2\3\4", 4);
    members[0] = zip_member("x.npy");
    plain("<i8", "(2,)", "\5\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0", 16);
    members[1] = zip_member("y.npy");
    plain("<U2", "(2,)", "b\0\0\0\xe9\0\0\0a\0\0\0\0\0\0\0", 16);
    members[2] = zip_member("words.npy");
    path = zip_end("three.npz", members, 3);
    config = help_config(path);
    help_refused(&config, HG_USAGE, "source", "three.npz:NAME: x, y, words");
    snprintf(name, sizeof name, "%s:z", path);
    config.source = name;
    help_refused(&config, HG_USAGE, "source", "no array \"z\"; it has x, y, words");
    snprintf(name, sizeof name, "%s:x", path);
    d = help_source(name);
    assert_int_equal(d->features, 2);
    assert_string_equal(d->name, "three");
    hg_dataset_destroy(d);
    for (int words = 0; words < 2; words++) {
        char labels[600];
        snprintf(labels, sizeof labels, "%s:%s", path, words ? "words" : "y");
        config.labels = labels;
        d = help_load(&config);
        assert_int_equal(d->classes, 2);
        assert_string_equal(d->class_names[0], words ? "a" : "3");
        assert_string_equal(d->class_names[1], words ? "b\xc3\xa9" : "5");
        assert_int_equal(d->labels[0], 1);
        hg_dataset_destroy(d);
    }
    zip.data[members[0].at + 35 + 128] ^= 1; /* a number: the checksum is wrong */
    config.labels = NULL;
    help_file("three.npz", zip.data, zip.length);
    help_refused(&config, HG_DAMAGED, NULL, "three.npz");
    help_source_refused(help_file("cut.npz", zip.data, zip.length - 30), HG_DAMAGED, "cut.npz");
}

static void real_arrays(void **state)
{
    struct hg_dataset *d = help_source(help_shared("npy-samples/stable-cdf-sample-data.npy"));

    (void)state;
    assert_int_equal(d->samples, 840);
    assert_int_equal(d->features, 4);
    hg_dataset_destroy(d);
    d = help_source(help_shared("npy-samples/ecg.dat"));
    assert_int_equal(d->samples, 108000);
    assert_int_equal(d->features, 1);
    hg_dataset_destroy(d);
    d = help_source(help_shared("npy-samples/win64python2.npy"));
    assert_int_equal(d->samples, 2);
    hg_dataset_destroy(d);
    help_source_refused(help_shared("npy-samples/py3-objarr.npz"), HG_DAMAGED, "Python objects");
    help_source_refused(help_shared("npy-samples/py2-np0-objarr.npy"), HG_DAMAGED,
                        "Python objects");
    help_source_refused(help_shared("npy-samples/stable-loc-scale-sample-data.npy"), HG_DAMAGED,
                        "records");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_types), cmocka_unit_test(orders),      cmocka_unit_test(refusals),
        cmocka_unit_test(archives),  cmocka_unit_test(real_arrays),
    };
    return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
