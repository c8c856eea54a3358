#define _GNU_SOURCE /* struct ucred */
#include "hourglass/hold.h"

#include "base/mem.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct hg_hold {
    int socket; /* -1: granted without one */
};

#ifdef __linux__

enum { FOLDER_MOST = 4096 };

/* FNV-1a: a file name may be longer than a socket's. */
static uint64_t hash(const char *text)
{
    uint64_t value = 0xCBF29CE484222325u;

    for (; *text; text++)
        value = (value ^ (unsigned char)*text) * 0x100000001B3u;
    return value;
}

/* The abstract address of the file at `path`, which is no link; the folder by its identity, so
 * that every way to spell it gives the same. */
static enum hg_status address_of_file(const char *path, struct sockaddr_un *address,
                                      socklen_t *length, struct hg_error *error)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t prefix = slash ? (size_t)(slash - path) + 1 : 0;
    char folder[FOLDER_MOST] = ".";
    struct stat facts;
    int written;

    if (prefix >= sizeof folder)
        return hg_error_set(error, HG_FAILED, "%s: %s", path, strerror(ENAMETOOLONG));
    if (slash) {
        memcpy(folder, path, prefix);
        folder[prefix] = '\0';
    }
    if (stat(folder, &facts) != 0)
        return hg_error_set(error, HG_FAILED, "%s: %s", path, strerror(errno));
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    written = snprintf(address->sun_path + 1, sizeof address->sun_path - 1,
                       "hourglass/%llx/%llx/%llx", (unsigned long long)facts.st_dev,
                       (unsigned long long)facts.st_ino, (unsigned long long)hash(name));
    *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)written);
    return HG_OK;
}

/* Of the file that is written: what a symbolic link names. */
static enum hg_status address_of(const char *path, struct sockaddr_un *address, socklen_t *length,
                                 struct hg_error *error)
{
    char *real = realpath(path, NULL);
    enum hg_status status = address_of_file(real ? real : path, address, length, error);

    free(real);
    return status;
}

/* Asks the system whose socket it is: -1 = it did not say. */
static long owner(const struct sockaddr_un *address, socklen_t length)
{
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct ucred who;
    socklen_t size = sizeof who;
    long result = -1;

    if (probe < 0)
        return -1;
    if (connect(probe, (const struct sockaddr *)address, length) != 0)
        result = errno == ECONNREFUSED ? 0 : -1;
    else if (getsockopt(probe, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0)
        result = (long)who.pid;
    close(probe);
    return result;
}

long hg_hold_find(const char *path)
{
    struct sockaddr_un address;
    socklen_t length;

    if (address_of(path, &address, &length, NULL))
        return 0;
    return owner(&address, length);
}

/* A system without such sockets cannot hold: then the run goes on unheld. */
static enum hg_status take(struct hg_hold *hold, const char *path, long *holder,
                           struct hg_error *error)
{
    struct sockaddr_un address;
    socklen_t length;
    long process;
    enum hg_status status = address_of(path, &address, &length, error);

    if (status)
        return status;
    hold->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (hold->socket < 0)
        return HG_OK;
    if (bind(hold->socket, (const struct sockaddr *)&address, length) == 0) {
        listen(hold->socket, SOMAXCONN);
        return HG_OK;
    }
    if (errno != EADDRINUSE)
        return HG_OK;
    process = owner(&address, length);
    if (holder)
        *holder = process > 0 ? process : 0;
    if (process > 0)
        return hg_error_set(error, HG_FAILED,
                            "%s: process %ld is training this run; end it first, or choose "
                            "another file with -o",
                            path, process);
    return hg_error_set(error, HG_FAILED,
                        "%s: another process is training this run; end it first, or choose "
                        "another file with -o",
                        path);
}

#else

long hg_hold_find(const char *path)
{
    (void)path;
    return 0;
}

static enum hg_status take(struct hg_hold *hold, const char *path, long *holder,
                           struct hg_error *error)
{
    (void)hold, (void)path, (void)holder, (void)error;
    return HG_OK;
}

#endif

enum hg_status hg_hold_take(const char *path, struct hg_hold **hold, long *holder,
                            struct hg_error *error)
{
    struct hg_hold *made = hg__alloc(1, sizeof *made);
    enum hg_status status;

    *hold = NULL;
    if (holder)
        *holder = 0;
    if (!made)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for a hold");
    made->socket = -1;
    status = take(made, path, holder, error);
    if (status) {
        hg_hold_release(made);
        return status;
    }
    *hold = made;
    return HG_OK;
}

void hg_hold_release(struct hg_hold *hold)
{
    if (!hold)
        return;
    if (hold->socket >= 0)
        close(hold->socket);
    hg__free(hold);
}
