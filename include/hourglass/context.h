/* context.h - what all computing shares: instruction set, threads, memory limit. */
#ifndef HOURGLASS_CONTEXT_H
#define HOURGLASS_CONTEXT_H

#include "hourglass/status.h"

#include <stddef.h>

struct hg_context;

/* Makes a context. `threads`: 0 = all processors this process may use.
 * `isa`: NULL (the best here; the caller passes getenv("HOURGLASS_ISA")),
 * "base", "avx2" or "avx512"; one that is unknown or not available here is
 * HG_USAGE. `max_memory`: bytes that model and data may take, 0 = what the
 * machine (or its cgroup) has. The context owns a pool of threads, started with
 * all signals blocked; it serves one computing thread at a time. */
enum hg_status hg_context_create(int threads, const char *isa, size_t max_memory,
                                 struct hg_context **context, struct hg_error *error);
void hg_context_destroy(struct hg_context *context);

int hg_context_threads(const struct hg_context *context);
const char *hg_context_isa(const struct hg_context *context); /* "base", "avx2", "avx512" */
size_t hg_context_max_memory(const struct hg_context *context);

#endif
