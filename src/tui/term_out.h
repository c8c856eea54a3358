/* term_out.h - what curses writes, collected, counted, and sent to the terminal in one piece. */
#ifndef TUI_TERM_OUT_H
#define TUI_TERM_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct ui_out {
    FILE *file;               /* curses' own descriptor of the terminal */
    int tty;                  /* the terminal */
    int collect;              /* memory file that takes its place while curses writes */
    bool gone;                /* the terminal cannot be written to any more */
    bool lost;                /* bytes were dropped: what the terminal shows is not known */
    unsigned long long bytes; /* sent so far */
};

bool ui_out_open(struct ui_out *out, int tty);
void ui_out_close(struct ui_out *out);

/* From here on curses writes into memory ... */
void ui_out_begin(struct ui_out *out);
/* ... and here it is sent, without occurrences of `drop` (NULL: nothing is
 * dropped). Returns the number of bytes. */
size_t ui_out_end(struct ui_out *out, const char *drop);

#endif
