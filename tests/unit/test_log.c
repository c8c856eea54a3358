/* The log of a run: whole lines of JSON, whatever is put in. */
#include "hourglass/log.h"

#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/hg-test-log-XXXXXX";

static struct hg_log *open_log(void)
{
    struct hg_log *log = NULL;
    struct hg_error error = {HG_OK, ""};

    if (hg_log_open(path, &log, &error))
        fail_msg("%s", error.text);
    return log;
}

static size_t read_file(char *out, size_t room)
{
    FILE *file = fopen(path, "rb");
    size_t length;

    assert_non_null(file);
    length = fread(out, 1, room - 1, file);
    out[length] = '\0';
    fclose(file);
    return length;
}

/* The JSON of line `n` (from 0); each line must be one object. Free with json_decref. */
static json_t *line(size_t n)
{
    static char text[100000];
    json_error_t error;
    json_t *found = NULL;
    char *at = text, *newline;

    read_file(text, sizeof text);
    for (size_t i = 0; (newline = strchr(at, '\n')); i++, at = newline + 1) {
        json_t *object = json_loadb(at, (size_t)(newline - at), JSON_REJECT_DUPLICATES, &error);
        if (!object)
            fail_msg("line %zu: %s", i, error.text);
        if (i == n)
            found = object;
        else
            json_decref(object);
    }
    assert_int_equal(*at, 0);
    assert_non_null(found);
    return found;
}

static double real(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);

    if (!json_is_number(value))
        fail_msg("%s is no number", key);
    return json_number_value(value);
}

static const char *text(json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    if (!value)
        fail_msg("%s is no string", key);
    return value;
}

static int empty_file(void **state)
{
    (void)state;
    return truncate(path, 0);
}

static void start(void **state)
{
    struct hg_ladder ladder = {.loss = HG_LOSS_BCE,
                               .mean = 0.0626,
                               .rungs = 2,
                               .pca = {0.1, 1e-9},
                               .has_entropy = true,
                               .entropy = 0.25};
    struct hg_spec spec;
    struct hg_error error;
    struct hg_log *log = open_log();
    json_t *object, *config;
    size_t count;

    (void)state;
    assert_int_equal(hg_spec_init(&spec, &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "data.source", "/a\n\xff\x1b[2J\"\\b", "t", &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "gaussians.center.1", "0.5", "t", &error), HG_OK);
    assert_int_equal(hg_spec_set(&spec, "train.optimizer", "rmsprop", "t", &error), HG_OK);
    hg_log_start(log, &spec, 12345678901, 4000, &ladder);
    hg_log_start(log, &spec, 1, 2, NULL);
    hg_log_close(log);
    object = line(0);
    hg_options(&count);
    config = json_object_get(object, "config");
    assert_string_equal(text(object, "event"), "start");
    assert_int_equal(real(object, "version"), 1);
    assert_true(real(object, "parameters") == 12345678901.0 && real(object, "samples") == 4000);
    assert_true(real(object, "mean_floor") == 0.0626 && real(object, "entropy_floor") == 0.25);
    assert_int_equal(json_array_size(json_object_get(object, "pca_floors")), 2);
    assert_int_equal(json_object_size(config), count + 1);
    assert_string_equal(text(config, "data.source"), "/a\\n\\xff\\x1b[2J\"\\b");
    assert_string_equal(text(config, "gaussians.center.1"), "0.5");
    assert_string_equal(text(config, "train.beta2"), "0.99");
    assert_string_equal(text(config, "train.shuffle"), "yes");
    json_decref(object);
    object = line(1);
    assert_true(json_is_null(json_object_get(object, "entropy_floor")));
    assert_true(json_is_null(json_object_get(object, "mean_floor")));
    assert_int_equal(json_array_size(json_object_get(object, "pca_floors")), 0);
    json_decref(object);
    hg_spec_fini(&spec);
}

static void events(void **state)
{
    struct hg_epoch epoch = {7, 91, 0.1, NAN, 1e-20};
    struct hg_log_end end = {"patience", 7, 91, 0.25, INFINITY, 0.5};
    struct hg_log *log = open_log();
    json_t *object;

    (void)state;
    hg_log_epoch(log, &epoch, 1e6, 0.001);
    hg_log_change(log, 92, "train.lr", "0.1", "0.05");
    hg_log_diagnosis(log, 7, "saturated", NULL, 0.96, "center = yes");
    hg_log_end(log, &end);
    hg_log_close(log);
    object = line(0);
    assert_string_equal(text(object, "event"), "epoch");
    assert_true(real(object, "train") == 0.1 && real(object, "lr") == 1e-20);
    assert_true(json_is_null(json_object_get(object, "validation")));
    assert_true(real(object, "epoch") == 7 && real(object, "step") == 91);
    assert_true(real(object, "samples_per_s") == 1e6 && real(object, "seconds") == 0.001);
    json_decref(object);
    object = line(1);
    assert_string_equal(text(object, "key"), "train.lr");
    assert_string_equal(text(object, "from"), "0.1");
    assert_string_equal(text(object, "to"), "0.05");
    json_decref(object);
    object = line(2);
    assert_true(json_is_null(json_object_get(object, "layer")));
    assert_string_equal(text(object, "advice"), "center = yes");
    json_decref(object);
    object = line(3);
    assert_string_equal(text(object, "reason"), "patience");
    assert_true(json_is_null(json_object_get(object, "evaluated")));
    assert_true(real(object, "validation") == 0.5);
    json_decref(object);
}

/* A log is appended to; the half line of a killed writer is closed first. */
static void appended(void **state)
{
    struct hg_log *log;
    char bytes[1000];
    FILE *file = fopen(path, "ab");

    (void)state;
    fputs("{\"event\":\"epo", file);
    fclose(file);
    log = open_log();
    hg_log_change(log, 1, "a", "b", "c");
    hg_log_change(log, 2, "a", "b", "c");
    hg_log_close(log);
    read_file(bytes, sizeof bytes);
    assert_string_equal(
        bytes, "{\"event\":\"epo\n"
               "{\"event\":\"change\",\"step\":1,\"key\":\"a\",\"from\":\"b\",\"to\":\"c\"}\n"
               "{\"event\":\"change\",\"step\":2,\"key\":\"a\",\"from\":\"b\",\"to\":\"c\"}\n");
}

static void nothing_and_nowhere(void **state)
{
    struct hg_epoch epoch = {1, 1, 1, 1, 1};
    struct hg_log *log = (struct hg_log *)path;
    struct hg_error error = {HG_OK, ""};

    (void)state;
    assert_int_equal(hg_log_open(NULL, &log, &error), HG_OK);
    assert_null(log);
    hg_log_start(log, NULL, 0, 0, NULL);
    hg_log_epoch(log, &epoch, 1, 1);
    hg_log_change(log, 1, "a", "b", "c");
    hg_log_end(log, NULL);
    hg_log_diagnosis(log, 1, "a", "b", 1, "c");
    assert_false(hg_log_failed(log, &error));
    hg_log_close(log);
    assert_int_equal(hg_log_open("/nowhere/at/all", &log, &error), HG_FAILED);
    assert_non_null(strstr(error.text, "/nowhere/at/all"));
}

static void full_device(void **state)
{
    struct hg_epoch epoch = {1, 1, 1, 1, 1};
    struct hg_log *log = NULL;
    struct hg_error error = {HG_OK, ""};

    (void)state;
    if (access("/dev/full", W_OK) != 0 || hg_log_open("/dev/full", &log, &error))
        skip();
    assert_false(hg_log_failed(log, &error));
    hg_log_epoch(log, &epoch, 1, 1);
    assert_true(hg_log_failed(log, &error));
    assert_int_equal(error.status, HG_FAILED);
    assert_non_null(strstr(error.text, "/dev/full"));
    hg_log_close(log);
}

/* Where only half a line fits, there is none of it. */
static void no_half_line(void **state)
{
    struct hg_epoch epoch = {1, 1, 1, 1, 1};
    struct hg_log *log = open_log();
    struct rlimit old, limit;
    char bytes[1000];
    size_t whole;

    (void)state;
    hg_log_epoch(log, &epoch, 1, 1);
    whole = read_file(bytes, sizeof bytes);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    limit = old;
    limit.rlim_cur = whole + whole / 2;
    setrlimit(RLIMIT_FSIZE, &limit);
    hg_log_epoch(log, &epoch, 1, 1);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_true(hg_log_failed(log, NULL));
    assert_int_equal(read_file(bytes, sizeof bytes), whole);
    hg_log_close(log);
}

static int make_file(void **state)
{
    int descriptor = mkstemp(path);

    (void)state;
    return descriptor < 0 ? -1 : close(descriptor);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(start, empty_file),
        cmocka_unit_test_setup(events, empty_file),
        cmocka_unit_test_setup(appended, empty_file),
        cmocka_unit_test_setup(nothing_and_nowhere, empty_file),
        cmocka_unit_test_setup(full_device, empty_file),
        cmocka_unit_test_setup(no_half_line, empty_file),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
