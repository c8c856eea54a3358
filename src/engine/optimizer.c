#include "hourglass/model.h"

#include <string.h>

static const char *const optimizers[HG_OPTIMIZER_COUNT] = {
    "sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw",
};

const char *hg_optimizer_name(enum hg_optimizer optimizer)
{
    return (unsigned)optimizer < HG_OPTIMIZER_COUNT ? optimizers[optimizer] : NULL;
}

int hg_optimizer_find(const char *name)
{
    for (int i = 0; i < HG_OPTIMIZER_COUNT; i++)
        if (strcmp(optimizers[i], name) == 0)
            return i;
    return -1;
}
