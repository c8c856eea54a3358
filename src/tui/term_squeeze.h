/* term_squeeze.h - fewer bytes for the same colours. */
#ifndef TUI_TERM_SQUEEZE_H
#define TUI_TERM_SQUEEZE_H

#include <stddef.h>

/* curses sets foreground and background anew for every pair of colours, each by a
 * sequence of its own. In place: leaves out a colour that is set already, and
 * joins two sequences to one. Everything else stays. Returns the new length. */
size_t ui_squeeze(char *bytes, size_t length);

#endif
