/* What the measured samples are, without any network. */
#include "run/auto.h"
#include "run/health.h"
#include "run/trainer_state.h"

#include <math.h>

static double nearest(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

static double cross_entropy(double x, double y)
{
    double inside = nearest(y, 1e-12, 1 - 1e-12);

    return -(x * log(inside) + (1 - x) * log(1 - inside));
}

struct hg__distances hg__health_distances(const struct hg_trainer *trainer, const uint32_t *order,
                                          size_t samples)
{
    const struct hg_dataset *dataset = trainer->experiment->dataset;
    const struct hg_model *model = trainer->experiment->model;
    bool center = trainer->experiment->spec.data.center;
    enum hg_loss loss = hg_model_loss(model);
    size_t n = dataset->features;
    struct hg__distances d = {0};
    double low, high;

    hg__output_range(hg_model_output_activation(model), &low, &high);
    for (size_t i = 0; i < samples; i++) {
        const float *row = dataset->values + (size_t)order[i] * n;
        double squares = 0, entropy = 0;
        for (size_t j = 0; j < n; j++) {
            double x = (double)row[j], mean = (double)dataset->mean[j];
            double off = x - mean, over = x - nearest(x, low, high);
            squares += off * off;
            d.beyond += over * over;
            d.size += fabs(center ? off : x);
            d.centred += fabs(off);
            if (loss == HG_LOSS_BCE)
                entropy += cross_entropy(x, mean);
        }
        d.squares += squares;
        d.loss += loss == HG_LOSS_BCE    ? entropy / (double)n
                  : loss == HG_LOSS_SSE  ? squares / 2
                  : loss == HG_LOSS_RMSE ? sqrt(squares / (double)n)
                                         : squares / (double)n;
    }
    for (size_t j = 0; j < n; j++) {
        double sum = 0, all = 0, first = (double)dataset->values[(size_t)order[0] * n + j];
        for (size_t i = 0; i < samples; i++) {
            double off = (double)dataset->values[(size_t)order[i] * n + j] - first;
            sum += off;
            all += off * off;
        }
        d.own += all - sum * sum / (double)samples;
    }
    return d;
}

/* What a unit of the first weight sees of a sample: all of a row, a patch of a picture. */
double hg__health_seen_share(const struct hg_model *model)
{
    const struct hg__layers *layers = &model->plan.layers;

    for (size_t i = 0; i < layers->count; i++) {
        const struct hg__layer *layer = &layers->layer[i];
        if (layer->kind == HG__CONV)
            return fmin(1, (double)layer->kernel * layer->kernel * layer->in.channels /
                               (double)hg_shape_size(layer->in));
        if (layer->kind == HG__DENSE)
            break;
    }
    return 1;
}
