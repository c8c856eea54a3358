/* pool.h - a team of threads that works through numbered tasks.
 *
 * Tasks are fixed by the caller (their number never depends on the number of
 * threads) and are independent: any thread may do any task, in any order, so
 * results cannot depend on the team. The calling thread works too. One caller
 * at a time. Workers are started with all signals blocked, compute with
 * denormals flushed (hg__fp_begin), wait for work actively for at most 20 us and
 * then sleep.
 */
#ifndef HG_BASE_POOL_H
#define HG_BASE_POOL_H

#include <stddef.h>

struct hg__pool;

/* One task: `index` is 0..count-1; `worker` 0..threads-1 names the thread that
 * does it (for scratch memory only, never for what is computed). */
typedef void hg__task(void *argument, size_t index, int worker);

/* A team of `threads` (>= 1, the caller included; 1 starts no thread). NULL when
 * memory ran out or no thread could be started. */
struct hg__pool *hg__pool_create(int threads);
void hg__pool_destroy(struct hg__pool *pool);
int hg__pool_threads(const struct hg__pool *pool);

/* Runs task(argument, 0..count-1, worker) and returns when all are done. Each
 * thread begins with its own contiguous share (so that the same data stays in
 * the same cache from call to call) and then helps the others. */
void hg__pool_run(struct hg__pool *pool, hg__task *task, void *argument, size_t count);

/* Flush denormals to zero in this thread; returns the old mode for hg__fp_end.
 * The computing entry points (hg_model_train and so on) do this once a call. */
unsigned hg__fp_begin(void);
void hg__fp_end(unsigned mode);

#endif
