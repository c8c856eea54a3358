#include "tui/state.h"

#include "tui/tui.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH = 512, NAMES_TRIED = 10000 };

static const char suffix[] = ".safetensors";
static const char marker[] = ".told";

static bool fits(int written, size_t size)
{
    return written >= 0 && (size_t)written < size;
}

/* By the base directory specification a relative XDG_STATE_HOME is ignored. */
static bool folder(char *path, size_t size)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if (state != NULL && state[0] == '/') {
        return fits(snprintf(path, size, "%s/hourglass", state), size);
    }
    if (home == NULL || home[0] != '/') {
        return false;
    }
    return fits(snprintf(path, size, "%s/.local/state/hourglass", home), size);
}

/* mkdir -p, for the owner alone. */
static bool make_folder(const char *path)
{
    char part[PATH];

    if (!fits(snprintf(part, sizeof part, "%s", path), sizeof part)) {
        return false;
    }
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST) {
            return false;
        }
        *slash = '/';
    }
    return mkdir(part, 0700) == 0 || errno == EEXIST;
}

/* A name that is one visible component of a path. */
static void plain_name(const char *name, char *plain, size_t size)
{
    size_t length = 0;

    for (const char *c = name; *c != '\0' && length + 1 < size; c++) {
        bool good = (unsigned char)*c >= 0x20 && *c != 0x7F && *c != '/';
        plain[length++] = good ? *c : '_';
    }
    plain[length] = '\0';
    if (length == 0) {
        snprintf(plain, size, "run");
    } else if (plain[0] == '.' || plain[0] == '-') {
        plain[0] = '_';
    }
}

bool ui_state_path(const char *name, char *path, size_t size)
{
    char base[PATH], plain[100], stamp[32];
    struct tm tm;
    time_t now = time(NULL);

    if (!folder(base, sizeof base) || !make_folder(base) || localtime_r(&now, &tm) == NULL) {
        return false;
    }
    plain_name(name, plain, sizeof plain);
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &tm);
    return fits(snprintf(path, size, "%s/%s-%s-%ld%s", base, plain, stamp, (long)getpid(), suffix),
                size);
}

static bool is_run(const char *name)
{
    size_t length = strlen(name), tail = sizeof suffix - 1;
    return name[0] != '.' && length > tail && strcmp(name + length - tail, suffix) == 0;
}

static bool newer(const struct stat *a, const struct stat *b)
{
    if (a->st_mtim.tv_sec != b->st_mtim.tv_sec) {
        return a->st_mtim.tv_sec > b->st_mtim.tv_sec;
    }
    return a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

/* Counts the runs in the folder and finds the newest and the oldest. */
static size_t survey(const char *base, char newest[PATH], struct stat *newest_stat,
                     char oldest[PATH])
{
    size_t count = 0;
    struct stat oldest_stat = {0};
    DIR *dir = opendir(base);

    if (dir == NULL) {
        return 0;
    }
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[PATH];
        struct stat stat_;
        if (!is_run(entry->d_name) ||
            !fits(snprintf(path, sizeof path, "%s/%s", base, entry->d_name), sizeof path) ||
            stat(path, &stat_) != 0 || !S_ISREG(stat_.st_mode)) {
            continue;
        }
        if (count == 0 || newer(&stat_, newest_stat)) {
            *newest_stat = stat_;
            memcpy(newest, path, sizeof path);
        }
        if (count == 0 || newer(&oldest_stat, &stat_)) {
            oldest_stat = stat_;
            memcpy(oldest, path, sizeof path);
        }
        count++;
    }
    closedir(dir);
    return count;
}

void ui_state_prune(void)
{
    char base[PATH], newest[PATH], oldest[PATH];
    struct stat stat_;

    if (!folder(base, sizeof base)) {
        return;
    }
    while (survey(base, newest, &stat_, oldest) > UI_STATE_KEPT) {
        if (unlink(oldest) != 0) {
            return;
        }
    }
}

bool ui_state_newest(char *path, size_t size)
{
    char base[PATH], newest[PATH], oldest[PATH];
    struct stat stat_;

    return folder(base, sizeof base) && survey(base, newest, &stat_, oldest) > 0 &&
           fits(snprintf(path, size, "%s", newest), size);
}

bool ui_state_news(char *path, size_t size)
{
    char base[PATH], newest[PATH], oldest[PATH], told[PATH + 16];
    struct stat run, mark;

    if (!folder(base, sizeof base) || survey(base, newest, &run, oldest) == 0) {
        return false;
    }
    snprintf(told, sizeof told, "%s/%s", base, marker);
    if (stat(told, &mark) == 0 && !newer(&run, &mark)) {
        return false;
    }
    int fd = open(told, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        futimens(fd, NULL);
        close(fd);
    }
    return fits(snprintf(path, size, "%s", newest), size);
}

bool ui_state_holds(const char *path)
{
    char base[PATH];

    return folder(base, sizeof base) && strncmp(path, base, strlen(base)) == 0;
}

bool ui_state_free_name(const char *name, char *path, size_t size)
{
    char plain[200];

    plain_name(name, plain, sizeof plain);
    for (int i = 1; i < NAMES_TRIED; i++) {
        int written = i == 1 ? snprintf(path, size, "%s%s", plain, suffix)
                             : snprintf(path, size, "%s-%d%s", plain, i, suffix);
        if (!fits(written, size)) {
            return false;
        }
        if (access(path, F_OK) != 0 && errno == ENOENT) {
            return true;
        }
    }
    return false;
}
