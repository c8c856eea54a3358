#include "tui/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Digits behind the point that give 3 significant ones for 0.001 <= size < 1000. */
static int decimals(double size)
{
    int places = 2;

    while (places > 0 && size >= 9.995) {
        size /= 10;
        places--;
    }
    while (places < 6 && size < 0.9995) {
        size *= 10;
        places++;
    }
    return places;
}

char *ui_format_loss(char out[UI_NUMBER], double loss)
{
    double size = fabs(loss);

    if (isnan(loss)) {
        snprintf(out, UI_NUMBER, "–");
    } else if (isinf(loss)) {
        snprintf(out, UI_NUMBER, loss > 0 ? "inf" : "-inf");
    } else if (size == 0) {
        snprintf(out, UI_NUMBER, "0");
    } else if (size < 0.0009995 || size >= 99950) {
        snprintf(out, UI_NUMBER, "%.2e", loss);
    } else {
        snprintf(out, UI_NUMBER, "%.*f", decimals(size), loss);
    }
    return out;
}

char *ui_format_count(char out[UI_NUMBER], uint64_t count)
{
    char digits[24];

    if (count >= 1000000000u) {
        snprintf(out, UI_NUMBER, "%.3gG", (double)count / 1e9);
        return out;
    }
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count), at = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            out[at++] = ',';
        }
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

/* Two digits are enough below 10 of a unit, whole numbers above. */
char *ui_format_speed(char out[UI_NUMBER], double per_second)
{
    static const struct {
        double size;
        const char *unit;
    } units[] = {{1, ""}, {1e3, "k"}, {1e6, "M"}, {1e9, "G"}, {1e12, "T"}};

    if (!isfinite(per_second) || per_second < 0) {
        per_second = 0;
    }
    size_t i = 0;
    while (i + 1 < sizeof units / sizeof *units && per_second / units[i].size >= 999.5) {
        i++;
    }
    double value = per_second / units[i].size;
    snprintf(out, UI_NUMBER, "%.*f%s", i > 0 && value < 9.95 ? 1 : 0, value, units[i].unit);
    return out;
}

char *ui_format_rate(char out[UI_NUMBER], double rate)
{
    snprintf(out, UI_NUMBER, "%.3g", rate);
    return out;
}

char *ui_format_code(char out[UI_NUMBER], double value, int digits)
{
    double size = fabs(value);

    if (!isfinite(value)) {
        snprintf(out, UI_NUMBER, "%s", isnan(value) ? "–" : value > 0 ? "+inf" : "-inf");
    } else if (size >= 9995) {
        snprintf(out, UI_NUMBER, "%+.0e", value);
    } else {
        int room = size < 9.995 ? digits : size < 99.95 ? digits - 1 : 0;
        snprintf(out, UI_NUMBER, "%+.*f", room > 0 ? room : 0, value);
    }
    if (strspn(out, "-0.") == strlen(out) && out[0] == '-') {
        out[0] = '+'; /* -0.00 would flicker */
    }
    return out;
}
