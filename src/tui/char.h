/* char.h - characters, as the canvas and the terminal spell them. */
#ifndef TUI_CHAR_H
#define TUI_CHAR_H

#include <stddef.h>
#include <stdint.h>

/* How a character from U+0080 on is written in ASCII: one to three columns; "?" if unknown. */
const char *ui_char_ascii(uint32_t character);
/* UTF-8 of a character, 1 to 4 bytes, not terminated; returns how many. */
size_t ui_char_encode(uint32_t character, char out[4]);

#endif
