#include "cli/say.h"

#include "hourglass/text.h"

#include <stdarg.h>
#include <stdio.h>

void cli_say(const char *format, ...)
{
    char raw[2048], line[2048];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    hg_text_sanitize(line, sizeof line, raw);
    fflush(stdout);
    fprintf(stderr, "hourglass: %s\n", line);
}

int cli_fail(const struct hg_error *error)
{
    cli_say("%s", error->text);
    return hg_status_exit(error->status);
}
