#include "cli/setup.h"

#include "cli/resume.h"
#include "cli/say.h"
#include "hourglass/hourglass.h"
#include "tui/tui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_MOST = 4096 };

/* ---- settings ---- */

enum hg_status cli_setting_apply(struct hg_spec *spec, const struct cli_setting *setting,
                                 struct hg_error *error)
{
    const char *equals = strchr(setting->text, '=');
    char name[128], origin[32];
    enum hg_status status;

    snprintf(origin, sizeof origin, "--%s", setting->origin);
    if (setting->name) {
        status = hg_spec_set(spec, setting->name, setting->text, origin, error);
        return status ? hg_error_prefix(error, status, "%s", origin) : HG_OK;
    }
    if (!equals || equals == setting->text || (size_t)(equals - setting->text) >= sizeof name)
        return hg_error_set(error, HG_USAGE,
                            "--set: '%s' is not SECTION.KEY=VALUE, for instance "
                            "train.lr=0.01",
                            setting->text);
    snprintf(name, sizeof name, "%.*s", (int)(equals - setting->text), setting->text);
    status = hg_spec_set(spec, name, equals + 1, origin, error);
    return status ? hg_error_prefix(error, status, "%s", origin) : HG_OK;
}

static enum hg_status apply_all(struct hg_spec *spec, const struct cli_args *args,
                                struct hg_error *error)
{
    enum hg_status status = HG_OK;

    for (size_t i = 0; i < args->setting_count && status == HG_OK; i++)
        status = cli_setting_apply(spec, &args->settings[i], error);
    return status;
}

static enum hg_status apply_settings(struct cli_setup *setup, const struct cli_args *args,
                                     struct hg_error *error)
{
    struct hg_spec before;
    enum hg_status status = HG_OK;

    memset(&before, 0, sizeof before);
    if (setup->resume)
        status = hg_spec_copy(&before, &setup->spec, error);
    if (status == HG_OK)
        status = apply_all(&setup->spec, args, error);
    if (setup->resume) {
        if (status == HG_OK)
            status = cli_resume_check(&before, &setup->spec, error);
        hg_spec_fini(&before);
    }
    return status;
}

/* ---- files ---- */

/* [keys] of the user's own file come with a later version. */
static enum hg_status ignore_key(void *self, const char *action, const char *keys,
                                 const char *place, struct hg_error *error)
{
    (void)self, (void)action, (void)keys, (void)place, (void)error;
    return HG_OK;
}

static enum hg_status load_user(struct hg_spec *spec, struct hg_error *error)
{
    const char *folder = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char path[PATH_MOST];
    int length;

    if (folder && *folder == '/')
        length = snprintf(path, sizeof path, "%s/hourglass/config.ini", folder);
    else if (home && *home)
        length = snprintf(path, sizeof path, "%s/.config/hourglass/config.ini", home);
    else
        return HG_OK;
    if (length >= (int)sizeof path)
        return HG_OK;
    return hg_spec_load_user(spec, path, ignore_key, NULL, error);
}

static enum hg_status find_recovered(char *path, struct hg_error *error)
{
    if (ui_state_newest(path, PATH_MOST))
        return HG_OK;
    return hg_error_set(error, HG_FAILED, "nothing to recover: no run was kept by a signal");
}

/* FILE beside a run: what it says is compared together with the command line's
 * own settings, so that the command that began a run also goes on with it. */
static enum hg_status resume_beside(struct cli_setup *setup, const struct cli_args *args,
                                    const char *run, const char *operand, struct hg_error *error)
{
    struct hg_spec file;
    enum hg_status status = hg_spec_init(&file, error);

    if (status)
        return status;
    status = hg_spec_open(&file, operand, error);
    if (status == HG_OK)
        status = apply_all(&file, args, error);
    if (status == HG_OK)
        status = cli_resume_open(setup, run, operand, &file, error);
    hg_spec_fini(&file);
    return status;
}

/* The run to go on from (--resume, --recover, or a run as FILE) and the file beside it. */
static enum hg_status load_files(struct cli_setup *setup, const struct cli_args *args,
                                 struct hg_error *error)
{
    const char *operand = args->operand_count ? args->operands[0] : NULL;
    const char *run = args->resume;
    char recovered[PATH_MOST];
    enum hg_status status = HG_OK;

    if (args->recover) {
        if (run || (operand && hg_operand_kind(operand) == HG_OPERAND_RUN))
            return hg_error_set(error, HG_USAGE, "--recover and another run: one of them only");
        status = find_recovered(recovered, error);
        run = recovered;
    } else if (operand && hg_operand_kind(operand) == HG_OPERAND_RUN) {
        if (run)
            return hg_error_set(error, HG_USAGE,
                                "%s: a run beside --resume; accepted there: the "
                                "experiment or the data of that run",
                                operand);
        run = operand;
        operand = NULL;
    }
    if (status || !run)
        return status || !operand ? status : hg_spec_open(&setup->spec, operand, error);
    if (args->weights)
        return hg_error_set(error, HG_USAGE, "--init and a run to go on from: one of them only");
    if (!args->recover && !(setup->resume_path = strdup(run)))
        return hg_error_set(error, HG_NO_MEMORY, "no memory for a path");
    if (operand)
        return resume_beside(setup, args, run, operand, error);
    return cli_resume_open(setup, run, NULL, NULL, error);
}

enum hg_status cli_setup_open(const struct cli_args *args, bool screen, struct cli_setup *setup,
                              struct hg_error *error)
{
    enum hg_status status;

    memset(setup, 0, sizeof *setup);
    setup->limits.max_pixels = args->max_pixels;
    setup->limits.max_samples = args->max_samples;
    status = hg_spec_init(&setup->spec, error);
    if (status == HG_OK && screen)
        status = load_user(&setup->spec, error);
    if (status == HG_OK)
        status = load_files(setup, args, error);
    if (status == HG_OK)
        status = apply_settings(setup, args, error);
    if (status == HG_OK && setup->resume_path)
        status = hg_spec_find_data(&setup->spec, setup->resume_path, error);
    if (status == HG_OK)
        status = hg_spec_check(&setup->spec, error);
    if (status == HG_OK)
        status = hg_context_create((int)setup->spec.train.threads, getenv("HOURGLASS_ISA"),
                                   args->max_memory, &setup->context, error);
    return status;
}

void cli_setup_fini(struct cli_setup *setup)
{
    hg_hold_release(setup->hold);
    hg_runfile_close(setup->resume);
    hg_context_destroy(setup->context);
    hg_spec_fini(&setup->spec);
    free(setup->resume_path);
    memset(setup, 0, sizeof *setup);
}

enum hg_status cli_setup_experiment(struct cli_setup *setup, const struct cli_args *args,
                                    struct hg_experiment **experiment, struct hg_error *error)
{
    struct hg_runfile *resume = setup->resume;

    setup->resume = NULL;
    return hg_experiment_create(setup->context, &setup->spec, &setup->limits, args->weights, resume,
                                experiment, error);
}

/* ---- words ---- */

int cli_print_config(const struct cli_setup *setup)
{
    char *text = hg_spec_text(&setup->spec, HG_SPEC_ORIGINS);

    if (!text) {
        cli_say("no memory for the experiment's text");
        return 1;
    }
    fputs(text, stdout);
    hg_free_text(text);
    return 0;
}

void cli_say_notes(const struct hg_experiment *experiment)
{
    for (size_t i = 0; i < experiment->dataset->note_count; i++)
        cli_say("%s", experiment->dataset->notes[i]);
    for (size_t i = 0; i < experiment->note_count; i++)
        cli_say("%s", experiment->notes[i]);
}

void cli_layers_text(const struct hg_model *model, char *text, size_t size)
{
    size_t length, count = hg_model_layers(model), last = hg_model_inputs(model);

    length = (size_t)snprintf(text, size, "%zu", last);
    for (size_t i = 0; i < count && length < size; i++) {
        struct hg_layer_info layer = hg_model_layer(model, i);
        if (layer.parameters == 0 || strncmp(layer.text, "bn", 2) == 0)
            continue;
        last = hg_shape_size(layer.shape);
        length += (size_t)snprintf(text + length, size - length, "-%zu", last);
    }
}
