/* Run files cut, changed, or written where they cannot be: refused, and nothing is left. */
#include "base/gz.h"
#include "base/mem.h"
#include "base/rng.h"

#include <fcntl.h>
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
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "run_help.h"

static void truncated(void **state)
{
    struct fixture f;
    char path[256], what[64];
    unsigned char *bytes;
    size_t length;

    (void)state;
    make(&f);
    snprintf(path, sizeof path, "%s", write_run(&f, "cut.safetensors"));
    bytes = read_all(path, &length);
    for (size_t cut = length; cut-- > 0;) {
        assert_int_equal(truncate(path, (off_t)cut), 0);
        snprintf(what, sizeof what, "cut at %zu", cut);
        damaged(path, false, what);
    }
    write_all(path, bytes, length);
    hg_runfile_close(open_run(path, false));
    assert_int_equal(truncate(path, (off_t)length + 1), 0);
    damaged(path, false, "one byte more");
    assert_int_equal(truncate(path, (off_t)length + 8), 0);
    damaged(path, false, "eight bytes more");
    free(bytes);
    unmake(&f);
}

static void flipped(void **state)
{
    const char *tests = getenv("TESTS");
    int rounds = tests && strcmp(tests, "quick") == 0 ? 2000 : 10000;
    struct fixture f;
    struct hg__rng rng;
    char path[256], what[64];
    unsigned char *bytes;
    size_t length;
    int descriptor;

    (void)state;
    make(&f);
    snprintf(path, sizeof path, "%s", write_run(&f, "flip.safetensors"));
    bytes = read_all(path, &length);
    descriptor = open(path, O_WRONLY);
    hg__rng_start(&rng, 3, HG__RNG_PROBE, 0, 0);
    for (int round = 0; round < rounds; round++) {
        /* Every bit of the first 16 and the last 16 bytes, the rest by chance. */
        size_t bit = round < 128   ? (size_t)round
                     : round < 256 ? length * 8 - 1 - ((size_t)round - 128)
                                   : hg__rng_below(&rng, (uint32_t)length * 8);
        unsigned char byte = (unsigned char)(bytes[bit / 8] ^ 1u << bit % 8);
        assert_int_equal(pwrite(descriptor, &byte, 1, (off_t)(bit / 8)), 1);
        snprintf(what, sizeof what, "bit %zu", bit);
        damaged(path, false, what);
        if (round % 8 == 0)
            damaged(path, true, what);
        assert_int_equal(pwrite(descriptor, &bytes[bit / 8], 1, (off_t)(bit / 8)), 1);
    }
    hg_runfile_close(open_run(path, false));
    close(descriptor);
    free(bytes);
    unmake(&f);
}

/* Whole by its checksum, but what it calls its experiment is none. */
static void forged(void **state)
{
    static const char from[] = "= adam", to[] = "= adax";
    struct fixture f;
    char path[256];
    struct hg_runfile *file;
    struct hg_error error;
    unsigned char *bytes, *found;
    size_t length;
    uint32_t crc;

    (void)state;
    make(&f);
    snprintf(path, sizeof path, "%s", write_run(&f, "forged.safetensors"));
    bytes = read_all(path, &length);
    found = bytes + 8;
    while (memcmp(found, from, strlen(from)) != 0)
        found++;
    memcpy(found, to, strlen(to));
    crc = hg__crc32(0, bytes, length - 8);
    memcpy(bytes + length - 8, &crc, sizeof crc);
    write_all(path, bytes, length);
    file = open_run(path, false);
    assert_int_equal(hg_runfile_read_config(file, &f.spec, &error), HG_DAMAGED);
    assert_int_equal(error.status, HG_DAMAGED);
    assert_non_null(strstr(error.text, "forged.safetensors:"));
    hg_runfile_close(file);
    free(bytes);
    unmake(&f);
}

static void cannot_open(void **state)
{
    struct hg_runfile *file;
    struct hg_error error;

    (void)state;
    assert_int_equal(hg_runfile_open(in_folder("none"), false, &file, &error), HG_FAILED);
    assert_int_equal(hg_runfile_open(in_folder("none"), true, &file, &error), HG_FAILED);
    assert_int_equal(hg_runfile_open(folder, false, &file, &error), HG_FAILED);
    assert_int_equal(hg_runfile_open("/dev/zero", false, &file, &error), HG_FAILED);
    assert_false(hg_runfile_recognise(folder));
    assert_false(hg_runfile_recognise(in_folder("none")));
}

/* The weights of a run serve another one, moments and history aside. */
static void run_as_weights(void **state)
{
    struct fixture f;
    struct hg_model *model = build(context, &network);
    struct hg_error error = {HG_OK, ""};
    float *moments;

    (void)state;
    make(&f);
    if (try_init(write_run(&f, "w.safetensors"), model, &error))
        fail_msg("%s", error.text);
    same_part(f.model, model, HG_PART_VALUE);
    moments = read_tensor(model, 0, HG_PART_FIRST);
    for (size_t i = 0; i < hg_model_tensor(model, 0).count; i++)
        assert_true(moments[i] == 0);
    free(moments);
    hg_model_destroy(model);
    model = build(context, &tiny);
    assert_int_equal(try_init(in_folder("w.safetensors"), model, &error), HG_USAGE);
    hg_model_destroy(model);
    unmake(&f);
}

static size_t count_files(void)
{
    char command[200];
    size_t count = 0;
    FILE *list;

    snprintf(command, sizeof command, "ls -A %s | wc -l", folder);
    list = popen(command, "r");
    assert_int_equal(fscanf(list, "%zu", &count), 1);
    pclose(list);
    return count;
}

/* However early the disk is full: the old whole file, and nothing beside it. */
static void full_disk(void **state)
{
    struct fixture f;
    struct rlimit old, limit;
    unsigned char *before, *after;
    size_t length, again, files;

    (void)state;
    make(&f);
    before = read_all(write_run(&f, "full.safetensors"), &length);
    files = count_files();
    fill(f.model, 9);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    limit = old;
    for (size_t room = 0; room < length; room += length / 50 + 1) {
        struct hg_error error = {HG_OK, ""};
        enum hg_status status;
        limit.rlim_cur = room;
        setrlimit(RLIMIT_FSIZE, &limit);
        status = hg_runfile_write(in_folder("full.safetensors"), &f.run, &error);
        setrlimit(RLIMIT_FSIZE, &old);
        assert_int_equal(status, HG_FAILED);
        assert_non_null(strstr(error.text, "full.safetensors"));
    }
    assert_int_equal(count_files(), files);
    after = read_all(in_folder("full.safetensors"), &again);
    assert_int_equal(length, again);
    assert_memory_equal(before, after, length);
    assert_int_equal(hg_runfile_write("/nowhere/at/all", &f.run, NULL), HG_FAILED);
    free(before);
    free(after);
    unmake(&f);
}

static void without_memory(void **state)
{
    struct fixture f;
    struct hg_model *model = build(context, &network);
    char path[256];
    size_t failures = 0;

    (void)state;
    hg__free(hg__alloc(1, 1));
    if (hg__mem_count() == 0)
        skip();
    make(&f);
    snprintf(path, sizeof path, "%s", write_run(&f, "memory.safetensors"));
    for (size_t n = 1;; n++) {
        struct hg_runfile *file = NULL;
        enum hg_status status;
        hg__mem_fail_at(n);
        status = hg_runfile_open(path, false, &file, NULL);
        if (status == HG_OK)
            status = hg_runfile_restore(file, model, NULL);
        hg__mem_fail_at(0);
        hg_runfile_close(file);
        if (status == HG_OK)
            break;
        assert_int_equal(status, HG_NO_MEMORY);
        failures++;
    }
    for (size_t n = 1;; n++) {
        enum hg_status status;
        hg__mem_fail_at(n);
        status = hg_runfile_write(path, &f.run, NULL);
        hg__mem_fail_at(0);
        hg_runfile_close(open_run(path, false));
        if (status == HG_OK)
            break;
        assert_int_equal(status, HG_NO_MEMORY);
        failures++;
    }
    assert_true(failures > 20);
    hg_model_destroy(model);
    unmake(&f);
}

/* Python reads it with nothing but struct, json and zlib. */
static void python_reads(void **state)
{
    static const char script[] =
        "import struct,json,zlib,sys\n"
        "b=open(sys.argv[1],'rb').read()\n"
        "n,=struct.unpack('<Q',b[:8]); h=json.loads(b[8:8+n]); d=b[8+n:]\n"
        "def t(k):\n"
        "  e=h[k]; c={'F32':'f','F64':'d','I64':'q'}[e['dtype']]; a,z=e['data_offsets']\n"
        "  return struct.unpack('<%d%s'%((z-a)//struct.calcsize('<'+c),c),d[a:z])\n"
        "assert t('integrity.crc32')[0]==zlib.crc32(b[:-8])\n"
        "assert h['integrity.crc32']['data_offsets'][1]==len(d)\n"
        "assert t('history.epoch')==(1,2,3) and t('history.step')==(4,8,12)\n"
        "v=t('history.validation')[0]; assert v!=v and t('history.train')==(1.0,0.5,1/3)\n"
        "assert len(t('encoder.0.weight'))==45 and h['encoder.0.weight']['shape']==[5,9]\n"
        "assert t('rng.state')==(1,3,14)\n"
        "m=h['__metadata__']; assert all(type(v) is str for v in m.values())\n"
        "assert m['format']=='hourglass' and m['step']=='14' and '[data]' in m['config']\n";
    struct fixture f;
    char path[256];
    pid_t child;
    int result;

    (void)state;
    if (access("/usr/bin/python3", X_OK) != 0)
        skip();
    make(&f);
    snprintf(path, sizeof path, "%s", write_run(&f, "python.safetensors"));
    child = fork();
    if (child == 0) {
        execl("/usr/bin/python3", "python3", "-c", script, path, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    unmake(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truncated),      cmocka_unit_test(flipped),
        cmocka_unit_test(forged),         cmocka_unit_test(cannot_open),
        cmocka_unit_test(run_as_weights), cmocka_unit_test(full_disk),
        cmocka_unit_test(without_memory), cmocka_unit_test(python_reads),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
