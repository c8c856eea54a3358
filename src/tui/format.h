/* format.h - numbers as the screen shows them: few digits, steady widths. */
#ifndef UI_FORMAT_H
#define UI_FORMAT_H

#include <stddef.h>
#include <stdint.h>

enum { UI_NUMBER = 32 };

/* 3 significant digits: 0.0337, 1.25, 12.3, 4.57e-05; "–" for NaN. */
char *ui_format_loss(char out[UI_NUMBER], double loss);
/* 4,520; from a thousand million on 1.23G. */
char *ui_format_count(char out[UI_NUMBER], uint64_t count);
/* 118k, 9.4k, 950, 1.2M; no unit. */
char *ui_format_speed(char out[UI_NUMBER], double per_second);
/* A learning rate: 0.001, 0.00156, 3.2e-05. */
char *ui_format_rate(char out[UI_NUMBER], double rate);
/* A code value with its sign and `digits` decimals, at most 6 characters: +0.39, -12.3, +1.2k. */
char *ui_format_code(char out[UI_NUMBER], double value, int digits);

#endif
