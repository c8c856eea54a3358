#include "run/ring.h"

#include "base/mem.h"

#include <string.h>

static void drop(struct hg__ring *ring, size_t index)
{
    struct hg__kept *kept = &ring->kept[index];

    hg__free(kept->state);
    hg__free(kept->best);
    ring->used -= kept->room;
    ring->count--;
    memmove(kept, kept + 1, (ring->count - index) * sizeof *kept);
    memset(&ring->kept[ring->count], 0, sizeof *kept);
}

/* The gap that dropping it would leave, for its age at `step`: what may be far apart when it
 * is long ago. */
static double gap(const struct hg__ring *ring, size_t index, uint64_t step)
{
    uint64_t at = ring->kept[index].progress.step;
    uint64_t next = index + 1 < ring->count ? ring->kept[index + 1].progress.step : step;

    return (double)(next - ring->kept[index - 1].progress.step) / (double)(step - at + 1);
}

bool hg__ring_thin(struct hg__ring *ring, uint64_t step)
{
    size_t least = 1;

    if (ring->count < 2)
        return false;
    for (size_t i = 2; i < ring->count; i++)
        if (gap(ring, i, step) < gap(ring, least, step))
            least = i;
    drop(ring, least);
    return true;
}

struct hg__kept *hg__ring_add(struct hg__ring *ring, uint64_t step, size_t floats, size_t best)
{
    struct hg__kept *kept;
    size_t room;

    if (floats > ring->budget / sizeof(float) || best > ring->budget / sizeof(float))
        return NULL;
    room = (floats + best) * sizeof(float);
    if (room > ring->budget / 2)
        return NULL;
    while (ring->count == HG__RING_MOST || ring->used + room > ring->budget)
        if (!hg__ring_thin(ring, step))
            return NULL;
    kept = &ring->kept[ring->count];
    memset(kept, 0, sizeof *kept);
    kept->state = hg__alloc_aligned(floats, sizeof *kept->state);
    kept->best = best ? hg__alloc_aligned(best, sizeof *kept->best) : NULL;
    if (!kept->state || (best && !kept->best)) {
        hg__free(kept->state);
        hg__free(kept->best);
        memset(kept, 0, sizeof *kept);
        return NULL;
    }
    kept->progress.step = step;
    kept->room = room;
    ring->used += room;
    ring->count++;
    return kept;
}

const struct hg__kept *hg__ring_before(const struct hg__ring *ring, uint64_t step)
{
    for (size_t i = ring->count; i > 0; i--)
        if (ring->kept[i - 1].progress.step <= step)
            return &ring->kept[i - 1];
    return NULL;
}

const struct hg__kept *hg__ring_after(const struct hg__ring *ring, uint64_t step)
{
    for (size_t i = 0; i < ring->count; i++)
        if (ring->kept[i].progress.step > step)
            return &ring->kept[i];
    return NULL;
}

void hg__ring_cut(struct hg__ring *ring, uint64_t step)
{
    while (ring->count && ring->kept[ring->count - 1].progress.step > step)
        drop(ring, ring->count - 1);
}

void hg__ring_clear(struct hg__ring *ring)
{
    while (ring->count)
        drop(ring, ring->count - 1);
}
