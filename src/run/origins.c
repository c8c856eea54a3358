#include "run/origins.h"

#include "base/mem.h"

#include <string.h>

static enum hg_status no_memory(struct hg_error *error)
{
    return hg_error_set(error, HG_NO_MEMORY, "no memory for an experiment");
}

enum hg_status hg__origins_create(struct hg_spec_origins **origins, struct hg_error *error)
{
    struct hg_spec_origins *made = hg__alloc(1, sizeof *made);

    *origins = NULL;
    if (!made)
        return no_memory(error);
    hg_options(&made->options);
    made->option = hg__alloc(made->options, sizeof *made->option);
    if (!made->option) {
        hg__free(made);
        return no_memory(error);
    }
    *origins = made;
    return HG_OK;
}

void hg__origins_destroy(struct hg_spec_origins *origins)
{
    if (!origins)
        return;
    for (size_t i = 0; i < origins->options; i++)
        hg__free(origins->option[i]);
    for (size_t i = 0; i < origins->overrides; i++)
        hg__free(origins->override[i]);
    hg__free(origins->option);
    hg__free(origins->override);
    hg__free(origins->view);
    hg__free(origins);
}

static enum hg_status replace(char **slot, const char *text, struct hg_error *error)
{
    char *copy = NULL;

    if (text && !(copy = hg__strdup(text)))
        return no_memory(error);
    hg__free(*slot);
    *slot = copy;
    return HG_OK;
}

enum hg_status hg__origins_note(struct hg_spec_origins *origins, size_t index, const char *text,
                                struct hg_error *error)
{
    return replace(&origins->option[index], text, error);
}

enum hg_status hg__origins_note_override(struct hg_spec_origins *origins, size_t index,
                                         const char *text, struct hg_error *error)
{
    if (index == origins->overrides) {
        char **names = hg__realloc(origins->override, index + 1, sizeof *names);
        struct hg_cluster_override *view;

        if (!names)
            return no_memory(error);
        origins->override = names;
        view = hg__realloc(origins->view, index + 1, sizeof *view);
        if (!view)
            return no_memory(error);
        origins->view = view;
        memset(&view[index], 0, sizeof *view);
        names[index] = NULL;
        origins->overrides++;
    }
    return replace(&origins->override[index], text, error);
}

bool hg__origin_is_file(const char *text)
{
    const char *colon = strrchr(text, ':');

    return colon && colon > text && colon[1] &&
           strspn(colon + 1, "0123456789") == strlen(colon + 1);
}
