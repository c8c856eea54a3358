#include "cli/peak.h"

#include "cli/progress.h"

#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOPS = 100000, CHAINS = 12, PEAK_THREADS = 256 };

#if defined(__x86_64__)
#include <immintrin.h>

/* Twelve chains cover a latency of 4 cycles on 2 or 3 units. */
#define FMA(i) "vfmadd213ps %13, %12, %" #i "\n\t"
#define KERNEL(name, isa, type, reg, set1)                                                         \
    __attribute__((target(isa))) static double name(void)                                          \
    {                                                                                              \
        type b = set1(0.999f), c = set1(0.001f);                                                   \
        type a0 = c, a1 = c, a2 = c, a3 = c, a4 = c, a5 = c, a6 = c, a7 = c, a8 = c, a9 = c,       \
             a10 = c, a11 = c;                                                                     \
        for (int i = 0; i < LOOPS; i++)                                                            \
            __asm__ volatile(FMA(0) FMA(1) FMA(2) FMA(3) FMA(4) FMA(5) FMA(6) FMA(7) FMA(8) FMA(9) \
                                 FMA(10) FMA(11)                                                   \
                             : "+" reg(a0), "+" reg(a1), "+" reg(a2), "+" reg(a3), "+" reg(a4),    \
                               "+" reg(a5), "+" reg(a6), "+" reg(a7), "+" reg(a8), "+" reg(a9),    \
                               "+" reg(a10), "+" reg(a11)                                          \
                             : reg(b), reg(c));                                                    \
        return 2.0 * CHAINS * LOOPS * (double)(sizeof(type) / sizeof(float));                      \
    }

KERNEL(fma512, "avx512f", __m512, "v", _mm512_set1_ps)
KERNEL(fma256, "avx2,fma", __m256, "x", _mm256_set1_ps)

static double (*choose(void))(void)
{
    if (__builtin_cpu_supports("avx512f"))
        return fma512;
    return __builtin_cpu_supports("fma") ? fma256 : NULL;
}
#else
static double (*choose(void))(void)
{
    return NULL;
}
#endif

/* The best of a few blocks of 30 ms, as a number on the pipe. */
static void measure(double (*kernel)(void), int pipe_end)
{
    double best = 0;

    for (int block = 0; block < 7; block++) {
        double start = cli_now(), work = 0, elapsed;
        do {
            work += kernel();
            elapsed = cli_now() - start;
        } while (elapsed < 0.03);
        if (work / elapsed > best)
            best = work / elapsed;
    }
    best /= 1e9;
    _exit(write(pipe_end, &best, sizeof best) != sizeof best);
}

double cli_peak_gflops(int threads)
{
    double (*kernel)(void) = choose();
    double sum = 0, each;
    int ends[2], started = 0;

    if (!kernel || threads < 1 || pipe(ends) != 0)
        return 0;
    for (int i = 0; i < threads && i < PEAK_THREADS; i++) {
        pid_t child = fork();
        if (child == 0)
            measure(kernel, ends[1]);
        started += child > 0;
    }
    close(ends[1]);
    while (read(ends[0], &each, sizeof each) == sizeof each)
        sum += each;
    close(ends[0]);
    for (int i = 0; i < started; i++)
        wait(NULL);
    return sum;
}
