/* skinny_isa_one.c - the wide, shallow last layer for one sample and plain SGD, and the
 * sums of shards.
 *
 * Forward, loss, backward and update of a few vectors of outputs while their
 * weights are in the first cache: each is read and written once, and nothing else
 * takes time.
 */
#include "engine/kernel_isa.h"
#include "engine/kernel_loss.h"
#include "engine/kernel_transpose.h"
#include "engine/skinny.h"

void HG_ISA(hg__skinny_enter)(const struct hg__skinny_first *job, const struct hg__stretch *part,
                              float *sums);
void HG_ISA(hg__skinny_learn)(const struct hg__skinny_first *job, const struct hg__stretch *part);
void HG_ISA(hg__skinny_pass)(const struct hg__skinny_wait *job, const struct hg__stretch *part,
                             float *sums);
void HG_ISA(hg__skinny_settle)(const struct hg__skinny_wait *job, const struct hg__stretch *part);
void HG_ISA(hg__skinny_last)(const struct hg__skinny_last *job, const struct hg__stretch *part,
                             float *dx, float *errors);

/* Panels at a time. */
enum { MOST = 4, INPUTS = HG__SKINNY_LAST };

/* Sums of this thread, in lanes. */
struct sums {
    float dx[INPUTS][HG__LANES] __attribute__((aligned(64))), error[HG__LANES];
};

/* The loss at column `at`; outputs that do not exist count nothing. */
HG_INLINE V compare(enum kind kind, const struct hg__skinny_last *job, size_t at, V y, V *errors)
{
    size_t left = at < job->out ? job->out - at : 0;
    float rest[2][VEC] = {{0}, {0}};
    V error = v_all(0), d;

    if (left >= VEC)
        return loss_vector(kind, y, v_load(job->target + at), errors) * v_all(job->scale);
    d = loss_vector(kind, y, v_load_part(job->target + at, left), &error);
    v_store_part(rest[0], d, left);
    v_store_part(rest[1], error, left);
    *errors += v_load(rest[1]);
    return v_load(rest[0]) * v_all(job->scale);
}

/* One lane vector of `panels` panels. */
HG_INLINE void one_tile(enum kind kind, const struct hg__skinny_last *job, size_t panel,
                        size_t lane, struct sums *sums, const size_t panels)
{
    float *w = job->weight.value + panel * job->in * HG__LANES + lane;
    float *bias = job->bias.value ? job->bias.value + panel * HG__LANES + lane : NULL;
    size_t step = job->in * HG__LANES;
    V y[MOST], error = v_load(sums->error + lane);

    HG_UNROLL(4)
    for (size_t p = 0; p < panels; p++)
        y[p] = bias ? v_load(bias + p * HG__LANES) : v_all(0);
    for (size_t k = 0; k < job->in; k++)
        HG_UNROLL(4)
    for (size_t p = 0; p < panels; p++)
        y[p] = v_fma(v_all(job->x[k]), v_load(w + p * step + k * HG__LANES), y[p]);
    HG_UNROLL(4)
    for (size_t p = 0; p < panels; p++) {
        y[p] = compare(kind, job, (panel + p) * HG__LANES + lane, y[p], &error);
        if (bias)
            v_store(bias + p * HG__LANES,
                    v_fnma(v_all(job->biases->rate), y[p], v_load(bias + p * HG__LANES)));
    }
    v_store(sums->error + lane, error);
    for (size_t k = 0; k < job->in; k++) {
        V sum = v_load(&sums->dx[k][lane]), x = v_all(job->x[k] * job->weights->rate);
        HG_UNROLL(4)
        for (size_t p = 0; p < panels; p++) {
            float *at = w + p * step + k * HG__LANES;
            V a = v_load(at);
            sum = v_fma(y[p], a, sum);
            v_store(at, v_fnma(x, y[p], a));
        }
        v_store(&sums->dx[k][lane], sum);
    }
}

HG_INLINE void one_part(enum kind kind, const struct hg__skinny_last *job,
                        const struct hg__stretch *part, struct sums *sums)
{
    for (size_t lane = 0; lane < HG__LANES; lane += VEC) {
        size_t p = part->begin;
        for (; p + MOST <= part->end; p += MOST)
            one_tile(kind, job, p, lane, sums, MOST);
        for (; p < part->end; p++)
            one_tile(kind, job, p, lane, sums, 1);
    }
}

static void last_one(const struct hg__skinny_last *job, const struct hg__stretch *part, float *dx,
                     float *errors)
{
    struct sums sums;
    struct lanes lanes;

    memset(&sums, 0, sizeof sums);
    if (job->loss != HG_LOSS_BCE)
        one_part(KIND_SQUARE, job, part, &sums);
    else if (job->logits)
        one_part(KIND_LOGITS, job, part, &sums);
    else
        one_part(KIND_ENTROPY, job, part, &sums);
    for (size_t k = 0; k < INPUTS; k++) {
        memcpy(&lanes, sums.dx[k], sizeof lanes);
        dx[k] = lanes_total(&lanes);
    }
    memcpy(&lanes, sums.error, sizeof lanes);
    errors[0] = lanes_total(&lanes);
}

static void add_up(float *y, const float *start, const float *sums, size_t shards, size_t apart,
                   size_t count)
{
    for (size_t i = 0; i < count; i += VEC) {
        V sum = start ? v_load(start + i) : v_all(0);
        for (size_t s = 0; s < shards; s++)
            sum += v_load(sums + s * apart + i);
        v_store(y + i, sum);
    }
}

const struct hg__skinny_kernels HG_ISA(hg__skinny_kernels) = {
    .enter = HG_ISA(hg__skinny_enter),
    .learn = HG_ISA(hg__skinny_learn),
    .pass = HG_ISA(hg__skinny_pass),
    .settle = HG_ISA(hg__skinny_settle),
    .last = HG_ISA(hg__skinny_last),
    .last_one = last_one,
    .add_up = add_up,
};
