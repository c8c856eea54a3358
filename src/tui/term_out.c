#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create, memmem */
#endif
#include "tui/term_out.h"
#include "tui/term_squeeze.h"
#include "tui/term_tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STALLED_MS = 200 };

bool ui_out_open(struct ui_out *out, int tty)
{
    int own = fcntl(tty, F_DUPFD_CLOEXEC, 3);

    memset(out, 0, sizeof *out);
    out->tty = tty;
    out->collect = memfd_create("screen", MFD_CLOEXEC);
    out->file = own < 0 ? NULL : fdopen(own, "w");
    if (out->file == NULL && own >= 0) {
        close(own);
    }
    return out->collect >= 0 && out->file != NULL;
}

void ui_out_close(struct ui_out *out)
{
    if (out->file != NULL) {
        fclose(out->file);
    }
    if (out->collect >= 0) {
        close(out->collect);
    }
}

void ui_out_begin(struct ui_out *out)
{
    dup2(out->collect, fileno(out->file));
}

/* A terminal that takes nothing while a signal waits to be answered is left alone. */
static void deliver(struct ui_out *out, const char *bytes, size_t length)
{
    while (length > 0 && !out->gone) {
        struct pollfd ready = {out->tty, POLLOUT, 0};
        ssize_t written;
        int polled = poll(&ready, 1, STALLED_MS);
        if (polled == 0 && ui_tty_pending()) {
            out->lost = true;
            return;
        }
        if (polled <= 0) {
            continue;
        }
        written = write(out->tty, bytes, length);
        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
            out->bytes += (unsigned long long)written;
        } else if (written < 0 && errno != EINTR && errno != EAGAIN) {
            out->gone = true;
        }
    }
}

static size_t without(char *bytes, size_t length, const char *drop)
{
    size_t size = drop == NULL ? 0 : strlen(drop);
    char *at;

    while (size > 0 && (at = memmem(bytes, length, drop, size)) != NULL) {
        memmove(at, at + size, length - (size_t)(at - bytes) - size);
        length -= size;
    }
    return length;
}

size_t ui_out_end(struct ui_out *out, const char *drop)
{
    off_t end = lseek(out->collect, 0, SEEK_CUR);
    size_t length = end > 0 ? (size_t)end : 0;
    char *bytes;

    dup2(out->tty, fileno(out->file));
    if (length == 0) {
        return 0;
    }
    bytes = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, out->collect, 0);
    if (bytes == MAP_FAILED) {
        out->lost = true;
    } else {
        size_t rest = ui_squeeze(bytes, without(bytes, length, drop));
        deliver(out, bytes, rest);
        munmap(bytes, length);
        length = rest;
    }
    if (lseek(out->collect, 0, SEEK_SET) != 0 || ftruncate(out->collect, 0) != 0) {
        out->gone = true;
    }
    return length;
}
