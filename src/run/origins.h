/* origins.h - where each value of a spec came from. */
#ifndef HG_RUN_ORIGINS_H
#define HG_RUN_ORIGINS_H

#include "hourglass/spec.h"

/* One text for each line of hg_options and for each override; NULL = default. */
struct hg_spec_origins {
    char **option;
    size_t options;
    char **override;
    size_t overrides;
    struct hg_cluster_override *view; /* the overrides as the data floor wants them */
};

enum hg_status hg__origins_create(struct hg_spec_origins **origins, struct hg_error *error);
void hg__origins_destroy(struct hg_spec_origins *origins);

/* Notes where line `index` of the table came from; NULL = default again. */
enum hg_status hg__origins_note(struct hg_spec_origins *origins, size_t index, const char *text,
                                struct hg_error *error);

/* The same for override `index`, which may be one past the last. */
enum hg_status hg__origins_note_override(struct hg_spec_origins *origins, size_t index,
                                         const char *text, struct hg_error *error);

/* Is it a line of a file ("name.ini:12")? */
bool hg__origin_is_file(const char *text);

#endif
