/* kernel.c - which table, and what of the arithmetic is not worth a vector. */
#include "engine/kernel.h"

#include "base/cpu.h"

#include <math.h>
#include <string.h>

extern const struct hg__kernels hg__kernels_4;
#if !defined(HG_ONLY_BASE)
extern const struct hg__kernels hg__kernels_8, hg__kernels_16;
#endif

const struct hg__kernels *hg__kernels_find(const char *isa)
{
#if !defined(HG_ONLY_BASE)
    if ((!isa || strcmp(isa, "avx512") == 0) && hg__cpu_has_avx512())
        return &hg__kernels_16;
    if ((!isa || strcmp(isa, "avx2") == 0) && hg__cpu_has_avx2())
        return &hg__kernels_8;
#endif
    if (!isa || strcmp(isa, "base") == 0)
        return &hg__kernels_4;
    return NULL;
}

/* 1 - beta^t; beta^t <= e^-(t (1 - beta)) vanishes against 1 soon. */
static double fading(double beta, uint64_t t)
{
    if ((double)t * (1 - beta) > 40)
        return 1;
    return 1 - pow(beta, (double)t);
}

void hg__rule_set(struct hg__rule *rule, const struct hg_update *update, uint64_t t, bool weights,
                  float scale)
{
    bool adam = update->optimizer == HG_ADAM || update->optimizer == HG_ADAMW;
    double rate = update->rate, decay = weights ? update->weight_decay : 0;

    memset(rule, 0, sizeof *rule);
    rule->optimizer = update->optimizer;
    rule->correct = 1;
    if (adam) {
        rate /= fading(update->beta1, t);
        rule->correct = (float)(1 / fading(update->beta2, t));
    }
    rule->rate = (float)rate;
    rule->beta1 = (float)update->beta1;
    rule->beta2 = (float)update->beta2;
    rule->rest1 = (float)(1 - update->beta1);
    rule->rest2 = (float)(1 - update->beta2);
    rule->epsilon = (float)update->epsilon;
    rule->l1 = weights ? (float)update->l1 : 0;
    rule->scale = scale;
    rule->shrink = 1;
    if (update->optimizer == HG_ADAMW)
        rule->shrink = (float)(1 - update->rate * decay);
    else
        rule->decay = (float)decay;
}

double hg__loss_each(enum hg_loss loss, double error, size_t n)
{
    switch (loss) {
    case HG_LOSS_RMSE:
        return error;
    case HG_LOSS_SSE:
        return error / 2;
    case HG_LOSS_MSE:
    case HG_LOSS_BCE:
    case HG_LOSS_COUNT:
        break;
    }
    return error / (double)n;
}

double hg__loss_total(enum hg_loss loss, const double *errors, size_t samples, size_t n)
{
    double sum = 0;

    for (size_t r = 0; r < samples; r++)
        sum += errors[r];
    return hg__loss_each(loss, sum / (double)samples, n);
}
