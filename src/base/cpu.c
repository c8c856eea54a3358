#define _GNU_SOURCE
#include "base/cpu.h"

#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_TEXT = 4096 };

#if defined(__x86_64__)
bool hg__cpu_has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

bool hg__cpu_has_avx512(void)
{
    return hg__cpu_has_avx2() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl");
}
#else
bool hg__cpu_has_avx2(void)
{
    return false;
}

bool hg__cpu_has_avx512(void)
{
    return false;
}
#endif

/* Reads a small file of the system; false when there is none. */
static bool read_text(const char *path, char text[FILE_TEXT])
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length;

    if (file < 0)
        return false;
    length = read(file, text, FILE_TEXT - 1);
    close(file);
    if (length <= 0)
        return false;
    text[length] = 0;
    return true;
}

/* This process's group in the unified hierarchy ("/user.slice/..."), "" if unknown. */
static void own_group(char group[FILE_TEXT])
{
    char text[FILE_TEXT];
    char *start;

    group[0] = 0;
    if (!read_text("/proc/self/cgroup", text))
        return;
    start = strstr(text, "0::/");
    if (!start)
        return;
    start += 3;
    start[strcspn(start, "\n")] = 0;
    memcpy(group, start, strlen(start) + 1);
}

/* Calls `look` with the text of file `name` in the own group and in all above it. */
static void each_group(const char *name, void (*look)(const char *text, void *argument),
                       void *argument)
{
    char group[FILE_TEXT], path[2 * FILE_TEXT], text[FILE_TEXT];

    own_group(group);
    for (;;) {
        char *slash;
        int length = snprintf(path, sizeof path, "/sys/fs/cgroup%s/%s", group, name);
        if (length > 0 && (size_t)length < sizeof path && read_text(path, text))
            look(text, argument);
        slash = strrchr(group, '/');
        if (!slash)
            return;
        *slash = 0;
    }
}

static void look_quota(const char *text, void *argument)
{
    int *least = argument;
    long long quota, period;

    if (sscanf(text, "%lld %lld", &quota, &period) == 2 && quota > 0 && period > 0) {
        long long processors = (quota + period - 1) / period;
        if (processors < *least)
            *least = (int)processors;
    }
}

int hg__cpu_count(void)
{
    cpu_set_t set;
    int count = 0;

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        count = CPU_COUNT(&set);
    if (count < 1)
        count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (count < 1)
        count = 1;
    each_group("cpu.max", look_quota, &count);
    return count;
}

static void look_memory(const char *text, void *argument)
{
    size_t *least = argument;
    char *end;
    unsigned long long limit = strtoull(text, &end, 10);

    if (end != text && limit > 0 && limit < *least)
        *least = (size_t)limit;
}

size_t hg__cpu_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    size_t memory = pages > 0 && size > 0 ? (size_t)pages * (size_t)size : SIZE_MAX / 2;
    char text[FILE_TEXT];

    each_group("memory.max", look_memory, &memory);
    if (read_text("/sys/fs/cgroup/memory/memory.limit_in_bytes", text))
        look_memory(text, &memory);
    return memory;
}
