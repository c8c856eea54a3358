/* test_pool.c - every task once, whoever does it; nothing left behind. */
#include "base/cpu.h"
#include "base/mem.h"
#include "base/pool.h"

#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOST = 1000 };

struct tally {
    atomic_int done[MOST];
    atomic_int outside; /* tasks or workers out of range */
    size_t count;
    int threads;
    atomic_int blocked, flushing; /* tasks that saw signals blocked, denormals flushed */
    long long pause;              /* ns a task takes */
};

static void rest(long long nanoseconds)
{
    struct timespec t = {.tv_nsec = nanoseconds};
    if (nanoseconds)
        nanosleep(&t, NULL);
}

static void count_task(void *argument, size_t index, int worker)
{
    struct tally *tally = argument;
    sigset_t now;

    if (index >= tally->count || worker < 0 || worker >= tally->threads)
        atomic_fetch_add(&tally->outside, 1);
    else
        atomic_fetch_add(&tally->done[index], 1);
    if (worker > 0) {
        volatile float small = 1e-38f;
        pthread_sigmask(SIG_SETMASK, NULL, &now);
        atomic_fetch_add(&tally->blocked, sigismember(&now, SIGINT) && sigismember(&now, SIGTERM));
        atomic_fetch_add(&tally->flushing, small * 0.1f == 0);
    }
    rest(tally->pause);
}

static void check_run(struct hg__pool *pool, size_t count, long long pause)
{
    struct tally *tally = calloc(1, sizeof *tally);

    tally->count = count;
    tally->threads = hg__pool_threads(pool);
    tally->pause = pause;
    hg__pool_run(pool, count_task, tally, count);
    for (size_t i = 0; i < MOST; i++)
        assert_int_equal(atomic_load(&tally->done[i]), i < count);
    assert_int_equal(atomic_load(&tally->outside), 0);
    free(tally);
}

static void test_every_task_once(void **state)
{
    static const int teams[] = {1, 2, 3, 7};

    (void)state;
    for (size_t t = 0; t < sizeof teams / sizeof *teams; t++) {
        struct hg__pool *pool = hg__pool_create(teams[t]);
        assert_non_null(pool);
        assert_int_equal(hg__pool_threads(pool), teams[t]);
        for (size_t count = 0; count < 20; count++)
            check_run(pool, count, 0);
        check_run(pool, MOST, 0);
        hg__pool_destroy(pool);
    }
}

/* Calls one after the other, some at once, some after the team has fallen asleep. */
static void test_many_calls(void **state)
{
    struct hg__pool *pool = hg__pool_create(3);

    (void)state;
    assert_non_null(pool);
    for (int call = 0; call < 4000; call++) {
        check_run(pool, (size_t)call % 7, 0);
        if (call % 500 == 0)
            rest(2000000);
    }
    hg__pool_destroy(pool);
}

static void test_workers_help(void **state)
{
    struct hg__pool *pool = hg__pool_create(4);
    struct tally *tally = calloc(1, sizeof *tally);

    (void)state;
    tally->count = 40;
    tally->threads = 4;
    tally->pause = 1000000;
    /* 40 ms alone: workers must have taken some, with signals blocked and denormals flushed;
     * on a machine with much to do they may have got no processor, so again. */
    for (int tries = 0; tries < 100 && atomic_load(&tally->blocked) == 0; tries++)
        hg__pool_run(pool, count_task, tally, tally->count);
    assert_true(atomic_load(&tally->blocked) > 0);
    assert_true(atomic_load(&tally->blocked) == atomic_load(&tally->flushing));
    free(tally);
    hg__pool_destroy(pool);
}

/* A sleeping team uses no processor time. */
static void test_sleeps(void **state)
{
    struct hg__pool *pool = hg__pool_create(3);
    struct timespec before, after;
    long long used = LLONG_MAX;

    (void)state;
    check_run(pool, 10, 0);
    /* When it falls asleep depends on when it gets a processor: some window is all sleep. */
    for (int tries = 0; tries < 40 && used >= 5000000; tries++) {
        rest(5000000);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
        rest(50000000);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
        used = (after.tv_sec - before.tv_sec) * 1000000000LL + (after.tv_nsec - before.tv_nsec);
    }
    assert_true(used < 5000000);
    hg__pool_destroy(pool);
}

static void test_create_and_destroy(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++)
        hg__pool_destroy(hg__pool_create(1 + i % 5));
    hg__pool_destroy(NULL);
}

static void test_modes(void **state)
{
    volatile float small = 1e-38f;
    unsigned mode = hg__fp_begin();

    (void)state;
#if defined(__x86_64__)
    assert_true(small * 0.1f == 0);
#endif
    hg__fp_end(mode);
    assert_true(small * 0.1f > 0);
}

static void test_machine(void **state)
{
    (void)state;
    assert_in_range(hg__cpu_count(), 1, sysconf(_SC_NPROCESSORS_CONF));
    assert_true(hg__cpu_memory() > (size_t)16 << 20);
    assert_true(!hg__cpu_has_avx512() || hg__cpu_has_avx2());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_task_once),
        cmocka_unit_test(test_many_calls),
        cmocka_unit_test(test_workers_help),
        cmocka_unit_test(test_sleeps),
        cmocka_unit_test(test_create_and_destroy),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
