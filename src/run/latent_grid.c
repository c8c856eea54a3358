#include "base/mem.h"
#include "run/latent_parts.h"
#include "run/shrink.h"
#include "run/trainer_state.h"

#include <math.h>
#include <string.h>

/* Cells decoded at once, at most; seconds that a piece should not take longer than. */
enum { PIECE = 16 };
static const double longest = 0.004;

bool hg__latent_grid_init(struct hg__latent *latent, const struct hg_dataset *dataset)
{
    struct hg__latent_grid *grid = &latent->grid;
    struct hg_shape shape = dataset->shape;

    *grid = (struct hg__latent_grid){.columns = grid->columns, .rows = grid->rows};
    if (!dataset->image)
        return true;
    shape.channels = shape.channels == 3 ? 3 : 1;
    latent->facts.cell = hg__shrink_shape(shape, hg__shrink_factor(shape, HG_LATENT_SIDE));
    grid->codes = hg__alloc_aligned(PIECE * latent->axes.codes, sizeof(float));
    grid->output = hg__alloc_aligned(PIECE * dataset->features, sizeof(float));
    latent->facts.grid = hg__alloc_aligned(HG_LATENT_CELLS * hg_shape_size(latent->facts.cell),
                                           sizeof(float));
    return grid->codes && grid->output && latent->facts.grid;
}

void hg__latent_grid_wish(struct hg__latent *latent, size_t columns, size_t rows)
{
    struct hg__latent_grid *grid = &latent->grid;

    columns = columns < HG_LATENT_CELLS ? columns : HG_LATENT_CELLS;
    rows = columns && rows * columns > HG_LATENT_CELLS ? HG_LATENT_CELLS / columns : rows;
    if (rows == 0 || columns == 0)
        rows = columns = 0;
    if (rows == grid->rows && columns == grid->columns)
        return;
    grid->columns = columns;
    grid->rows = rows;
    grid->next = grid->fresh = 0;
    grid->complete = false;
}

/* Neither one channel nor three: their average, in the first one. */
static void average(float *values, struct hg_shape shape)
{
    size_t plane = (size_t)shape.rows * (size_t)shape.columns;

    for (size_t i = 0; i < plane; i++) {
        double sum = 0;
        for (int c = 0; c < shape.channels; c++)
            sum += (double)values[(size_t)c * plane + i];
        values[i] = (float)(sum / shape.channels);
    }
}

static void keep(struct hg_latent *facts, struct hg_shape shape, float *picture, size_t cell)
{
    if (shape.channels != facts->cell.channels)
        average(picture, shape);
    shape.channels = facts->cell.channels;
    hg__shrink(picture, shape, hg__shrink_factor(shape, HG_LATENT_SIDE),
               facts->grid + cell * hg_shape_size(facts->cell));
}

/* How many cells come next: as many as do not take long, and not round the corner. */
static size_t piece_of(const struct hg__latent_grid *grid)
{
    size_t left = grid->rows * grid->columns - grid->next, piece = 1;

    if (grid->cost > 0)
        piece = (size_t)fmin(fmax(longest / grid->cost, 1), PIECE);
    return piece < left ? piece : left;
}

static void place_cells(const struct hg__latent *latent, size_t count)
{
    const struct hg__latent_grid *grid = &latent->grid;
    const struct hg_latent *facts = &latent->facts;
    double wide = (double)facts->right - (double)facts->left;
    double high = (double)facts->top - (double)facts->bottom;

    for (size_t i = 0; i < count; i++) {
        size_t row = (grid->next + i) / grid->columns, column = (grid->next + i) % grid->columns;
        hg__latent_code_at(
            latent, (double)facts->left + wide * ((double)column + 0.5) / (double)grid->columns,
            (double)facts->top - high * ((double)row + 0.5) / (double)grid->rows,
            grid->codes + i * latent->axes.codes);
    }
}

bool hg__latent_grid_decode(struct hg__latent *latent, struct hg_model *model,
                            const struct hg_dataset *dataset)
{
    struct hg__latent_grid *grid = &latent->grid;
    size_t all = grid->rows * grid->columns, count;
    double begin = hg__spent(), cost;

    if (grid->fresh >= all || !grid->output) /* not asked for; no images */
        return true;
    count = piece_of(grid);
    place_cells(latent, count);
    hg_model_decode(model, grid->codes, count, grid->output);
    for (size_t i = 0; i < count; i++)
        keep(&latent->facts, dataset->shape, grid->output + i * dataset->features, grid->next + i);
    grid->next = (grid->next + count) % all;
    grid->fresh += count;
    cost = (hg__spent() - begin) / (double)count;
    grid->cost = grid->cost > 0 ? fmin(grid->cost, cost) : cost;
    if (grid->next == 0)
        grid->complete = true;
    latent->facts.grid_rows = grid->complete ? grid->rows : 0;
    latent->facts.grid_columns = grid->complete ? grid->columns : 0;
    latent->facts.grid_serial++;
    latent->facts.serial++;
    return grid->fresh >= all;
}
