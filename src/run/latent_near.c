#include "base/mem.h"
#include "run/latent_parts.h"
#include "run/trainer_state.h"

#include <math.h>
#include <string.h>

/* The gaps of so many points stand for all. */
enum { GAPS = 128 };

bool hg__latent_near_init(struct hg__latent *latent, size_t points)
{
    struct hg__latent_near *near = &latent->near;

    *near = (struct hg__latent_near){
        .held_out = hg__alloc(points, sizeof(bool)),
        .gap = hg__alloc(GAPS, sizeof(float)),
        .sorted = hg__alloc(GAPS, sizeof(float)),
        .guest = -1,
        .guest_code = hg__alloc_aligned(latent->axes.codes, sizeof(float))};
    return near->held_out && near->gap && near->sorted && near->guest_code;
}

static size_t known_points(const struct hg__latent *latent, const struct hg__latent_cloud *cloud)
{
    return cloud->count < latent->axes.room ? cloud->count : latent->axes.room;
}

/* Which points are not of the training samples. */
static void flag(struct hg__latent *latent, const struct hg_dataset *dataset,
                 const struct hg__latent_cloud *cloud)
{
    struct hg__latent_near *near = &latent->near;

    for (size_t count = known_points(latent, cloud); near->flagged < count; near->flagged++)
        near->held_out[near->flagged] = hg_dataset_held_out(dataset, cloud->sample[near->flagged]);
}

typedef float four __attribute__((vector_size(16), aligned(4), may_alias));

/* Squared distance; a sum that has reached `enough` may stop. */
static double apart(const float *a, const float *b, size_t count, double enough)
{
    double sum = 0;
    size_t i = 0;

    while (i + 64 <= count && sum < enough) {
        four part[4] = {{0}};
        for (size_t end = i + 64; i < end; i += 16)
            for (size_t k = 0; k < 4; k++) {
                four off = *(const four *)(const void *)(a + i + 4 * k) -
                           *(const four *)(const void *)(b + i + 4 * k);
                part[k] += off * off;
            }
        part[0] += part[1] + part[2] + part[3];
        sum += (double)part[0][0] + (double)part[0][1] + (double)part[0][2] + (double)part[0][3];
    }
    for (; i < count && sum < enough; i++)
        sum += (double)(a[i] - b[i]) * (double)(a[i] - b[i]);
    return sum;
}

/* The training point nearest to a code, but for point `except`; the number of points: none. */
static size_t nearest(const struct hg__latent *latent, const struct hg__latent_cloud *cloud,
                      const float *code, size_t except, double *distance)
{
    size_t codes = latent->axes.codes, count = known_points(latent, cloud), best = count;
    double least = INFINITY;

    for (size_t i = 0; i < count && i < latent->near.flagged; i++) {
        double square;
        if (latent->near.held_out[i] || i == except)
            continue;
        square = apart(code, cloud->codes + i * codes, codes, least);
        if (square < least) {
            least = square;
            best = i;
        }
    }
    *distance = sqrt(least);
    return best;
}

/* Sorts the known gaps: few, and nearly in order from the last time. */
static void summarise(struct hg__latent_near *near)
{
    memcpy(near->sorted, near->gap, near->gaps * sizeof(float));
    for (size_t i = 1; i < near->gaps; i++) {
        float value = near->sorted[i];
        size_t at = i;
        for (; at > 0 && near->sorted[at - 1] > value; at--)
            near->sorted[at] = near->sorted[at - 1];
        near->sorted[at] = value;
    }
    near->usual = near->gaps ? (double)near->sorted[near->gaps / 2] : 0;
    near->wide = near->gaps ? (double)near->sorted[near->gaps * 9 / 10] : 0;
}

/* The next training point among the first ones whose gap is measured; in turn. */
static bool measure_one(struct hg__latent *latent, const struct hg__latent_cloud *cloud)
{
    struct hg__latent_near *near = &latent->near;
    size_t count = near->flagged, seen = 0;
    double distance;

    for (size_t i = 0; i < count && seen < GAPS; i++) {
        if (near->held_out[i] || seen++ < near->next)
            continue;
        nearest(latent, cloud, cloud->codes + i * latent->axes.codes, i, &distance);
        near->gap[near->next++] = isfinite(distance) ? (float)distance : 0;
        if (near->gaps < near->next)
            near->gaps = near->next;
        return true;
    }
    near->next = 0;
    return false;
}

bool hg__latent_near_measure(struct hg__latent *latent, const struct hg_dataset *dataset,
                             const struct hg__latent_cloud *cloud)
{
    struct hg__latent_near *near = &latent->near;
    size_t flops = known_points(latent, cloud) * latent->axes.codes;
    size_t piece = 1 + 200000 / (flops + 1);

    flag(latent, dataset, cloud);
    if (near->next == 0)
        near->begun = latent->seen;
    for (size_t i = 0; i < piece && i < GAPS; i++) {
        if (!measure_one(latent, cloud)) {
            near->known = near->begun;
            break;
        }
    }
    summarise(near);
    return near->known == latent->seen;
}

/* The sample that the cursor was sent to last may be none of the points. Infinite: it is no
 * training sample. */
static double to_guest(struct hg__latent *latent, const struct hg_trainer *trainer)
{
    const struct hg_dataset *dataset = trainer->experiment->dataset;
    struct hg__latent_near *near = &latent->near;

    if (near->guest < 0 || hg_dataset_held_out(dataset, (uint32_t)near->guest))
        return INFINITY;
    hg_model_reconstruct(trainer->experiment->model,
                         dataset->values + (size_t)near->guest * dataset->features, 1, NULL,
                         near->guest_code);
    return sqrt(apart(latent->cursor.code, near->guest_code, latent->axes.codes, INFINITY));
}

void hg__latent_near_find(struct hg__latent *latent, const struct hg_trainer *trainer,
                          const struct hg__latent_cloud *cloud)
{
    const struct hg_dataset *dataset = trainer->experiment->dataset;
    const struct hg__latent_near *near = &latent->near;
    struct hg_latent *facts = &latent->facts;
    double distance, guest, wide;
    size_t at;

    flag(latent, dataset, cloud);
    at = nearest(latent, cloud, latent->cursor.code, (size_t)-1, &distance);
    facts->nearest = cloud->sample[at < near->flagged ? at : 0];
    guest = to_guest(latent, trainer);
    if (guest <= distance) {
        facts->nearest = (uint32_t)near->guest;
        distance = guest;
    }
    facts->nearest_label = dataset->labels ? dataset->labels[facts->nearest] : -1;
    facts->distance = (float)distance;
    facts->usual = (float)near->usual;
    wide = fmax(near->wide, 2 * near->usual);
    facts->density = distance <= wide       ? HG_LATENT_INSIDE
                     : distance <= 2 * wide ? HG_LATENT_EDGE
                                            : HG_LATENT_OUTSIDE;
}
