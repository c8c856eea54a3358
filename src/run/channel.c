#define _GNU_SOURCE /* pipe2 */
#include "run/channel.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum hg_status hg__mailbox_init(struct hg__mailbox *mailbox, struct hg_error *error)
{
    memset(mailbox, 0, sizeof *mailbox);
    mailbox->middle = 1;
    mailbox->reader = 2;
    if (pipe2(mailbox->wake, O_CLOEXEC | O_NONBLOCK))
        return hg_error_set(error, HG_FAILED, "no pipe for snapshots: %s", strerror(errno));
    if (pthread_mutex_init(&mailbox->mutex, NULL)) {
        close(mailbox->wake[0]);
        close(mailbox->wake[1]);
        return hg_error_set(error, HG_FAILED, "no mutex for snapshots");
    }
    return HG_OK;
}

void hg__mailbox_fini(struct hg__mailbox *mailbox)
{
    pthread_mutex_destroy(&mailbox->mutex);
    close(mailbox->wake[0]);
    close(mailbox->wake[1]);
}

struct hg_snapshot *hg__mailbox_slot(struct hg__mailbox *mailbox)
{
    return &mailbox->slot[mailbox->writer];
}

void hg__mailbox_publish(struct hg__mailbox *mailbox)
{
    bool was_fresh;
    int filled = mailbox->writer;

    pthread_mutex_lock(&mailbox->mutex);
    mailbox->writer = mailbox->middle;
    mailbox->middle = filled;
    was_fresh = mailbox->fresh;
    mailbox->fresh = true;
    pthread_mutex_unlock(&mailbox->mutex);
    /* A full pipe cannot be: there is a byte or two in it at most. */
    if (!was_fresh && write(mailbox->wake[1], "", 1) < 0)
        return;
}

/* The pipe is emptied before the look: a byte may come after its snapshot was taken, and would
 * wake the watcher for nothing ever after; one that is not read here has a snapshot yet to come. */
const struct hg_snapshot *hg__mailbox_take(struct hg__mailbox *mailbox)
{
    int newest = -1;
    char bytes[16];

    while (read(mailbox->wake[0], bytes, sizeof bytes) > 0)
        continue;
    pthread_mutex_lock(&mailbox->mutex);
    if (mailbox->fresh) {
        newest = mailbox->middle;
        mailbox->middle = mailbox->reader;
        mailbox->reader = newest;
        mailbox->fresh = false;
    }
    pthread_mutex_unlock(&mailbox->mutex);
    return newest < 0 ? NULL : &mailbox->slot[newest];
}

enum hg_status hg__queue_init(struct hg__queue *queue, struct hg_error *error)
{
    pthread_condattr_t attributes;
    bool failed;

    memset(queue, 0, sizeof *queue);
    if (pthread_mutex_init(&queue->mutex, NULL))
        return hg_error_set(error, HG_FAILED, "no mutex for commands");
    failed = pthread_condattr_init(&attributes) != 0;
    if (!failed) {
        failed = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) ||
                 pthread_cond_init(&queue->filled, &attributes);
        pthread_condattr_destroy(&attributes);
    }
    if (failed) {
        pthread_mutex_destroy(&queue->mutex);
        return hg_error_set(error, HG_FAILED, "no condition for commands");
    }
    return HG_OK;
}

void hg__command_fini(struct hg_command *command)
{
    struct hg_spec *spec = (struct hg_spec *)(uintptr_t)command->spec;

    if (!spec)
        return;
    hg_spec_fini(spec);
    hg__free(spec);
    command->spec = NULL;
}

void hg__queue_fini(struct hg__queue *queue)
{
    struct hg_command command;

    while (hg__queue_pop(queue, &command))
        hg__command_fini(&command);
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->mutex);
}

/* The experiment that comes with a command is the queue's own copy. */
static bool copy_spec(struct hg_command *command)
{
    struct hg_spec *spec;

    if (!command->spec)
        return true;
    spec = hg__alloc(1, sizeof *spec);
    if (spec && hg_spec_copy(spec, command->spec, NULL) == HG_OK) {
        command->spec = spec;
        return true;
    }
    hg__free(spec);
    return false;
}

bool hg__queue_push(struct hg__queue *queue, const struct hg_command *command)
{
    struct hg_command own = *command;
    bool fits;

    if (!copy_spec(&own))
        return false;
    pthread_mutex_lock(&queue->mutex);
    fits = queue->count < HG__QUEUE_ROOM;
    if (fits) {
        queue->ring[(queue->first + queue->count) % HG__QUEUE_ROOM] = own;
        __atomic_store_n(&queue->count, queue->count + 1, __ATOMIC_RELAXED);
        pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->mutex);
    if (!fits)
        hg__command_fini(&own);
    return fits;
}

void hg__queue_poke(struct hg__queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    __atomic_store_n(&queue->poked, true, __ATOMIC_RELAXED);
    pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->mutex);
}

void hg__queue_leave(struct hg__queue *queue, enum hg_end reason)
{
    pthread_mutex_lock(&queue->mutex);
    __atomic_store_n(&queue->leave, reason, __ATOMIC_RELAXED);
    pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->mutex);
}

bool hg__queue_pending(const struct hg__queue *queue)
{
    return __atomic_load_n(&queue->count, __ATOMIC_RELAXED) ||
           __atomic_load_n(&queue->poked, __ATOMIC_RELAXED) ||
           __atomic_load_n(&queue->leave, __ATOMIC_RELAXED) != HG_END_NOT;
}

bool hg__queue_pop(struct hg__queue *queue, struct hg_command *command)
{
    bool any;

    pthread_mutex_lock(&queue->mutex);
    any = queue->count > 0;
    if (any) {
        *command = queue->ring[queue->first];
        queue->first = (queue->first + 1) % HG__QUEUE_ROOM;
        __atomic_store_n(&queue->count, queue->count - 1, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&queue->mutex);
    return any;
}

bool hg__queue_poked(struct hg__queue *queue)
{
    bool poked;

    pthread_mutex_lock(&queue->mutex);
    poked = queue->poked;
    __atomic_store_n(&queue->poked, false, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&queue->mutex);
    return poked;
}

enum hg_end hg__queue_leaving(struct hg__queue *queue)
{
    return __atomic_load_n(&queue->leave, __ATOMIC_RELAXED);
}

void hg__queue_wait(struct hg__queue *queue, double seconds)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)seconds;
    until.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    pthread_mutex_lock(&queue->mutex);
    while (queue->count == 0 && !queue->poked && queue->leave == HG_END_NOT)
        if (pthread_cond_timedwait(&queue->filled, &queue->mutex, &until) == ETIMEDOUT)
            break;
    pthread_mutex_unlock(&queue->mutex);
}
