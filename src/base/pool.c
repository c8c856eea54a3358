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

/* A range's half holds the tasks and those who come too late. A look costs some 10 ns; the clock is asked after every LOOKS of them. */
enum { SPIN_NANOSECONDS = 20000, LOOKS = 32, STACK = 1 << 20 };

#define MOST_TASKS (UINT32_MAX / 2)

/* A thread's share of a job's tasks. `range` holds the end in its upper half and
 * the next task to take in its lower one: a task is taken by adding 1, so who
 * gets a number below the end has that task of the job that is open now, and the
 * job stays open until he has counted it in `done`. A latecomer gets a number at
 * the end or beyond: nothing. Whoever works only looks at the job after that. */
struct share {
    _Alignas(64) _Atomic uint64_t range;
    atomic_size_t done;
    size_t count; /* the caller's */
};

struct worker {
    struct hg__pool *pool;
    pthread_t thread;
    int index;
};

/* A job lies in the cache line of the ticket, which grows by one with every job:
 * a worker that waits for the ticket has the job as soon as it sees that. What
 * sleeping needs ("I write mine, then read yours": ticket and sleepers, done and
 * caller_sleeps) is sequentially consistent. */
struct hg__pool {
    _Alignas(64) atomic_uint ticket;
    atomic_bool stop;
    hg__task *task;
    void *argument;
    _Alignas(64) atomic_int sleepers;
    atomic_bool caller_sleeps;
    int threads;
    bool spins;
    struct share *shares;
    struct worker *workers;
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
#if defined(__x86_64__)
    _mm_pause();
#endif
}

/* Takes and does tasks of a share while there are any; returns how many. */
static size_t work(struct hg__pool *pool, struct share *share, int self)
{
    size_t did = 0;

    for (;; did++) {
        uint64_t taken = atomic_fetch_add(&share->range, 1);
        if ((uint32_t)taken >= taken >> 32)
            return did;
        pool->task(pool->argument, (uint32_t)taken, self);
    }
}

/* Is there a task left? Looking is cheaper than trying to take one. */
static bool has_left(const struct share *share)
{
    uint64_t range = atomic_load_explicit(&share->range, memory_order_relaxed);
    return (uint32_t)range < range >> 32;
}

/* Own share first, then the others'; what is done is told at once. */
static void work_all(struct hg__pool *pool, int self)
{
    for (int i = 0; i < pool->threads; i++) {
        struct share *share = &pool->shares[(self + i) % pool->threads];
        size_t did = has_left(share) ? work(pool, share, self) : 0;
        if (did == 0)
            continue;
        atomic_fetch_add(&share->done, did);
        if (self == 0 || !atomic_load(&pool->caller_sleeps))
            continue;
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_signal(&pool->done);
        pthread_mutex_unlock(&pool->mutex);
    }
}

static bool news(struct hg__pool *pool, unsigned seen)
{
    return atomic_load(&pool->ticket) != seen || atomic_load(&pool->stop);
}

/* Waits for another ticket than `seen`, actively for a moment, then asleep. */
static void await(struct hg__pool *pool, unsigned seen)
{
    uint64_t start = pool->spins ? nanoseconds() : 0;

    while (pool->spins && nanoseconds() - start < SPIN_NANOSECONDS)
        for (int look = 0; look < LOOKS; look++) {
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

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    struct hg__pool *pool = worker->pool;
    unsigned seen = 0;

    (void)hg__fp_begin();
    for (;;) {
        await(pool, seen);
        if (atomic_load(&pool->stop))
            return NULL;
        seen = atomic_load(&pool->ticket);
        work_all(pool, worker->index);
    }
}

static bool all_done(struct hg__pool *pool)
{
    for (int i = 0; i < pool->threads; i++)
        if (atomic_load(&pool->shares[i].done) != pool->shares[i].count)
            return false;
    return true;
}

/* The caller waits until every task is done. */
static void gather(struct hg__pool *pool)
{
    uint64_t start;

    if (all_done(pool))
        return;
    start = nanoseconds();
    while (pool->spins && nanoseconds() - start < SPIN_NANOSECONDS)
        for (int look = 0; look < LOOKS; look++) {
            if (all_done(pool))
                return;
            pause_briefly();
        }
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->caller_sleeps, true);
    while (!all_done(pool))
        pthread_cond_wait(&pool->done, &pool->mutex);
    atomic_store(&pool->caller_sleeps, false);
    pthread_mutex_unlock(&pool->mutex);
}

static void open_job(struct hg__pool *pool, size_t count)
{
    size_t threads = (size_t)pool->threads;

    for (size_t i = 0; i < threads; i++) {
        struct share *share = &pool->shares[i];
        size_t from = count * i / threads, to = count * (i + 1) / threads;
        share->count = to - from;
        atomic_store_explicit(&share->done, 0, memory_order_relaxed);
        atomic_store_explicit(&share->range, (uint64_t)to << 32 | from, memory_order_release);
    }
    atomic_fetch_add(&pool->ticket, 1);
    if (atomic_load(&pool->sleepers) > 0) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->mutex);
    }
}

void hg__pool_run(struct hg__pool *pool, hg__task *task, void *argument, size_t count)
{
    if (pool->threads == 1 || count <= 1 || count > MOST_TASKS) {
        for (size_t i = 0; i < count; i++)
            task(argument, i, 0);
        return;
    }
    pool->task = task;
    pool->argument = argument;
    open_job(pool, count);
    work_all(pool, 0);
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
