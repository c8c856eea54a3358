#include "engine/context.h"

#include "base/cpu.h"
#include "base/mem.h"

/* Operations a thread does in the 20 us that waking the team must at least save. */
#define WORTH_PER_LANE 6e4

enum { MOST_THREADS = 1024 };

struct hg_context {
    const struct hg__kernels *kernels;
    struct hg__pool *pool;
    float *scratch;
    size_t max_memory;
};

static enum hg_status choose_kernels(const char *isa, const struct hg__kernels **kernels,
                                     struct hg_error *error)
{
    *kernels = hg__kernels_find(isa && *isa ? isa : NULL);
    if (!*kernels)
        return hg_error_set(error, HG_USAGE,
                            "instruction set %s: unknown or not available here (base, avx2 or "
                            "avx512; the best here is %s)",
                            isa, hg__kernels_find(NULL)->isa);
    return HG_OK;
}

enum hg_status hg_context_create(int threads, const char *isa, size_t max_memory,
                                 struct hg_context **context, struct hg_error *error)
{
    const struct hg__kernels *kernels;
    struct hg_context *made;
    enum hg_status status = choose_kernels(isa, &kernels, error);

    *context = NULL;
    if (status != HG_OK)
        return status;
    if (threads < 0 || threads > MOST_THREADS)
        return hg_error_set(error, HG_USAGE, "threads %d: 0 (all processors) to %d", threads,
                            MOST_THREADS);
    made = hg__alloc(1, sizeof *made);
    if (!made)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for a context");
    made->kernels = kernels;
    made->max_memory = max_memory ? max_memory : hg__cpu_memory();
    made->scratch = hg__alloc_aligned(HG__SCRATCH, sizeof *made->scratch);
    made->pool = hg__pool_create(threads ? threads : hg__cpu_count());
    if (!made->scratch || !made->pool) {
        hg_context_destroy(made);
        return hg_error_set(error, HG_NO_MEMORY, "no memory for a team of threads");
    }
    *context = made;
    return HG_OK;
}

void hg_context_destroy(struct hg_context *context)
{
    if (!context)
        return;
    hg__pool_destroy(context->pool);
    hg__free(context->scratch);
    hg__free(context);
}

int hg_context_threads(const struct hg_context *context)
{
    return hg__pool_threads(context->pool);
}

const char *hg_context_isa(const struct hg_context *context)
{
    return context->kernels->isa;
}

size_t hg_context_max_memory(const struct hg_context *context)
{
    return context->max_memory;
}

const struct hg__kernels *hg__context_kernels(const struct hg_context *context)
{
    return context->kernels;
}

struct hg__pool *hg__context_pool(const struct hg_context *context)
{
    return context->pool;
}

float *hg__context_scratch(const struct hg_context *context)
{
    return context->scratch;
}

bool hg__context_worth(const struct hg_context *context, double flops)
{
    return hg__pool_threads(context->pool) > 1 &&
           flops >= WORTH_PER_LANE * context->kernels->vector;
}

void hg__context_run(const struct hg_context *context, double flops, hg__task *task, void *argument,
                     size_t count)
{
    if (hg__context_worth(context, flops)) {
        hg__pool_run(context->pool, task, argument, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        task(argument, i, 0);
}
