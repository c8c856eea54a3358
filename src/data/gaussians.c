/* Sample i belongs to cluster i % K, so that every beginning is balanced. Centres
 * and samples are drawn with the experiment's seed; a sample's numbers depend on
 * its index alone, so the first N are the same whatever `points` is. */
#include "data/gaussians.h"

#include "base/mem.h"
#include "base/number.h"
#include "base/rng.h"
#include "data/raw.h"
#include "data/sources.h"

#include <stdio.h>
#include <string.h>

/* Second index of the random streams: what is drawn. */
enum { DRAW_CENTRE = 1, DRAW_SAMPLE = 2 };

#define CENTRE_MOST 0.8 /* centres are drawn in -0.8..0.8 */

#define NUMBERED(key)                                                                           \
    key ".1", key ".2", key ".3", key ".4", key ".5", key ".6", key ".7", key ".8", key ".9",   \
        key ".10", key ".11", key ".12", key ".13", key ".14", key ".15", key ".16", key ".17", \
        key ".18", key ".19", key ".20"

enum { NUMBERED_MOST = 20 };

/* Where the samples of each cluster lie: clusters x dims each, of those clusters
 * that have a sample (a limit may leave some without). */
struct form {
    size_t clusters;
    double *centre, *spread;
};

static const char *key_of(const struct hg_cluster_override *override)
{
    static const char *const keys[2][NUMBERED_MOST] = {{NUMBERED("center")}, {NUMBERED("spread")}};

    if (override->cluster - 1 >= NUMBERED_MOST)
        return override->is_spread ? "spread" : "center";
    return keys[override->is_spread][override->cluster - 1];
}

static enum hg_status wrong(const struct hg_cluster_override *override, const char **key,
                            const char *expected, struct hg_error *error)
{
    if (key)
        *key = key_of(override);
    return hg_error_set(error, HG_USAGE, "\"%s\" is not accepted; expected %s", override->values,
                        expected);
}

/* Reads the numbers of one text into out[0..dims-1] (NULL: only checks). */
static enum hg_status read_override(const struct hg_cluster_override *override, size_t dims,
                                    double *out, const char **key, struct hg_error *error)
{
    static const char blank[] = " \t\r\n";
    const char *text = override->values + strspn(override->values, blank);
    char expected[96];
    size_t count = 0;

    while (*text) {
        size_t length = strcspn(text, blank);
        double value;
        if (!hg__parse_real_n(text, length, &value))
            return wrong(override, key, "numbers separated by spaces", error);
        if (override->is_spread && value < 0)
            return wrong(override, key, "deviations of 0 or more", error);
        if (!override->is_spread && (value < -1 || value > 1))
            return wrong(override, key, "a centre within -1..1", error);
        if (out && count < dims)
            out[count] = value;
        count++;
        text += length;
        text += strspn(text, blank);
    }
    if (count == dims)
        return HG_OK;
    snprintf(expected, sizeof expected, "%zu numbers, one for each of dims, not %zu", dims, count);
    return wrong(override, key, expected, error);
}

static enum hg_status check_number(bool right, const char *name, const char *expected,
                                   const char **key, struct hg_error *error)
{
    if (right)
        return HG_OK;
    if (key)
        *key = name;
    return hg_error_set(error, HG_USAGE, "%s: expected %s", name, expected);
}

enum hg_status hg__gaussians_check(const struct hg_data_config *config, const char **key,
                                   struct hg_error *error)
{
    const struct hg_cluster_override *override = config->gaussians.override;
    size_t clusters = config->gaussians.clusters, dims = config->gaussians.dims;
    double spread = config->gaussians.spread;
    enum hg_status status;

    status = check_number(clusters >= 1 && clusters <= INT32_MAX, "clusters",
                          "a whole number from 1", key, error);
    if (status == HG_OK)
        status = check_number(dims >= 1 && dims <= INT32_MAX, "dims", "a whole number from 1", key,
                              error);
    if (status == HG_OK)
        status = check_number(config->gaussians.points >= 1, "points", "a whole number from 1", key,
                              error);
    if (status == HG_OK)
        status = check_number(spread >= 0 && spread <= 1e9, "spread", "a number of 0 or more", key,
                              error);
    for (size_t i = 0; status == HG_OK && i < config->gaussians.overrides; i++, override++) {
        if (!override->values)
            continue;
        if (override->cluster < 1 || override->cluster > clusters)
            status = wrong(override, key, "a cluster from 1 to the number of clusters", error);
        else
            status = read_override(override, dims, NULL, key, error);
    }
    return status;
}

/* Fills the form: drawn centres first, so that giving one leaves the others. */
static enum hg_status make_form(const struct hg_data_config *config, const struct form *form,
                                const char **key, struct hg_error *error)
{
    size_t dims = config->gaussians.dims;
    enum hg_status status = HG_OK;

    for (size_t k = 0; k < form->clusters; k++) {
        struct hg__rng rng;
        hg__rng_start(&rng, config->seed, HG__RNG_DATA, k, DRAW_CENTRE);
        for (size_t j = 0; j < dims; j++) {
            form->centre[k * dims + j] = CENTRE_MOST * (2 * hg__rng_uniform(&rng) - 1);
            form->spread[k * dims + j] = config->gaussians.spread;
        }
    }
    for (size_t i = 0; status == HG_OK && i < config->gaussians.overrides; i++) {
        const struct hg_cluster_override *override = config->gaussians.override + i;
        double *rows = override->is_spread ? form->spread : form->centre;
        if (override->values && override->cluster <= form->clusters)
            status = read_override(override, dims, rows + (override->cluster - 1) * dims, key,
                                   error);
    }
    return status;
}

static void draw_samples(const struct hg_data_config *config, const struct form *form,
                         struct hg__raw *raw)
{
    size_t clusters = config->gaussians.clusters, dims = raw->features;
    float *values = raw->values;

    for (size_t i = 0; i < raw->samples; i++) {
        const double *centre = form->centre + i % clusters * dims;
        const double *spread = form->spread + i % clusters * dims;
        struct hg__rng rng;
        hg__rng_start(&rng, config->seed, HG__RNG_DATA, i, DRAW_SAMPLE);
        for (size_t j = 0; j < dims; j++) {
            double value = centre[j] + spread[j] * hg__rng_normal(&rng);
            *values++ = (float)(value < -1 ? -1 : value > 1 ? 1 : value);
        }
        raw->labels[i] = (int32_t)(i % clusters);
    }
}

static enum hg_status name_clusters(struct hg__raw *raw, size_t clusters, struct hg_error *error)
{
    enum hg_status status = hg__raw_label_room(raw, clusters, error);

    for (size_t k = 0; status == HG_OK && k < clusters; k++) {
        char name[24];
        snprintf(name, sizeof name, "%zu", k + 1);
        raw->class_names[k] = hg__strdup(name);
        if (!raw->class_names[k])
            status = hg_error_set(error, HG_NO_MEMORY, "gaussians: out of memory");
    }
    return status;
}

static enum hg_status fill(const struct hg_data_config *config, struct hg__raw *raw,
                           const char **key, struct hg_error *error)
{
    size_t clusters = config->gaussians.clusters, dims = raw->features;
    struct form form = {.clusters = raw->samples < clusters ? raw->samples : clusters};
    enum hg_status status;

    form.centre = hg__alloc(form.clusters, dims * sizeof(double));
    form.spread = hg__alloc(form.clusters, dims * sizeof(double));
    if (form.centre && form.spread)
        status = make_form(config, &form, key, error);
    else
        status = hg_error_set(error, HG_NO_MEMORY, "gaussians: out of memory");
    if (status == HG_OK)
        draw_samples(config, &form, raw);
    hg__free(form.centre);
    hg__free(form.spread);
    return status;
}

static enum hg_status read_gaussians(struct hg_context *context, const struct hg__peek *peek,
                                     const struct hg__wish *wish, struct hg__raw *raw,
                                     const char **key, struct hg_error *error)
{
    const struct hg_data_config *config = wish->config;
    size_t clusters = config->gaussians.clusters, all;
    struct hg__raw_size size = {.name = "gaussians", .type = HG__F32};
    enum hg_status status = hg__gaussians_check(config, key, error);

    (void)peek;
    if (status != HG_OK)
        return status;
    if (__builtin_mul_overflow(clusters, config->gaussians.points, &all))
        all = SIZE_MAX;
    size.shape = (struct hg_shape){1, 1, (int)config->gaussians.dims};
    size.samples = wish->limit && wish->limit < all ? wish->limit : all;
    status = hg__raw_room(context, wish, &size, raw, error);
    if (status == HG_OK)
        status = name_clusters(raw, clusters, error);
    if (status != HG_OK)
        return status;
    raw->total = all;
    raw->bounded = true;
    raw->lowest = -1;
    raw->highest = 1;
    return fill(config, raw, key, error);
}

static bool is_gaussians(const struct hg__peek *peek)
{
    return strcmp(peek->source, "gaussians") == 0;
}

const struct hg__source_ops hg__source_gaussians = {"gaussians", true, is_gaussians,
                                                    read_gaussians};
