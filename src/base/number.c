#include "base/number.h"

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* strtod reads hexadecimal, "inf", "nan" and the locale's decimal point; here a
 * number is digits with an optional '.', and an optional exponent. */
bool hg__looks_real_n(const char *s, size_t length)
{
    size_t i = 0, digits = 0;

    if (i < length && (s[i] == '+' || s[i] == '-'))
        i++;
    for (; i < length && s[i] >= '0' && s[i] <= '9'; i++)
        digits++;
    if (i < length && s[i] == '.')
        for (i++; i < length && s[i] >= '0' && s[i] <= '9'; i++)
            digits++;
    if (digits == 0)
        return false;
    if (i < length && (s[i] == 'e' || s[i] == 'E')) {
        size_t before;
        i++;
        if (i < length && (s[i] == '+' || s[i] == '-'))
            i++;
        before = i;
        while (i < length && s[i] >= '0' && s[i] <= '9')
            i++;
        if (i == before)
            return false;
    }
    return i == length;
}

/* Up to 15 digits and a power of ten up to 22 are exact in double arithmetic:
 * almost every number of a table takes this way. */
static bool parse_short(const char *s, size_t length, double *value)
{
    static const double power[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    size_t i = 0, digits = 0, after = 0;
    bool negative = false, point = false;
    double whole = 0;

    if (i < length && (s[i] == '+' || s[i] == '-'))
        negative = s[i++] == '-';
    for (; i < length; i++) {
        if (s[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (s[i] < '0' || s[i] > '9')
            return false;
        whole = whole * 10 + (s[i] - '0');
        digits++;
        after += point;
    }
    if (digits == 0 || digits > 15)
        return false;
    whole /= power[after];
    *value = negative ? -whole : whole;
    return true;
}

bool hg__parse_real_n(const char *text, size_t length, double *value)
{
    char copy[512], *end;
    const char *point = localeconv()->decimal_point;
    double read;

    if (parse_short(text, length, value))
        return true;
    if (length >= sizeof copy || !hg__looks_real_n(text, length))
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (*point != '.' && strlen(point) == 1 && strchr(copy, '.'))
        *strchr(copy, '.') = *point;
    read = strtod(copy, &end);
    if (*end || !isfinite(read))
        return false;
    *value = read;
    return true;
}

bool hg__parse_real(const char *text, double *value)
{
    return hg__parse_real_n(text, strlen(text), value);
}

bool hg__parse_integer(const char *text, long long *value)
{
    char *end;
    long long read;

    if (!(*text == '-' || *text == '+' || (*text >= '0' && *text <= '9')))
        return false;
    if (strspn(text + (*text == '-' || *text == '+'), "0123456789") == 0)
        return false;
    errno = 0;
    read = strtoll(text, &end, 10);
    if (*end || errno)
        return false;
    *value = read;
    return true;
}

bool hg__parse_size(const char *text, size_t *bytes)
{
    static const char units[] = "KMGT";
    char *end;
    double number, scale = 1;
    const char *unit;

    if (*text < '0' || *text > '9')
        return false;
    number = strtod(text, &end);
    if (memchr(text, 'x', (size_t)(end - text)) || memchr(text, 'X', (size_t)(end - text)))
        return false;
    unit = *end ? strchr(units, *end >= 'a' ? *end - 'a' + 'A' : *end) : NULL;
    if (unit && *unit) {
        for (long i = 0; i <= unit - units; i++)
            scale *= 1024;
        end++;
        if (strcmp(end, "iB") == 0 || strcmp(end, "B") == 0)
            end += strlen(end);
    }
    number *= scale;
    if (*end || !(number < (double)SIZE_MAX / 2))
        return false;
    *bytes = (size_t)number;
    return true;
}

static void force_point(char *text)
{
    const char *point = localeconv()->decimal_point;

    if (*point != '.' && strchr(text, *point))
        *strchr(text, *point) = '.';
}

/* C writes 300 with one digit as 3e+02, and 1e-8 as 1e-08: neither is what people write. */
static void tidy(char out[32], double value)
{
    char *e = strchr(out, 'e'), *from;
    int exponent = e ? atoi(e + 1) : 0;

    force_point(out);
    if (!e)
        return;
    if (exponent > 0 && exponent < 7) {
        snprintf(out, 32, "%.0f", value);
        return;
    }
    from = e + 2 + strspn(e + 2, "0");
    if (e[1] == '-')
        e++;
    memmove(e + 1, from, strlen(from) + 1);
}

char *hg__format_real(char out[32], double value)
{
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(out, 32, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    tidy(out, value);
    return out;
}

char *hg__format_float(char out[32], float value)
{
    for (int digits = 1; digits <= 9; digits++) {
        snprintf(out, 32, "%.*g", digits, (double)value);
        if (strtof(out, NULL) == value)
            break;
    }
    tidy(out, (double)value);
    return out;
}

void hg__print_bytes(uint64_t bytes, char out[32])
{
    static const char *const unit[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes;
    int i = 0;

    for (; value >= 1024 && i < 6; i++)
        value /= 1024;
    snprintf(out, 32, i && value < 9.95 ? "%.1f %s" : "%.0f %s", value, unit[i]);
}
