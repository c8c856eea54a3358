#include "hourglass/spec.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "run/spec_parts.h"

#include <stdio.h>
#include <string.h>

static const double RMSPROP_BETA2 = 0.99;

static enum hg_status no_memory(struct hg_error *error)
{
    return hg_error_set(error, HG_NO_MEMORY, "no memory for an experiment");
}

/* ---- paths: always kept absolute, so that nobody needs to know whose they were ---- */

static bool is_source_path(const char *text)
{
    return strcmp(text, "gaussians") != 0 && strncmp(text, "builtin:", 8) != 0;
}

static bool is_label_path(const char *text)
{
    return strcmp(text, "auto") != 0 && strcmp(text, "none") != 0 &&
           strncmp(text, "column:", 7) != 0;
}

/* A misspelt word stays as it is, so that the message can quote it. */
static bool is_init_path(const char *text, const char *joined)
{
    static const char *const words[] = {"auto", "glorot", "he", "normal", "uniform"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(text, words[i], strlen(words[i])) == 0 && strchr(" \t", text[strlen(words[i])]))
            return false; /* the terminating NUL counts as found */
    return strchr(text, '/') || hg__path_ends(text, ".safetensors") ||
           hg__path_ends(text, ".npz") || hg__file_exists(joined);
}

static bool is_path(const struct hg__setting *setting, const char *text, const char *joined)
{
    if (strcmp(setting->section, "data") == 0 && strcmp(setting->key, "source") == 0)
        return is_source_path(text);
    if (strcmp(setting->section, "data") == 0 && strcmp(setting->key, "labels") == 0)
        return is_label_path(text);
    return strcmp(setting->section, "model") == 0 && strcmp(setting->key, "init") == 0 &&
           is_init_path(text, joined);
}

/* The text as it is kept, in fresh memory: trimmed, a path made absolute. */
static char *prepare(const struct hg__setting *setting)
{
    char *copy = hg__strdup(setting->text), *trimmed, *joined, *result = NULL;

    if (!copy)
        return NULL;
    trimmed = hg__text_trim(copy);
    joined = hg__path_join(setting->folder ? setting->folder : "", trimmed);
    if (joined && *trimmed && is_path(setting, trimmed, joined)) {
        result = hg__path_absolute(joined);
        if (!result) /* the current folder is gone */
            result = hg__strdup(joined);
    } else if (joined) {
        result = hg__strdup(trimmed);
    }
    hg__free(joined);
    hg__free(copy);
    return result;
}

/* ---- setting ---- */

static size_t find_override(const struct hg_spec *spec, size_t cluster, bool is_spread)
{
    size_t i = 0;

    while (i < spec->gaussians.override_count &&
           (spec->gaussians.overrides[i].cluster != cluster ||
            spec->gaussians.overrides[i].is_spread != is_spread))
        i++;
    return i;
}

static enum hg_status put_override(struct hg_spec *spec, const struct hg_spec_override *wanted,
                                   const char *origin, struct hg_error *error)
{
    size_t at = find_override(spec, wanted->cluster, wanted->is_spread);
    char *values = hg__strdup(wanted->values);
    enum hg_status status = values ? HG_OK : no_memory(error);

    if (status == HG_OK && at == spec->gaussians.override_count) {
        struct hg_spec_override *grown = hg__realloc(spec->gaussians.overrides, at + 1,
                                                     sizeof *grown);
        status = grown ? HG_OK : no_memory(error);
        if (grown)
            spec->gaussians.overrides = grown;
    }
    if (status == HG_OK)
        status = hg__origins_note_override(spec->origins, at, origin, error);
    if (status != HG_OK) {
        hg__free(values);
        return status;
    }
    if (at == spec->gaussians.override_count)
        spec->gaussians.override_count++;
    else
        hg__free(spec->gaussians.overrides[at].values);
    spec->gaussians.overrides[at] = (struct hg_spec_override){wanted->cluster, wanted->is_spread,
                                                              values};
    spec->origins->view[at] = (struct hg_cluster_override){wanted->cluster, wanted->is_spread,
                                                           values};
    return HG_OK;
}

static enum hg_status put_prepared(struct hg_spec *spec, const struct hg__setting *setting,
                                   char *text, struct hg_error *error)
{
    const struct hg_option *option = hg__option_in(setting->section, setting->key);
    struct hg_spec_override override = {0, false, text};
    char hint[400];
    enum hg_status status;

    if (!option && hg__option_override(setting->section, setting->key, &override.cluster,
                                       &override.is_spread)) {
        if (override.cluster == 0)
            return hg_error_set(error, HG_USAGE,
                                "unknown key; accepted: center.K and spread.K with K from 1");
        if (*text == '\0')
            return hg_error_set(error, HG_USAGE, "has no value; accepted: one number a feature");
        return put_override(spec, &override, setting->origin, error);
    }
    if (!option) {
        hg__option_suggest(setting->section, setting->key, hint, sizeof hint);
        return hg_error_set(error, HG_USAGE, "unknown key; %s", hint);
    }
    status = hg__option_read(option, text, spec, error);
    if (status != HG_OK)
        return status;
    return hg__origins_note(spec->origins, hg__option_index(option), setting->origin, error);
}

enum hg_status hg__spec_put(struct hg_spec *spec, const struct hg__setting *setting,
                            struct hg_error *error)
{
    char *text = prepare(setting);
    enum hg_status status = text ? put_prepared(spec, setting, text, error) : no_memory(error);

    hg__free(text);
    return status;
}

/* Splits "section.key"; false when it is none. */
static bool split_name(const char *name, char section[32], const char **key)
{
    size_t length = strcspn(name, ".");

    if (name[length] != '.' || length >= 32)
        return false;
    memcpy(section, name, length);
    section[length] = '\0';
    *key = name + length + 1;
    return true;
}

enum hg_status hg_spec_set(struct hg_spec *spec, const char *name, const char *text,
                           const char *origin, struct hg_error *error)
{
    struct hg__setting setting = {NULL, NULL, text, origin, NULL};
    char section[32], hint[400], sections[160];
    enum hg_status status;

    if (!split_name(name, section, &setting.key)) {
        hg__option_suggest("", name, hint, sizeof hint);
        return hg_error_set(error, HG_USAGE, "%s: not SECTION.KEY, for instance train.lr%s%s", name,
                            strncmp(hint, "did", 3) == 0 ? "; " : "",
                            strncmp(hint, "did", 3) == 0 ? hint : "");
    }
    if (!hg__section_exists(section)) {
        hg__section_list(sections, sizeof sections);
        return hg_error_set(error, HG_USAGE, "%s: unknown section; accepted: %s", name, sections);
    }
    setting.section = section;
    status = hg__spec_put(spec, &setting, error);
    return status == HG_OK ? HG_OK : hg_error_prefix(error, status, "%s", name);
}

static void drop_override(struct hg_spec *spec, size_t at)
{
    size_t last = --spec->gaussians.override_count;
    struct hg_spec_origins *origins = spec->origins;

    hg__free(spec->gaussians.overrides[at].values);
    hg__free(origins->override[at]);
    for (size_t i = at; i < last; i++) {
        spec->gaussians.overrides[i] = spec->gaussians.overrides[i + 1];
        origins->override[i] = origins->override[i + 1];
        origins->view[i] = origins->view[i + 1];
    }
    origins->override[last] = NULL;
    origins->overrides = last;
}

enum hg_status hg_spec_unset(struct hg_spec *spec, const char *name, struct hg_error *error)
{
    const struct hg_option *option = hg_option_find(name);
    char section[32];
    const char *key;
    size_t cluster, at;
    bool is_spread;
    enum hg_status status;

    if (option) {
        status = hg__option_read(option, option->fallback, spec, error);
        return status ? status
                      : hg__origins_note(spec->origins, hg__option_index(option), NULL, error);
    }
    if (!split_name(name, section, &key) ||
        !hg__option_override(section, key, &cluster, &is_spread))
        return hg_error_set(error, HG_USAGE, "%s: unknown key", name);
    at = find_override(spec, cluster, is_spread);
    if (at < spec->gaussians.override_count)
        drop_override(spec, at);
    return HG_OK;
}

/* ---- life ---- */

enum hg_status hg_spec_init(struct hg_spec *spec, struct hg_error *error)
{
    size_t count;
    const struct hg_option *option = hg_options(&count);
    enum hg_status status;

    memset(spec, 0, sizeof *spec);
    status = hg__origins_create(&spec->origins, error);
    for (size_t i = 0; i < count && status == HG_OK; i++)
        status = hg__option_read(&option[i], option[i].fallback, spec, error);
    if (status == HG_OK) {
        spec->folder = hg__strdup("");
        spec->name = hg__strdup("digits");
        status = spec->folder && spec->name ? HG_OK : no_memory(error);
    }
    if (status != HG_OK)
        hg_spec_fini(spec);
    return status;
}

void hg_spec_fini(struct hg_spec *spec)
{
    size_t count;
    const struct hg_option *option = hg_options(&count);

    for (size_t i = 0; i < count; i++)
        if (option[i].type == HG_OPT_TEXT)
            hg__free(*(char **)hg__option_field(&option[i], spec));
    for (size_t i = 0; i < spec->gaussians.override_count; i++)
        hg__free(spec->gaussians.overrides[i].values);
    hg__free(spec->gaussians.overrides);
    hg__free(spec->folder);
    hg__free(spec->name);
    hg__origins_destroy(spec->origins);
    memset(spec, 0, sizeof *spec);
}

static enum hg_status copy_values(struct hg_spec *to, const struct hg_spec *from,
                                  struct hg_error *error)
{
    size_t count;
    const struct hg_option *option = hg_options(&count);
    enum hg_status status = HG_OK;

    for (size_t i = 0; i < count && status == HG_OK; i++) {
        char *text = hg__option_write(&option[i], from);
        status = text ? hg__option_read(&option[i], text, to, error) : no_memory(error);
        hg__free(text);
        if (status == HG_OK)
            status = hg__origins_note(to->origins, i, from->origins->option[i], error);
    }
    for (size_t i = 0; i < from->gaussians.override_count && status == HG_OK; i++)
        status = put_override(to, &from->gaussians.overrides[i], from->origins->override[i], error);
    return status;
}

enum hg_status hg_spec_copy(struct hg_spec *to, const struct hg_spec *from, struct hg_error *error)
{
    enum hg_status status = hg_spec_init(to, error);

    if (status != HG_OK)
        return status;
    status = copy_values(to, from, error);
    if (status == HG_OK) {
        hg__free(to->folder);
        hg__free(to->name);
        to->folder = hg__strdup(from->folder);
        to->name = hg__strdup(from->name);
        status = to->folder && to->name ? HG_OK : no_memory(error);
    }
    if (status != HG_OK)
        hg_spec_fini(to);
    return status;
}

/* ---- asking ---- */

bool hg_spec_get(const struct hg_spec *spec, const char *name, char *text, size_t size)
{
    const struct hg_option *option = hg_option_find(name);
    char section[32], *value;
    const char *key;
    size_t cluster, at;
    bool is_spread;

    if (option) {
        value = hg__option_write(option, spec);
        if (!value)
            return false;
        snprintf(text, size, "%s", value);
        hg__free(value);
        return true;
    }
    if (!split_name(name, section, &key) ||
        !hg__option_override(section, key, &cluster, &is_spread))
        return false;
    at = find_override(spec, cluster, is_spread);
    if (at == spec->gaussians.override_count)
        return false;
    snprintf(text, size, "%s", spec->gaussians.overrides[at].values);
    return true;
}

const char *hg_spec_origin(const struct hg_spec *spec, const char *name)
{
    const struct hg_option *option = hg_option_find(name);
    const char *origin = NULL, *key;
    char section[32];
    size_t cluster, at;
    bool is_spread;

    if (option) {
        origin = spec->origins->option[hg__option_index(option)];
    } else if (split_name(name, section, &key) &&
               hg__option_override(section, key, &cluster, &is_spread)) {
        at = find_override(spec, cluster, is_spread);
        if (at < spec->gaussians.override_count)
            origin = spec->origins->override[at];
    }
    return origin ? origin : "default";
}

enum hg_status hg_spec_blame(const struct hg_spec *spec, const char *name, enum hg_status status,
                             struct hg_error *error)
{
    const char *origin = hg_spec_origin(spec, name);
    char section[32];
    const char *key;

    if (hg__origin_is_file(origin) && split_name(name, section, &key))
        return hg_error_prefix(error, status, "%s: %s", origin, key);
    return hg_error_prefix(error, status, "%s", name);
}

/* ---- views ---- */

void hg_spec_data(const struct hg_spec *spec, struct hg_data_config *config)
{
    memset(config, 0, sizeof *config);
    config->source = spec->data.source;
    config->labels = spec->data.labels;
    config->only = spec->data.only;
    config->shape = spec->data.shape;
    config->channels = spec->data.channels;
    config->size = spec->data.size;
    config->scale = spec->data.scale;
    config->limit = (size_t)spec->data.limit;
    config->validation = spec->data.validation;
    config->seed = (uint64_t)spec->model.seed;
    config->gaussians.clusters = (size_t)spec->gaussians.clusters;
    config->gaussians.dims = (size_t)spec->gaussians.dims;
    config->gaussians.points = (size_t)spec->gaussians.points;
    config->gaussians.spread = spec->gaussians.spread;
    config->gaussians.overrides = spec->gaussians.override_count;
    config->gaussians.override = spec->origins->view;
}

double hg_spec_beta2(const struct hg_spec *spec)
{
    bool touched = spec->origins->option[hg__option_index(hg__option_in("train", "beta2"))] != NULL;

    return spec->train.optimizer == HG_RMSPROP && !touched ? RMSPROP_BETA2 : spec->train.beta2;
}
