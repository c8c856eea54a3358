#include "base/mem.h"
#include "run/latent_parts.h"
#include "run/trainer_state.h"

#include <math.h>
#include <string.h>

/* The axes, points and the cursor may take this share of the time, the distances between codes, the
 * grid and PCA's plane others; each saves up at most so much of it, and has so much when the view
 * is opened. */
static const double frame_share = 0.0025, near_share = 0.0008, grid_share = 0.002,
                    pca_share = 0.001;
static const double most_credit = 0.01, first_credit = 0.002, idle_credit = 0.01;

/* Seconds between two comparisons with PCA's plane; frames that the axes of long codes take until
 * they are settled. */
static const double comparing = 1;
enum { SETTLED = 12 };

static bool make(struct hg__latent *latent, const struct hg_trainer *trainer, size_t points)
{
    const struct hg_dataset *dataset = trainer->experiment->dataset;
    const struct hg_model *model = trainer->experiment->model;
    struct hg_latent *facts = &latent->facts;
    size_t most = points < HG_LATENT_POINTS ? points : HG_LATENT_POINTS;

    if (!hg__latent_axes_init(&latent->axes, hg_model_codes(model), most))
        return false;
    facts->codes = latent->axes.codes;
    facts->sliders = latent->axes.count;
    facts->projected = !latent->axes.fixed;
    facts->gaussian = hg_model_gaussian(model);
    facts->decoded = hg__alloc_aligned(dataset->features, sizeof(float));
    facts->point = hg__alloc(HG_LATENT_POINTS, sizeof *facts->point);
    facts->room_features = dataset->features;
    return facts->decoded && facts->point && hg__latent_cursor_init(latent) &&
           hg__latent_near_init(latent, most) && hg__latent_grid_init(latent, dataset) &&
           hg__latent_pca_init(latent, most) &&
           hg__latent_angle_init(latent, model, dataset->features);
}

static void unmake(struct hg__latent *latent)
{
    hg__latent_axes_fini(&latent->axes);
    hg__free(latent->facts.decoded);
    hg__free(latent->facts.point);
    hg__free(latent->facts.grid);
    hg__free(latent->facts.pca);
    hg__free(latent->pca.score);
    hg__free(latent->pca.pairs);
    hg__free(latent->pca.span);
    hg__free(latent->pca.rows);
    hg__free(latent->cursor.rest);
    hg__free(latent->cursor.code);
    hg__free(latent->near.held_out);
    hg__free(latent->near.gap);
    hg__free(latent->near.sorted);
    hg__free(latent->near.guest_code);
    hg__free(latent->grid.codes);
    hg__free(latent->grid.output);
}

void hg__latent_fini(struct hg__latent *latent)
{
    const struct hg_latent *facts = &latent->facts;
    /* Numbers go on: a snapshot must not take what is new for what it has. */
    struct hg__latent left = {.shown = latent->shown,
                              .grid = {.columns = latent->grid.columns, .rows = latent->grid.rows},
                              .facts = {.serial = facts->serial + 1,
                                        .grid_serial = facts->grid_serial + 1,
                                        .pca_serial = facts->pca_serial + 1,
                                        .answered = facts->answered}};

    unmake(latent);
    *latent = left;
}

void hg__latent_stale(struct hg__latent *latent)
{
    latent->cursor.known = false;
    latent->grid.fresh = 0;
}

void hg__latent_restarted(struct hg__latent *latent)
{
    if (!latent->made)
        return;
    hg__latent_axes_forget(&latent->axes);
    memset(latent->cursor.position, 0, sizeof latent->cursor.position);
    memset(latent->cursor.rest, 0, latent->axes.codes * sizeof(double));
    latent->cursor.placed = false;
    latent->cursor.wanted = latent->shown;
    latent->facts.known = false;
    latent->facts.points = 0;
    latent->facts.pca_points = 0;
    latent->facts.angle = latent->facts.agreement[0] = latent->facts.agreement[1] = NAN;
    latent->facts.verdict[0] = '\0';
    latent->pca.turned = false;
    latent->pca.compared = 0;
    latent->pca.said = 0;
    latent->near.next = latent->near.gaps = 0;
    latent->near.guest = -1;
    latent->grid.complete = false;
    latent->seen = 0;
}

static void follow(struct hg__latent *latent, const struct hg_dataset *dataset,
                   const struct hg__latent_cloud *cloud)
{
    latent->rounds = latent->seen == cloud->stamp ? latent->rounds + 1 : 0;
    latent->seen = cloud->stamp;
    if (!hg__latent_frame(latent, dataset, cloud))
        return;
    hg__latent_cursor_follow(latent);
    latent->grid.fresh = 0;
}

/* All arrays, and the first frame. Without memory there is no view 2. */
static void prepare(struct hg__latent *latent, const struct hg_trainer *trainer,
                    const struct hg__latent_cloud *cloud)
{
    if (!latent->made && cloud->count > 0) {
        latent->made = make(latent, trainer, cloud->most);
        if (!latent->made) {
            latent->shown = false;
            hg__latent_fini(latent);
            return;
        }
        latent->cursor.wanted = true;
    }
    if (latent->made && !latent->facts.known) {
        follow(latent, trainer->experiment->dataset, cloud);
        hg__latent_near_measure(latent, trainer->experiment->dataset, cloud);
    }
}

void hg__latent_wish(struct hg__latent *latent, const struct hg_trainer *trainer,
                     const struct hg__latent_cloud *cloud, const struct hg_command *command)
{
    bool before = latent->shown;

    latent->shown = command->number != 0;
    if (!latent->shown)
        return;
    hg__latent_grid_wish(latent, command->first, command->count);
    if (before)
        return;
    latent->frame_credit = latent->near_credit = first_credit;
    latent->grid_credit = latent->pca_credit = first_credit;
    prepare(latent, trainer, cloud);
    latent->cursor.wanted = latent->made;
}

void hg__latent_obey(struct hg__latent *latent, const struct hg_trainer *trainer,
                     const struct hg_command *command)
{
    if (!latent->shown || !latent->made)
        return;
    latent->facts.answered = (uint64_t)command->number;
    latent->facts.serial++;
    if (latent->facts.known)
        hg__latent_cursor_obey(latent, trainer, command);
}

static void decode(struct hg__latent *latent, const struct hg_trainer *trainer,
                   const struct hg__latent_cloud *cloud)
{
    hg__latent_cursor_decode(latent, trainer->experiment->model);
    hg__latent_near_find(latent, trainer, cloud);
}

/* Are the axes those of the codes as they are? */
static bool is_settled(const struct hg__latent *latent, const struct hg__latent_cloud *cloud)
{
    return latent->seen == cloud->stamp &&
           (latent->axes.count == latent->axes.codes || latent->rounds >= SETTLED);
}

/* Axes, points, cursor and the distances between codes. */
static bool spend_on_frame(struct hg__latent *latent, const struct hg_trainer *trainer,
                           const struct hg__latent_cloud *cloud, bool idle)
{
    const struct hg_dataset *dataset = trainer->experiment->dataset;
    double begin = hg__spent(), until = begin + latent->frame_credit;

    if (begin < until && (idle ? !is_settled(latent, cloud) : latent->seen != cloud->stamp))
        follow(latent, dataset, cloud);
    if (!latent->cursor.known && hg__spent() < until)
        decode(latent, trainer, cloud);
    latent->frame_credit -= hg__spent() - begin;
    return latent->cursor.known && is_settled(latent, cloud);
}

/* The distances between codes. */
static bool spend_on_near(struct hg__latent *latent, const struct hg_trainer *trainer,
                          const struct hg__latent_cloud *cloud, bool idle)
{
    const struct hg_dataset *dataset = trainer->experiment->dataset;
    double begin = hg__spent(), until = begin + latent->near_credit;
    bool known = latent->near.known == latent->seen;

    while (!known && hg__spent() < until) {
        known = hg__latent_near_measure(latent, dataset, cloud);
        if (known && idle) {
            hg__latent_near_find(latent, trainer, cloud);
            latent->facts.serial++;
        }
    }
    latent->near_credit -= hg__spent() - begin;
    return known;
}

/* A grid that was just asked for goes on with a piece each time. */
static bool spend_on_grid(struct hg__latent *latent, const struct hg_trainer *trainer)
{
    struct hg__latent_grid *grid = &latent->grid;
    double begin = hg__spent(), until = begin + latent->grid_credit;
    bool done = grid->columns == 0, first = !grid->complete;

    if (done && latent->facts.grid_columns) {
        latent->facts.grid_rows = latent->facts.grid_columns = 0;
        latent->facts.serial++;
    }
    while (!done && (first || hg__spent() < until)) {
        first = false;
        done = hg__latent_grid_decode(latent, trainer->experiment->model,
                                      trainer->experiment->dataset);
    }
    latent->grid_credit -= hg__spent() - begin;
    return done;
}

/* PCA's plane, and how the two compare: now and then. */
static bool spend_on_pca(struct hg__latent *latent, const struct hg_trainer *trainer, bool idle)
{
    const struct hg_dataset *dataset = trainer->experiment->dataset;
    struct hg__latent_pca *pca = &latent->pca;
    double begin = hg__spent(), until = begin + latent->pca_credit;
    bool scored = pca->scored >= latent->facts.points;

    if (!pca->axes)
        return true;
    while (!scored && hg__spent() < until)
        scored = hg__latent_pca_score(latent, dataset);
    if (scored && pca->compared != latent->seen && begin < until &&
        (idle || !latent->facts.pca_points || hg__now() - pca->compared_at > comparing)) {
        hg__latent_pca_place(latent);
        hg__latent_angle_measure(latent, trainer->experiment->model);
        hg__latent_compare(latent, dataset, idle);
        pca->compared = latent->seen;
        pca->compared_at = hg__now();
    }
    latent->pca_credit -= hg__spent() - begin;
    return pca->compared == latent->seen;
}

void hg__latent_axes_known(struct hg__latent *latent, const struct hg__pca *axes)
{
    latent->pca.axes = axes;
}

static void grant(double *credit, double share, double seconds, bool idle)
{
    *credit = idle ? idle_credit : fmin(most_credit, *credit + share * seconds);
}

bool hg__latent_probe(struct hg__latent *latent, const struct hg_trainer *trainer,
                      const struct hg__latent_cloud *cloud, bool idle)
{
    double now = hg__spent(), seconds = now - latent->granted_at;
    bool frame, near, grid, pca;

    latent->granted_at = now;
    if (latent->shown)
        prepare(latent, trainer, cloud);
    if (!latent->shown || !latent->facts.known)
        return true;
    grant(&latent->frame_credit, frame_share, seconds, idle);
    grant(&latent->near_credit, near_share, seconds, idle);
    grant(&latent->grid_credit, grid_share, seconds, idle);
    grant(&latent->pca_credit, pca_share, seconds, idle);
    if (latent->cursor.wanted) /* a key asked: no matter of budget */
        decode(latent, trainer, cloud);
    frame = spend_on_frame(latent, trainer, cloud, idle);
    near = spend_on_near(latent, trainer, cloud, idle);
    grid = spend_on_grid(latent, trainer);
    pca = spend_on_pca(latent, trainer, idle);
    return frame && near && grid && pca;
}

/* Room for what is copied. False: none. */
static bool make_room(struct hg_latent *out, const struct hg_latent *facts, size_t grid)
{
    if (!out->point || out->room_features != facts->room_features) {
        hg__latent_fill_fini(out);
        out->decoded = hg__alloc_aligned(facts->room_features, sizeof(float));
        out->point = hg__alloc(HG_LATENT_POINTS, sizeof *out->point);
        out->pca = hg__alloc(HG_LATENT_POINTS, sizeof *out->pca);
        out->room_features = facts->room_features;
    }
    if (grid > out->room_grid) {
        hg__free(out->grid);
        out->grid = hg__alloc_aligned(grid, sizeof(float));
        out->room_grid = out->grid ? grid : 0;
        out->grid_serial = 0;
    }
    return out->decoded && out->point && out->pca && (grid == 0 || out->grid);
}

void hg__latent_fill_fini(struct hg_latent *out)
{
    hg__free(out->decoded);
    hg__free(out->point);
    hg__free(out->pca);
    hg__free(out->grid);
    *out = (struct hg_latent){.known = false};
}

/* The arrays stay the snapshot's own. */
static void copy(const struct hg_latent *facts, size_t grid, struct hg_latent *out)
{
    struct hg_latent own = *out;

    *out = *facts;
    out->decoded = own.decoded;
    out->point = own.point;
    out->pca = own.pca;
    out->grid = own.grid;
    out->room_grid = own.room_grid;
    memcpy(out->decoded, facts->decoded, facts->room_features * sizeof(float));
    memcpy(out->point, facts->point, facts->points * sizeof *out->point);
    if (grid && own.grid_serial != facts->grid_serial)
        memcpy(out->grid, facts->grid, grid * sizeof(float));
    if (own.pca_serial != facts->pca_serial)
        memcpy(out->pca, facts->pca, facts->pca_points * sizeof *out->pca);
}

enum hg_status hg__latent_fill(const struct hg__latent *latent, struct hg_latent *out)
{
    const struct hg_latent *facts = &latent->facts;
    size_t grid = facts->grid_rows * facts->grid_columns * hg_shape_size(facts->cell);

    if (!latent->shown || !facts->known) {
        out->known = false;
        return HG_OK;
    }
    if (out->known && out->serial == facts->serial)
        return HG_OK;
    if (!make_room(out, facts, grid)) {
        hg__latent_fill_fini(out);
        return HG_NO_MEMORY;
    }
    copy(facts, grid, out);
    return HG_OK;
}
