/* folder.h - which PNG files a folder holds. */
#ifndef HG_DATA_FOLDER_H
#define HG_DATA_FOLDER_H

#include "data/png.h"

struct hg__item {
    char *path;
    const char *class; /* the sub-folder's name; lies in `path`'s listing; NULL = none */
    bool gzip;
    struct hg__png_header header; /* width 0 = broken */
};

struct hg__listing {
    struct hg__item *items; /* in natural order, sub-folders one after the other */
    size_t count, room;
    size_t total;        /* as if there were no limit */
    size_t others;       /* files that are no PNG */
    size_t folders_left; /* sub-folders not looked into */
    char **classes;      /* names of the sub-folders, NULL = flat */
    size_t class_count;
};

/* Lists the PNG files of a folder: its own, or when it has none those of its sub-folders. A file
 * is one by its first bytes; one that is called .png and does not begin so is a broken
 * one. Hidden files are not looked at. HG_DAMAGED when there are none. */
enum hg_status hg__listing_make(struct hg__listing *listing, const char *path, size_t limit,
                                struct hg_error *error);
void hg__listing_fini(struct hg__listing *listing);

#endif
