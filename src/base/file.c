#include "base/file.h"

#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Seconds without a change. */
enum { LEFT_BEHIND = 60 };

void hg__bytes_fini(struct hg__bytes *bytes)
{
    hg__free(bytes->data);
    bytes->data = NULL;
    bytes->length = 0;
}

static enum hg_status fail(struct hg_error *error, const char *path, const char *what)
{
    return hg_error_set(error, errno == ENOMEM ? HG_NO_MEMORY : HG_FAILED, "%s: %s: %s", path, what,
                        strerror(errno));
}

/* Opens a regular file for reading; -1 after setting the error. stat comes first:
 * opening a pipe or a device can block or have effects. */
static int open_regular(const char *path, struct stat *facts, struct hg_error *error)
{
    int descriptor;

    if (stat(path, facts) != 0) {
        fail(error, path, "cannot open");
        return -1;
    }
    if (S_ISDIR(facts->st_mode)) {
        hg_error_set(error, HG_FAILED, "%s: is a folder, not a file", path);
        return -1;
    }
    if (!S_ISREG(facts->st_mode)) {
        hg_error_set(error, HG_FAILED, "%s: is not a regular file", path);
        return -1;
    }
    descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        fail(error, path, "cannot open");
    return descriptor;
}

/* Reads up to `room` bytes, less at the file's end; -1 on failure. */
static ssize_t read_up_to(int descriptor, unsigned char *data, size_t room)
{
    size_t got = 0;

    while (got < room) {
        ssize_t n = read(descriptor, data + got, room - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

enum hg_status hg__file_read(const char *path, size_t most, struct hg__bytes *bytes,
                             struct hg_error *error)
{
    enum hg_status status = HG_OK;
    struct stat facts;
    ssize_t got;
    int descriptor = open_regular(path, &facts, error);

    bytes->data = NULL;
    bytes->length = 0;
    if (descriptor < 0)
        return HG_FAILED;
    if ((uint64_t)facts.st_size > most) {
        status = hg_error_set(error, HG_NO_MEMORY, "%s: has %lld bytes; the limit is %zu", path,
                              (long long)facts.st_size, most);
    } else if (!(bytes->data = hg__alloc((size_t)facts.st_size + 1, 1))) {
        status = hg_error_set(error, HG_NO_MEMORY, "%s: no memory for its %lld bytes", path,
                              (long long)facts.st_size);
    } else if ((got = read_up_to(descriptor, bytes->data, (size_t)facts.st_size)) < 0) {
        status = fail(error, path, "cannot read");
        hg__bytes_fini(bytes);
    } else {
        bytes->length = (size_t)got;
    }
    close(descriptor);
    return status;
}

enum hg_status hg__file_head(const char *path, unsigned char *head, size_t room, size_t *length,
                             uint64_t *size, struct hg_error *error)
{
    enum hg_status status = HG_OK;
    struct stat facts;
    ssize_t got;
    int descriptor = open_regular(path, &facts, error);

    if (descriptor < 0)
        return HG_FAILED;
    got = read_up_to(descriptor, head, room);
    if (got < 0)
        status = fail(error, path, "cannot read");
    *length = got < 0 ? 0 : (size_t)got;
    if (size)
        *size = (uint64_t)facts.st_size;
    close(descriptor);
    return status;
}

bool hg__file_exists(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0;
}

bool hg__file_is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

bool hg__file_is_regular(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode);
}

/* ---- writing ---- */

void hg__writer_abandon(struct hg__writer *writer)
{
    if (writer->descriptor >= 0) {
        close(writer->descriptor);
        unlink(writer->temporary);
    }
    writer->descriptor = -1;
    hg__free(writer->path);
    hg__free(writer->temporary);
    writer->path = writer->temporary = NULL;
}

/* The file that `path` names, symbolic links followed, also when it does not exist yet. */
static char *follow(const char *path)
{
    char *real = realpath(path, NULL);
    char *copy = hg__strdup(real ? real : path);
    free(real);
    return copy;
}

/* Is `name` what a process left behind that was killed while it wrote? One that runs elsewhere,
 * on another machine with the same folder, writes all the time. */
static bool is_left_behind(int folder, const char *name)
{
    struct stat facts;
    long process;
    int end = 0;

    if (sscanf(name, ".hourglass-%ld-%*d%n", &process, &end) != 1 || end == 0 || name[end] ||
        process <= 0 || getpgid((pid_t)process) >= 0 || errno != ESRCH)
        return false;
    return fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(facts.st_mode) &&
           time(NULL) - facts.st_mtime > LEFT_BEHIND;
}

/* Whatever cannot be looked at or removed stays. */
static void remove_left_behind(const char *path)
{
    char *folder = hg__path_folder(path);
    DIR *list = folder ? opendir(folder) : NULL;
    struct dirent *entry;

    while (list && (entry = readdir(list)))
        if (is_left_behind(dirfd(list), entry->d_name))
            (void)unlinkat(dirfd(list), entry->d_name, 0);
    if (list)
        closedir(list);
    hg__free(folder);
}

/* Opens a fresh neighbour of writer->path. Hidden, and named after process and try, so that
 * two programs writing the same file do not share it. */
static int open_neighbour(struct hg__writer *writer)
{
    const char *base = hg__path_base(writer->path);
    size_t folder = (size_t)(base - writer->path), room = folder + 64;
    int descriptor = -1;

    writer->temporary = hg__alloc(room, 1);
    if (!writer->temporary) {
        errno = ENOMEM;
        return -1;
    }
    for (int i = 0; i < 1000; i++) {
        snprintf(writer->temporary, room, "%.*s.hourglass-%ld-%d", (int)folder, writer->path,
                 (long)getpid(), i);
        descriptor = open(writer->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor >= 0 || errno != EEXIST)
            break;
    }
    return descriptor;
}

enum hg_status hg__writer_begin(struct hg__writer *writer, const char *path, bool replace,
                                struct hg_error *error)
{
    enum hg_status status;
    struct stat facts;

    memset(writer, 0, sizeof *writer);
    writer->descriptor = -1;
    writer->replace = replace;
    writer->path = follow(path);
    if (!writer->path)
        return hg_error_set(error, HG_NO_MEMORY, "%s: no memory", path);
    if (stat(writer->path, &facts) == 0) {
        if (S_ISDIR(facts.st_mode))
            status = hg_error_set(error, HG_FAILED, "%s: is a folder", path);
        else if (!S_ISREG(facts.st_mode)) /* renaming over a device would take it away */
            status = hg_error_set(error, HG_FAILED, "%s: is not a regular file", path);
        else if (!replace)
            status = hg_error_set(error, HG_FAILED, "%s: exists already", path);
        else
            status = HG_OK;
        if (status != HG_OK) {
            hg__writer_abandon(writer);
            return status;
        }
    } else if (lstat(writer->path, &facts) == 0 && S_ISLNK(facts.st_mode)) {
        status = hg_error_set(error, HG_FAILED, "%s: is a symbolic link to nothing", path);
        hg__writer_abandon(writer);
        return status;
    } else {
        facts.st_mode = 0;
    }
    remove_left_behind(writer->path);
    writer->descriptor = open_neighbour(writer);
    if (writer->descriptor < 0) {
        status = fail(error, path, "cannot write");
        hg__writer_abandon(writer);
        return status;
    }
    if (facts.st_mode)
        (void)fchmod(writer->descriptor, facts.st_mode & 07777);
    return HG_OK;
}

enum hg_status hg__writer_put(struct hg__writer *writer, const void *data, size_t length,
                              struct hg_error *error)
{
    const unsigned char *next = data;

    while (length > 0) {
        ssize_t n = write(writer->descriptor, next, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            enum hg_status status = fail(error, writer->path, "cannot write");
            hg__writer_abandon(writer);
            return status;
        }
        next += n;
        length -= (size_t)n;
    }
    return HG_OK;
}

/* Makes the new name in `path`'s folder survive a power cut. Some file systems cannot
 * do it for folders; that is no reason to call the file unwritten. */
static void sync_folder(const char *path)
{
    char *folder = hg__path_folder(path);
    int descriptor = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (descriptor >= 0) {
        (void)fsync(descriptor);
        close(descriptor);
    }
    hg__free(folder);
}

/* rename, or without `replace` a link that fails when the name is taken meanwhile. */
static int put_in_place(const struct hg__writer *writer)
{
    if (writer->replace)
        return rename(writer->temporary, writer->path);
    if (link(writer->temporary, writer->path) == 0) {
        unlink(writer->temporary);
        return 0;
    }
    if (errno == EEXIST)
        return -1;
    return rename(writer->temporary, writer->path); /* a file system without links */
}

enum hg_status hg__writer_finish(struct hg__writer *writer, struct hg_error *error)
{
    enum hg_status status = HG_OK;
    int closed;

    if (fsync(writer->descriptor) != 0) {
        status = fail(error, writer->path, "cannot write");
        hg__writer_abandon(writer);
        return status;
    }
    closed = close(writer->descriptor);
    writer->descriptor = -1;
    if (closed != 0 || put_in_place(writer) != 0) {
        status = fail(error, writer->path, "cannot write");
        unlink(writer->temporary);
    } else {
        sync_folder(writer->path);
    }
    hg__writer_abandon(writer);
    return status;
}

enum hg_status hg__file_write(const char *path, const struct hg__piece *pieces, size_t count,
                              bool replace, struct hg_error *error)
{
    struct hg__writer writer;
    enum hg_status status = hg__writer_begin(&writer, path, replace, error);

    for (size_t i = 0; status == HG_OK && i < count; i++)
        status = hg__writer_put(&writer, pieces[i].data, pieces[i].length, error);
    return status == HG_OK ? hg__writer_finish(&writer, error) : status;
}
