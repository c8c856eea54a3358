#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { CACHE_LINE = 64, HUGE_FROM = 4 << 20, HUGE_PAGE = 2 << 20 };

#ifdef HG_TEST_MEMORY
#include <stdatomic.h>
static _Atomic size_t counted, fail_at;

static int must_fail(void)
{
    size_t n = atomic_fetch_add(&counted, 1) + 1;
    size_t at = atomic_load(&fail_at);
    return at && n == at;
}

void hg__mem_fail_at(size_t n)
{
    atomic_store(&fail_at, n ? atomic_load(&counted) + n : 0);
}

size_t hg__mem_count(void)
{
    return atomic_load(&counted);
}
#else
static int must_fail(void)
{
    return 0;
}

void hg__mem_fail_at(size_t n)
{
    (void)n;
}

size_t hg__mem_count(void)
{
    return 0;
}
#endif

void *hg__alloc(size_t count, size_t size)
{
    if (must_fail())
        return NULL;
    if (count == 0 || size == 0)
        count = size = 1;
    return calloc(count, size);
}

/* Zeroes an area. A large one is given back to the system first, which hands out zeroed pages
 * as they are touched: what is never used never takes memory. */
static void clear(void *area, size_t bytes, size_t boundary)
{
    if (boundary == HUGE_PAGE) {
        (void)madvise(area, bytes, MADV_HUGEPAGE);
#ifdef __linux__
        if (madvise(area, bytes, MADV_DONTNEED) == 0)
            return;
#endif
    }
    memset(area, 0, bytes);
}

void *hg__alloc_aligned(size_t count, size_t size)
{
    size_t bytes, boundary = CACHE_LINE;
    void *area;

    if (must_fail() || __builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2)
        return NULL;
    if (bytes >= HUGE_FROM)
        boundary = HUGE_PAGE;
    bytes = (bytes + boundary - 1) / boundary * boundary;
    if (bytes == 0)
        bytes = boundary;
    area = aligned_alloc(boundary, bytes);
    if (!area)
        return NULL;
    clear(area, bytes, boundary);
    return area;
}

void *hg__realloc(void *area, size_t count, size_t size)
{
    size_t bytes;

    if (must_fail() || __builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return realloc(area, bytes ? bytes : 1);
}

char *hg__strndup(const char *string, size_t length)
{
    char *copy = hg__alloc(length + 1, 1);
    if (copy)
        memcpy(copy, string, length);
    return copy;
}

char *hg__strdup(const char *string)
{
    return hg__strndup(string, strlen(string));
}

void hg__free(void *area)
{
    free(area);
}
