#include "hourglass/model.h"

#include <string.h>

static const char *const losses[HG_LOSS_COUNT] = {"mse", "rmse", "bce", "sse"};

const char *hg_loss_name(enum hg_loss loss)
{
    return (unsigned)loss < HG_LOSS_COUNT ? losses[loss] : NULL;
}

int hg_loss_find(const char *name)
{
    for (int i = 0; i < HG_LOSS_COUNT; i++)
        if (strcmp(losses[i], name) == 0)
            return i;
    return -1;
}
