/* channel.h - the two objects of the thread contract: snapshots out, commands in.
 *
 * Mailbox: three slots and one mutex. The writer fills the slot it owns and
 * exchanges it for the middle one; the reader exchanges its own for the middle
 * one when that is fresh. Neither waits for the other.
 * Queue: a bounded ring; a sleeping trainer is woken by a condition.
 */
#ifndef HG_RUN_CHANNEL_H
#define HG_RUN_CHANNEL_H

#include "hourglass/session.h"

#include <pthread.h>

struct hg__mailbox {
    pthread_mutex_t mutex;
    struct hg_snapshot slot[3];
    int writer, middle, reader;
    bool fresh;
    int wake[2]; /* a pipe: readable while a snapshot waits */
};

enum hg_status hg__mailbox_init(struct hg__mailbox *mailbox, struct hg_error *error);
void hg__mailbox_fini(struct hg__mailbox *mailbox);
/* The slot the writer fills; then publish it. */
struct hg_snapshot *hg__mailbox_slot(struct hg__mailbox *mailbox);
void hg__mailbox_publish(struct hg__mailbox *mailbox);
/* The newest, or NULL when nothing came since the last take. */
const struct hg_snapshot *hg__mailbox_take(struct hg__mailbox *mailbox);

enum { HG__QUEUE_ROOM = 64 };

struct hg__queue {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    struct hg_command ring[HG__QUEUE_ROOM];
    size_t first, count;
    bool poked;        /* a snapshot is wanted soon */
    enum hg_end leave; /* not HG_END_NOT: the trainer must end, for this reason */
};

enum hg_status hg__queue_init(struct hg__queue *queue, struct hg_error *error);
void hg__queue_fini(struct hg__queue *queue);
bool hg__queue_push(struct hg__queue *queue, const struct hg_command *command);
void hg__queue_poke(struct hg__queue *queue);
void hg__queue_leave(struct hg__queue *queue, enum hg_end reason);
/* Is there anything to look at? Without a lock, for the trainer's every step:
 * a late answer costs one step. */
bool hg__queue_pending(const struct hg__queue *queue);
/* Takes one command; false when there is none. Free it with hg__command_fini. */
bool hg__queue_pop(struct hg__queue *queue, struct hg_command *command);
void hg__command_fini(struct hg_command *command);
/* Takes the poke and the reason to leave. */
bool hg__queue_poked(struct hg__queue *queue);
enum hg_end hg__queue_leaving(struct hg__queue *queue);
/* Sleeps until something comes, at most `seconds`. */
void hg__queue_wait(struct hg__queue *queue, double seconds);

#endif
