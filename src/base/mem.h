/* mem.h - the only door to the heap.
 *
 * All memory of the library comes from here: sizes are checked for overflow,
 * and a test build (HG_TEST_MEMORY) can make the n-th allocation fail.
 * NULL means "no memory"; the caller turns it into HG_NO_MEMORY.
 */
#ifndef HG_BASE_MEM_H
#define HG_BASE_MEM_H

#include <stddef.h>

/* `count` zeroed elements of `size` bytes; NULL when there is no memory or
 * count * size overflows. count 0 gives a unique pointer. Free with hg__free. */
void *hg__alloc(size_t count, size_t size);

/* The same, at a 64-byte boundary, rounded up to whole cache lines; areas of
 * 4 MiB and more are advised to use huge pages. Free with hg__free. */
void *hg__alloc_aligned(size_t count, size_t size);

/* Grows or shrinks an area from hg__alloc (never an aligned one); new bytes are
 * not cleared. On failure the old area stays. */
void *hg__realloc(void *area, size_t count, size_t size);

/* A copy of a string / of its first `length` bytes. */
char *hg__strdup(const char *string);
char *hg__strndup(const char *string, size_t length);

/* Frees an area of any of the above; NULL is allowed. */
void hg__free(void *area);

/* For tests: the n-th allocation from now (1 = the next) fails, once; 0 = none.
 * `hg__mem_count` is the number of allocations so far. Without HG_TEST_MEMORY
 * both do nothing and return 0. */
void hg__mem_fail_at(size_t n);
size_t hg__mem_count(void);

#endif
