/* raw.h - help for sources that fill a struct hg__raw. */
#ifndef HG_DATA_RAW_H
#define HG_DATA_RAW_H

#include "data/sources.h"

/* From here on a double becomes infinite as a float. */
#define HG__SINGLE_MOST 0x1.ffffffp127

/* Sets samples, features, shape, type, and allocates zeroed values, unless raw
 * values and the scaled floats together exceed the context's memory (HG_NO_MEMORY with
 * the figure), or samples or pixels exceed the wish's limits (HG_DAMAGED). U8 and U16 become
 * bounded by their type. `name` begins the message. */
struct hg__raw_size {
    const char *name;
    size_t samples;
    struct hg_shape shape;
    bool image;
    enum hg__type type;
};
enum hg_status hg__raw_room(struct hg_context *context, const struct hg__wish *wish,
                            const struct hg__raw_size *size, struct hg__raw *raw,
                            struct hg_error *error);

/* The same checks, without allocating: the caller brings values and area. */
enum hg_status hg__raw_check(struct hg_context *context, const struct hg__wish *wish,
                             const struct hg__raw_size *size, struct hg__raw *raw,
                             struct hg_error *error);

/* Pictures beyond wish->max_pixels: HG_DAMAGED. */
enum hg_status hg__raw_check_pixels(const struct hg__wish *wish, const char *name, size_t width,
                                    size_t height, struct hg_error *error);

/* Zeroed room for raw->samples labels and `classes` names (each NULL: fill them with
 * hg__strdup). */
enum hg_status hg__raw_label_room(struct hg__raw *raw, size_t classes, struct hg_error *error);

/* One line for the user. Silently left out when memory is short. */
void hg__raw_note(struct hg__raw *raw, const char *format, ...) HG_PRINTF(2, 3);

void hg__raw_fini(struct hg__raw *raw);
/* Forgets the labels alone. */
void hg__raw_drop_labels(struct hg__raw *raw);

size_t hg__type_size(enum hg__type type);
/* The value at `index`, whatever the type. */
double hg__raw_value(const struct hg__raw *raw, size_t index);

#endif
