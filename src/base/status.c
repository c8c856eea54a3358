#include "hourglass/status.h"

#include "hourglass/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int exit;
} table[HG_STATUS_COUNT] = {
    [HG_OK] = {"ok", 0},       [HG_FAILED] = {"failed", 1},   [HG_NO_MEMORY] = {"memory", 1},
    [HG_USAGE] = {"usage", 2}, [HG_DAMAGED] = {"damaged", 3}, [HG_DIVERGED] = {"diverged", 4},
};

HG_PRINTF(4, 0)
static enum hg_status fill(struct hg_error *error, enum hg_status status, const char *tail,
                           const char *format, va_list arguments)
{
    char raw[HG_ERROR_TEXT];
    int length;

    if (!error)
        return status;
    length = vsnprintf(raw, sizeof raw, format, arguments);
    if (length < 0)
        length = 0;
    if (tail && (size_t)length < sizeof raw)
        snprintf(raw + length, sizeof raw - (size_t)length, ": %s", tail);
    error->status = status;
    hg_text_sanitize(error->text, sizeof error->text, raw);
    return status;
}

enum hg_status hg_error_set(struct hg_error *error, enum hg_status status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fill(error, status, NULL, format, arguments);
    va_end(arguments);
    return status;
}

enum hg_status hg_error_prefix(struct hg_error *error, enum hg_status status, const char *format,
                               ...)
{
    char tail[HG_ERROR_TEXT];
    va_list arguments;

    if (!error)
        return status;
    memcpy(tail, error->text, sizeof tail);
    va_start(arguments, format);
    fill(error, status, tail, format, arguments);
    va_end(arguments);
    return status;
}

int hg_status_exit(enum hg_status status)
{
    return (unsigned)status < HG_STATUS_COUNT ? table[status].exit : 1;
}

const char *hg_status_name(enum hg_status status)
{
    return (unsigned)status < HG_STATUS_COUNT ? table[status].name : "unknown";
}
