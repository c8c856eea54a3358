/* Runs on disk: what is written comes back, and nothing else is believed. */
#include "base/mem.h"
#include "base/rng.h"
#include "hourglass/hourglass.h"

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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "model_help.h"

enum { FEATURES = 9, EPOCHS = 3 };

static char folder[] = "/tmp/hg-test-run-XXXXXX";
static struct hg_context *context;

static const char *in_folder(const char *name)
{
    static char path[4][256];
    static int turn;
    char *out = path[turn++ % 4];

    snprintf(out, sizeof path[0], "%s/%s", folder, name);
    return out;
}

/* ---- a run to write ---- */

struct fixture {
    struct hg_spec spec;
    struct hg_model *model;
    struct hg_dataset dataset;
    struct hg_history history;
    struct hg_progress progress;
    float mean[FEATURES];
    double factor[FEATURES], offset[FEATURES];
    struct hg_run run;
};

static const struct hg_model_config network = {.encoder = "dense 5 bn tanh, dropout 0.2",
                                               .code = "2",
                                               .decoder = "mirror",
                                               .output = "sigmoid",
                                               .input = {1, 3, 3},
                                               .image = true,
                                               .bias = true,
                                               .loss = HG_LOSS_MSE,
                                               .beta = 1};

static void fill(struct hg_model *model, uint64_t seed)
{
    struct hg__rng rng;

    hg__rng_start(&rng, seed, HG__RNG_PROBE, 0, 0);
    for (size_t i = 0; i < hg_model_tensors(model); i++) {
        struct hg_tensor_info info = hg_model_tensor(model, i);
        float *values = malloc(info.count * sizeof *values);
        for (int part = HG_PART_VALUE; part <= HG_PART_SECOND; part++) {
            if (part == HG_PART_GRADIENT || (part != HG_PART_VALUE && !info.trainable))
                continue;
            for (size_t k = 0; k < info.count; k++)
                values[k] = (float)hg__rng_normal(&rng);
            hg_model_write(model, i, (enum hg_tensor_part)part, values);
        }
        free(values);
    }
}

static void make(struct fixture *f)
{
    struct hg_error error = {HG_OK, ""};

    memset(f, 0, sizeof *f);
    assert_int_equal(hg_spec_init(&f->spec, &error), HG_OK);
    assert_int_equal(hg_spec_set(&f->spec, "data.source", "/a b/\xff\n;c.csv", "t", &error), HG_OK);
    f->model = build(context, &network);
    fill(f->model, 1);
    f->dataset.features = FEATURES;
    f->dataset.shape = network.input;
    f->dataset.image = true;
    f->dataset.scaling = HG_SCALE_STANDARD;
    f->dataset.scales = FEATURES;
    f->dataset.factor = f->factor;
    f->dataset.offset = f->offset;
    f->dataset.mean = f->mean;
    f->dataset.lowest = -2.5;
    f->dataset.highest = 1.0 / 3;
    for (int i = 0; i < FEATURES; i++) {
        f->mean[i] = 1.0f / (float)(i + 3);
        f->factor[i] = 1.0 / (i + 7);
        f->offset[i] = i / 11.0;
    }
    for (uint64_t e = 1; e <= EPOCHS; e++) {
        struct hg_epoch epoch = {e, 4 * e, 1.0 / (double)e, NAN, 0.1};
        hg_history_add(&f->history, &epoch, NULL);
    }
    f->progress = (struct hg_progress){EPOCHS, 14, 7, 6, 1.0 / 3, 0.25, NAN, 2, 1, NAN};
    f->run = (struct hg_run){&f->spec, f->model, &f->dataset, &f->history, &f->progress, NULL};
}

static void unmake(struct fixture *f)
{
    hg_spec_fini(&f->spec);
    hg_model_destroy(f->model);
    hg_history_fini(&f->history);
}

static const char *write_run(const struct fixture *f, const char *name)
{
    struct hg_error error = {HG_OK, ""};
    const char *path = in_folder(name);

    if (hg_runfile_write(path, &f->run, &error))
        fail_msg("%s", error.text);
    return path;
}

static struct hg_runfile *open_run(const char *path, bool weights_only)
{
    struct hg_runfile *file = NULL;
    struct hg_error error = {HG_OK, ""};

    if (hg_runfile_open(path, weights_only, &file, &error))
        fail_msg("%s", error.text);
    return file;
}

static unsigned char *read_all(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = malloc(1 << 20);

    assert_non_null(file);
    *length = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

static void write_all(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

static void same_part(const struct hg_model *a, const struct hg_model *b, enum hg_tensor_part part)
{
    for (size_t i = 0; i < hg_model_tensors(a); i++) {
        struct hg_tensor_info info = hg_model_tensor(a, i);
        float *x, *y;
        if (part != HG_PART_VALUE && !info.trainable)
            continue;
        x = read_tensor(a, i, part);
        y = read_tensor(b, i, part);
        assert_memory_equal(x, y, info.count * sizeof *x);
        free(x);
        free(y);
    }
}

/* ---- tests ---- */

static void comes_back(void **state)
{
    struct fixture f;
    struct hg_model *model = build(context, &network);
    struct hg_runfile *file;
    struct hg_error error = {HG_OK, ""};
    struct hg_scale_found scale;
    struct hg_spec spec;
    const char *path;

    (void)state;
    make(&f);
    path = write_run(&f, "run.safetensors");
    assert_true(hg_runfile_recognise(path));
    file = open_run(path, false);
    if (hg_runfile_restore(file, model, &error))
        fail_msg("%s", error.text);
    same_part(f.model, model, HG_PART_VALUE);
    same_part(f.model, model, HG_PART_FIRST);
    same_part(f.model, model, HG_PART_SECOND);
    assert_memory_equal(hg_runfile_progress(file), &f.progress, sizeof f.progress);
    assert_int_equal(hg_runfile_history(file)->count, EPOCHS);
    for (size_t i = 0; i < EPOCHS; i++) {
        const struct hg_epoch *epoch = &hg_runfile_history(file)->epochs[i];
        assert_memory_equal(epoch, &f.history.epochs[i], sizeof *epoch);
    }
    assert_memory_equal(hg_runfile_mean(file), f.mean, sizeof f.mean);
    scale = hg_runfile_scale(file);
    assert_int_equal(scale.scales, FEATURES);
    assert_int_equal(scale.scaling, HG_SCALE_STANDARD);
    assert_true(!scale.bounded && scale.lowest == -2.5 && scale.highest == 1.0 / 3);
    assert_memory_equal(scale.factor, f.factor, sizeof f.factor);
    assert_memory_equal(scale.offset, f.offset, sizeof f.offset);
    assert_true(hg_runfile_image(file) && hg_runfile_shape(file).rows == 3);
    assert_string_equal(hg_runfile_version(file), hg_version());
    assert_string_equal(hg_runfile_path(file), path);
    hg_spec_init(&spec, &error);
    if (hg_spec_parse(&spec, hg_runfile_config(file), "run", &error))
        fail_msg("%s", error.text);
    assert_string_equal(spec.data.source, f.spec.data.source);
    hg_spec_fini(&spec);
    assert_false(hg_runfile_best(file, model, NULL));
    hg_runfile_close(file);
    hg_model_destroy(model);
    unmake(&f);
}

static void same_bytes(void **state)
{
    struct fixture f;
    struct hg_model *model = build(context, &network);
    struct hg_runfile *file;
    struct hg_progress progress;
    unsigned char *first, *second;
    size_t length, again;

    (void)state;
    make(&f);
    first = read_all(write_run(&f, "a.safetensors"), &length);
    file = open_run(in_folder("a.safetensors"), false);
    assert_int_equal(hg_runfile_restore(file, model, NULL), HG_OK);
    f.run.model = model;
    f.run.history = hg_runfile_history(file);
    progress = *hg_runfile_progress(file);
    progress.best_validation = -nan("0x123"); /* a NaN has one spelling only */
    f.run.progress = &progress;
    second = read_all(write_run(&f, "b.safetensors"), &again);
    assert_int_equal(length, again);
    assert_memory_equal(first, second, length);
    hg_runfile_close(file);
    free(first);
    free(second);
    hg_model_destroy(model);
    unmake(&f);
}

/* No history yet, no mean, best weights kept. */
static void odd_parts(void **state)
{
    struct fixture f;
    struct hg_model *model = build(context, &network);
    struct hg_runfile *file;
    struct hg_error error;
    float *best[32], *got[32];
    size_t tensors;

    (void)state;
    make(&f);
    tensors = hg_model_tensors(f.model);
    assert_true(tensors <= 32);
    fill(model, 7);
    for (size_t i = 0; i < tensors; i++) {
        best[i] = read_tensor(model, i, HG_PART_VALUE);
        got[i] = calloc(hg_model_tensor(model, i).count, sizeof(float));
    }
    f.history.count = 0;
    f.progress = (struct hg_progress){.last_train = NAN, .best_validation = NAN};
    assert_int_equal(hg_spec_set(&f.spec, "data.center", "no", "t", &error), HG_OK);
    f.run.best = best;
    file = open_run(write_run(&f, "odd.safetensors"), false);
    assert_null(hg_runfile_mean(file));
    assert_int_equal(hg_runfile_history(file)->count, 0);
    assert_true(isnan(hg_runfile_progress(file)->last_train));
    assert_true(hg_runfile_best(file, model, got));
    for (size_t i = 0; i < tensors; i++) {
        assert_memory_equal(best[i], got[i], hg_model_tensor(model, i).count * sizeof(float));
        free(best[i]);
        free(got[i]);
    }
    hg_runfile_close(file);
    hg_model_destroy(model);
    unmake(&f);
}

/* The header as any reader of the format sees it. */
static void check_format(struct fixture *f)
{
    unsigned char *bytes;
    size_t length;
    uint64_t header, data, at = 0, last = 0;
    const char *name;
    json_t *root, *value, *meta;

    bytes = read_all(write_run(f, "f.safetensors"), &length);
    memcpy(&header, bytes, 8);
    data = 8 + header;
    assert_true(data % 8 == 0 && data < length);
    root = json_loadb((char *)bytes + 8, header, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    meta = json_object_get(root, "__metadata__");
    assert_string_equal(json_string_value(json_object_get(meta, "format")), "hourglass");
    assert_string_equal(json_string_value(json_object_get(meta, "epoch")), "3");
    assert_string_equal(json_string_value(json_object_get(meta, "step")), "14");
    assert_null(strstr(json_string_value(json_object_get(meta, "config")), folder));
    json_object_foreach(root, name, value)
    {
        const char *type = json_string_value(json_object_get(value, "dtype"));
        json_t *place = json_object_get(value, "data_offsets");
        if (!place)
            continue;
        assert_int_equal(json_integer_value(json_array_get(place, 0)), at);
        assert_true((data + at) % (strcmp(type, "F32") == 0 ? 4 : 8) == 0);
        last = at;
        at = (uint64_t)json_integer_value(json_array_get(place, 1));
        if (strcmp(name, "encoder.0.weight") == 0) {
            json_t *shape = json_object_get(value, "shape");
            assert_int_equal(json_integer_value(json_array_get(shape, 0)), 5);
            assert_int_equal(json_integer_value(json_array_get(shape, 1)), FEATURES);
        }
    }
    assert_int_equal(data + at, length);
    assert_int_equal(
        json_integer_value(json_array_get(
            json_object_get(json_object_get(root, "integrity.crc32"), "data_offsets"), 0)),
        last);
    static const char *const names[] = {"encoder.0.weight",
                                        "encoder.0.bias",
                                        "encoder.1.running_mean",
                                        "encoder.4.weight",
                                        "optimizer.m.encoder.0.weight",
                                        "optimizer.v.encoder.4.bias",
                                        "rng.state",
                                        "history.epoch",
                                        "history.step",
                                        "history.train",
                                        "history.validation",
                                        "history.lr"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!json_object_get(root, names[i]))
            fail_msg("no tensor %s", names[i]);
    assert_null(json_object_get(root, "optimizer.m.encoder.1.running_mean"));
    assert_true((json_object_get(root, "data.mean") != NULL) == f->spec.data.center);
    json_decref(root);
    free(bytes);
}

/* Once with an even number of float32, once with an odd one. */
static void format(void **state)
{
    struct fixture f;

    (void)state;
    make(&f);
    check_format(&f);
    assert_int_equal(hg_spec_set(&f.spec, "data.center", "no", "t", NULL), HG_OK);
    check_format(&f);
    unmake(&f);
}

/* Opening must be refused as damaged, with the path in front. */
static void damaged(const char *path, bool weights_only, const char *what)
{
    struct hg_runfile *file = NULL;
    struct hg_error error = {HG_OK, ""};
    enum hg_status status = hg_runfile_open(path, weights_only, &file, &error);

    if (status != HG_DAMAGED || strncmp(error.text, path, strlen(path)) != 0 || file)
        fail_msg("%s: %s: %s", what, hg_status_name(status), error.text);
}

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

/* A network of another shape. */
static const struct hg_model_config tiny = {.encoder = "none",
                                            .code = "1",
                                            .decoder = "none",
                                            .output = "linear",
                                            .input = {1, 1, 2},
                                            .bias = true,
                                            .loss = HG_LOSS_MSE,
                                            .beta = 1};

static enum hg_status try_init(const char *path, struct hg_model *model, struct hg_error *error)
{
    struct hg_runfile *file = NULL;
    enum hg_status status = hg_runfile_open(path, true, &file, error);

    if (status == HG_OK)
        status = hg_runfile_restore(file, model, error);
    hg_runfile_close(file);
    return status;
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

static int begin(void **state)
{
    (void)state;
    return mkdtemp(folder) &&
                   hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &context, NULL) == HG_OK
               ? 0
               : -1;
}

static int end(void **state)
{
    char command[100];

    (void)state;
    hg_context_destroy(context);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),   cmocka_unit_test(same_bytes),
        cmocka_unit_test(odd_parts),    cmocka_unit_test(format),
        cmocka_unit_test(truncated),    cmocka_unit_test(flipped),
        cmocka_unit_test(cannot_open),  cmocka_unit_test(run_as_weights),
        cmocka_unit_test(full_disk),    cmocka_unit_test(without_memory),
        cmocka_unit_test(python_reads),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
