/* What a path on a command line stands for. */
#define _GNU_SOURCE /* memrchr */
#include "hourglass/experiment.h"

#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_MOST = 8192 };

static bool is_made(const char *path)
{
    return strncmp(path, "builtin:", 8) == 0 || strcmp(path, "gaussians") == 0;
}

/* Can it be read, also as file.npz:name? */
static bool is_there(const char *path)
{
    const char *colon = strrchr(path, ':');
    char *file;
    bool there = access(path, R_OK) == 0;
    int reason = errno;

    if (!there && colon && (file = hg__strndup(path, (size_t)(colon - path)))) {
        there = access(file, R_OK) == 0;
        hg__free(file);
    }
    errno = reason;
    return there;
}

/* "data/t10k-images-idx3-ubyte.gz" gives t10k-images-idx3-ubyte. */
static char *name_of(const char *path)
{
    static const char gz[] = ".gz";
    const char *made = strchr(path, ':'), *start, *dot;
    size_t length = strlen(path);

    if (is_made(path) && made)
        return hg__strdup(made + 1);
    while (length > 1 && path[length - 1] == '/')
        length--;
    start = path + length;
    while (start > path && start[-1] != '/')
        start--;
    length -= (size_t)(start - path);
    if (length > 3 && memcmp(start + length - 3, gz, 3) == 0)
        length -= 3;
    dot = memrchr(start, '.', length);
    if (dot && dot > start)
        length = (size_t)(dot - start);
    return length && strncmp(start, ".", length) && strncmp(start, "..", length) && *start != '/'
               ? hg__strndup(start, length)
               : hg__strdup("data");
}

enum hg_status hg_spec_name_after(struct hg_spec *spec, const char *path, struct hg_error *error)
{
    char *name = name_of(path);

    if (!name)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for a name");
    hg__free(spec->name);
    spec->name = name;
    return HG_OK;
}

enum hg_status hg_spec_open(struct hg_spec *spec, const char *path, struct hg_error *error)
{
    enum hg_status status;

    if (!is_there(path)) {
        if (!is_made(path))
            return hg_error_set(error, HG_FAILED, "%s: %s", path, strerror(errno));
    } else if (hg_operand_kind(path) == HG_OPERAND_EXPERIMENT) {
        return hg_spec_load(spec, path, error);
    } else if (hg_operand_kind(path) == HG_OPERAND_RUN) {
        return hg_error_set(error, HG_USAGE, "%s: a run; accepted here: an experiment or data",
                            path);
    }
    status = hg_spec_set(spec, "data.source", path, "command line", error);
    return status ? status : hg_spec_name_after(spec, path, error);
}

/* One of the files that `spec` names. */
static enum hg_status find_file(struct hg_spec *spec, const char *name, const char *run,
                                struct hg_error *error)
{
    char path[PATH_MOST], beside[PATH_MOST];
    const char *slash = strrchr(run, '/');
    int folder = slash ? (int)(slash - run) + 1 : 0;

    if (!hg_spec_get(spec, name, path, sizeof path) || path[0] != '/' || is_there(path))
        return HG_OK;
    if (snprintf(beside, sizeof beside, "%.*s%s", folder, run, strrchr(path, '/') + 1) <
            (int)sizeof beside &&
        is_there(beside))
        return hg_spec_set(spec, name, beside, "beside the run", error);
    return hg_error_set(error, HG_FAILED,
                        "%s: %s, nor is it beside %s; say where it is with -s %s=PATH", path,
                        strerror(ENOENT), run, name);
}

enum hg_status hg_spec_find_data(struct hg_spec *spec, const char *run, struct hg_error *error)
{
    enum hg_status status = find_file(spec, "data.source", run, error);

    return status ? status : find_file(spec, "data.labels", run, error);
}
