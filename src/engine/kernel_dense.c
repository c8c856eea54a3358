/* kernel_dense.c - jobs of kernel.h dealt to the context's team.
 *
 * The cut depends on shapes only, and no sum is ever cut, so neither the cut nor
 * the team can be seen in the results. Work too small for the team runs here.
 */
#include "engine/context.h"

/* Operations a number costs, roughly, for deciding whether the team is worth waking. */
enum { COST_LOSS = 40, COST_UPDATE = 20, COST_COPY = 4 };
enum { ROW_TASK = 28, ROW_BLOCK = 168, UPDATE_TASK = 4096, SUM_TASK = 65536, LOSS_TASK = 4096 };

static size_t at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t pieces(size_t whole, size_t piece)
{
    return (whole + piece - 1) / piece;
}

/* A job cut in a grid of blocks; task index = column * grid_rows + row, so that
 * a thread's contiguous share is panels of its own. */
struct grid {
    const struct hg__kernels *kernels;
    const void *job;
    size_t rows, panels; /* of the whole */
    size_t row_step, panel_step;
    size_t grid_rows, most_rows; /* a block's rows, however few threads */
};

static struct hg__block grid_block(const struct grid *grid, size_t index)
{
    size_t row = index % grid->grid_rows * grid->row_step;
    size_t panel = index / grid->grid_rows * grid->panel_step;
    return (struct hg__block){row, at_most(row + grid->row_step, grid->rows), panel,
                              at_most(panel + grid->panel_step, grid->panels)};
}

static void grid_run(const struct hg_context *context, struct grid *grid, double flops,
                     hg__task *task)
{
    bool worth = hg__context_worth(context, flops);

    grid->kernels = hg__context_kernels(context);
    if (!worth) {
        grid->row_step = at_most(grid->rows, grid->most_rows);
        grid->panel_step = grid->panels;
    }
    grid->grid_rows = pieces(grid->rows, grid->row_step);
    hg__context_run(context, flops, task, grid,
                    grid->grid_rows * pieces(grid->panels, grid->panel_step));
}

static void forward_task(void *argument, size_t index, int worker)
{
    const struct grid *grid = argument;
    struct hg__block block = grid_block(grid, index);
    (void)worker;
    grid->kernels->forward(grid->job, &block);
}

static void backward_task(void *argument, size_t index, int worker)
{
    const struct grid *grid = argument;
    struct hg__block block = grid_block(grid, index);
    (void)worker;
    grid->kernels->backward(grid->job, &block);
}

static void gradient_task(void *argument, size_t index, int worker)
{
    const struct grid *grid = argument;
    struct hg__block block = grid_block(grid, index);
    (void)worker;
    grid->kernels->gradient(grid->job, &block);
}

/* Blocks of a product: panels two by two when there are enough of them, else rows
 * too. A block has at most ROW_BLOCK rows, which then stay in the second cache
 * while the weights pass; with many such blocks rows alone are dealt. */
static struct grid product_grid(const void *job, size_t rows, size_t panels)
{
    struct grid grid = {.job = job, .rows = rows, .panels = panels, .most_rows = ROW_BLOCK};

    grid.panel_step = panels >= 64 ? 8 : 2;
    grid.row_step = panels >= 16 ? ROW_BLOCK : ROW_TASK;
    if (panels <= 4 && rows < 2 * ROW_TASK)
        grid.row_step = (rows + 1) / 2;
    if (rows >= 8 * ROW_BLOCK) {
        grid.row_step = ROW_BLOCK;
        grid.panel_step = panels;
    }
    return grid;
}

void hg__dense_forward(const struct hg_context *context, const struct hg__forward *job)
{
    struct grid grid = product_grid(job, job->samples, hg__pad(job->out) / HG__LANES);
    grid_run(context, &grid, 2.0 * (double)job->samples * (double)job->in * (double)job->out,
             forward_task);
}

void hg__dense_backward(const struct hg_context *context, const struct hg__backward *job)
{
    struct grid grid = product_grid(job, job->samples, hg__pad(job->in) / HG__LANES);
    grid_run(context, &grid, 2.0 * (double)job->samples * (double)job->in * (double)job->out,
             backward_task);
}

void hg__dense_gradient(const struct hg_context *context, const struct hg__gradient *job)
{
    struct grid grid = {
        .job = job, .rows = job->in, .panels = hg__pad(job->out) / HG__LANES, .most_rows = job->in};
    double work = 2 * (double)job->samples + (job->rule ? COST_UPDATE : 0);

    grid.row_step = job->in >= 512 ? 4 * HG__LANES : HG__LANES;
    grid.panel_step = 12;
    if (job->bias_gradient)
        hg__context_kernels(context)->bias_gradient(job, 0, grid.panels);
    grid_run(context, &grid, work * (double)job->in * (double)job->out, gradient_task);
}

/* ---- transposed copies ---- */

struct transpose {
    const struct hg__kernels *kernels;
    size_t in, out;
    const float *weight;
    float *transposed;
    bool add;
};

static void transpose_task(void *argument, size_t index, int worker)
{
    const struct transpose *job = argument;
    size_t row = index * HG__LANES;
    struct hg__block block = {row, at_most(row + HG__LANES, job->in), 0,
                              hg__pad(job->out) / HG__LANES};
    (void)worker;
    job->kernels->transpose(job->in, job->out, job->weight, job->transposed, job->add, &block);
}

void hg__dense_transpose(const struct hg_context *context, size_t in, size_t out,
                         const float *weight, float *transposed, bool add)
{
    struct transpose job = {hg__context_kernels(context), in, out, weight, transposed, add};
    hg__context_run(context, COST_COPY * (double)in * (double)out, transpose_task, &job,
                    pieces(in, HG__LANES));
}

/* ---- loss ---- */

struct loss_job {
    const struct hg__kernels *kernels;
    const struct hg__loss *loss;
    size_t rows;
};

static void loss_task(void *argument, size_t index, int worker)
{
    const struct loss_job *job = argument;
    size_t row = index * job->rows;
    (void)worker;
    job->kernels->loss(job->loss, row, at_most(row + job->rows, job->loss->samples));
}

void hg__loss(const struct hg_context *context, const struct hg__loss *job)
{
    struct loss_job rows = {hg__context_kernels(context), job, pieces(LOSS_TASK, job->n)};
    hg__context_run(context, COST_LOSS * (double)job->samples * (double)job->n, loss_task, &rows,
                    pieces(job->samples, rows.rows));
}

/* ---- flat vectors ---- */

struct flat {
    const struct hg__kernels *kernels;
    const struct hg__rule *rule;
    struct hg__parameters p;
    size_t count;
    const float *x;
    double *sums;
    size_t base;
};

static void update_task(void *argument, size_t index, int worker)
{
    const struct flat *flat = argument;
    size_t at = index * UPDATE_TASK;
    struct hg__parameters p = flat->p;

    (void)worker;
    p.value += at;
    p.gradient += at;
    p.first = p.first ? p.first + at : NULL;
    p.second = p.second ? p.second + at : NULL;
    flat->kernels->update(flat->rule, p, at_most(UPDATE_TASK, flat->count - at));
}

void hg__update(const struct hg_context *context, const struct hg__rule *rule,
                struct hg__parameters parameters, size_t count)
{
    struct flat flat = {
        .kernels = hg__context_kernels(context), .rule = rule, .p = parameters, .count = count};
    hg__context_run(context, COST_UPDATE * (double)count, update_task, &flat,
                    pieces(count, UPDATE_TASK));
}

static void sum_task(void *argument, size_t index, int worker)
{
    const struct flat *flat = argument;
    size_t at = (flat->base + index) * SUM_TASK;
    (void)worker;
    flat->sums[index] = flat->kernels->sum_squares(flat->x + at,
                                                   at_most(SUM_TASK, flat->count - at));
}

enum { SUMS_AT_ONCE = 64 };

double hg__sum_squares(const struct hg_context *context, const float *x, size_t count)
{
    double sums[SUMS_AT_ONCE], total = 0;
    struct flat flat = {
        .kernels = hg__context_kernels(context), .x = x, .count = count, .sums = sums};
    size_t tasks = pieces(count, SUM_TASK);

    for (; flat.base < tasks; flat.base += SUMS_AT_ONCE) {
        size_t now = at_most(SUMS_AT_ONCE, tasks - flat.base);
        hg__context_run(context, 2.0 * (double)now * SUM_TASK, sum_task, &flat, now);
        for (size_t i = 0; i < now; i++)
            total += sums[i];
    }
    return total;
}
