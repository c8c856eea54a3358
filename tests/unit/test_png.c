/* PNG: the PngSuite pixel by pixel, alpha over black, damage, folders of mixed pictures. */
#include "data_help.h"

#include "base/file.h"
#include "base/mem.h"
#include "data/png.h"

static struct help_bytes png, gz;

/* ---- the suite ---- */

/* The next whole number of a JSON array; -1 at its end. */
static long next_number(const char **at)
{
    char *end;
    long value;

    while (**at && !(**at >= '0' && **at <= '9'))
        (*at)++;
    if (!**at)
        return -1;
    value = strtol(*at, &end, 10);
    *at = end;
    return value;
}

static unsigned value_at(const struct hg__picture *picture, size_t i)
{
    return picture->type == HG__U16 ? ((const uint16_t *)picture->values)[i]
                                    : ((const uint8_t *)picture->values)[i];
}

/* Compares with [r,g,b,a, ...]; returns how many values differ. */
static size_t compare(const struct hg__picture *picture, const char *json)
{
    size_t pixels = (size_t)picture->shape.rows * (size_t)picture->shape.columns, wrong = 0;
    unsigned full = picture->type == HG__U16 ? 65535 : 255;

    for (size_t i = 0; i < pixels; i++) {
        long rgba[4];
        for (int c = 0; c < 4; c++)
            rgba[c] = next_number(&json);
        for (int c = 0; c < 3; c++) {
            size_t plane = picture->shape.channels == 3 ? (size_t)c * pixels : 0;
            long expected = (rgba[c] * rgba[3] + full / 2) / full;
            wrong += value_at(picture, plane + i) != expected;
        }
    }
    assert_int_equal(next_number(&json), -1);
    return wrong;
}

static void check_valid(const char *folder, const char *name)
{
    struct hg__png_limit limit = {name, 1 << 20, 1 << 24};
    struct hg__picture picture;
    struct hg__png_header header;
    struct hg__bytes bytes, json;
    char path[1200];
    bool deep = strstr(name, "16.png") != NULL;

    snprintf(path, sizeof path, "%s/png/%s", folder, name);
    assert_int_equal(hg__file_read(path, 1 << 24, &bytes, NULL), HG_OK);
    if (hg__png_decode(&bytes, &limit, &picture, &help_error) != HG_OK)
        fail_msg("%s", help_error.text);
    assert_int_equal(picture.type, deep ? HG__U16 : HG__U8);
    assert_true(hg__png_glance(bytes.data, bytes.length, &header));
    assert_int_equal(header.channels, picture.shape.channels);
    assert_int_equal(header.type, picture.type);
    assert_int_equal(header.width, picture.shape.columns);
    snprintf(path, sizeof path, "%s/json/%.*s.json", folder, (int)strlen(name) - 4, name);
    assert_int_equal(hg__file_read(path, 1 << 24, &json, NULL), HG_OK);
    if (compare(&picture, (const char *)json.data) != 0)
        fail_msg("%s: pixels differ", name);
    hg__free(picture.values);
    hg__bytes_fini(&bytes);
    hg__bytes_fini(&json);
}

static void suite(void **state)
{
    const char *folder = help_shared("pngsuite");
    size_t valid = 0, broken = 0;
    struct dirent *entry;
    char path[1200];
    DIR *list;

    (void)state;
    snprintf(path, sizeof path, "%s/png", folder);
    list = opendir(path);
    assert_non_null(list);
    while ((entry = readdir(list))) {
        if (entry->d_name[0] == '.')
            continue;
        if (entry->d_name[0] != 'x') {
            check_valid(folder, entry->d_name);
            valid++;
            continue;
        }
        snprintf(path, sizeof path, "%s/png/%s", folder, entry->d_name);
        help_source_refused(path, HG_DAMAGED, entry->d_name);
        broken++;
    }
    closedir(list);
    assert_int_equal(valid, 161);
    assert_int_equal(broken, 14);
    snprintf(path, sizeof path, "%s/png", folder);
    help_source_refused(path, HG_DAMAGED, "14 of 175 files are broken; the first: ");
}

/* ---- one picture ---- */

static void deep_values(void **state)
{
    struct hg_dataset *d = help_source(help_shared("pngsuite/png/basn0g16.png"));

    (void)state;
    assert_int_equal(d->samples, 1);
    assert_int_equal(d->training, 1);
    assert_int_equal(d->shape.channels, 1);
    assert_true(d->bounded);
    for (size_t i = 0; i < d->features; i++) /* at most 1, and a multiple of 1/65535 */
        assert_near(
            fabs((double)d->values[i] * 65535 - (double)(long)((double)d->values[i] * 65535 + 0.5)),
            0, 0.01);
    hg_dataset_destroy(d);
}

static void alpha_and_channels(void **state)
{
    static const unsigned char rgba[8] = {255, 128, 0, 128, 10, 20, 30, 0};
    struct hg_data_config config;
    struct hg_dataset *d;

    (void)state;
    help_png(&png, 2, 1, 6, rgba);
    gz.length = 0;
    help_gzip(&gz, png.data, png.length);
    config = help_config(help_file("a.txt", gz.data, gz.length));
    d = help_load(&config);
    assert_int_equal(d->shape.channels, 3);
    assert_true(d->values[0] == (float)(128 / 255.0)); /* R of the first, over black */
    assert_true(d->values[2] == (float)(64 / 255.0));
    assert_true(d->values[1] == 0 && d->values[3] == 0 && d->values[5] == 0);
    hg_dataset_destroy(d);
    config.channels = "1"; /* 0.299 128 + 0.587 64 = 75.84 */
    d = help_load(&config);
    assert_int_equal(d->shape.channels, 1);
    assert_true(d->values[0] == (float)(76 / 255.0));
    hg_dataset_destroy(d);
    help_png(&png, 2, 1, 0, rgba);
    config.source = help_file("g.png", png.data, png.length);
    config.channels = "3";
    d = help_load(&config);
    assert_int_equal(d->features, 6);
    assert_true(d->values[0] == 1 && d->values[2] == 1 && d->values[4] == 1);
    hg_dataset_destroy(d);
}

static void damage(void **state)
{
    static const unsigned char grey[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

    (void)state;
    help_png(&png, 4, 4, 0, grey);
    for (size_t cut = 8; cut < png.length; cut++)
        help_source_refused(help_file("cut.png", png.data, cut), HG_DAMAGED, "cut.png");
    for (size_t i = 16; i < png.length; i++) { /* every byte is under some checksum */
        png.data[i] ^= 0x10;
        help_source_refused(help_file("flip.png", png.data, png.length), HG_DAMAGED, "flip.png");
        png.data[i] ^= 0x10;
    }
}

static void bombs(void **state)
{
    static const unsigned char grey[4] = {0};
    struct hg_data_config config;
    uint32_t crc;

    (void)state;
    help_png(&png, 2, 2, 0, grey);
    memcpy(png.data + 16, "\x3b\x9a\xca\0\x3b\x9a\xca\0", 8); /* 1e9 x 1e9 */
    crc = __builtin_bswap32(hg__crc32(0, png.data + 12, 17));
    memcpy(png.data + 29, &crc, 4);
    help_source_refused(help_file("bomb.png", png.data, png.length), HG_DAMAGED,
                        "1000000000x1000000000 pixels; the limit is");
    help_png(&png, 2, 2, 0, grey);
    config = help_config(help_file("small.png", png.data, png.length));
    config.max_pixels = 3;
    help_refused(&config, HG_DAMAGED, NULL, "--max-pixels");
}

/* ---- folders ---- */

static const char *put_png(const char *name, unsigned width, unsigned height, int colour,
                           unsigned char value)
{
    static unsigned char pixels[4096];

    memset(pixels, value, sizeof pixels);
    help_png(&png, width, height, colour, pixels);
    return help_file(name, png.data, png.length);
}

static void make_folder(const char *name)
{
    assert_int_equal(mkdir(help_path(name), 0777), 0);
}

static void mixed_folder(void **state)
{
    struct hg_data_config config;
    struct hg_dataset *d;

    (void)state;
    make_folder("mix");
    put_png("mix/10.png", 4, 4, 0, 100);
    put_png("mix/2.png", 8, 8, 0, 20);
    put_png("mix/1.PNG", 4, 4, 2, 10);
    put_png("mix/picture", 4, 4, 0, 200); /* by content */
    put_png("mix/.hidden.png", 2, 2, 0, 0);
    help_text("mix/notes.txt", "no picture");
    config = help_config(help_path("mix"));
    d = help_load(&config);
    assert_int_equal(d->samples, 4);
    assert_int_equal(d->shape.columns, 4);
    assert_int_equal(d->shape.channels, 3);           /* one of them is */
    assert_true(d->values[0] == (float)(10 / 255.0)); /* natural order */
    assert_true(d->values[48] == (float)(20 / 255.0));
    assert_true(d->values[96] == (float)(100 / 255.0));
    assert_true(d->values[144] == (float)(200 / 255.0));
    assert_true(help_has_note(d, "sizes differ: 1 of 4 resampled to 4x4"));
    assert_true(help_has_note(d, "1 file that is no PNG left out"));
    assert_int_equal(d->classes, 0);
    assert_string_equal(d->name, "mix");
    assert_string_equal(hg_data_kind(config.source), "PNG folder");
    hg_dataset_destroy(d);
    config.limit = 2;
    config.size = "2x6";
    config.channels = "1";
    d = help_load(&config);
    assert_int_equal(d->samples, 2);
    assert_int_equal(d->features, 12);
    hg_dataset_destroy(d);
    config.limit = 0;
    config.max_samples = 3;
    help_refused(&config, HG_DAMAGED, NULL, "--max-samples");

    help_text("mix/3.png", "not a picture at all");
    help_source_refused(help_path("mix"), HG_DAMAGED, "1 of 5 files is broken; the first: ");
    assert_non_null(strstr(help_error.text, "3.png"));
}

static void mixed_depths(void **state)
{
    struct hg__bytes deep;
    struct hg_dataset *d;

    (void)state;
    assert_int_equal(hg__file_read(help_shared("pngsuite/png/basn0g16.png"), 1 << 20, &deep, NULL),
                     HG_OK);
    make_folder("deep");
    put_png("deep/1.png", 32, 32, 0, 255);
    help_file("deep/2.png", deep.data, deep.length);
    hg__bytes_fini(&deep);
    d = help_source(help_path("deep"));
    assert_int_equal(d->samples, 2);
    assert_true(d->values[0] == 1); /* 255 of 255 is 65535 of 65535 */
    hg_dataset_destroy(d);
}

static void class_folders(void **state)
{
    struct hg_data_config config;
    struct hg_dataset *d;

    (void)state;
    make_folder("classes");
    help_source_refused(help_path("classes"), HG_DAMAGED, "without PNG files");
    make_folder("classes/dog 10");
    make_folder("classes/dog 9");
    make_folder("classes/.git");
    make_folder("classes/empty");
    put_png("classes/dog 10/a.png", 2, 2, 0, 1);
    put_png("classes/dog 9/a.png", 2, 2, 0, 2);
    put_png("classes/dog 9/b.png", 2, 2, 0, 3);
    put_png("classes/.git/c.png", 2, 2, 0, 4);
    config = help_config(help_path("classes"));
    d = help_load(&config);
    assert_int_equal(d->samples, 3);
    assert_int_equal(d->classes, 2);
    assert_string_equal(d->class_names[0], "dog 9");
    assert_int_equal(d->labels[0], 0);
    assert_int_equal(d->labels[2], 1);
    assert_true(help_has_note(d, "labels are the names of the sub-folders"));
    hg_dataset_destroy(d);
    config.only = "cat";
    help_refused(&config, HG_USAGE, "only", "labels are \"dog 9\" \"dog 10\"");
    config.only = NULL;
    config.labels = "none";
    d = help_load(&config);
    assert_false(help_has_note(d, "labels are"));
    hg_dataset_destroy(d);
    config.labels = NULL;
    config.only = "\"dog 9\" each";
    d = help_load(&config);
    assert_int_equal(d->samples, 1);
    assert_true(d->values[0] == (float)(2 / 255.0));
    hg_dataset_destroy(d);
    config.only = NULL;
    config.labels = help_text("words.csv", "x\ny\nx\n");
    d = help_load(&config);
    assert_int_equal(d->classes, 2);
    assert_int_equal(d->labels[1], 1);
    assert_false(help_has_note(d, "labels are"));
    hg_dataset_destroy(d);
    config.labels = help_text("words.csv", "name\nx\ny\nx\n"); /* a header, by the count */
    d = help_load(&config);
    assert_int_equal(d->classes, 2);
    hg_dataset_destroy(d);
    config.labels = help_text("words.csv", "x\ny\n");
    help_refused(&config, HG_DAMAGED, NULL, "2 labels for 3 samples");
    config.labels = help_text("words.csv", "1,x\n2,y\n3,x\n");
    help_refused(&config, HG_DAMAGED, NULL, "a file of labels has one column");
    config.labels = help_path("missing.csv");
    help_refused(&config, HG_FAILED, NULL, "missing.csv");
    config.labels = "column:1";
    help_refused(&config, HG_USAGE, "labels", "has no columns");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suite),
        cmocka_unit_test(deep_values),
        cmocka_unit_test(alpha_and_channels),
        cmocka_unit_test(damage),
        cmocka_unit_test(bombs),
        cmocka_unit_test(mixed_folder),
        cmocka_unit_test(mixed_depths),
        cmocka_unit_test(class_folders),
    };
    return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
