/* The past of a copy that is kept is that of the run it was made from. */
#include "run/travel.h"

#include "base/mem.h"
#include "run/trainer_state.h"

#include <string.h>

/* The first `count` changes of the run come before those of the copy. */
static bool prepend_changes(struct hg__travel *to, struct hg__travel *from, size_t count)
{
    size_t room = to->changes + count;
    struct hg__change *list;

    if (!count)
        return true;
    list = hg__alloc(room, sizeof *list);
    if (!list)
        return false;
    memcpy(list, from->change, count * sizeof *list);
    if (to->changes)
        memcpy(list + count, to->change, to->changes * sizeof *list);
    memset(from->change, 0, count * sizeof *list); /* their texts have another owner */
    hg__free(to->change);
    to->change = list;
    to->room = room;
    to->changes += count;
    to->applied += count;
    for (size_t i = 0; i < to->ring.count; i++)
        to->ring.kept[i].changes += count;
    return true;
}

/* The run's states before `step` move over; where there are too many, both lose some. */
static void prepend_states(struct hg__ring *to, struct hg__ring *from, uint64_t step)
{
    if (!step)
        return;
    hg__ring_cut(from, step - 1);
    while (from->count + to->count > HG__RING_MOST)
        hg__ring_thin(from->count > to->count ? from : to, to->kept[to->count - 1].progress.step);
    memmove(to->kept + from->count, to->kept, to->count * sizeof to->kept[0]);
    memcpy(to->kept, from->kept, from->count * sizeof to->kept[0]);
    to->count += from->count;
    to->used += from->used;
    from->count = from->used = 0;
}

void hg__travel_inherit(struct hg_trainer *copy, struct hg_trainer *run, uint64_t step,
                        size_t changes)
{
    struct hg__travel *to = copy->travel, *from = run->travel;

    if (!to->ring.count || to->ring.kept[0].progress.step != step ||
        !prepend_changes(to, from, changes))
        return; /* the copy's past begins where it was made */
    prepend_states(&to->ring, &from->ring, step);
    memcpy(to->born, from->born, sizeof to->born);
    to->serial++;
}

void hg__travel_remains(struct hg_trainer *kept, const struct hg_trainer *lost, uint64_t step)
{
    struct hg__travel *travel = kept->travel;

    travel->serial++;
    if (lost->progress.step <= step)
        return;
    memcpy(travel->branch, lost->series, sizeof *travel->branch);
    travel->branched = true;
    travel->branch_from = step;
}
