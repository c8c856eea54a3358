/* The events of a log, one after the other, folded into the line that led to the last. */
#include "run/replay.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "run/specfile.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOG_MOST = 1 << 30, NO_JSON = 1, LOG_VERSION = 1 }; /* no JSON text holds byte 1 */

/* One line of the file. */
struct event {
    struct hg_replay *replay;
    size_t number;
    json_t *json;
};

static enum hg_status damaged(const struct event *event, const char *what, struct hg_error *error)
{
    return hg_error_set(error, HG_DAMAGED, "%s:%zu: %s", event->replay->path, event->number, what);
}

static enum hg_status no_memory(const struct event *event, struct hg_error *error)
{
    return hg_error_set(error, HG_NO_MEMORY, "%s: no memory to read it", event->replay->path);
}

static const char *text_of(const struct event *event, const char *key)
{
    const char *text = json_string_value(json_object_get(event->json, key));

    return text ? text : "";
}

static bool whole_of(const struct event *event, const char *key, uint64_t *value)
{
    const json_t *number = json_object_get(event->json, key);

    if (!json_is_integer(number) || json_integer_value(number) < 0)
        return false;
    *value = (uint64_t)json_integer_value(number);
    return true;
}

/* ---- start ---- */

/* The flat strings as the text of an experiment: its reader knows all that is to know. */
static void put_section(struct hg__text *out, json_t *config, const char *section)
{
    size_t length = strlen(section);
    const char *name;
    json_t *value;

    hg__text_format(out, "[%s]\n", section);
    json_object_foreach(config, name, value)
    {
        if (strncmp(name, section, length) != 0 || name[length] != '.' || !json_is_string(value))
            continue;
        hg__text_format(out, "%s = ", name + length + 1);
        hg__ini_escape(out, json_string_value(value));
        hg__text_put(out, "\n");
    }
}

static enum hg_status read_config(const struct event *event, struct hg_spec *spec,
                                  struct hg_error *error)
{
    json_t *config = json_object_get(event->json, "config");
    struct hg__text out = {0};
    const char *section = "";
    size_t count;
    const struct hg_option *option = hg_options(&count);
    enum hg_status status;
    char *text;

    if (!json_is_object(config))
        return damaged(event, "a start without config", error);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(section, option[i].section) != 0 && strcmp(option[i].section, "screen") != 0)
            put_section(&out, config, option[i].section);
        section = option[i].section;
    }
    text = hg__text_take(&out);
    if (!text)
        return no_memory(event, error);
    status = hg_spec_parse(spec, text, event->replay->path, error);
    hg__free(text);
    return status;
}

static enum hg_status begin(struct event *event, struct hg_error *error)
{
    struct hg_replay *replay = event->replay;
    uint64_t version;
    enum hg_status status;

    if (!whole_of(event, "version", &version))
        return damaged(event, "a start without version", error);
    if (version != LOG_VERSION)
        return damaged(event, "of another version than 1, which this one reads", error);
    if (replay->line.begun) {
        hg__line_fini(&replay->before);
        replay->before = replay->line;
        memset(&replay->line, 0, sizeof replay->line);
        replay->line.evaluated = NAN;
    }
    status = hg_spec_init(&replay->line.spec, error);
    if (status)
        return status;
    replay->line.begun = true;
    return read_config(event, &replay->line.spec, error);
}

/* ---- change ---- */

static enum hg_status add_change(const struct event *event, struct hg__line *line,
                                 const struct hg__change *from, struct hg_error *error)
{
    struct hg__change change = *from;

    if (line->changes == line->room) {
        size_t room = line->room ? 2 * line->room : 16;
        struct hg__change *grown = hg__realloc(line->change, room, sizeof *grown);
        if (!grown)
            return no_memory(event, error);
        line->change = grown;
        line->room = room;
    }
    change.from = NULL;
    change.key = hg__strdup(from->key);
    change.to = hg__strdup(from->to);
    line->change[line->changes++] = change;
    return change.key && change.to ? HG_OK : no_memory(event, error);
}

/* Is it about the centre or the spread of one cluster? Only a restart takes these up. */
static bool is_cluster(const struct hg__change *change)
{
    return strncmp(change->key, "gaussians.center.", 17) == 0 ||
           strncmp(change->key, "gaussians.spread.", 17) == 0;
}

/* What was changed live stays so; all else begins anew from the seed. */
static enum hg_status restart(struct hg__line *line, const char *seed, struct hg_error *error)
{
    enum hg_status status = HG_OK;

    for (size_t i = 0; i < line->changes && status == HG_OK; i++)
        if (hg_option_find(line->change[i].key) || is_cluster(&line->change[i]))
            status = *line->change[i].to ? hg_spec_set(&line->spec, line->change[i].key,
                                                       line->change[i].to, "log", error)
                                         : hg_spec_unset(&line->spec, line->change[i].key, error);
    for (size_t i = 0; i < line->changes; i++)
        line->change[i].step = UINT64_MAX;
    hg__replay_cut(line, 0);
    return status ? status : hg_spec_set(&line->spec, "model.seed", seed, "log", error);
}

/* A run taken up from its file: the line is that of the run before it in the log, with the
 * options of [train] as they are now. */
static enum hg_status take_up(const struct event *event, uint64_t step, struct hg_error *error)
{
    struct hg_replay *replay = event->replay;
    struct hg__line *line = &replay->before;
    size_t count, made;
    const struct hg_option *option = hg_options(&count);
    enum hg_status status = HG_OK;

    if (!line->begun || line->reached < step)
        return hg_error_set(error, HG_USAGE,
                            "%s: its run was taken up at step %llu from %s, and what came before "
                            "is not in this log",
                            replay->path, (unsigned long long)step, text_of(event, "to"));
    hg__replay_cut(line, step);
    made = line->changes;
    for (size_t i = 0; i < count && status == HG_OK; i++) {
        struct hg__change change = {.step = step};
        char name[64], was[1024], is[1024];
        snprintf(name, sizeof name, "%s.%s", option[i].section, option[i].key);
        if (!option[i].live || !option[i].in_run)
            continue;
        hg_spec_get(&line->spec, name, was, sizeof was);
        for (size_t k = 0; k < made; k++)
            if (strcmp(line->change[k].key, name) == 0)
                snprintf(was, sizeof was, "%s", line->change[k].to);
        hg_spec_get(&replay->line.spec, name, is, sizeof is);
        change.key = name;
        change.to = is;
        if (strcmp(was, is) != 0)
            status = add_change(event, line, &change, error);
    }
    hg__line_fini(&replay->line);
    replay->line = *line;
    memset(line, 0, sizeof *line);
    line->evaluated = NAN;
    replay->line.ended = replay->line.diverged = false;
    replay->line.evaluated = NAN;
    return status;
}

/* Back to a step; of a fork, whose copy is kept, without what was changed at that very step
 * after the copy was made. */
static enum hg_status go_back(const struct event *event, bool forked, struct hg_error *error)
{
    struct hg__line *line = &event->replay->line;
    const char *to = text_of(event, "to");
    char *end;
    uint64_t step = strtoull(to, &end, 10);

    if (*to < '0' || *to > '9' || *end)
        return damaged(event, "back to no step", error);
    if (forked)
        for (size_t i = line->forked; i < line->changes; i++)
            line->change[i].step = UINT64_MAX;
    hg__replay_cut(line, step);
    return HG_OK;
}

static enum hg_status take_change(struct event *event, struct hg_error *error)
{
    struct hg__line *line = &event->replay->line;
    const char *key = text_of(event, "key"), *to = text_of(event, "to");
    struct hg__change change = {.key = (char *)(uintptr_t)key, .to = (char *)(uintptr_t)to};

    if (!whole_of(event, "step", &change.step))
        return damaged(event, "a change without its step", error);
    if (strcmp(key, HG__CHANGE_RESTART) == 0)
        return restart(line, to, error);
    if (strcmp(key, HG__CHANGE_RESUME) == 0)
        return take_up(event, change.step, error);
    if (strcmp(key, HG__CHANGE_INIT) == 0) { /* to nothing: a restart went on without them */
        hg__free(line->weights);
        line->weights = *to ? hg__strdup(to) : NULL;
        return line->weights || !*to ? HG_OK : no_memory(event, error);
    }
    if (strcmp(key, HG__CHANGE_BACK) == 0 || strcmp(key, HG__CHANGE_KEEP) == 0)
        return go_back(event, strcmp(key, HG__CHANGE_KEEP) == 0, error);
    if (strcmp(key, HG__CHANGE_FORK) == 0) {
        line->forked = 0;
        while (line->forked < line->changes && line->change[line->forked].step <= change.step)
            line->forked++;
        return HG_OK;
    }
    if (strcmp(key, HG__CHANGE_CONTINUE) != 0 && !hg__is_edit(key) && !is_cluster(&change) &&
        !hg_option_find(key))
        return hg_error_set(error, HG_USAGE,
                            "%s:%zu: a change of '%s', which this version does not know",
                            event->replay->path, event->number, key);
    line->reached = change.step;
    return add_change(event, line, &change, error);
}

/* ---- the file ---- */

static enum hg_status take(struct event *event, struct hg_error *error)
{
    struct hg__line *line = &event->replay->line;
    const char *name = text_of(event, "event");
    bool end = strcmp(name, "end") == 0;

    if (strcmp(name, "start") == 0)
        return begin(event, error);
    if (!line->begun)
        return damaged(event, "no log: it does not begin with a start", error);
    if (strcmp(name, "change") == 0)
        return take_change(event, error);
    if (!end && strcmp(name, "epoch") != 0)
        return HG_OK;
    if (!whole_of(event, "step", &line->reached))
        return damaged(event, "no step", error);
    line->ended = end;
    if (end) {
        const json_t *loss = json_object_get(event->json, "evaluated");
        line->diverged = strcmp(text_of(event, "reason"), "diverged") == 0;
        line->evaluated = json_is_number(loss) ? json_number_value(loss) : NAN;
    }
    return HG_OK;
}

/* The last line may be half: its writer was killed. */
static enum hg_status read_lines(struct hg_replay *replay, char *text, struct hg_error *error)
{
    struct event event = {.replay = replay};
    enum hg_status status = HG_OK;

    for (char *line = text, *next; line && status == HG_OK; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        event.number++;
        if (line[strspn(line, " \t\r")] == '\0')
            continue;
        event.json = json_loads(line, 0, NULL);
        if (json_is_object(event.json))
            status = take(&event, error);
        else if (next)
            status = damaged(&event, "not a line of a log (JSON)", error);
        json_decref(event.json);
    }
    if (status == HG_OK && !replay->line.begun)
        status = hg_error_set(error, HG_DAMAGED, "%s: holds no run", replay->path);
    return status;
}

enum hg_status hg_replay_open(const char *path, struct hg_replay **replay, struct hg_error *error)
{
    struct hg_replay *made = hg__alloc(1, sizeof *made);
    struct hg__bytes bytes = {0};
    enum hg_status status;
    char *text = NULL;

    *replay = NULL;
    if (!made || !(made->path = hg__strdup(path))) {
        hg__free(made);
        return hg_error_set(error, HG_NO_MEMORY, "%s: no memory to read it", path);
    }
    made->line.evaluated = made->before.evaluated = NAN;
    status = hg__file_read(path, LOG_MOST, &bytes, error);
    for (size_t i = 0; i < bytes.length; i++) /* else the text would end there */
        if (bytes.data[i] == '\0')
            bytes.data[i] = NO_JSON;
    if (status == HG_OK && !(text = hg__strndup((const char *)bytes.data, bytes.length)))
        status = hg_error_set(error, HG_NO_MEMORY, "%s: no memory to read it", path);
    hg__bytes_fini(&bytes);
    if (status == HG_OK)
        status = read_lines(made, text, error);
    if (status == HG_OK)
        status = hg_spec_name_after(&made->line.spec, path, error);
    hg__free(text);
    if (status) {
        hg_replay_close(made);
        return status;
    }
    *replay = made;
    return HG_OK;
}
