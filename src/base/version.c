#include "hourglass/hourglass.h"

#include "config.h"

const char *hg_version(void)
{
    return PACKAGE_VERSION;
}
