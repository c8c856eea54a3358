/* Experiments in files, the user's own settings, and no memory. */
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "spec_help.h"

static char folder[] = "/tmp/hg-test-spec-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[4][512];
    static int turn;
    char *out = path[turn++ % 4];

    snprintf(out, sizeof path[0], "%s/%s", folder, name);
    return out;
}

static const char *put_file(const char *name, const char *text, size_t length)
{
    const char *path = in_folder(name);
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    fclose(file);
    return path;
}

static void files(void **state)
{
    static const char text[] = "[data]\nsource = faces/a.png\nlabels = lab.csv\n[model]\n"
                               "init = w.npz\n[train]\nlr = 3\n";
    const char *path = put_file("my net.ini", text, sizeof text - 1);
    struct hg_spec spec;
    struct hg_error error = {HG_OK, ""};
    char want[600];

    (void)state;
    init(&spec);
    if (hg_spec_load(&spec, path, &error))
        fail_msg("%s", error.text);
    assert_string_equal(spec.name, "my net");
    assert_string_equal(spec.folder, folder);
    assert_string_equal(spec.data.source, in_folder("faces/a.png"));
    assert_string_equal(spec.data.labels, in_folder("lab.csv"));
    assert_string_equal(spec.model.init, in_folder("w.npz"));
    snprintf(want, sizeof want, "%s:7", path);
    assert_string_equal(hg_spec_origin(&spec, "train.lr"), want);
    assert_int_equal(hg_spec_blame(&spec, "train.lr", hg_error_set(&error, HG_USAGE, "no"), &error),
                     HG_USAGE);
    snprintf(want, sizeof want, "%s:7: lr: no", path);
    assert_string_equal(error.text, want);
    hg_error_set(&error, HG_USAGE, "no");
    hg_spec_blame(&spec, "train.batch", HG_USAGE, &error);
    assert_string_equal(error.text, "train.batch: no");
    /* --set is relative to where the user stands. */
    assert_int_equal(hg_spec_set(&spec, "data.source", "here.csv", "--set", &error), HG_OK);
    assert_null(strstr(spec.data.source, folder));
    assert_true(spec.data.source[0] == '/');
    hg_spec_fini(&spec);
}

static void broken_files(void **state)
{
    struct hg_spec spec;
    struct hg_error error = {HG_OK, ""};
    char *large = calloc(1, (1 << 20) + 2);

    (void)state;
    init(&spec);
    assert_int_equal(hg_spec_load(&spec, in_folder("none.ini"), &error), HG_FAILED);
    assert_int_equal(hg_spec_load(&spec, folder, &error), HG_FAILED);
    assert_int_equal(hg_spec_load(&spec, put_file("nul.ini", "[train]\n\0", 9), &error),
                     HG_DAMAGED);
    assert_non_null(strstr(error.text, "byte 8 is NUL"));
    memset(large, '\n', (1 << 20) + 1);
    assert_int_equal(hg_spec_load(&spec, put_file("large.ini", large, (1 << 20) + 1), &error),
                     HG_DAMAGED);
    assert_int_equal(hg_spec_load(&spec, put_file("full.ini", large, 1 << 20), &error), HG_OK);
    assert_int_equal(hg_spec_load(&spec, put_file("empty.ini", "", 0), &error), HG_OK);
    free(large);
    hg_spec_fini(&spec);
}

static enum hg_status note_key(void *self, const char *action, const char *keys, const char *place,
                               struct hg_error *error)
{
    snprintf(self, 200, "%s=%s@%s", action, keys, strrchr(place, '/') + 1);
    return strcmp(action, "bad") == 0 ? hg_error_set(error, HG_USAGE, "%s: bad", place) : HG_OK;
}

static void user_file(void **state)
{
    struct hg_spec spec;
    struct hg_error error = {HG_OK, ""};
    char noted[200] = "";
    const char *path;

    (void)state;
    init(&spec);
    assert_int_equal(hg_spec_load_user(&spec, in_folder("none"), NULL, NULL, &error), HG_OK);
    path = put_file("user.ini", "[screen]\nfps = 7\n[keys]\nquit = q F10\n", 37);
    if (hg_spec_load_user(&spec, path, note_key, noted, &error))
        fail_msg("%s", error.text);
    assert_int_equal(spec.screen.fps, 7);
    assert_string_equal(noted, "quit=q F10@user.ini:4");
    assert_int_equal(hg_spec_load_user(&spec, path, NULL, NULL, &error), HG_OK);
    path = put_file("user.ini", "[keys]\nbad = q\n", 15);
    assert_int_equal(hg_spec_load_user(&spec, path, note_key, noted, &error), HG_USAGE);
    path = put_file("user.ini", "[train]\nlr = 1\n", 15);
    assert_int_equal(hg_spec_load_user(&spec, path, NULL, NULL, &error), HG_USAGE);
    assert_non_null(strstr(error.text, "user.ini:1: [train]: does not belong here"));
    hg_spec_fini(&spec);
}

/* Every failing allocation gives HG_NO_MEMORY and nothing is lost. */
static void without_memory(void **state)
{
    static const char text[] = "[model]\nencoder = dense 5\n[gaussians]\ncenter.1 = 1\n"
                               "center.2 = 1\n[data]\nsource = x.png\n";
    size_t failures = 0;

    (void)state;
    if (hg__mem_count() == 0) {
        hg__free(hg__alloc(1, 1));
        if (hg__mem_count() == 0)
            skip();
    }
    for (size_t n = 1; n < 2000; n++) {
        struct hg_spec spec;
        struct hg_error error = {HG_OK, ""};
        enum hg_status status;

        init(&spec);
        hg__mem_fail_at(n);
        status = hg_spec_parse(&spec, text, "x.ini", &error);
        hg__mem_fail_at(0);
        hg_spec_fini(&spec);
        if (status == HG_OK)
            break;
        assert_int_equal(status, HG_NO_MEMORY);
        failures++;
    }
    assert_true(failures > 50);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[100];

    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files),
        cmocka_unit_test(broken_files),
        cmocka_unit_test(user_file),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
