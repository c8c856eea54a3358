#include "hourglass/log.h"

#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "hourglass/text.h"
#include "run/log.h"
#include "run/spec_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOG_VERSION = 1 };

struct hg_log {
    char *path;
    int descriptor;
    bool half; /* the file ends within a line, of a writer that was killed */
    bool held; /* no file: lines are kept in `lines` */
    struct hg__text lines;
    bool failed;
    struct hg_error error;
};

/* ---- one line ---- */

static void begin(struct hg__text *line, const char *event)
{
    hg__text_format(line, "\n{\"event\":\"%s\"", event); /* see end() */
}

/* A JSON string; what would disturb a terminal, or is no UTF-8, becomes visible escapes. */
static void put_string(struct hg__text *line, const char *text)
{
    size_t room = strlen(text) * 8 + 1; /* the longest escape of a byte has 4, of two bytes 6 */
    char *clean = hg__alloc(room, 1), *quoted = NULL;
    json_t *json = NULL;

    if (clean) {
        hg_text_sanitize(clean, room, text);
        json = json_string(clean);
    }
    if (json)
        quoted = json_dumps(json, JSON_ENCODE_ANY);
    if (quoted)
        hg__text_put(line, quoted);
    else
        line->failed = true;
    free(quoted);
    json_decref(json);
    hg__free(clean);
}

static void put_text(struct hg__text *line, const char *key, const char *text)
{
    hg__text_format(line, ",\"%s\":", key);
    if (text)
        put_string(line, text);
    else
        hg__text_put(line, "null");
}

static void put_number(struct hg__text *line, double value)
{
    char number[32];

    hg__text_put(line, isfinite(value) ? hg__format_real(number, value) : "null");
}

static void put_real(struct hg__text *line, const char *key, double value)
{
    hg__text_format(line, ",\"%s\":", key);
    put_number(line, value);
}

static void put_whole(struct hg__text *line, const char *key, uint64_t value)
{
    hg__text_format(line, ",\"%s\":%" PRIu64, key, value);
}

/* ---- the file ---- */

static void fail(struct hg_log *log, const char *what)
{
    log->failed = true;
    hg_error_set(&log->error, HG_FAILED, "%s: cannot write the log: %s", log->path, what);
}

/* Writes lines in one piece. A half line (the disk is full) is taken back. */
static void write_out(struct hg_log *log, const struct hg__text *line)
{
    off_t before = lseek(log->descriptor, 0, SEEK_END);
    ssize_t written;
    size_t skip = log->half ? 0 : 1; /* the line break in front */

    do
        written = write(log->descriptor, line->bytes + skip, line->length - skip);
    while (written < 0 && errno == EINTR);
    if (written != (ssize_t)(line->length - skip)) {
        fail(log, strerror(written < 0 ? errno : ENOSPC));
        if (written > 0 && before >= 0 && ftruncate(log->descriptor, before) != 0)
            log->half = true;
    } else {
        log->half = false;
    }
}

static void end(struct hg_log *log, struct hg__text *line)
{
    hg__text_put(line, "}\n");
    if (log->held)
        hg__text_put(&log->lines, line->failed ? "" : line->bytes + (log->lines.length ? 1 : 0));
    if (!log->failed && (line->failed || log->lines.failed))
        fail(log, strerror(ENOMEM));
    if (!log->failed && !log->held)
        write_out(log, line);
    hg__text_fini(line);
}

struct hg_log *hg__log_hold(void)
{
    struct hg_log *made = hg__alloc(1, sizeof *made);

    if (!made)
        return NULL;
    made->path = hg__strdup("(held back)");
    made->descriptor = -1;
    made->held = true;
    if (made->path)
        return made;
    hg_log_close(made);
    return NULL;
}

void hg__log_release(struct hg_log *held, struct hg_log *log)
{
    if (!held || !log)
        return;
    if (held->failed && !log->failed)
        fail(log, strerror(ENOMEM));
    if (!log->failed && held->lines.length)
        write_out(log, &held->lines);
    hg__text_fini(&held->lines);
}

static bool ends_within_line(int descriptor)
{
    struct stat facts;
    char last;

    return fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0 &&
           pread(descriptor, &last, 1, facts.st_size - 1) == 1 && last != '\n';
}

/* Is it empty, or does it begin as JSON Lines do? What was named by mistake (the data, the
 * experiment, a run) must not be written into. */
static bool may_append(const char *path)
{
    struct stat facts;
    char head[64];
    int descriptor = stat(path, &facts) == 0 && S_ISREG(facts.st_mode)
                         ? open(path, O_RDONLY | O_CLOEXEC)
                         : -1;
    ssize_t length = 0, blank = 0;

    if (descriptor < 0)
        return true;
    length = pread(descriptor, head, sizeof head, 0);
    close(descriptor);
    while (blank < length && strchr(" \t\r\n", head[blank]) && head[blank])
        blank++;
    return blank >= length || head[blank] == '{';
}

enum hg_status hg_log_open(const char *path, struct hg_log **log, struct hg_error *error)
{
    struct hg_log *made = NULL;

    *log = NULL;
    if (!path)
        return HG_OK;
    if (!may_append(path))
        return hg_error_set(error, HG_FAILED,
                            "%s: is no log; accepted: a log, which is appended to, or a new file",
                            path);
    made = hg__alloc(1, sizeof *made);
    if (made)
        made->path = hg__strdup(path);
    if (!made || !made->path) {
        hg__free(made);
        return hg_error_set(error, HG_NO_MEMORY, "%s: no memory for the log", path);
    }
    made->descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (made->descriptor < 0) /* a pipe, or what may only be written */
        made->descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (made->descriptor < 0) {
        enum hg_status status = hg_error_set(error, HG_FAILED, "%s: cannot open the log: %s", path,
                                             strerror(errno));
        hg_log_close(made);
        return status;
    }
    made->half = ends_within_line(made->descriptor);
    *log = made;
    return HG_OK;
}

void hg_log_close(struct hg_log *log)
{
    if (!log)
        return;
    if (log->descriptor >= 0)
        close(log->descriptor);
    hg__text_fini(&log->lines);
    hg__free(log->path);
    hg__free(log);
}

bool hg_log_failed(const struct hg_log *log, struct hg_error *error)
{
    if (!log || !log->failed)
        return false;
    if (error)
        *error = log->error;
    return true;
}

/* ---- events ---- */

static void put_option(struct hg__text *line, const struct hg_spec *spec,
                       const struct hg_option *option)
{
    char *value = hg__option_in_force(option, spec);

    hg__text_format(line, "\"%s.%s\":", option->section, option->key);
    if (value)
        put_string(line, value);
    else
        line->failed = true;
    hg__free(value);
}

static void put_config(struct hg__text *line, const struct hg_spec *spec)
{
    size_t count;
    const struct hg_option *option = hg_options(&count);
    char name[64];

    hg__text_put(line, ",\"config\":{");
    for (size_t i = 0; i < count; i++) {
        hg__text_put(line, i ? "," : "");
        put_option(line, spec, &option[i]);
    }
    for (size_t i = 0; i < spec->gaussians.override_count; i++) {
        const struct hg_spec_override *override = &spec->gaussians.overrides[i];
        snprintf(name, sizeof name, "gaussians.%s.%zu", override->is_spread ? "spread" : "center",
                 override->cluster);
        hg__text_format(line, ",\"%s\":", name);
        put_string(line, override->values);
    }
    hg__text_put(line, "}");
}

void hg_log_start(struct hg_log *log, const struct hg_spec *spec, uint64_t parameters,
                  size_t samples, const struct hg_ladder *ladder)
{
    struct hg__text line = {0};

    if (!log)
        return;
    begin(&line, "start");
    put_whole(&line, "version", LOG_VERSION);
    put_config(&line, spec);
    put_whole(&line, "parameters", parameters);
    put_whole(&line, "samples", samples);
    put_real(&line, "mean_floor", ladder ? ladder->mean : NAN);
    hg__text_put(&line, ",\"pca_floors\":[");
    for (size_t i = 0; ladder && i < ladder->rungs && i < HG_LADDER_MOST; i++) {
        hg__text_put(&line, i ? "," : "");
        put_number(&line, ladder->pca[i]);
    }
    hg__text_put(&line, "]");
    put_real(&line, "entropy_floor", ladder && ladder->has_entropy ? ladder->entropy : NAN);
    end(log, &line);
}

void hg_log_epoch(struct hg_log *log, const struct hg_epoch *epoch, double samples_per_s,
                  double seconds)
{
    struct hg__text line = {0};

    if (!log)
        return;
    begin(&line, "epoch");
    put_whole(&line, "epoch", epoch->epoch);
    put_whole(&line, "step", epoch->step);
    put_real(&line, "train", epoch->train);
    put_real(&line, "validation", epoch->validation);
    put_real(&line, "lr", epoch->rate);
    put_real(&line, "samples_per_s", samples_per_s);
    put_real(&line, "seconds", seconds);
    end(log, &line);
}

void hg_log_change(struct hg_log *log, uint64_t step, const char *key, const char *from,
                   const char *to)
{
    struct hg__text line = {0};

    if (!log)
        return;
    begin(&line, "change");
    put_whole(&line, "step", step);
    put_text(&line, "key", key);
    put_text(&line, "from", from);
    put_text(&line, "to", to);
    end(log, &line);
}

void hg_log_end(struct hg_log *log, const struct hg_log_end *last)
{
    struct hg__text line = {0};

    if (!log)
        return;
    begin(&line, "end");
    put_text(&line, "reason", last->reason);
    put_whole(&line, "epoch", last->epoch);
    put_whole(&line, "step", last->step);
    put_real(&line, "train", last->train);
    put_real(&line, "evaluated", last->evaluated);
    put_real(&line, "validation", last->validation);
    end(log, &line);
}

void hg_log_diagnosis(struct hg_log *log, uint64_t epoch, const char *kind, const char *layer,
                      double value, const char *advice)
{
    struct hg__text line = {0};

    if (!log)
        return;
    begin(&line, "diagnosis");
    put_whole(&line, "epoch", epoch);
    put_text(&line, "kind", kind);
    put_text(&line, "layer", layer);
    put_real(&line, "value", value);
    put_text(&line, "advice", advice);
    end(log, &line);
}
