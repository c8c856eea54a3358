/* spec_help.h - experiments that must be read, or refused. Include after cmocka.h. */
#ifndef HG_TEST_SPEC_HELP_H
#define HG_TEST_SPEC_HELP_H

#include "hourglass/hourglass.h"

#include <stdio.h>
#include <string.h>

static inline void init(struct hg_spec *spec)
{
    struct hg_error error = {HG_OK, ""};

    if (hg_spec_init(spec, &error))
        fail_msg("%s", error.text);
}

static inline enum hg_status parse(const char *text, struct hg_spec *spec, struct hg_error *error)
{
    *error = (struct hg_error){HG_OK, ""};
    init(spec);
    return hg_spec_parse(spec, text, "x.ini", error);
}

/* Parsing or checking must be refused, with exactly this beginning. */
static inline void refused(const char *text, const char *message)
{
    struct hg_spec spec;
    struct hg_error error;
    enum hg_status status = parse(text, &spec, &error);

    if (status == HG_OK)
        status = hg_spec_check(&spec, &error);
    hg_spec_fini(&spec);
    if (status != HG_USAGE || strncmp(error.text, message, strlen(message)) != 0)
        fail_msg("%s\ngave %s: %s\nwanted %s", text, hg_status_name(status), error.text, message);
}

static inline void accepted(const char *text, const char *name, const char *value)
{
    struct hg_spec spec;
    struct hg_error error;
    char got[8192] = "";

    if (parse(text, &spec, &error) || hg_spec_check(&spec, &error))
        fail_msg("%s\n%s", text, error.text);
    assert_true(hg_spec_get(&spec, name, got, sizeof got));
    assert_string_equal(got, value);
    hg_spec_fini(&spec);
}

#endif
