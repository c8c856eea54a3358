#include "cli/resume.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No value is longer than an experiment file may be; what a run file leaves out is short. */
enum { VALUE_MOST = 1 << 20, SHORT_MOST = 8192 };

/* Two values of one option, side by side. */
struct pair {
    char left[VALUE_MOST], right[VALUE_MOST];
};

static void name_option(const struct hg_option *option, char name[64])
{
    snprintf(name, 64, "%s.%s", option->section, option->key);
}

/* Layers are words and commas: how many blanks are between them says nothing. */
static void squeeze(char *text)
{
    char *out = text;

    for (const char *in = text; *in; in++) {
        bool blank = *in == ' ' || *in == '\t';
        char before = out == text ? ',' : out[-1];
        if (blank && (before == ',' || before == ' '))
            continue;
        if (*in == ',' && before == ' ')
            out--;
        *out++ = blank ? ' ' : *in;
    }
    if (out > text && out[-1] == ' ')
        out--;
    *out = '\0';
}

/* Do both specs give option `name` the same text? */
static bool same(const struct hg_spec *left, const struct hg_spec *right, const char *name,
                 struct pair *pair)
{
    if (!hg_spec_get(left, name, pair->left, sizeof pair->left))
        pair->left[0] = '\0';
    if (!hg_spec_get(right, name, pair->right, sizeof pair->right))
        pair->right[0] = '\0';
    if (strncmp(name, "model.", 6) == 0) {
        squeeze(pair->left);
        squeeze(pair->right);
    }
    return strcmp(pair->left, pair->right) == 0;
}

static bool is_path(const char *text)
{
    return text[0] == '/';
}

/* The same file, however it is spelt. */
static bool same_file(const char *left, const char *right)
{
    char *one = realpath(left, NULL), *other = realpath(right, NULL);
    bool equal = one && other && strcmp(one, other) == 0;

    free(one);
    free(other);
    return equal;
}

/* What a run file may hold in place of what the experiment says. */
static bool may_differ(const char *name, const struct pair *pair)
{
    if (strcmp(pair->right, "auto") == 0 &&
        (strcmp(name, "model.encoder") == 0 || strcmp(name, "model.output") == 0))
        return true; /* the run file has what was chosen */
    return is_path(pair->left) && is_path(pair->right) && same_file(pair->left, pair->right);
}

/* The first option of [data], [gaussians] and [model] in which they differ. */
static bool find_difference(const struct hg_spec *run, const struct hg_spec *file, char name[64],
                            struct pair *pair)
{
    size_t count;
    const struct hg_option *options = hg_options(&count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(options[i].section, "data") != 0 && strcmp(options[i].section, "model") != 0 &&
            strcmp(options[i].section, "gaussians") != 0)
            continue;
        name_option(&options[i], name);
        if (!same(run, file, name, pair) && !may_differ(name, pair))
            return true;
    }
    return false;
}

static const struct hg_spec_override *find_override(const struct hg_spec *spec,
                                                    const struct hg_spec_override *like)
{
    for (size_t i = 0; i < spec->gaussians.override_count; i++) {
        const struct hg_spec_override *one = &spec->gaussians.overrides[i];
        if (one->cluster == like->cluster && one->is_spread == like->is_spread)
            return one;
    }
    return NULL;
}

/* Centres and spreads of single clusters, which are not in the table. */
static bool overrides_differ(const struct hg_spec *run, const struct hg_spec *file)
{
    if (run->gaussians.override_count != file->gaussians.override_count)
        return true;
    for (size_t i = 0; i < run->gaussians.override_count; i++) {
        const struct hg_spec_override *one = &run->gaussians.overrides[i];
        const struct hg_spec_override *other = find_override(file, one);
        if (!other || strcmp(other->values, one->values) != 0)
            return true;
    }
    return false;
}

/* What stands in an experiment but not in a run file: how long, how many threads. */
static enum hg_status take_rest(struct hg_spec *spec, const struct hg_spec *file,
                                struct hg_error *error)
{
    size_t count;
    const struct hg_option *options = hg_options(&count);
    char name[64], text[SHORT_MOST];
    enum hg_status status = HG_OK;

    for (size_t i = 0; i < count && status == HG_OK; i++) {
        if (options[i].in_run)
            continue;
        name_option(&options[i], name);
        if (hg_spec_get(file, name, text, sizeof text))
            status = hg_spec_set(spec, name, text, hg_spec_origin(file, name), error);
    }
    return status;
}

static enum hg_status agree(struct cli_setup *setup, const struct hg_spec *file, const char *path,
                            const char *operand, struct hg_error *error)
{
    bool data_only = hg_operand_kind(operand) != HG_OPERAND_EXPERIMENT;
    struct pair *pair = malloc(sizeof *pair);
    char name[64] = "data.source";
    bool differ;
    enum hg_status status = HG_OK;

    if (!pair)
        return hg_error_set(error, HG_NO_MEMORY, "no memory to compare %s with %s", operand, path);
    if (data_only)
        differ = !same(&setup->spec, file, name, pair) && !may_differ(name, pair);
    else
        differ = find_difference(&setup->spec, file, name, pair);
    if (differ)
        status = hg_error_set(error, HG_USAGE,
                              "%s: %s is %s, but the run %s has %s; accepted: "
                              "the same data and model, or no FILE",
                              operand, name, pair->right, path, pair->left);
    else if (!data_only && overrides_differ(&setup->spec, file))
        status = hg_error_set(error, HG_USAGE,
                              "%s: its gaussians differ from those of the run %s; accepted: the "
                              "same data and model, or no FILE",
                              operand, path);
    free(pair);
    return status || data_only ? status : take_rest(&setup->spec, file, error);
}

enum hg_status cli_resume_open(struct cli_setup *setup, const char *path, const char *operand,
                               const struct hg_spec *file, struct hg_error *error)
{
    enum hg_status status = hg_runfile_open(path, false, &setup->resume, error);

    if (status == HG_OK)
        status = hg_runfile_read_config(setup->resume, &setup->spec, error);
    if (status == HG_OK)
        status = hg_spec_name_after(&setup->spec, path, error);
    if (status == HG_OK && operand)
        status = agree(setup, file, path, operand, error);
    return status;
}

enum hg_status cli_resume_check(const struct hg_spec *before, const struct hg_spec *after,
                                struct hg_error *error)
{
    size_t count;
    const struct hg_option *options = hg_options(&count);
    struct pair *pair = malloc(sizeof *pair);
    enum hg_status status = HG_OK;
    char name[64];

    if (!pair)
        return hg_error_set(error, HG_NO_MEMORY, "no memory to compare two experiments");
    for (size_t i = 0; i < count && status == HG_OK; i++) {
        name_option(&options[i], name);
        if (strcmp(name, "data.source") == 0 || strcmp(name, "data.labels") == 0 ||
            strcmp(options[i].section, "train") == 0 || strcmp(options[i].section, "lesson") == 0 ||
            strcmp(options[i].section, "screen") == 0)
            continue;
        if (!same(before, after, name, pair) && !may_differ(name, pair))
            status = hg_error_set(error, HG_USAGE,
                                  "%s: %s cannot change in a resumed run, which has %s; accepted "
                                  "with --resume: options of [train], and data.source",
                                  name, pair->right, pair->left);
    }
    free(pair);
    if (status == HG_OK && overrides_differ(before, after))
        status = hg_error_set(error, HG_USAGE, "gaussians: cannot change in a resumed run");
    return status;
}
