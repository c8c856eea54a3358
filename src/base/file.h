/* file.h - whole files in, whole files out, and paths. */
#ifndef HG_BASE_FILE_H
#define HG_BASE_FILE_H

#include "hourglass/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes in memory. Zero-initialise; free with hg__bytes_fini. */
struct hg__bytes {
    unsigned char *data;
    size_t length;
};
void hg__bytes_fini(struct hg__bytes *bytes);

/* ---- reading ---- */

/* Reads a regular file whole. More than `most` bytes is HG_NO_MEMORY, all else
 * that goes wrong HG_FAILED; the message begins with the path. A file that grows
 * or shrinks meanwhile gives what could be read. */
enum hg_status hg__file_read(const char *path, size_t most, struct hg__bytes *bytes,
                             struct hg_error *error);

/* Reads the first bytes of a regular file, at most `room`; its size goes to *size
 * (may be NULL). */
enum hg_status hg__file_head(const char *path, unsigned char *head, size_t room, size_t *length,
                             uint64_t *size, struct hg_error *error);

bool hg__file_exists(const char *path);
bool hg__file_is_folder(const char *path);
bool hg__file_is_regular(const char *path);

/* ---- writing ---- */

/* Writes a file so that after a crash or a full disk there is the old whole file
 * or the new whole file: a temporary file in the same folder, written, fsynced,
 * renamed over `path`, the folder fsynced. A symbolic link at `path` stays one: the
 * file it names is replaced. Permissions are those of the file replaced, else
 * 0666 less the umask. Without `replace`, a file that exists is left alone (HG_FAILED),
 * and always what is no regular file: a folder, a pipe, a device, a link to nothing.
 * The pieces may be several so that nobody has to join them. */
struct hg__piece {
    const void *data;
    size_t length;
};
enum hg_status hg__file_write(const char *path, const struct hg__piece *pieces, size_t count,
                              bool replace, struct hg_error *error);

/* The same in steps, for large files made bit by bit: begin, any number of puts,
 * then finish or abandon. After a failed put or finish nothing is left behind and
 * abandon is allowed but not needed. Not for two threads at once. */
struct hg__writer {
    char *path, *temporary; /* the file replaced (links followed); its temporary neighbour */
    int descriptor;         /* -1 = closed */
    bool replace;
};
enum hg_status hg__writer_begin(struct hg__writer *writer, const char *path, bool replace,
                                struct hg_error *error);
enum hg_status hg__writer_put(struct hg__writer *writer, const void *data, size_t length,
                              struct hg_error *error);
enum hg_status hg__writer_finish(struct hg__writer *writer, struct hg_error *error);
void hg__writer_abandon(struct hg__writer *writer);

/* ---- paths; results are freed with hg__free, NULL = no memory ---- */

/* The part after the last '/'. Points into `path`. */
const char *hg__path_base(const char *path);
/* The part before it: "." when there is none, "/" for the root. */
char *hg__path_folder(const char *path);
/* folder/name; `name` alone when it is absolute or `folder` is empty. */
char *hg__path_join(const char *folder, const char *name);
/* `path` from the root: the current folder in front when it is relative; "." and
 * double slashes are removed, ".." and symbolic links are not touched. */
char *hg__path_absolute(const char *path);
/* Does it end so, without regard to case? */
bool hg__path_ends(const char *path, const char *suffix);

#endif
