/* term_tty.h - the terminal's modes, the signals that concern it, and its rescue after a crash.
 *
 * The only file of the interface with static state: signal handlers have no other.
 */
#ifndef TUI_TERM_TTY_H
#define TUI_TERM_TTY_H

#include <stdbool.h>
#include <stddef.h>

enum { UI_TTY_RESTORE = 256 };

/* Remembers the modes of the terminal on `fd`, makes the wake-up pipe and takes
 * SIGWINCH, SIGTSTP and SIGCONT. False: no terminal, or no descriptors left. */
bool ui_tty_open(int fd);
/* Gives signals and modes back. */
void ui_tty_close(void);

/* From here on ui_term_emergency writes these bytes and restores the modes. */
void ui_tty_arm(const char *bytes, size_t length);
void ui_tty_disarm(void);
/* Sets the modes found by ui_tty_open. */
void ui_tty_restore_modes(void);
/* Stops the process group as Ctrl-Z does; returns when continued. */
void ui_tty_stop(void);

/* The read end of the wake-up pipe: readable when one of the flags below may be set. */
int ui_tty_wake_fd(void);
/* What has come since the last look; the pipe is emptied. */
struct ui_tty_news {
    bool resize, stop, cont, wake;
};
struct ui_tty_news ui_tty_news(void);
/* Is there any, without taking it? */
bool ui_tty_pending(void);

/* Keeps curses from taking signals while it starts: call before and after. What
 * arrives in between is delivered afterwards. */
void ui_tty_guard(bool begin);

#endif
