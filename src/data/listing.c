#include "data/folder.h"

#include "base/gz.h"
#include "base/mem.h"
#include "data/labels.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Names of one folder, sorted. */
struct names {
    char **names;
    size_t count, room;
};

static void names_fini(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        hg__free(names->names[i]);
    hg__free(names->names);
    *names = (struct names){0};
}

static enum hg_status no_memory(const char *path, struct hg_error *error)
{
    return hg_error_set(error, HG_NO_MEMORY, "%s: no memory to list it", path);
}

static bool add_name(struct names *names, const char *name)
{
    if (names->count == names->room) {
        size_t room = names->room ? names->room * 2 : 64;
        char **more = hg__realloc(names->names, room, sizeof *more);
        if (!more)
            return false;
        names->names = more;
        names->room = room;
    }
    names->names[names->count] = hg__strdup(name);
    if (!names->names[names->count])
        return false;
    names->count++;
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return hg__natural_compare(*(char *const *)a, *(char *const *)b);
}

static enum hg_status read_names(struct names *names, const char *path, struct hg_error *error)
{
    enum hg_status status = HG_OK;
    struct dirent *entry;
    DIR *folder = opendir(path);

    if (!folder)
        return hg_error_set(error, HG_FAILED, "%s: cannot open: %s", path, strerror(errno));
    while (status == HG_OK && (entry = readdir(folder)))
        if (entry->d_name[0] != '.' && !add_name(names, entry->d_name))
            status = no_memory(path, error);
    closedir(folder);
    if (names->count > 1)
        qsort(names->names, names->count, sizeof *names->names, compare_names);
    return status;
}

/* ---- what a name is ---- */

static bool claims_png(const char *path)
{
    return hg__path_ends(path, ".png") || hg__path_ends(path, ".png.gz");
}

/* Looks at a file's first bytes; *png false = something else. */
static enum hg_status inspect(struct hg__item *item, bool *png, struct hg_error *error)
{
    unsigned char head[512], inner[64];
    const unsigned char *data = head;
    size_t length = 0;
    enum hg_status status = hg__file_head(item->path, head, sizeof head, &length, NULL, error);

    if (status != HG_OK)
        return status;
    item->gzip = hg__gz_is(head, length);
    if (item->gzip) {
        length = hg__gz_head(head, length, inner, sizeof inner);
        data = inner;
    }
    *png = hg__png_is(data, length) || claims_png(item->path);
    if (!hg__png_glance(data, length, &item->header))
        item->header = (struct hg__png_header){0};
    return HG_OK;
}

static bool make_room(struct hg__listing *listing)
{
    size_t room = listing->room ? listing->room * 2 : 64;
    struct hg__item *more;

    if (listing->count < listing->room)
        return true;
    more = hg__realloc(listing->items, room, sizeof *more);
    if (!more)
        return false;
    listing->items = more;
    listing->room = room;
    return true;
}

/* Takes a file into the list when it is a PNG; takes the path over. */
static enum hg_status consider(struct hg__listing *listing, char *path, const char *class,
                               size_t limit, struct hg_error *error)
{
    struct hg__item item = {.path = path, .class = class};
    enum hg_status status = HG_OK;
    bool png = false;

    if (limit && listing->count >= limit)
        png = claims_png(path); /* only counted */
    else
        status = inspect(&item, &png, error);
    listing->total += png;
    listing->others += status == HG_OK && !png;
    if (status != HG_OK || !png || (limit && listing->count >= limit)) {
        hg__free(path);
        return status;
    }
    if (!make_room(listing)) {
        status = no_memory(path, error);
        hg__free(path);
        return status;
    }
    listing->items[listing->count++] = item;
    return HG_OK;
}

/* ---- folders ---- */

/* The files of one folder; its sub-folders' names go to *folders (may be NULL). */
static enum hg_status list_folder(struct hg__listing *listing, const char *path, const char *class,
                                  size_t limit, struct names *folders, struct hg_error *error)
{
    struct names names = {0};
    enum hg_status status = read_names(&names, path, error);

    for (size_t i = 0; status == HG_OK && i < names.count; i++) {
        char *full = hg__path_join(path, names.names[i]);
        if (!full) {
            status = no_memory(path, error);
        } else if (hg__file_is_folder(full)) {
            hg__free(full);
            if (folders && !add_name(folders, names.names[i]))
                status = no_memory(path, error);
        } else if (!hg__file_is_regular(full)) {
            hg__free(full);
            listing->others++;
        } else {
            status = consider(listing, full, class, limit, error);
        }
    }
    names_fini(&names);
    return status;
}

static enum hg_status list_classes(struct hg__listing *listing, const char *path, size_t limit,
                                   struct names *folders, struct hg_error *error)
{
    enum hg_status status = HG_OK;

    /* The names must outlive the listing: they are taken over. */
    listing->classes = folders->names;
    listing->class_count = folders->count;
    *folders = (struct names){0};
    for (size_t i = 0; status == HG_OK && i < listing->class_count; i++) {
        const char *name = listing->classes[i];
        char *full = hg__path_join(path, name);
        status = full ? list_folder(listing, full, name, limit, NULL, error)
                      : no_memory(path, error);
        hg__free(full);
    }
    return status;
}

enum hg_status hg__listing_make(struct hg__listing *listing, const char *path, size_t limit,
                                struct hg_error *error)
{
    struct names folders = {0};
    enum hg_status status = list_folder(listing, path, NULL, limit, &folders, error);

    if (status == HG_OK && listing->count == 0 && folders.count > 0)
        status = list_classes(listing, path, limit, &folders, error);
    else
        listing->folders_left = folders.count;
    names_fini(&folders);
    if (status == HG_OK && listing->count == 0)
        status = hg_error_set(error, HG_DAMAGED,
                              "%s: a folder without PNG files, in it or in its sub-folders", path);
    return status;
}

void hg__listing_fini(struct hg__listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        hg__free(listing->items[i].path);
    for (size_t i = 0; i < listing->class_count; i++)
        hg__free(listing->classes[i]);
    hg__free(listing->items);
    hg__free(listing->classes);
    *listing = (struct hg__listing){0};
}
