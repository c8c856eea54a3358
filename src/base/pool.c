#define _GNU_SOURCE
#include "base/pool.h"

#include "base/cpu.h"
#include "base/mem.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { SPIN_NANOSECONDS = 20000, PAUSES = 32, STACK = 1 << 20 };

/* A thread's share of the tasks; others may take from it too. */
struct share {
    _Alignas(64) atomic_size_t next;
    size_t end;
};

struct worker {
    struct hg__pool *pool;
    pthread_t thread;
    int index;
};

/* How the hand-over works. `ticket` is odd while a job is open and grows with
 * every opening and closing. A worker that sees a new odd ticket enters
 * (active++), looks again whether that ticket is still the one, works, and
 * leaves. The caller closes the job when nothing is left to take and waits until
 * nobody is inside; so nobody can meet the next job's fields half written. All
 * of it is sequentially consistent, as the two "I write mine, then read yours"
 * pairs (ticket and active, ticket and sleepers) need. */
struct hg__pool {
    int threads;
    bool spins;
    hg__task *task;
    void *argument;
    struct share *shares;
    struct worker *workers;
    _Alignas(64) atomic_uint ticket;
    _Alignas(64) atomic_int active;
    _Alignas(64) atomic_int sleepers;
    atomic_bool caller_sleeps, stop;
    pthread_mutex_t mutex;
    pthread_cond_t wake, done;
};

unsigned hg__fp_begin(void)
{
#if defined(__x86_64__)
    unsigned mode = _mm_getcsr();
    _mm_setcsr(mode | 0x8040u);
    return mode;
#else
    return 0;
#endif
}

void hg__fp_end(unsigned mode)
{
#if defined(__x86_64__)
    _mm_setcsr(mode);
#else
    (void)mode;
#endif
}

static uint64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void pause_briefly(void)
{
    for (int i = 0; i < PAUSES; i++) {
#if defined(__x86_64__)
        _mm_pause();
#endif
    }
}

static void work(struct hg__pool *pool, int self)
{
    for (int i = 0; i < pool->threads; i++) {
        struct share *share = &pool->shares[(self + i) % pool->threads];
        size_t index;
        while ((index = atomic_fetch_add(&share->next, 1)) < share->end)
            pool->task(pool->argument, index, self);
    }
}

static bool news(struct hg__pool *pool, unsigned seen)
{
    unsigned ticket = atomic_load(&pool->ticket);
    return (ticket != seen && (ticket & 1)) || atomic_load(&pool->stop);
}

/* Waits for another ticket than `seen`, actively for a moment, then asleep. */
static void await(struct hg__pool *pool, unsigned seen)
{
    uint64_t start = pool->spins ? nanoseconds() : 0;

    while (pool->spins && nanoseconds() - start < SPIN_NANOSECONDS) {
        if (news(pool, seen))
            return;
        pause_briefly();
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleepers, 1);
    while (!news(pool, seen))
        pthread_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->mutex);
}

static void leave(struct hg__pool *pool)
{
    if (atomic_fetch_sub(&pool->active, 1) != 1 || !atomic_load(&pool->caller_sleeps))
        return;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_signal(&pool->done);
    pthread_mutex_unlock(&pool->mutex);
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    struct hg__pool *pool = worker->pool;
    unsigned seen = 0;

    (void)hg__fp_begin();
    for (;;) {
        unsigned ticket;

        await(pool, seen);
        if (atomic_load(&pool->stop))
            return NULL;
        ticket = atomic_load(&pool->ticket);
        if (!(ticket & 1))
            continue; /* over already */
        atomic_fetch_add(&pool->active, 1);
        if (atomic_load(&pool->ticket) == ticket)
            work(pool, worker->index);
        leave(pool);
        seen = ticket;
    }
}

/* The caller waits until no worker is inside the closed job. */
static void gather(struct hg__pool *pool)
{
    uint64_t start;

    if (atomic_load(&pool->active) == 0)
        return;
    start = nanoseconds();
    while (pool->spins && nanoseconds() - start < SPIN_NANOSECONDS) {
        if (atomic_load(&pool->active) == 0)
            return;
        pause_briefly();
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->caller_sleeps, true);
    while (atomic_load(&pool->active) != 0)
        pthread_cond_wait(&pool->done, &pool->mutex);
    atomic_store(&pool->caller_sleeps, false);
    pthread_mutex_unlock(&pool->mutex);
}

void hg__pool_run(struct hg__pool *pool, hg__task *task, void *argument, size_t count)
{
    size_t threads = (size_t)pool->threads;

    if (threads == 1 || count <= 1) {
        for (size_t i = 0; i < count; i++)
            task(argument, i, 0);
        return;
    }
    pool->task = task;
    pool->argument = argument;
    for (size_t i = 0; i < threads; i++) {
        atomic_store_explicit(&pool->shares[i].next, count * i / threads, memory_order_relaxed);
        pool->shares[i].end = count * (i + 1) / threads;
    }
    atomic_fetch_add(&pool->ticket, 1); /* open */
    if (atomic_load(&pool->sleepers) > 0) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->mutex);
    }
    work(pool, 0);
    atomic_fetch_add(&pool->ticket, 1); /* closed */
    gather(pool);
}

int hg__pool_threads(const struct hg__pool *pool)
{
    return pool->threads;
}

/* Starts workers 1..threads-1 with all signals blocked; false if one fails (those
 * before it run). */
static bool start_workers(struct hg__pool *pool, int *started)
{
    pthread_attr_t attributes;
    sigset_t all, old;
    bool right = true;

    if (pthread_attr_init(&attributes) != 0)
        return false;
    (void)pthread_attr_setstacksize(&attributes, STACK);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    for (int i = 1; i < pool->threads && right; i++) {
        struct worker *worker = &pool->workers[i];
        worker->pool = pool;
        worker->index = i;
        right = pthread_create(&worker->thread, &attributes, worker_main, worker) == 0;
        *started += right;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attributes);
    return right;
}

static void stop_workers(struct hg__pool *pool, int started)
{
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->stop, true);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 1; i <= started; i++)
        pthread_join(pool->workers[i].thread, NULL);
}

static void release(struct hg__pool *pool)
{
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
    hg__free(pool->workers);
    hg__free(pool->shares);
    hg__free(pool);
}

struct hg__pool *hg__pool_create(int threads)
{
    struct hg__pool *pool = hg__alloc_aligned(1, sizeof *pool);
    int started = 0;

    if (!pool)
        return NULL;
    pool->threads = threads < 1 ? 1 : threads;
    pool->spins = pool->threads <= hg__cpu_count();
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->done, NULL);
    pool->shares = hg__alloc_aligned((size_t)pool->threads, sizeof *pool->shares);
    pool->workers = hg__alloc((size_t)pool->threads, sizeof *pool->workers);
    if (!pool->shares || !pool->workers) {
        release(pool);
        return NULL;
    }
    if (!start_workers(pool, &started)) {
        stop_workers(pool, started);
        release(pool);
        return NULL;
    }
    return pool;
}

void hg__pool_destroy(struct hg__pool *pool)
{
    if (!pool)
        return;
    stop_workers(pool, pool->threads - 1);
    release(pool);
}
