/* context.h - the inside of a context: kernels and pool. */
#ifndef HG_ENGINE_CONTEXT_H
#define HG_ENGINE_CONTEXT_H

#include "base/pool.h"
#include "engine/kernel.h"
#include "hourglass/context.h"

#include <stdbool.h>

const struct hg__kernels *hg__context_kernels(const struct hg_context *context);
struct hg__pool *hg__context_pool(const struct hg_context *context);

/* Memory of the context for the calls of kernel.h, HG__SCRATCH floats. */
enum { HG__SCRATCH = 1 << 16 };
float *hg__context_scratch(const struct hg_context *context);

/* Is work of so many floating-point operations worth waking the team? (about
 * 20 us of one thread; an activation counts some 20 operations an element.) */
bool hg__context_worth(const struct hg_context *context, double flops);

/* hg__pool_run when the whole work is worth it, else a plain loop. The result
 * is the same. */
void hg__context_run(const struct hg_context *context, double flops, hg__task *task, void *argument,
                     size_t count);

#endif
