/* kernel_isa_loss.c - errors of rows and the gradient of the batch mean. */
#include "engine/kernel_isa.h"
#include "engine/kernel_loss.h"

enum { RUN = 1024 };

/* 16 columns from c on, of which n count; the rest of the gradient is zero. */
HG_INLINE void loss_rest(enum kind kind, const float *y, const float *x, float *dy, V scale,
                         size_t n, struct lanes *lanes)
{
    float a[HG__LANES] = {0}, b[HG__LANES] = {0}, d[HG__LANES], e[HG__LANES] = {0};

    memcpy(a, y, n * sizeof *a);
    memcpy(b, x, n * sizeof *b);
    for (int v = 0; v < LANE_VECTORS; v++) {
        V errors = v_all(0);
        V g = loss_vector(kind, v_load(a + v * VEC), v_load(b + v * VEC), &errors);
        v_store(d + v * VEC, g * scale);
        v_store(e + v * VEC, errors);
    }
    memset(d + n, 0, (HG__LANES - n) * sizeof *d);
    memset(e + n, 0, (HG__LANES - n) * sizeof *e);
    for (int v = 0; v < LANE_VECTORS; v++)
        lanes->v[v] += v_load(e + v * VEC);
    if (dy)
        memcpy(dy, d, sizeof d);
}

HG_INLINE double loss_row(enum kind kind, const float *y, const float *x, float *dy, float factor,
                          size_t n)
{
    const V scale = v_all(factor);
    double sum = 0;

    for (size_t start = 0; start < n; start += RUN) {
        size_t end = n - start < RUN ? n : start + RUN, i = start;
        struct lanes lanes;

        memset(&lanes, 0, sizeof lanes);
        for (; i + HG__LANES <= end; i += HG__LANES)
            HG_UNROLL(4)
        for (size_t v = 0; v < LANE_VECTORS; v++) {
            size_t at = i + v * VEC;
            V g = loss_vector(kind, v_load(y + at), v_load(x + at), &lanes.v[v]);
            if (dy)
                v_store(dy + at, g * scale);
        }
        if (i < end)
            loss_rest(kind, y + i, x + i, dy ? dy + i : NULL, scale, end - i, &lanes);
        sum += (double)lanes_total(&lanes);
    }
    return sum;
}

/* rmse: the gradient of a row needs the row's error first. */
static double rmse_row(const struct hg__loss *job, const float *y, const float *x, float *dy)
{
    double error = loss_row(KIND_SQUARE, y, x, NULL, 1, job->n);
    double n = (double)job->n, root = __builtin_sqrt(error / n);

    if (dy)
        (void)loss_row(KIND_SQUARE, y, x, dy,
                       root > 0 ? (float)(1 / (root * n * (double)job->samples)) : 0, job->n);
    return root;
}

static double one_row(const struct hg__loss *job, size_t r)
{
    const float *y = job->y + r * job->y_stride, *x = job->target + r * job->target_stride;
    float *dy = job->dy ? job->dy + r * job->dy_stride : NULL;
    double m = (double)job->samples, n = (double)job->n;

    switch (job->loss) {
    case HG_LOSS_RMSE:
        return rmse_row(job, y, x, dy);
    case HG_LOSS_BCE:
        if (job->logits)
            return loss_row(KIND_LOGITS, y, x, dy, (float)(1 / (m * n)), job->n);
        return loss_row(KIND_ENTROPY, y, x, dy, (float)(1 / (m * n)), job->n);
    case HG_LOSS_SSE:
        return loss_row(KIND_SQUARE, y, x, dy, (float)(1 / m), job->n);
    case HG_LOSS_MSE:
    case HG_LOSS_COUNT:
        break;
    }
    return loss_row(KIND_SQUARE, y, x, dy, (float)(2 / (m * n)), job->n);
}

void HG_ISA(hg__loss)(const struct hg__loss *job, size_t row, size_t row_end)
{
    for (size_t r = row; r < row_end; r++) {
        double error = one_row(job, r);
        if (job->errors)
            job->errors[r] = error;
    }
}
