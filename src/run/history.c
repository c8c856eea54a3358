#include "hourglass/history.h"

#include "base/mem.h"

#include <string.h>

enum { FIRST_LIMIT = 1000, STEP = 10 };

bool hg_history_keeps(uint64_t epoch)
{
    uint64_t every = 1, limit = FIRST_LIMIT;

    while (epoch > limit) {
        every *= STEP;
        if (__builtin_mul_overflow(limit, (uint64_t)STEP, &limit))
            break;
    }
    return epoch % every == 0;
}

enum hg_status hg_history_add(struct hg_history *history, const struct hg_epoch *epoch,
                              struct hg_error *error)
{
    /* The last one stays only until there is another, unless it is one that stays. */
    if (history->count > 0 && !hg_history_keeps(history->epochs[history->count - 1].epoch))
        history->count--;
    if (history->count == history->room) {
        size_t room = history->room ? history->room * 2 : 64;
        struct hg_epoch *grown = hg__realloc(history->epochs, room, sizeof *grown);
        if (!grown)
            return hg_error_set(error, HG_NO_MEMORY, "no memory for the history");
        history->epochs = grown;
        history->room = room;
    }
    history->epochs[history->count++] = *epoch;
    return HG_OK;
}

void hg_history_fini(struct hg_history *history)
{
    hg__free(history->epochs);
    memset(history, 0, sizeof *history);
}
