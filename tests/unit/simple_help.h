/* simple_help.h - a context for all tests of a file, and the plainest network. Include after
 * cmocka.h. */
#ifndef HG_TEST_SIMPLE_HELP_H
#define HG_TEST_SIMPLE_HELP_H

#include "model_help.h"

static struct hg_context *context;

static inline int setup(void **state)
{
    (void)state;
    context = open_context(1, NULL);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    hg_context_destroy(context);
    return 0;
}

static inline struct hg_model_config simple(int n)
{
    return (struct hg_model_config){
        .encoder = "dense 5 tanh",
        .code = "2",
        .decoder = "mirror",
        .output = "linear",
        .input = {1, 1, n},
        .bias = true,
        .beta = 1,
    };
}

#endif
