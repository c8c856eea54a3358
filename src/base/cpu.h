/* cpu.h - what this machine has. */
#ifndef HG_BASE_CPU_H
#define HG_BASE_CPU_H

#include <stdbool.h>
#include <stddef.h>

bool hg__cpu_has_avx2(void);   /* AVX2 and FMA, usable */
bool hg__cpu_has_avx512(void); /* AVX-512 F, DQ, BW, VL, usable */

/* Processors this process may use (affinity mask and cgroup quota, at least 1). */
int hg__cpu_count(void);

/* Bytes of memory this process may use: the machine's, or its cgroup's limit. */
size_t hg__cpu_memory(void);

#endif
