/* pace.h - how much of a long test is done: all of it, or less where it must be quick. */
#ifndef PACE_H
#define PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Run under a sanitizer? */
static inline bool instrumented(void)
{
    return getenv("HG_SANITIZED") != NULL;
}

/* Of many runs one in so many: an instrumented program is some ten times slower. */
static inline size_t stride(void)
{
    const char *tests = getenv("TESTS");

    if (instrumented())
        return 9;
    return tests && strcmp(tests, "quick") == 0 ? 3 : 1;
}

#endif
