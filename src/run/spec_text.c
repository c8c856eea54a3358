/* An experiment written as INI text. */
#include "base/file.h"
#include "base/mem.h"
#include "base/number.h"
#include "hourglass/text.h"
#include "run/spec_parts.h"
#include "run/specfile.h"

#include <stdio.h>
#include <string.h>

enum { KEY_WIDTH = 12, VALUE_WIDTH = 34 };

static void put_line(struct hg__text *out, const char *key, const char *value, const char *origin)
{
    size_t begin;
    char shown[512];

    hg__text_format(out, "%-*s = ", KEY_WIDTH, key);
    begin = out->length;
    hg__ini_escape(out, value);
    if (origin) {
        size_t width = out->length - begin;
        hg_text_sanitize(shown, sizeof shown, origin);
        hg__text_format(out, "%*s ; %s", width < VALUE_WIDTH ? (int)(VALUE_WIDTH - width) : 0, "",
                        shown);
    }
    hg__text_put(out, "\n");
}

static void put_override(struct hg__text *out, const struct hg_spec *spec, size_t index,
                         enum hg_spec_style style)
{
    const struct hg_spec_override *override = &spec->gaussians.overrides[index];
    const char *origin = spec->origins->override[index];
    char key[40];

    snprintf(key, sizeof key, "%s.%zu", override->is_spread ? "spread" : "center",
             override->cluster);
    put_line(out, key, override->values,
             style == HG_SPEC_ORIGINS ? origin ? origin : "default" : NULL);
}

/* rmsprop's beta2 is not the table's default when it is untouched. */
char *hg__option_in_force(const struct hg_option *option, const struct hg_spec *spec)
{
    char number[32];

    if (option->offset == offsetof(struct hg_spec, train.beta2))
        return hg__strdup(hg__format_real(number, hg_spec_beta2(spec)));
    return hg__option_write(option, spec);
}

static void put_option(struct hg__text *out, const struct hg_spec *spec,
                       const struct hg_option *option, enum hg_spec_style style)
{
    const char *origin = spec->origins->option[hg__option_index(option)];
    char *value = hg__option_in_force(option, spec);

    if (value)
        put_line(out, option->key, value,
                 style == HG_SPEC_HELP      ? option->help
                 : style == HG_SPEC_ORIGINS ? origin ? origin : "default"
                                            : NULL);
    else
        out->failed = true;
    hg__free(value);
}

char *hg_spec_text(const struct hg_spec *spec, enum hg_spec_style style)
{
    struct hg__text out = {0};
    size_t count;
    const struct hg_option *option = hg_options(&count);
    const char *section = "";

    for (size_t i = 0; i < count; i++) {
        if (style == HG_SPEC_RUN && !option[i].in_run)
            continue;
        if (strcmp(section, option[i].section) != 0)
            hg__text_format(&out, "%s[%s]\n", *section ? "\n" : "", option[i].section);
        section = option[i].section;
        put_option(&out, spec, &option[i], style);
        if (option[i].offset == offsetof(struct hg_spec, gaussians.spread))
            for (size_t k = 0; k < spec->gaussians.override_count; k++)
                put_override(&out, spec, k, style);
    }
    return hg__text_take(&out);
}

enum hg_status hg_spec_write(const struct hg_spec *spec, const char *path, bool replace,
                             struct hg_error *error)
{
    char *text = hg_spec_text(spec, HG_SPEC_HELP);
    struct hg__piece piece = {text, text ? strlen(text) : 0};
    enum hg_status status = text ? hg__file_write(path, &piece, 1, replace, error)
                                 : hg_error_set(error, HG_NO_MEMORY, "no memory to write %s", path);

    hg__free(text);
    return status;
}

void hg_free_text(char *text)
{
    hg__free(text);
}
