/* What a table cannot check: texts with a grammar of their own, and combinations. */
#include "base/number.h"
#include "data/gaussians.h"
#include "engine/layers.h"
#include "run/spec_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- save_every ---- */

static enum hg_status wrong_save(const char *text, struct hg_error *error)
{
    return hg_error_set(
        error, HG_USAGE,
        "'%.60s' is unknown; accepted: a time (30s, 5m, 1h), N steps, N epochs, end", text);
}

static bool take_count(const char *text, size_t length, uint64_t *count)
{
    char digits[20];
    long long number;

    if (length == 0 || length >= sizeof digits)
        return false;
    memcpy(digits, text, length);
    digits[length] = '\0';
    if (!hg__parse_integer(digits, &number) || number < 1)
        return false;
    *count = (uint64_t)number;
    return true;
}

enum hg_status hg_save_every_parse(const char *text, struct hg_save_every *every,
                                   struct hg_error *error)
{
    static const struct {
        char unit;
        double seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}};
    struct hg_save_every read = {0, 0, 0};
    size_t length = strlen(text), word = strcspn(text, " \t");
    const char *noun = text + word + strspn(text + word, " \t");

    *every = read;
    if (strcmp(text, "end") == 0)
        return HG_OK;
    if (strcmp(noun, "steps") == 0 || strcmp(noun, "step") == 0) {
        if (!take_count(text, word, &read.steps))
            return wrong_save(text, error);
    } else if (strcmp(noun, "epochs") == 0 || strcmp(noun, "epoch") == 0) {
        if (!take_count(text, word, &read.epochs))
            return wrong_save(text, error);
    } else {
        for (size_t i = 0; i < 3 && length > 1; i++)
            if (text[length - 1] == units[i].unit &&
                hg__parse_real_n(text, length - 1, &read.seconds))
                read.seconds *= units[i].seconds;
            else if (text[length - 1] == units[i].unit)
                return wrong_save(text, error);
        if (!(read.seconds > 0 && read.seconds < 1e9))
            return wrong_save(text, error);
    }
    *every = read;
    return HG_OK;
}

/* ---- layers ---- */

/* Reads one of the four texts by its grammar alone; shapes wait for the data. */
static enum hg_status check_layers(const struct hg_spec *spec, const char *key, const char *text,
                                   struct hg_error *error)
{
    struct hg_model_fault fault = {key, 0};
    struct hg__layer_text layer_text = {key, text, &fault};
    struct hg__layers layers = {0};
    char name[32];
    enum hg_status status;

    if (strcmp(key, "code") == 0)
        status = hg__layers_parse_code(&layer_text, &layers, error);
    else if (strcmp(key, "output") == 0)
        status = hg__layers_parse_output(&layer_text, 1, &layers, error);
    else
        status = hg__layers_parse(&layer_text, &layers, error);
    hg__layers_fini(&layers);
    if (status == HG_OK)
        return HG_OK;
    snprintf(name, sizeof name, "model.%s", key);
    return hg_spec_blame(spec, name, status, error);
}

static bool one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static enum hg_status check_model(const struct hg_spec *spec, struct hg_error *error)
{
    static const char *const encoders[] = {"auto", "none", NULL}, *const codes[] = {"none", NULL},
                             *const decoders[] = {"mirror", "tied", "none", NULL},
                             *const outputs[] = {"auto", NULL};
    const struct {
        const char *key, *text;
        const char *const *words;
    } texts[] = {{"encoder", spec->model.encoder, encoders},
                 {"code", spec->model.code, codes},
                 {"decoder", spec->model.decoder, decoders},
                 {"output", spec->model.output, outputs}};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        enum hg_status status = HG_OK;
        if (!one_of(texts[i].text, texts[i].words))
            status = check_layers(spec, texts[i].key, texts[i].text, error);
        if (status != HG_OK)
            return status;
    }
    return HG_OK;
}

static enum hg_status check_init(const struct hg_spec *spec, struct hg_error *error)
{
    const char *text = spec->model.init;
    enum hg_status status;

    if (*text == '/')
        return HG_OK; /* a path; opened when the network is there */
    status = hg_init_check(text, error);
    return status == HG_OK ? HG_OK : hg_spec_blame(spec, "model.init", status, error);
}

/* ---- the rest ---- */

static enum hg_status check_data(const struct hg_spec *spec, struct hg_error *error)
{
    struct hg_data_config config;
    const char *key = NULL;
    char name[64];
    enum hg_status status;

    for (size_t i = 0; i < spec->gaussians.override_count; i++) {
        const struct hg_spec_override *override = &spec->gaussians.overrides[i];
        if (override->cluster <= (size_t)spec->gaussians.clusters)
            continue;
        snprintf(name, sizeof name, "gaussians.%s.%zu", override->is_spread ? "spread" : "center",
                 override->cluster);
        status = hg_error_set(error, HG_USAGE, "there is no such cluster; accepted: 1 to %lld",
                              spec->gaussians.clusters);
        return hg_spec_blame(spec, name, status, error);
    }
    hg_spec_data(spec, &config);
    status = hg_data_config_check(&config, &key, error);
    if (status == HG_OK) /* a mistake is one even where another source is used */
        status = hg__gaussians_check(&config, &key, error);
    if (status == HG_OK || !key)
        return status;
    if (strchr(key, '.') || hg__option_in("gaussians", key))
        snprintf(name, sizeof name, "gaussians.%s", key);
    else
        snprintf(name, sizeof name, "data.%s", key);
    return hg_spec_blame(spec, name, status, error);
}

static enum hg_status check_train(const struct hg_spec *spec, struct hg_error *error)
{
    struct hg_schedule schedule;
    struct hg_corrupt corrupt;
    struct hg_save_every every;
    enum hg_status status;

    status = hg_schedule_parse(spec->train.schedule, &schedule, error);
    if (status != HG_OK)
        return hg_spec_blame(spec, "train.schedule", status, error);
    status = hg_corrupt_parse(spec->train.corrupt, &corrupt, error);
    if (status != HG_OK)
        return hg_spec_blame(spec, "train.corrupt", status, error);
    status = hg_save_every_parse(spec->train.save_every, &every, error);
    if (status != HG_OK)
        return hg_spec_blame(spec, "train.save_every", status, error);
    if (spec->train.patience > 0 && spec->data.validation == 0) {
        status = hg_error_set(error, HG_USAGE,
                              "waits for the validation loss, but data.validation = 0 holds "
                              "nothing out; accepted: 0, or a validation above 0");
        return hg_spec_blame(spec, "train.patience", status, error);
    }
    return HG_OK;
}

enum hg_status hg_spec_check(const struct hg_spec *spec, struct hg_error *error)
{
    enum hg_status status = check_data(spec, error);

    if (status == HG_OK)
        status = check_model(spec, error);
    if (status == HG_OK)
        status = check_init(spec, error);
    if (status == HG_OK)
        status = check_train(spec, error);
    return status;
}
