/* Weights from elsewhere: what may serve --init, and what is refused. */
#include "base/gz.h"
#include "hourglass/hourglass.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include <cmocka.h>

#include "model_help.h"
#include "runfile_help.h"

/* Opening must be refused as damaged, with the path in front. */

static void write_foreign(const char *path, const char *header, const void *data, size_t length)
{
    uint64_t size = strlen(header);
    unsigned char *bytes = malloc(8 + size + length);

    memcpy(bytes, &size, 8);
    memcpy(bytes + 8, header, size);
    if (length)
        memcpy(bytes + 8 + size, data, length);
    write_all(path, bytes, 8 + size + length);
    free(bytes);
}

static const char *const headers[] = {
    "", "{", "[]", "7", "{}{}", "{\"a\":1}", "{\"a\":{}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,7]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,9223372036854775807]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967297],\"data_offsets\":[0,8]}}",
    /* the product is 2 once 2^64 is lost */
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[6,3074457345618258603],\"data_offsets\":[0,8]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387906],\"data_offsets\":[0,8]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,2],\"data_offsets\":[0,8]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}",
    "{\"a\":{\"dtype\":7,\"shape\":[2],\"data_offsets\":[0,8]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", /* 4 bytes too many */
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
    "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
    "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
    "{\"__metadata__\":7,\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
    "{\"__metadata__\":{\"k\":7},"
    "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
    "{\"a\\u0000b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
    "{\"integrity.crc32\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}",
    "{\"__metadata__\":{\"format\":\"hourglass\"},"
    "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"};

static void hostile_headers(void **state)
{
    static const float two[2] = {1, 2};
    const char *path = in_folder("hostile.safetensors");
    size_t wide = 2000000;
    char *deep = malloc(wide + 1);
    struct hg_runfile *file;
    struct hg_error error;

    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        write_foreign(path, headers[i], two, sizeof two);
        damaged(path, true, headers[i]);
        damaged(path, false, headers[i]);
    }
    memset(deep, '[', 200000);
    memcpy(deep, "{\"a\":", 5);
    deep[200000] = '\0';
    write_foreign(path, deep, two, sizeof two);
    damaged(path, true, "deep");
    memset(deep, ' ', wide);
    for (size_t i = 0; i + 4 <= wide; i += 4)
        memcpy(deep + i, i ? ",{} " : "{{} ", 4);
    deep[wide] = '\0';
    write_foreign(path, deep, two, sizeof two);
    assert_int_equal(hg_runfile_open(path, true, &file, &error), HG_DAMAGED);
    assert_non_null(strstr(error.text, "nested too deep or too large"));
    write_all(path, "\xff\xff\xff\xff\xff\xff\xff\x7f{\"a\"", 12);
    damaged(path, false, "endless header");
    write_all(path, "", 0);
    damaged(path, false, "empty");
    damaged(path, true, "empty");
    write_all(path, "hello, world, this is no run", 28);
    assert_false(hg_runfile_recognise(path));
    damaged(path, false, "text");
    damaged(path, true, "text");
    free(deep);
}

/* A checksum that is right, but not at the end, proves nothing. */
static void checksum_first(void **state)
{
    static const char header[] =
        "{\"integrity.crc32\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
        "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}";
    const char *path = in_folder("first.safetensors");
    uint64_t size = sizeof header - 1, data[2] = {0, 0};

    (void)state;
    data[0] = hg__crc32(hg__crc32(0, &size, 8), header, sizeof header - 1);
    write_foreign(path, header, data, sizeof data);
    damaged(path, true, "checksum first");
    damaged(path, false, "checksum first");
}

static void has_values(const struct hg_model *model, const char *name, const float *values)
{
    size_t index = find_tensor(model, name);
    float *got = read_tensor(model, index, HG_PART_VALUE);

    assert_memory_equal(got, values, hg_model_tensor(model, index).count * sizeof *got);
    free(got);
}

#define TENSOR(name, type, shape, begin, end)                                              \
    "\"" name "\":{\"dtype\":\"" type "\",\"shape\":[" shape "],\"data_offsets\":[" #begin \
    "," #end "]}"

static void foreign_weights(void **state)
{
    static const char header[] = "{" TENSOR("encoder.0.weight", "F64", "1,2", 0, 16) "," TENSOR(
        "extra", "U8", "3", 16,
        19) "," TENSOR("odd", "F8_E4M3", "3", 19,
                       20) "," TENSOR("encoder.0.bias", "BF16", "1", 20,
                                      22) "," TENSOR("decoder.0.weight", "F16", "2,1", 22,
                                                     26) "," TENSOR("decoder.0.bias", "F32", "2",
                                                                    26, 34) "}  ";
    unsigned char data[34] = {0};
    const double weight[2] = {0.5, -3};
    const float bias[2] = {0.25f, 1e-30f}, seven = 7, half[2] = {1.5f, -0x1p-24f};
    static const float weights[2] = {0.5f, -3};
    struct hg_model *model = build(context, &tiny);
    const char *path = in_folder("foreign.safetensors");
    struct hg_error error = {HG_OK, ""};
    uint32_t bits;

    (void)state;
    memcpy(data, weight, 16);
    memcpy(&bits, &seven, 4);
    data[20] = (unsigned char)(bits >> 16);
    data[21] = (unsigned char)(bits >> 24);
    memcpy(data + 22, "\x00\x3e\x01\x80", 4); /* 1.5 and the smallest negative number */
    memcpy(data + 26, bias, 8);
    write_foreign(path, header, data, sizeof data);
    assert_true(hg_runfile_recognise(path));
    if (try_init(path, model, &error))
        fail_msg("%s", error.text);
    has_values(model, "encoder.0.weight", weights);
    has_values(model, "encoder.0.bias", &seven);
    has_values(model, "decoder.0.weight", half);
    has_values(model, "decoder.0.bias", bias);
    damaged(path, false, "no checksum");
    hg_model_destroy(model);
}

static void unfit_weights(void **state)
{
    static const struct {
        const char *header, *says;
        enum hg_status status;
    } cases[] = {
        {"{" TENSOR("encoder.0.weight", "F32", "1,2", 0, 8) "}", "has no encoder.0.bias", HG_USAGE},
        {"{" TENSOR("encoder.0.weight", "F32", "2,1", 0, 8) "}",
         "encoder.0.weight is 2x1, but this network needs 1x2", HG_USAGE},
        {"{" TENSOR("encoder.0.weight", "F32", "1,2,1", 0, 8) "}", "is 1x2x1, but", HG_USAGE},
        {"{" TENSOR("encoder.0.weight", "F32", "2", 0, 8) "}", "is 2, but", HG_USAGE},
        {"{" TENSOR("other", "F32", "2", 0, 8) "}", "has no encoder.0.weight", HG_USAGE}};
    static const char all[] = "{" TENSOR("encoder.0.weight", "F32", "1,2", 0, 8) "," TENSOR(
        "encoder.0.bias", "F32", "1", 8, 12) "," TENSOR("decoder.0.weight", "F32", "2,1", 12,
                                                        20) "," TENSOR("decoder.0.bias", "F32", "2",
                                                                       20, 28) "}";
    static const char integers[] = "{" TENSOR("encoder.0.weight", "I32", "1,2", 0, 8) "," TENSOR(
        "encoder.0.bias", "F32", "1", 8, 12) "," TENSOR("decoder.0.weight", "F32", "2,1", 12,
                                                        20) "," TENSOR("decoder.0.bias", "F32", "2",
                                                                       20, 28) "}";
    static const float two[2] = {1, 2}, nothing[2] = {0, 0}, spoilt[7] = {1, 2, 3, 4, NAN, 6, 7};
    struct hg_model *model = build(context, &tiny);
    const char *path = in_folder("unfit.safetensors");
    struct hg_error error;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_foreign(path, cases[i].header, two, sizeof two);
        assert_int_equal(try_init(path, model, &error), cases[i].status);
        if (!strstr(error.text, cases[i].says))
            fail_msg("%s", error.text);
    }
    has_values(model, "encoder.0.weight", nothing); /* what fitted was not taken alone */
    write_foreign(path, all, spoilt, sizeof spoilt);
    assert_int_equal(try_init(path, model, &error), HG_DAMAGED);
    assert_non_null(strstr(error.text, "decoder.0.weight: number 1 is not finite"));
    write_foreign(path, integers, spoilt, sizeof spoilt);
    assert_int_equal(try_init(path, model, &error), HG_DAMAGED);
    hg_model_destroy(model);
}

/* Places beyond 32 bits; the file is a hole but for its ends. */
static void beyond_4_gib(void **state)
{
    static const char header[] = "{" TENSOR("extra", "U8", "5368709120", 0, 5368709120) "," TENSOR(
        "encoder.0.weight", "F32", "1,2", 5368709120,
        5368709128) "," TENSOR("encoder.0.bias", "F32", "1", 5368709128,
                               5368709132) "," TENSOR("decoder.0.weight", "F32", "2,1", 5368709132,
                                                      5368709140) "," TENSOR("decoder.0.bias",
                                                                             "F32", "2", 5368709140,
                                                                             5368709148) "}";
    static const float numbers[7] = {1, 2, 3, 4, 5, 6, 7};
    struct hg_model *model = build(context, &tiny);
    const char *path = in_folder("large.safetensors");
    off_t begin = 8 + (off_t)sizeof header - 1 + 5368709120;
    struct hg_error error = {HG_OK, ""};
    int descriptor;

    (void)state;
    write_foreign(path, header, NULL, 0);
    descriptor = open(path, O_WRONLY);
    if (pwrite(descriptor, numbers, sizeof numbers, begin) != sizeof numbers) {
        close(descriptor);
        hg_model_destroy(model);
        skip(); /* no room for holes here */
    }
    close(descriptor);
    if (try_init(path, model, &error))
        fail_msg("%s", error.text);
    has_values(model, "encoder.0.weight", numbers);
    has_values(model, "decoder.0.bias", numbers + 5);
    unlink(path);
    hg_model_destroy(model);
}

/* An array as np.savez stores it. */
static void add_array(zip_t *zip, const char *name, const char *dictionary, const void *data,
                      size_t length)
{
    unsigned char *bytes = calloc(1, 128 + length);

    memcpy(bytes, "\x93NUMPY\x01\x00\x76\x00", 10);
    memset(bytes + 10, ' ', 118);
    memcpy(bytes + 10, dictionary, strlen(dictionary));
    bytes[127] = '\n';
    memcpy(bytes + 128, data, length);
    assert_true(zip_file_add(zip, name, zip_source_buffer(zip, bytes, 128 + length, 1), 0) >= 0);
}

static void npz_weights(void **state)
{
    static const float weight[2] = {1, 2}, bias = 3;
    static const double back[2] = {0.25, -0.5};
    static const unsigned char big[8] = {0x40, 0x80, 0, 0, 0x40, 0xA0, 0, 0}; /* 4 and 5 */
    static const float floats[2] = {0.25f, -0.5f}, numbers[2] = {4, 5};
    struct hg_model *model = build(context, &tiny);
    const char *path = in_folder("w.npz");
    struct hg_error error = {HG_OK, ""};
    int code;
    zip_t *zip = zip_open(path, ZIP_CREATE, &code);

    (void)state;
    assert_non_null(zip);
    add_array(zip, "encoder.0.weight.npy",
              "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }", weight, sizeof weight);
    add_array(zip, "encoder.0.bias.npy",
              "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", &bias, sizeof bias);
    add_array(zip, "decoder.0.weight.npy",
              "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }", back, sizeof back);
    add_array(zip, "decoder.0.bias.npy",
              "{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", big, sizeof big);
    assert_int_equal(zip_close(zip), 0);
    if (try_init(path, model, &error))
        fail_msg("%s", error.text);
    has_values(model, "encoder.0.weight", weight);
    has_values(model, "encoder.0.bias", &bias);
    has_values(model, "decoder.0.weight", floats);
    has_values(model, "decoder.0.bias", numbers);
    damaged(path, false, "an archive is no run");
    assert_int_equal(truncate(path, 300), 0);
    assert_int_equal(try_init(path, model, &error), HG_DAMAGED);
    hg_model_destroy(model);
}

static void npz_columns_first(void **state)
{
    static const struct hg_model_config wide = {.encoder = "none",
                                                .code = "2",
                                                .decoder = "none",
                                                .output = "linear",
                                                .input = {1, 1, 3},
                                                .bias = false,
                                                .loss = HG_LOSS_MSE,
                                                .beta = 1};
    static const float columns[6] = {1, 4, 2, 5, 3, 6}, rows[6] = {1, 2, 3, 4, 5, 6};
    struct hg_model *model = build(context, &wide);
    const char *path = in_folder("f.npz");
    struct hg_error error = {HG_OK, ""};
    int code;
    zip_t *zip = zip_open(path, ZIP_CREATE, &code);

    (void)state;
    assert_non_null(zip);
    add_array(zip, "encoder.0.weight.npy",
              "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", columns,
              sizeof columns);
    add_array(zip, "decoder.0.weight.npy",
              "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", rows, sizeof rows);
    assert_int_equal(zip_close(zip), 0);
    if (try_init(path, model, &error))
        fail_msg("%s", error.text);
    has_values(model, "encoder.0.weight", rows);
    has_values(model, "decoder.0.weight", rows);
    hg_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_headers),   cmocka_unit_test(checksum_first),
        cmocka_unit_test(foreign_weights),   cmocka_unit_test(unfit_weights),
        cmocka_unit_test(beyond_4_gib),      cmocka_unit_test(npz_weights),
        cmocka_unit_test(npz_columns_first),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
