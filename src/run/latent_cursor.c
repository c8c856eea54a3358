#include "base/mem.h"
#include "base/rng.h"
#include "engine/eigen.h"
#include "run/latent_parts.h"
#include "run/trainer_state.h"

#include <math.h>
#include <string.h>

bool hg__latent_cursor_init(struct hg__latent *latent)
{
    struct hg__latent_cursor *cursor = &latent->cursor;

    *cursor = (struct hg__latent_cursor){
        .rest = hg__alloc_aligned(latent->axes.codes, sizeof(double)),
        .code = hg__alloc_aligned(latent->axes.codes, sizeof(float))};
    return cursor->rest && cursor->code;
}

/* The code that lies at `position`, without the rest, into axes->row. */
static void combine(const struct hg__latent_axes *axes, const double *position)
{
    memcpy(axes->row, axes->mean, axes->codes * sizeof(double));
    for (size_t a = 0; a < axes->count; a++)
        hg__axpy(position[a] * axes->deviation[a], axes->axis + a * axes->codes, axes->row,
                 axes->codes);
}

/* Where it is in the plane, as a whole code, and what the snapshots say of it. */
static void settle(struct hg__latent *latent)
{
    struct hg__latent_cursor *cursor = &latent->cursor;
    const struct hg__latent_axes *axes = &latent->axes;
    struct hg_latent *facts = &latent->facts;

    combine(axes, cursor->position);
    for (size_t i = 0; i < axes->codes; i++)
        cursor->code[i] = (float)(axes->row[i] + cursor->rest[i]);
    for (size_t a = 0; a < axes->count; a++)
        facts->position[a] = (float)cursor->position[a];
    facts->x = (float)(cursor->position[0] * axes->deviation[0]);
    facts->y = axes->count > 1 ? (float)(cursor->position[1] * axes->deviation[1]) : 0;
    cursor->known = false;
}

/* To a whole code: what the sliders cannot say of it is the rest. */
static void put(struct hg__latent *latent, const float *code)
{
    struct hg__latent_cursor *cursor = &latent->cursor;
    const struct hg__latent_axes *axes = &latent->axes;

    for (size_t i = 0; i < axes->codes; i++)
        axes->row[i] = (double)code[i] - axes->mean[i];
    for (size_t a = 0; a < axes->count; a++) {
        double along = hg__dot(axes->row, axes->axis + a * axes->codes, axes->codes);
        cursor->position[a] = axes->deviation[a] > 0 ? along / axes->deviation[a] : 0;
    }
    combine(axes, cursor->position);
    for (size_t i = 0; i < axes->codes; i++)
        cursor->rest[i] = axes->fixed ? 0 : (double)code[i] - axes->row[i];
}

/* Not beyond the reach, unless it is there already: a sample's code may be. */
static double within(double value, double present, double low, double high)
{
    if (!isfinite(value))
        return present;
    return fmin(fmax(value, fmin(low, present)), fmax(high, present));
}

static void go_at(struct hg__latent *latent, const struct hg_command *command)
{
    struct hg__latent_cursor *cursor = &latent->cursor;
    const struct hg_latent *facts = &latent->facts;
    size_t count = latent->axes.count;
    bool middle = true;

    for (size_t a = 0; a < count && a < command->count; a++) {
        cursor->position[a] = within((double)command->value[a], cursor->position[a],
                                     (double)facts->low[a], (double)facts->high[a]);
    }
    for (size_t a = 0; a < count; a++)
        middle &= cursor->position[a] == 0;
    if (middle)
        memset(cursor->rest, 0, latent->axes.codes * sizeof(double));
}

static void go_plane(struct hg__latent *latent, const struct hg_command *command)
{
    const struct hg_latent *facts = &latent->facts;
    double *position = latent->cursor.position;
    const double *deviation = latent->axes.deviation;
    double x = within((double)command->value[0], (double)facts->x, (double)facts->left,
                      (double)facts->right);
    double y = within((double)command->value[1], (double)facts->y, (double)facts->bottom,
                      (double)facts->top);

    if (deviation[0] > 0)
        position[0] = x / deviation[0];
    if (latent->axes.count > 1 && deviation[1] > 0)
        position[1] = y / deviation[1];
}

static bool encode(struct hg__latent *latent, const struct hg_trainer *trainer, uint32_t sample)
{
    const struct hg_dataset *dataset = trainer->experiment->dataset;

    if (sample >= dataset->samples)
        return false;
    hg_model_reconstruct(trainer->experiment->model,
                         dataset->values + (size_t)sample * dataset->features, 1, NULL,
                         latent->cursor.code);
    latent->near.guest = sample;
    return true;
}

/* (1 - share) first + share second, by way of the room of the rest. */
static bool mix(struct hg__latent *latent, const struct hg_trainer *trainer,
                const struct hg_command *command)
{
    struct hg__latent_cursor *cursor = &latent->cursor;
    double share = within((double)command->value[0], 0, 0, 1);
    size_t codes = latent->axes.codes;

    if (command->count >= trainer->experiment->dataset->samples ||
        !encode(latent, trainer, command->first))
        return false;
    for (size_t i = 0; i < codes; i++)
        cursor->rest[i] = (1 - share) * (double)cursor->code[i];
    encode(latent, trainer, command->count);
    for (size_t i = 0; i < codes; i++)
        cursor->code[i] = (float)(cursor->rest[i] + share * (double)cursor->code[i]);
    latent->near.guest = share < 0.5 ? command->first : command->count;
    return true;
}

/* Mean, variances and covariance of the points in the plane. */
static void spread(const struct hg_latent *facts, double mean[2], double variance[3])
{
    memset(mean, 0, 2 * sizeof *mean);
    memset(variance, 0, 3 * sizeof *variance);
    for (size_t i = 0; i < facts->points; i++) {
        mean[0] += (double)facts->point[i].x / (double)facts->points;
        mean[1] += (double)facts->point[i].y / (double)facts->points;
    }
    for (size_t i = 0; i < facts->points; i++) {
        double x = (double)facts->point[i].x - mean[0], y = (double)facts->point[i].y - mean[1];
        variance[0] += x * x / (double)facts->points;
        variance[1] += x * y / (double)facts->points;
        variance[2] += y * y / (double)facts->points;
    }
}

/* From the normal distribution that fits the codes: axes beyond the plane have nothing to do with
 * one another, the two of the plane are turned and may. */
static void draw_fitting(struct hg__latent *latent, struct hg__rng *rng)
{
    const struct hg__latent_axes *axes = &latent->axes;
    double *position = latent->cursor.position, mean[2], variance[3], x, y, first, second, left;

    for (size_t a = 0; a < axes->count; a++)
        position[a] = hg__rng_normal(rng);
    spread(&latent->facts, mean, variance);
    first = sqrt(variance[0]);
    second = first > 0 ? variance[1] / first : 0;
    left = sqrt(fmax(variance[2] - second * second, 0));
    x = mean[0] + first * position[0];
    y = axes->count > 1 ? mean[1] + second * position[0] + left * position[1] : 0;
    position[0] = axes->deviation[0] > 0 ? x / axes->deviation[0] : 0;
    if (axes->count > 1)
        position[1] = axes->deviation[1] > 0 ? y / axes->deviation[1] : 0;
    memset(latent->cursor.rest, 0, axes->codes * sizeof(double));
}

static void draw(struct hg__latent *latent, uint32_t seed)
{
    struct hg__latent_cursor *cursor = &latent->cursor;
    struct hg__rng rng;

    hg__rng_start(&rng, seed, HG__RNG_PROBE, 2, 0);
    if (!latent->facts.gaussian) {
        draw_fitting(latent, &rng);
        return;
    }
    for (size_t i = 0; i < latent->axes.codes; i++)
        cursor->code[i] = (float)hg__rng_normal(&rng);
    put(latent, cursor->code);
}

void hg__latent_cursor_obey(struct hg__latent *latent, const struct hg_trainer *trainer,
                            const struct hg_command *command)
{
    struct hg__latent_cursor *cursor = &latent->cursor;

    if (command->kind == HG_DO_LATENT_AT)
        go_at(latent, command);
    else if (command->kind == HG_DO_LATENT_PLANE)
        go_plane(latent, command);
    else if (command->kind == HG_DO_LATENT_RANDOM)
        draw(latent, command->first);
    else if (command->kind == HG_DO_LATENT_SAMPLE && encode(latent, trainer, command->first))
        put(latent, cursor->code);
    else if (command->kind == HG_DO_LATENT_MIX && mix(latent, trainer, command))
        put(latent, cursor->code);
    cursor->placed = cursor->wanted = true;
    settle(latent);
}

void hg__latent_cursor_follow(struct hg__latent *latent)
{
    struct hg__latent_cursor *cursor = &latent->cursor;
    const struct hg__latent_axes *axes = &latent->axes;
    double before[HG_LATENT_SLIDERS], mean[2], variance[3];

    memcpy(before, cursor->position, sizeof before);
    for (size_t a = 0; a < axes->count; a++)
        cursor->position[a] = before[axes->origin[a]];
    if (!cursor->placed) {
        spread(&latent->facts, mean, variance);
        cursor->position[0] = axes->fixed ? mean[0] : 0;
        if (axes->count > 1)
            cursor->position[1] = axes->fixed ? mean[1] : 0;
        cursor->placed = true;
    }
    for (size_t a = 0; a < axes->count && !axes->fixed; a++) {
        const double *axis = axes->axis + a * axes->codes;
        hg__axpy(-hg__dot(cursor->rest, axis, axes->codes), axis, cursor->rest, axes->codes);
    }
    settle(latent);
}

void hg__latent_cursor_decode(struct hg__latent *latent, struct hg_model *model)
{
    hg_model_decode(model, latent->cursor.code, 1, latent->facts.decoded);
    latent->cursor.known = true;
    latent->cursor.wanted = false;
    latent->facts.serial++;
}

void hg__latent_code_at(const struct hg__latent *latent, double x, double y, float *code)
{
    const struct hg__latent_axes *axes = &latent->axes;

    memcpy(axes->row, axes->mean, axes->codes * sizeof(double));
    hg__axpy(x, axes->axis, axes->row, axes->codes);
    if (axes->count > 1)
        hg__axpy(y, axes->axis + axes->codes, axes->row, axes->codes);
    for (size_t i = 0; i < axes->codes; i++)
        code[i] = (float)axes->row[i];
}
