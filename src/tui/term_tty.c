#include "tui/term_tty.h"
#include "tui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { TAKEN = 3, GUARDED = 4 };
static const int taken_signals[TAKEN] = {SIGWINCH, SIGTSTP, SIGCONT};
static const int guarded_signals[GUARDED] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};

/* All that a signal handler needs. `open` and `armed` are written last when
 * setting up and first when taking down. */
static struct {
    volatile sig_atomic_t open, armed, resize, stop, cont, wake;
    int fd, pipe[2];
    struct termios modes;
    char restore[UI_TTY_RESTORE];
    size_t restore_length;
    struct sigaction before[TAKEN], guarded[GUARDED];
    sigset_t mask;
} tty;

static void ring(void)
{
    int kept = errno;
    ssize_t written = write(tty.pipe[1], "", 1); /* full: it is ringing already */

    (void)written;
    errno = kept;
}

static void on_signal(int number)
{
    if (number == SIGWINCH) {
        tty.resize = 1;
    } else if (number == SIGTSTP) {
        tty.stop = 1;
    } else {
        tty.cont = 1;
    }
    ring();
}

void ui_term_wake(void)
{
    if (tty.open) {
        tty.wake = 1;
        ring();
    }
}

static void write_all(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(tty.fd, bytes, length);
        if (written < 0 && errno != EINTR) {
            return;
        }
        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
        }
    }
}

void ui_term_emergency(void)
{
    int kept = errno;

    if (tty.open && tty.armed) {
        tty.armed = 0;
        write_all(tty.restore, tty.restore_length);
        tcsetattr(tty.fd, TCSANOW, &tty.modes);
    }
    errno = kept;
}

static bool make_pipe(void)
{
    if (pipe(tty.pipe) != 0) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        fcntl(tty.pipe[i], F_SETFD, FD_CLOEXEC);
        fcntl(tty.pipe[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

static void take_signals(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal; /* without SA_RESTART: waiting ends */
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < TAKEN; i++) {
        sigaction(taken_signals[i], &action, &tty.before[i]);
    }
}

bool ui_tty_open(int fd)
{
    memset(&tty, 0, sizeof tty);
    if (tcgetattr(fd, &tty.modes) != 0 || !make_pipe()) {
        return false;
    }
    tty.fd = fd;
    tty.open = 1;
    take_signals();
    return true;
}

void ui_tty_close(void)
{
    if (!tty.open) {
        return;
    }
    tty.armed = 0;
    for (int i = 0; i < TAKEN; i++) {
        sigaction(taken_signals[i], &tty.before[i], NULL);
    }
    ui_tty_restore_modes();
    tty.open = 0;
    close(tty.pipe[0]);
    close(tty.pipe[1]);
}

void ui_tty_arm(const char *bytes, size_t length)
{
    if (length <= sizeof tty.restore) {
        memcpy(tty.restore, bytes, length);
        tty.restore_length = length;
    }
    tty.armed = 1;
}

void ui_tty_disarm(void)
{
    tty.armed = 0;
}

void ui_tty_restore_modes(void)
{
    while (tcsetattr(tty.fd, TCSADRAIN, &tty.modes) != 0 && errno == EINTR) {
    }
}

void ui_tty_stop(void)
{
    struct sigaction action, before;
    sigset_t only, old;

    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    sigemptyset(&action.sa_mask);
    sigaction(SIGTSTP, &action, &before);
    sigemptyset(&only);
    sigaddset(&only, SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &only, &old);
    kill(0, SIGTSTP);
    sigprocmask(SIG_SETMASK, &old, NULL);
    sigaction(SIGTSTP, &before, NULL);
    tty.cont = 0;
    tty.stop = 0;
}

int ui_tty_wake_fd(void)
{
    return tty.pipe[0];
}

struct ui_tty_news ui_tty_news(void)
{
    char bytes[64];
    struct ui_tty_news news;

    while (read(tty.pipe[0], bytes, sizeof bytes) > 0) {
    }
    news.resize = tty.resize != 0;
    tty.resize = 0;
    news.stop = tty.stop != 0;
    tty.stop = 0;
    news.cont = tty.cont != 0;
    tty.cont = 0;
    news.wake = tty.wake != 0;
    tty.wake = 0;
    return news;
}

bool ui_tty_pending(void)
{
    return tty.resize || tty.stop || tty.cont || tty.wake;
}

void ui_tty_guard(bool begin)
{
    struct sigaction action;
    sigset_t blocked;

    if (!begin) {
        for (int i = 0; i < GUARDED; i++) {
            sigaction(guarded_signals[i], &tty.guarded[i], NULL);
        }
        sigprocmask(SIG_SETMASK, &tty.mask, NULL);
        return;
    }
    sigemptyset(&blocked);
    for (int i = 0; i < GUARDED; i++) {
        sigaddset(&blocked, guarded_signals[i]);
    }
    sigprocmask(SIG_BLOCK, &blocked, &tty.mask);
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < GUARDED; i++) {
        sigaction(guarded_signals[i], &action, &tty.guarded[i]);
    }
}
