#include "hourglass/experiment.h"

#include "base/mem.h"
#include "base/number.h"
#include "engine/model.h"
#include "run/auto.h"
#include "run/fork.h"

#include <stdio.h>
#include <string.h>

static void model_config(const struct hg_experiment *experiment, struct hg_model_config *config)
{
    const struct hg_spec *spec = &experiment->spec;

    *config = (struct hg_model_config){
        .encoder = spec->model.encoder,
        .code = spec->model.code,
        .decoder = spec->model.decoder,
        .output = spec->model.output,
        .input = experiment->dataset->shape,
        .image = experiment->dataset->image,
        .bias = spec->model.bias,
        .loss = (enum hg_loss)spec->model.loss,
        .beta = spec->model.beta,
        .sparsity = spec->train.sparsity,
    };
}

static enum hg_status load_data(struct hg_experiment *experiment, struct hg_error *error)
{
    struct hg_data_config config;
    const char *key = NULL;
    char name[64];
    enum hg_status status;

    hg_spec_data(&experiment->spec, &config);
    config.max_pixels = experiment->limits.max_pixels;
    config.max_samples = experiment->limits.max_samples;
    status = hg_dataset_load(experiment->context, &config, &experiment->dataset, &key, error);
    if (status == HG_USAGE && key) {
        snprintf(name, sizeof name, "%s.%s",
                 strncmp(key, "center.", 7) == 0 || strncmp(key, "spread.", 7) == 0 ? "gaussians"
                                                                                    : "data",
                 key);
        return hg_spec_blame(&experiment->spec, name, status, error);
    }
    return status;
}

/* The file of a run is sound when its data have changed since. */
static enum hg_status check_resumed(const struct hg_experiment *experiment, struct hg_error *error)
{
    struct hg_shape is = experiment->dataset->shape, was;

    if (!experiment->resumed)
        return HG_OK;
    was = hg_runfile_shape(experiment->resumed);
    if (hg_shape_size(is) == hg_shape_size(was))
        return HG_OK;
    return hg_error_set(error, HG_USAGE,
                        "%s: has %zu values a sample now, but %s was trained on %zu; the data of "
                        "then are named by -s data.source=PATH",
                        experiment->spec.data.source, hg_shape_size(is),
                        hg_runfile_path(experiment->resumed), hg_shape_size(was));
}

/* Else the logarithms of outputs that left 0..1 make a sound run look like one with a bug. */
static enum hg_status check_loss(const struct hg_experiment *experiment, struct hg_error *error)
{
    const struct hg_spec *spec = &experiment->spec;
    enum hg_status status;

    if (spec->model.loss != HG_LOSS_BCE || hg__plan_ends_in_unit(&experiment->model->plan))
        return HG_OK;
    status = hg_error_set(error, HG_USAGE,
                          "bce needs an output in 0..1, '%.64s' leaves it; another loss, or "
                          "model.output = sigmoid",
                          spec->model.output);
    return hg_spec_blame(spec, "model.loss", status, error);
}

static enum hg_status too_large(const struct hg_experiment *experiment, size_t batch,
                                uint64_t bytes, struct hg_error *error)
{
    char need[32], most[32];

    hg__print_bytes(bytes, need);
    hg__print_bytes(hg_context_max_memory(experiment->context), most);
    return hg_error_set(error, HG_NO_MEMORY,
                        "the network and a batch of %zu sample%s need %s, %s may be used; a "
                        "smaller network or train.batch",
                        batch, batch == 1 ? "" : "s", need, most);
}

static enum hg_status build_model(struct hg_experiment *experiment, struct hg_error *error)
{
    struct hg_model_config config;
    struct hg_model_fault fault = {0};
    const struct hg_dataset *dataset = experiment->dataset;
    long long asked = experiment->spec.train.batch;
    size_t batch = dataset->training;
    uint64_t parameters, bytes;
    char name[64];
    enum hg_status status;

    if (asked > 0 && (unsigned long long)asked < batch)
        batch = (size_t)asked;
    model_config(experiment, &config);
    status = hg_model_measure(&config, batch, &parameters, &bytes, &fault, error);
    if (status == HG_OK && bytes > hg_context_max_memory(experiment->context))
        return too_large(experiment, batch, bytes, error);
    if (status == HG_OK)
        status = hg_model_create(experiment->context, &config, &experiment->model, &fault, error);
    if (status == HG_USAGE && fault.key) {
        snprintf(name, sizeof name, "model.%s", fault.key);
        return hg_spec_blame(&experiment->spec, name, status, error);
    }
    if (status == HG_OK)
        status = check_loss(experiment, error);
    if (status == HG_OK)
        status = hg_model_reserve(experiment->model, batch, error);
    if (status == HG_OK)
        status = hg_model_set_fault(experiment->model, (enum hg_fault)experiment->spec.lesson.fault,
                                    error);
    return status;
}

static enum hg_status parse_texts(struct hg_experiment *experiment, struct hg_error *error)
{
    const struct hg_spec *spec = &experiment->spec;
    enum hg_status status;

    status = hg_schedule_parse(spec->train.schedule, &experiment->schedule, error);
    if (status)
        return hg_spec_blame(spec, "train.schedule", status, error);
    status = hg_corrupt_parse(spec->train.corrupt, &experiment->corrupt, error);
    if (status)
        return hg_spec_blame(spec, "train.corrupt", status, error);
    if (spec->model.loss == HG_LOSS_BCE &&
        (experiment->dataset->lowest < 0 || experiment->dataset->highest > 1)) {
        status = hg_error_set(error, HG_USAGE,
                              "bce needs data in 0..1, these lie in %.4g..%.4g; another loss, or "
                              "data.scale = 0..1",
                              experiment->dataset->lowest, experiment->dataset->highest);
        return hg_spec_blame(spec, "model.loss", status, error);
    }
    return HG_OK;
}

/* Does `text` name a file of weights rather than a rule? */
static bool is_weights_file(const char *text)
{
    size_t length = strlen(text);

    return (length > 12 && strcmp(text + length - 12, ".safetensors") == 0) ||
           (length > 4 && strcmp(text + length - 4, ".npz") == 0);
}

static enum hg_status load_weights(struct hg_experiment *experiment, const char *path,
                                   struct hg_error *error)
{
    struct hg_runfile *file = NULL;
    enum hg_status status = hg_runfile_open(path, true, &file, error);

    if (status == HG_OK)
        status = hg_runfile_restore(file, experiment->model, error);
    hg_runfile_close(file);
    return status;
}

/* By rule and seed, without any file. */
static enum hg_status set_first_weights(struct hg_experiment *experiment, uint64_t seed,
                                        struct hg_error *error)
{
    const struct hg_spec *spec = &experiment->spec;
    struct hg_model *model = experiment->model;
    const char *rule = is_weights_file(spec->model.init) ? "auto" : spec->model.init;
    enum hg_status status;

    hg_model_reset_moments(model);
    hg_model_set_center(model, spec->data.center ? experiment->dataset->mean : NULL);
    status = hg_model_init(model, rule, seed, error);
    if (status)
        return hg_spec_blame(spec, "model.init", status, error);
    if (spec->model.output_bias == HG_OUTPUT_BIAS_MEAN && spec->model.bias)
        hg_model_set_output_bias(model, experiment->dataset->mean);
    return HG_OK;
}

enum hg_status hg_experiment_reset(struct hg_experiment *experiment, uint64_t seed,
                                   struct hg_error *error)
{
    const char *init = experiment->spec.model.init;
    enum hg_status status = set_first_weights(experiment, seed, error);

    if (status)
        return status;
    if (experiment->weights)
        return load_weights(experiment, experiment->weights, error);
    return is_weights_file(init) ? load_weights(experiment, init, error) : HG_OK;
}

/* A run holds all of its weights: the file that it began with may be gone. */
static enum hg_status set_weights(struct hg_experiment *experiment, struct hg_error *error)
{
    uint64_t seed = (uint64_t)experiment->spec.model.seed;
    enum hg_status status;

    if (!experiment->resumed)
        return hg_experiment_reset(experiment, seed, error);
    status = set_first_weights(experiment, seed, error);
    return status ? status : hg_runfile_restore(experiment->resumed, experiment->model, error);
}

static enum hg_status create(struct hg_experiment *experiment, struct hg_error *error)
{
    enum hg_status status = load_data(experiment, error);

    if (status == HG_OK)
        status = check_resumed(experiment, error);
    if (status == HG_OK)
        status = hg__resolve_auto(experiment, error);
    if (status == HG_OK)
        status = parse_texts(experiment, error);
    if (status == HG_OK)
        status = build_model(experiment, error);
    if (status == HG_OK)
        status = set_weights(experiment, error);
    if (status == HG_OK)
        hg__note_what_stands_out(experiment);
    return status;
}

enum hg_status hg_experiment_create(struct hg_context *context, const struct hg_spec *spec,
                                    const struct hg_limits *limits, const char *weights,
                                    struct hg_runfile *resume, struct hg_experiment **experiment,
                                    struct hg_error *error)
{
    struct hg_experiment *made = hg__alloc(1, sizeof *made);
    enum hg_status status;

    *experiment = NULL;
    if (!made) {
        hg_runfile_close(resume);
        return hg_error_set(error, HG_NO_MEMORY, "no memory for an experiment");
    }
    made->context = context;
    made->resumed = resume;
    if (limits)
        made->limits = *limits;
    status = hg_spec_copy(&made->spec, spec, error);
    if (status == HG_OK && weights && !(made->weights = hg__strdup(weights)))
        status = hg_error_set(error, HG_NO_MEMORY, "no memory for a path");
    if (status == HG_OK)
        status = create(made, error);
    if (status) {
        hg_experiment_destroy(made);
        return status;
    }
    *experiment = made;
    return HG_OK;
}

static enum hg_status copy_texts(struct hg_experiment *to, const struct hg_experiment *from,
                                 struct hg_error *error)
{
    enum hg_status status = hg_spec_copy(&to->spec, &from->spec, error);
    bool memory = true;

    if (status)
        return status;
    if (from->weights)
        memory = (to->weights = hg__strdup(from->weights)) != NULL;
    for (size_t i = 0; i < from->note_count && memory; i++)
        memory = (to->notes[to->note_count++] = hg__strdup(from->notes[i])) != NULL;
    return memory ? HG_OK : hg_error_set(error, HG_NO_MEMORY, "no memory for an experiment");
}

enum hg_status hg__experiment_twin(const struct hg_experiment *from, struct hg_experiment **twin,
                                   struct hg_error *error)
{
    struct hg_experiment *made = hg__alloc(1, sizeof *made);
    enum hg_status status;

    *twin = NULL;
    if (!made)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for an experiment");
    made->context = from->context;
    made->limits = from->limits;
    made->dataset = from->dataset;
    status = copy_texts(made, from, error);
    if (status == HG_OK)
        status = parse_texts(made, error);
    if (status == HG_OK)
        status = build_model(made, error);
    if (status == HG_OK)
        status = hg_model_reserve(made->model, from->model->asked, error);
    if (status) {
        made->dataset = NULL;
        hg_experiment_destroy(made);
        return status;
    }
    hg_model_set_center(made->model, made->spec.data.center ? made->dataset->mean : NULL);
    *twin = made;
    return HG_OK;
}

void hg_experiment_destroy(struct hg_experiment *experiment)
{
    if (!experiment)
        return;
    for (size_t i = 0; i < experiment->note_count; i++)
        hg__free(experiment->notes[i]);
    hg_model_destroy(experiment->model);
    hg_dataset_destroy(experiment->dataset);
    hg_runfile_close(experiment->resumed);
    hg_spec_fini(&experiment->spec);
    hg__free(experiment->weights);
    hg__free(experiment);
}

enum hg_operand hg_operand_kind(const char *path)
{
    size_t length = strlen(path);

    if (hg_runfile_recognise(path))
        return HG_OPERAND_RUN;
    if (length > 4 && strcmp(path + length - 4, ".ini") == 0)
        return HG_OPERAND_EXPERIMENT;
    if (hg_data_kind(path))
        return HG_OPERAND_DATA;
    return HG_OPERAND_UNKNOWN;
}
