/* The gaussian code: the encoder's last dense layer gives N means and N logarithms
 * of variances; in training the decoder sees mean + exp(log variance / 2) times a
 * standard normal number, else the mean. */
#include "engine/model.h"

#include "base/rng.h"

#include <string.h>

/* Sample r, value i takes the (r N + i)-th normal number of the step's stream. */
static void draw(const struct hg_model *model, const struct hg__pass *pass, size_t codes)
{
    struct hg__rng rng;

    hg__rng_start(&rng, pass->seed, HG__RNG_CODE, pass->step, 0);
    for (size_t r = 0; r < pass->samples; r++)
        for (size_t i = 0; i < codes; i++)
            model->noise[r * model->code_stride + i] = (float)hg__rng_normal(&rng);
}

/* deviation = exp(log variance / 2), through the kernels so that every C library
 * gives the same. */
static void deviations(const struct hg_model *model, const float *logs, float *out, size_t codes)
{
    memcpy(out, logs, codes * sizeof *out);
    model->kernels->scale(out, 0.5f, codes);
    model->kernels->map(HG__MAP_EXP, out, out, codes);
}

/* What lies beyond the N values in a row of `code` stays zero: a tied decoder
 * multiplies it. */
void hg__code_sample(struct hg_model *model, const struct hg__pass *pass)
{
    const struct hg__slot *slot = &model->slot[model->plan.encoder - 1];
    size_t codes = hg_shape_size(model->plan.code);

    if (pass->training)
        draw(model, pass, codes);
    for (size_t r = 0; r < pass->samples; r++) {
        const float *mean = slot->y + r * slot->stride;
        float *code = model->code + r * model->code_stride;

        memset(code, 0, model->code_stride * sizeof *code);
        if (!pass->training) {
            memcpy(code, mean, codes * sizeof *code);
            continue;
        }
        deviations(model, mean + codes, code, codes);
        model->kernels->multiply(code, model->noise + r * model->code_stride, codes);
        model->kernels->add_scaled(code, mean, 1, codes);
    }
}

double hg__code_weight(const struct hg_model *model, size_t samples)
{
    double n = (double)hg_shape_size(model->plan.input);
    bool divided = model->loss == HG_LOSS_MSE || model->loss == HG_LOSS_BCE;

    return model->beta / (double)samples / (divided ? n : 1);
}

/* From d(code) to d(mean), d(log variance): with s the deviation, e the noise,
 * and KL = -1/2 (1 + log s^2 - mean^2 - s^2) a value,
 * d(mean) = d + w mean;  d(log variance) = d e s / 2 + w (s^2 - 1) / 2. */
void hg__code_sample_back(struct hg_model *model, const struct hg__pass *pass)
{
    const struct hg__slot *slot = &model->slot[model->plan.encoder - 1];
    size_t codes = hg_shape_size(model->plan.code);
    size_t stride = hg__pad(model->slot[model->plan.encoder].in);
    float weight = (float)hg__code_weight(model, pass->samples);

    for (size_t r = 0; r < pass->samples; r++) {
        const float *mean = slot->y + r * slot->stride, *d = model->d + r * stride;
        const float *noise = model->noise + r * model->code_stride;
        float *down = model->spare + r * slot->stride;

        memset(down, 0, slot->stride * sizeof *down);
        deviations(model, mean + codes, down + codes, codes);
        for (size_t i = 0; i < codes; i++) {
            float s = down[codes + i];
            down[i] = d[i] + weight * mean[i];
            down[codes + i] = 0.5f * (d[i] * noise[i] * s + weight * (s * s - 1));
        }
    }
    hg__model_swap(model);
}

double hg__code_divergence(const struct hg_model *model, size_t samples)
{
    const struct hg__slot *slot = &model->slot[model->plan.encoder - 1];
    size_t codes = hg_shape_size(model->plan.code);
    double sum = 0;

    for (size_t r = 0; r < samples; r++) {
        const float *mean = slot->y + r * slot->stride, *logs = mean + codes;
        float *s = model->spare + r * slot->stride; /* free after a forward pass */

        deviations(model, logs, s, codes);
        for (size_t i = 0; i < codes; i++)
            sum -= 0.5 * (1 + (double)logs[i] - (double)mean[i] * mean[i] - (double)s[i] * s[i]);
    }
    return sum * hg__code_weight(model, samples);
}
