/* Files whole or not at all, paths, gzip. */
#include "data_help.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/zip.h"

#include <signal.h>
#include <sys/resource.h>

static void expect(const char *path, const char *text)
{
    struct hg__bytes bytes;

    assert_int_equal(hg__file_read(path, 1 << 20, &bytes, &help_error), HG_OK);
    assert_string_equal((const char *)bytes.data, text);
    hg__bytes_fini(&bytes);
}

static int entries(const char *path)
{
    DIR *folder = opendir(path);
    int count = 0;

    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count - 2;
}

static enum hg_status put(const char *path, const char *text, bool replace)
{
    struct hg__piece pieces[2] = {{text, strlen(text) / 2},
                                  {text + strlen(text) / 2, strlen(text) - strlen(text) / 2}};
    return hg__file_write(path, pieces, 2, replace, &help_error);
}

static void reading(void **state)
{
    const char *path = help_text("r", "12345");
    unsigned char head[8];
    struct hg__bytes bytes;
    size_t length;
    uint64_t size;

    (void)state;
    expect(path, "12345");
    assert_int_equal(hg__file_read(path, 4, &bytes, &help_error), HG_NO_MEMORY);
    assert_null(bytes.data);
    assert_int_equal(hg__file_head(path, head, 3, &length, &size, NULL), HG_OK);
    assert_int_equal(length, 3);
    assert_int_equal(size, 5);
    assert_int_equal(hg__file_read(help_folder, 9, &bytes, &help_error), HG_FAILED);
    assert_int_equal(hg__file_read("/dev/zero", 9, &bytes, &help_error), HG_FAILED);
    assert_int_equal(hg__file_read(help_path("no"), 9, &bytes, &help_error), HG_FAILED);
    assert_non_null(strstr(help_error.text, "No such file"));
    assert_true(hg__file_exists(path) && hg__file_is_regular(path) && !hg__file_is_folder(path));
    assert_true(hg__file_is_folder(help_folder));
    unlink(path);
}

static void writing(void **state)
{
    const char *path = help_path("w");
    struct stat facts;

    (void)state;
    assert_int_equal(put(path, "first", false), HG_OK);
    expect(path, "first");
    assert_int_equal(put(path, "second", false), HG_FAILED);
    assert_non_null(strstr(help_error.text, "exists already"));
    expect(path, "first");
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(put(path, "second", true), HG_OK);
    expect(path, "second");
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0640);
    assert_int_equal(entries(help_folder), 1); /* no temporary file */
    assert_int_equal(put(help_path("no/such"), "x", true), HG_FAILED);
    assert_int_equal(put(help_folder, "x", true), HG_FAILED);
    unlink(path);
}

static void links_stay(void **state)
{
    const char *target = help_text("target", "old"), *link = help_path("link");
    struct stat facts;

    (void)state;
    assert_int_equal(symlink(target, link), 0);
    assert_int_equal(put(link, "new", true), HG_OK);
    assert_int_equal(lstat(link, &facts), 0);
    assert_true(S_ISLNK(facts.st_mode));
    expect(target, "new");
    unlink(target);
    for (int replace = 0; replace < 2; replace++) { /* nor is a link to nothing taken away */
        assert_int_equal(put(link, "x", replace), HG_FAILED);
        assert_non_null(strstr(help_error.text, "link to nothing"));
    }
    assert_int_equal(lstat(link, &facts), 0);
    assert_true(S_ISLNK(facts.st_mode));
    assert_int_equal(entries(help_folder), 1);
    unlink(link);
}

/* A device, a pipe: renamed over, it would be gone. */
static void no_device(void **state)
{
    const char *path = help_path("pipe");
    struct stat facts;

    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    for (int replace = 0; replace < 2; replace++) {
        assert_int_equal(put(path, "x", replace), HG_FAILED);
        assert_non_null(strstr(help_error.text, "not a regular file"));
    }
    assert_int_equal(lstat(path, &facts), 0);
    assert_true(S_ISFIFO(facts.st_mode));
    assert_int_equal(entries(help_folder), 1);
    unlink(path);
}

/* A write that fails half-way leaves the old file and nothing else. */
static void full_disk(void **state)
{
    const char *path = help_text("f", "old");
    struct rlimit limit, before;
    static char large[100000];
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    enum hg_status status;

    (void)state;
    memset(large, 'x', sizeof large - 1);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 60000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    status = put(path, large, true);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, HG_FAILED);
    expect(path, "old");
    assert_int_equal(entries(help_folder), 1);
    unlink(path);
}

static void same(char *path, const char *expected)
{
    assert_non_null(path);
    assert_string_equal(path, expected);
    hg__free(path);
}

static void paths(void **state)
{
    char here[1024], full[1200];

    (void)state;
    assert_string_equal(hg__path_base("a/b.c"), "b.c");
    assert_string_equal(hg__path_base("b"), "b");
    same(hg__path_folder("a/b/c"), "a/b");
    same(hg__path_folder("a//c"), "a");
    same(hg__path_folder("c"), ".");
    same(hg__path_folder("/c"), "/");
    same(hg__path_join("a", "b"), "a/b");
    same(hg__path_join("a/", "b"), "a/b");
    same(hg__path_join("a", "/b"), "/b");
    same(hg__path_join("", "b"), "b");
    same(hg__path_absolute("/a/./b//c/."), "/a/b/c");
    same(hg__path_absolute("/"), "/");
    same(hg__path_absolute("/./"), "/");
    same(hg__path_absolute("/a/../b"), "/a/../b");
    assert_non_null(getcwd(here, sizeof here));
    snprintf(full, sizeof full, "%s/x", strcmp(here, "/") == 0 ? "" : here);
    same(hg__path_absolute("./x"), full);
    assert_true(hg__path_ends("A.GZ", ".gz") && !hg__path_ends("gz", ".gz"));
}

static void gzip(void **state)
{
    static struct help_bytes gz;
    struct hg__bytes in, out;
    struct hg__gz_want want = {"x", 5, true};
    unsigned char exact[6];

    (void)state;
    assert_int_equal(hg__crc32(0, "123456789", 9), 0xcbf43926);
    assert_int_equal(hg__crc32(hg__crc32(0, "1234", 4), "56789", 5), 0xcbf43926);
    gz.length = 0;
    help_gzip(&gz, "abc", 3);
    help_gzip(&gz, "de", 2);    /* two members */
    help_add(&gz, "\0\0\0", 3); /* and padding */
    in = (struct hg__bytes){gz.data, gz.length};
    assert_true(hg__gz_is(gz.data, gz.length));
    assert_int_equal(hg__gz_all(&in, "x", 5, &out, &help_error), HG_OK);
    assert_int_equal(out.length, 5);
    assert_string_equal((const char *)out.data, "abcde");
    hg__bytes_fini(&out);
    assert_int_equal(hg__gz_all(&in, "x", 4, &out, &help_error), HG_NO_MEMORY);
    assert_int_equal(hg__gz_exact(&in, &want, exact, &help_error), HG_OK);
    assert_memory_equal(exact, "abcde", 5);
    want.want = 4;
    assert_int_equal(hg__gz_exact(&in, &want, exact, &help_error), HG_DAMAGED);
    want.end = false;
    assert_int_equal(hg__gz_exact(&in, &want, exact, &help_error), HG_OK);
    want.want = 6;
    assert_int_equal(hg__gz_exact(&in, &want, exact, &help_error), HG_DAMAGED);
    assert_int_equal(hg__gz_head(gz.data, 15, exact, 6), 0);
    assert_int_equal(hg__gz_head(gz.data, 17, exact, 6), 2);
    help_add(&gz, "junk", 4);
    in.length = gz.length;
    assert_int_equal(hg__gz_all(&in, "x", 5, &out, &help_error), HG_DAMAGED);
    assert_non_null(strstr(help_error.text, "something else follows"));
}

static void no_zip(void **state)
{
    struct hg__bytes bytes = {(unsigned char *)(uintptr_t) "PK\3\4 and nothing else", 20};
    struct hg__zip *zip;

    (void)state;
    assert_int_equal(hg__zip_open(&bytes, "z", &zip, &help_error), HG_DAMAGED);
    assert_null(zip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading),   cmocka_unit_test(writing),   cmocka_unit_test(links_stay),
        cmocka_unit_test(full_disk), cmocka_unit_test(paths),     cmocka_unit_test(gzip),
        cmocka_unit_test(no_zip),    cmocka_unit_test(no_device),
    };
    return cmocka_run_group_tests(tests, help_setup, help_teardown);
}
