/* runfile_help.h - a folder for run files, and files that must be refused. Include after
 * cmocka.h. */
#ifndef HG_TEST_RUNFILE_HELP_H
#define HG_TEST_RUNFILE_HELP_H

#include "hourglass/hourglass.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[] = "/tmp/hg-test-run-XXXXXX";
static struct hg_context *context;

static const char *in_folder(const char *name)
{
    static char path[4][256];
    static int turn;
    char *out = path[turn++ % 4];

    snprintf(out, sizeof path[0], "%s/%s", folder, name);
    return out;
}

static inline void write_all(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

/* Opening must be refused as damaged, with the path in front. */
static inline void damaged(const char *path, bool weights_only, const char *what)
{
    struct hg_runfile *file = NULL;
    struct hg_error error = {HG_OK, ""};
    enum hg_status status = hg_runfile_open(path, weights_only, &file, &error);

    if (status != HG_DAMAGED || strncmp(error.text, path, strlen(path)) != 0 || file)
        fail_msg("%s: %s: %s", what, hg_status_name(status), error.text);
}

static inline int begin(void **state)
{
    (void)state;
    return mkdtemp(folder) &&
                   hg_context_create(1, getenv("HOURGLASS_ISA"), 0, &context, NULL) == HG_OK
               ? 0
               : -1;
}

static inline int end(void **state)
{
    char command[100];

    (void)state;
    hg_context_destroy(context);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* Weights from elsewhere: two inputs, one code value. */
static const struct hg_model_config tiny = {.encoder = "none",
                                            .code = "1",
                                            .decoder = "none",
                                            .output = "linear",
                                            .input = {1, 1, 2},
                                            .bias = true,
                                            .loss = HG_LOSS_MSE,
                                            .beta = 1};

static inline enum hg_status try_init(const char *path, struct hg_model *model,
                                      struct hg_error *error)
{
    struct hg_runfile *file = NULL;
    enum hg_status status = hg_runfile_open(path, true, &file, error);

    if (status == HG_OK)
        status = hg_runfile_restore(file, model, error);
    hg_runfile_close(file);
    return status;
}

#endif
