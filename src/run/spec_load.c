/* Experiment files and the user's own file: lines of text to values of a spec. */
#include "base/file.h"
#include "base/mem.h"
#include "run/spec_parts.h"
#include "run/specfile.h"

#include <stdio.h>
#include <string.h>

enum { FILE_MOST = 1 << 20 };

/* Which sections may stand in it. */
enum kind { EXPERIMENT, USER };

typedef enum hg_status (*take_keys)(void *self, const char *action, const char *keys,
                                    const char *place, struct hg_error *error);

/* One reading. */
struct load {
    struct hg_spec *spec;
    const char *label, *folder;
    enum kind kind;
    take_keys keys; /* may be NULL */
    void *keys_self;

    /* Keys that this file has set: options by index, the rest by name. */
    size_t *option_line;
    struct seen {
        char name[64];
        size_t line;
    } * others;
    size_t other_count;
};

static enum hg_status no_memory(struct hg_error *error)
{
    return hg_error_set(error, HG_NO_MEMORY, "no memory to read an experiment");
}

static enum hg_status take_section(const struct load *load, const struct hg__ini_line *line,
                                   struct hg_error *error)
{
    char sections[160];

    if (load->kind == USER) {
        if (strcmp(line->section, "screen") == 0 || strcmp(line->section, "keys") == 0)
            return HG_OK;
        return hg_error_set(error, HG_USAGE,
                            "%s:%zu: [%s]: does not belong here; accepted: [screen], [keys]",
                            load->label, line->line, line->section);
    }
    if (strcmp(line->section, "keys") == 0)
        return hg_error_set(error, HG_USAGE, "%s:%zu: [keys]: is not available yet", load->label,
                            line->line);
    if (hg__section_exists(line->section))
        return HG_OK;
    hg__section_list(sections, sizeof sections);
    return hg_error_set(error, HG_USAGE, "%s:%zu: [%s]: unknown section; accepted: %s", load->label,
                        line->line, line->section, sections);
}

/* Notes that `name` stands at `line`; returns the line where it stood before, or 0. */
static size_t note_other(struct load *load, const char *name, size_t line, bool *failed)
{
    struct seen *grown;

    for (size_t i = 0; i < load->other_count; i++)
        if (strcmp(load->others[i].name, name) == 0)
            return load->others[i].line;
    grown = hg__realloc(load->others, load->other_count + 1, sizeof *grown);
    if (!grown) {
        *failed = true;
        return 0;
    }
    load->others = grown;
    snprintf(grown[load->other_count].name, sizeof grown->name, "%s", name);
    grown[load->other_count++].line = line;
    return 0;
}

/* A key that stands twice in one file is an error. */
static enum hg_status check_repeat(struct load *load, const struct hg__ini_line *line,
                                   struct hg_error *error)
{
    const struct hg_option *option = hg__option_in(line->section, line->key);
    size_t before;
    bool failed = false;

    if (option) {
        size_t *slot = &load->option_line[hg__option_index(option)];
        before = *slot;
        if (!before)
            *slot = line->line;
    } else {
        before = note_other(load, line->key, line->line, &failed);
    }
    if (failed)
        return no_memory(error);
    if (before)
        return hg_error_set(error, HG_USAGE,
                            "%s:%zu: %s: stands already in line %zu; each key may stand once",
                            load->label, line->line, line->key, before);
    return HG_OK;
}

static enum hg_status take_key(struct load *load, const struct hg__ini_line *line,
                               struct hg_error *error)
{
    struct hg__text place = {0};
    struct hg__setting setting = {line->section, line->key, line->value, NULL, load->folder};
    enum hg_status status = HG_OK;

    hg__text_format(&place, "%s:%zu", load->label, line->line);
    if (place.failed) {
        status = no_memory(error);
    } else if (strcmp(line->section, "keys") == 0) {
        if (load->keys)
            status = load->keys(load->keys_self, line->key, line->value, place.bytes, error);
    } else {
        setting.origin = place.bytes;
        status = hg__spec_put(load->spec, &setting, error);
        if (status != HG_OK)
            hg_error_prefix(error, status, "%s: %s", place.bytes, line->key);
    }
    hg__text_fini(&place);
    return status;
}

static enum hg_status take(void *self, const struct hg__ini_line *line, struct hg_error *error)
{
    struct load *load = self;
    enum hg_status status;

    if (!line->key)
        return take_section(load, line, error);
    if (*line->section == '\0')
        return hg_error_set(error, HG_USAGE, "%s:%zu: %s: stands before the first [section]",
                            load->label, line->line, line->key);
    status = check_repeat(load, line, error);
    return status == HG_OK ? take_key(load, line, error) : status;
}

/* Reads into a copy, so that a file with a mistake changes nothing. */
static enum hg_status read_text(struct hg_spec *spec, struct load *load,
                                const struct hg__bytes *text, struct hg_error *error)
{
    struct hg__ini_reader reader = {take, load};
    struct hg_spec copy;
    size_t options;
    enum hg_status status = hg_spec_copy(&copy, spec, error);

    if (status != HG_OK)
        return status;
    hg_options(&options);
    load->spec = &copy;
    load->option_line = hg__alloc(options, sizeof *load->option_line);
    if (load->option_line)
        status = hg__ini_read((const char *)text->data, text->length, load->label, &reader, error);
    else
        status = no_memory(error);
    hg__free(load->option_line);
    hg__free(load->others);
    if (status == HG_OK) {
        struct hg_spec old = *spec;
        *spec = copy;
        copy = old;
    }
    hg_spec_fini(&copy);
    return status;
}

/* The file's name without ".ini". */
static char *stem(const char *path)
{
    const char *base = hg__path_base(path);
    size_t length = strlen(base);

    if (length > 4 && hg__path_ends(base, ".ini"))
        length -= 4;
    return hg__strndup(base, length);
}

static char *absolute_folder(const char *path)
{
    char *folder = hg__path_folder(path), *absolute = folder ? hg__path_absolute(folder) : NULL;

    hg__free(folder);
    return absolute;
}

enum hg_status hg_spec_load(struct hg_spec *spec, const char *path, struct hg_error *error)
{
    struct hg__bytes text = {0};
    struct load load = {.label = path, .kind = EXPERIMENT};
    char *folder, *name;
    enum hg_status status = hg__file_read(path, FILE_MOST, &text, error);

    if (status == HG_NO_MEMORY)
        return hg_error_set(error, HG_DAMAGED, "%s: larger than 1 MiB: not an experiment file",
                            path);
    if (status != HG_OK)
        return status;
    folder = absolute_folder(path);
    name = stem(path);
    load.folder = folder;
    status = folder && name ? read_text(spec, &load, &text, error) : no_memory(error);
    hg__bytes_fini(&text);
    if (status != HG_OK) {
        hg__free(folder);
        hg__free(name);
        return status;
    }
    hg__free(spec->folder);
    hg__free(spec->name);
    spec->folder = folder;
    spec->name = name;
    return HG_OK;
}

/* A run's config has every key. A beta2 that is just its optimizer's own default
 * counts as untouched, so that another optimizer finds its own again. */
static void restore_beta2(struct hg_spec *spec)
{
    size_t index = hg__option_index(hg__option_in("train", "beta2"));
    double written = spec->train.beta2;
    struct hg_spec fresh;

    if (!spec->origins->option[index] || hg_spec_init(&fresh, NULL) != HG_OK)
        return;
    fresh.train.optimizer = spec->train.optimizer;
    if (hg_spec_beta2(&fresh) == written) {
        spec->train.beta2 = fresh.train.beta2;
        hg__origins_note(spec->origins, index, NULL, NULL);
    }
    hg_spec_fini(&fresh);
}

enum hg_status hg_spec_parse(struct hg_spec *spec, const char *text, const char *label,
                             struct hg_error *error)
{
    struct hg__bytes bytes = {.data = (unsigned char *)(uintptr_t)text, .length = strlen(text)};
    struct load load = {.label = label, .kind = EXPERIMENT, .folder = spec->folder};
    enum hg_status status = read_text(spec, &load, &bytes, error);

    if (status == HG_OK)
        restore_beta2(spec);
    return status;
}

enum hg_status hg_spec_load_user(struct hg_spec *spec, const char *path,
                                 enum hg_status (*key)(void *self, const char *action,
                                                       const char *keys, const char *place,
                                                       struct hg_error *error),
                                 void *self, struct hg_error *error)
{
    struct hg__bytes text = {0};
    struct load load = {.label = path, .kind = USER, .keys = key, .keys_self = self};
    enum hg_status status;

    if (!hg__file_exists(path))
        return HG_OK;
    status = hg__file_read(path, FILE_MOST, &text, error);
    if (status == HG_OK)
        status = read_text(spec, &load, &text, error);
    hg__bytes_fini(&text);
    return status;
}
