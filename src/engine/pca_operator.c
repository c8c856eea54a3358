#include "engine/pca_operator.h"

#include "base/mem.h"
#include "engine/eigen.h"

#include <string.h>

typedef float four_floats_t __attribute__((vector_size(16)));
typedef double four_t __attribute__((vector_size(32), aligned(8), may_alias));

enum { PANEL_NUMBERS = 1 << 16, PANEL_MOST = 64 };

bool hg__pca_cancelled(const struct hg__pca_input *input)
{
    return input->cancel && __atomic_load_n(input->cancel, __ATOMIC_RELAXED);
}

const float *hg__pca_sample(const struct hg__pca_input *input, size_t index)
{
    return input->values + (input->order ? input->order[index] : index) * input->features;
}

bool hg__operator_init(struct hg__operator *operator, const struct hg__pca_input * input,
                       const double *mean, bool across, size_t block)
{
    size_t height;

    memset(operator, 0, sizeof *operator);
    operator->input = input;
    operator->mean = mean;
    operator->across = across;
    operator->order = across ? input->samples : input->features;
    operator->lines = across ? input->features : input->samples;
    operator->width = hg__eigen_pad(operator->order);
    operator->block = block;
    /* A panel stays in the second-level cache while it is used twice. */
    height = PANEL_NUMBERS / operator->width / HG__EIGEN_PAD * HG__EIGEN_PAD;
    operator->height = height<HG__EIGEN_PAD ? HG__EIGEN_PAD
    : height> PANEL_MOST                    ? PANEL_MOST
                                            : height;
    operator->panel = hg__alloc_aligned(operator->height * operator->width, sizeof(double));
    operator->product = hg__alloc_aligned(operator->height * block, sizeof(double));
    operator->in = hg__alloc_aligned(operator->width, block * sizeof(double));
    operator->out = hg__alloc_aligned(operator->width, block * sizeof(double));
    return operator->panel && operator->product && operator->in && operator->out;
}

void hg__operator_fini(struct hg__operator *operator)
{
    hg__free(operator->panel);
    hg__free(operator->product);
    hg__free(operator->in);
    hg__free(operator->out);
    hg__free(operator->matrix);
    memset(operator, 0, sizeof *operator);
}

/* Four at a time by hand: compilers leave this loop scalar at -O2. */
static void load_sample(struct hg__operator *operator, size_t index, double *line)
{
    const float *sample = hg__pca_sample(operator->input, index);
    size_t j = 0;

    for (; j + 4 <= operator->order; j += 4) {
        four_floats_t four;
        memcpy(&four, sample + j, sizeof four);
        *(four_t *)(line + j) = __builtin_convertvector(four, four_t) -
                                *(const four_t *)(operator->mean + j);
    }
    for (; j < operator->order; j++)
        line[j] = (double)sample[j] - operator->mean[j];
}

static void load_across(struct hg__operator *operator, size_t first, size_t count)
{
    for (size_t i = 0; i < operator->order; i++) {
        const float *sample = hg__pca_sample(operator->input, i) + first;
        for (size_t j = 0; j < count; j++)
            operator->panel[j * operator->width + i] =(double) sample[j] -
                            operator->mean[first + j];
    }
}

void hg__operator_load(struct hg__operator *operator, size_t first)
{
    size_t left = operator->lines - first;
    size_t count = left < operator->height ? left : operator->height;

    if (operator->across)
        load_across(operator, first, count);
    else
        for (size_t i = 0; i < count; i++)
            load_sample(operator, first + i, operator->panel + i * operator->width);
    memset(operator->panel + count * operator->width, 0,
           (operator->height - count) * operator->width * sizeof(double));
}

enum hg_status hg__operator_form(struct hg__operator *operator)
{
    size_t width = operator->width;
    double share = 1 / (double)operator->input->samples;
    struct hg__product product = {.a = operator->panel,
                                  .a_row = 1,
                                  .a_depth = width,
                                  .b = operator->panel,
                                  .b_row = width,
                                  .out_row = width,
                                  .rows = width,
                                  .columns = width,
                                  .depth = operator->height,
                                  .upper = 1};

    operator->matrix = hg__alloc_aligned(width *width, sizeof(double));
    if (!operator->matrix)
        return HG_NO_MEMORY;
    product.out = operator->matrix;
    for (size_t first = 0; first < operator->lines; first += operator->height) {
        if (hg__pca_cancelled(operator->input))
            return HG_FAILED;
        hg__operator_load(operator, first);
        hg__product_add(&product);
    }
    for (size_t i = 0; i < width; i++)
        for (size_t j = i; j < width; j++) {
            double value = operator->matrix[i * width + j] * share;
            operator->matrix[i * width + j] = operator->matrix[j * width + i] = value;
        }
    return HG_OK;
}

/* out = X'(X in): one reading of the samples. */
static enum hg_status apply_implied(struct hg__operator *operator)
{
    size_t width = operator->width, block = operator->block, height = operator->height;
    struct hg__product scores = {.a = operator->panel,
                                 .a_row = width,
                                 .a_depth = 1,
                                 .b = operator->in,
                                 .b_row = block,
                                 .out = operator->product,
                                 .out_row = block,
                                 .rows = height,
                                 .columns = block,
                                 .depth = width};
    struct hg__product back = {.a = operator->panel,
                               .a_row = 1,
                               .a_depth = width,
                               .b = operator->product,
                               .b_row = block,
                               .out = operator->out,
                               .out_row = block,
                               .rows = width,
                               .columns = block,
                               .depth = height};

    for (size_t first = 0; first < operator->lines; first += height) {
        if (hg__pca_cancelled(operator->input))
            return HG_FAILED;
        hg__operator_load(operator, first);
        memset(operator->product, 0, height * block * sizeof(double));
        hg__product_add(&scores);
        hg__product_add(&back);
    }
    return HG_OK;
}

static void apply_matrix(struct hg__operator *operator)
{
    size_t width = operator->width, block = operator->block;
    struct hg__product product = {.a = operator->matrix,
                                  .a_row = width,
                                  .a_depth = 1,
                                  .b = operator->in,
                                  .b_row = block,
                                  .out = operator->out,
                                  .out_row = block,
                                  .rows = width,
                                  .columns = block,
                                  .depth = width};

    hg__product_add(&product);
}

enum hg_status hg__operator_apply(struct hg__operator *operator, const double * from, double *to)
{
    size_t width = operator->width, block = operator->block;
    double share = operator->matrix ? 1 : 1 /(double) operator->input->samples;
    enum hg_status status = HG_OK;

    for (size_t i = 0; i < block; i++)
        for (size_t j = 0; j < width; j++)
            operator->in[j * block + i] = from[i * width + j];
    memset(operator->out, 0, width * block * sizeof(double));
    if (hg__pca_cancelled(operator->input))
        return HG_FAILED;
    if (operator->matrix)
        apply_matrix(operator);
    else
        status = apply_implied(operator);
    for (size_t i = 0; i < block; i++)
        for (size_t j = 0; j < width; j++)
            to[i * width + j] = operator->out[j * block + i] * share;
    return status;
}
