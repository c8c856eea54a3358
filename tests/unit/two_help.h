/* two_help.h - a context of two threads for all tests of a group, and the twin (twin_help.h). Include
 * after cmocka.h. */
#ifndef HG_TEST_TWO_HELP_H
#define HG_TEST_TWO_HELP_H

#include "twin_help.h"

static struct hg_context *context;

static inline int setup(void **state)
{
    (void)state;
    context = open_context(2, NULL);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    hg_context_destroy(context);
    return 0;
}

#endif
