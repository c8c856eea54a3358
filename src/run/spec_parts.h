/* spec_parts.h - what the files of the noun spec share. */
#ifndef HG_RUN_SPEC_PARTS_H
#define HG_RUN_SPEC_PARTS_H

#include "hourglass/spec.h"
#include "run/origins.h"

/* ---- table (spec_table.c) ---- */

/* The line of section and key, or NULL. */
const struct hg_option *hg__option_in(const char *section, const char *key);
size_t hg__option_index(const struct hg_option *option);

/* Is this one of the overrides center.K, spread.K of [gaussians]? K is 0 when it is
 * spelled wrongly (the caller refuses it). */
bool hg__option_override(const char *section, const char *key, size_t *cluster, bool *is_spread);

/* Is there such a section ("screen")? Its name list for messages is in `out`. */
bool hg__section_exists(const char *section);
void hg__section_list(char *out, size_t size);

/* Says of an unknown key where it may belong: "; did you mean lr?", or the keys there are. */
void hg__option_suggest(const char *section, const char *key, char *out, size_t size);

/* ---- one value (spec_value.c) ---- */

/* The field of an option in a spec. */
void *hg__option_field(const struct hg_option *option, struct hg_spec *spec);
const void *hg__option_const(const struct hg_option *option, const struct hg_spec *spec);

/* What the option accepts, in words: "a number above 0". */
void hg__option_accepts(const struct hg_option *option, char *out, size_t size);

/* Reads `text` (no white space around it) into the field; the message has no place:
 * "'x' is not a number; a number above 0". */
enum hg_status hg__option_read(const struct hg_option *option, const char *text,
                               struct hg_spec *spec, struct hg_error *error);

/* The value as text in fresh memory (hg__free), or NULL without memory. */
char *hg__option_write(const struct hg_option *option, const struct hg_spec *spec);
/* The same, but the value in force where that is not the field's (spec_text.c). */
char *hg__option_in_force(const struct hg_option *option, const struct hg_spec *spec);

/* ---- setting (spec.c) ---- */

/* One assignment. `folder`: what a relative path is relative to; NULL = the
 * current folder. The error has no place, as hg__option_read. */
struct hg__setting {
    const char *section, *key, *text, *origin, *folder;
};
enum hg_status hg__spec_put(struct hg_spec *spec, const struct hg__setting *setting,
                            struct hg_error *error);

#endif
