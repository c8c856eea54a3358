#include "hourglass/model.h"

#include "base/number.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* One part of a schedule: a name and up to two numbers. */
struct part {
    const char *name;
    size_t length;
    double number[2];
    int numbers;
    bool readable; /* every further word was a number, at most two */
};

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Splits [s, end) into words. */
static struct part read_part(const char *s, const char *end)
{
    struct part part = {s, 0, {0, 0}, 0, true};

    while (s < end) {
        const char *word;
        while (s < end && blank(*s))
            s++;
        word = s;
        while (s < end && !blank(*s))
            s++;
        if (s == word)
            break;
        if (part.length == 0) {
            part.name = word;
            part.length = (size_t)(s - word);
        } else if (part.numbers == 2 ||
                   !hg__parse_real_n(word, (size_t)(s - word), &part.number[part.numbers++])) {
            part.readable = false;
        }
    }
    return part;
}

static bool named(const struct part *part, const char *name)
{
    return part->length == strlen(name) && memcmp(part->name, name, part->length) == 0;
}

static bool whole(double value)
{
    return value >= 1 && value <= 1e12 && value == floor(value);
}

/* Each part may stand once. NULL: taken; else what is accepted. */
static const char *take_part(const struct part *part, struct hg_schedule *schedule)
{
    if (named(part, "constant") && part->readable && part->numbers == 0)
        return NULL;
    if (named(part, "step")) {
        if (!part->readable || part->numbers != 2 || !whole(part->number[0]) ||
            part->number[1] <= 0 || part->number[1] > 1e6 || schedule->step_epochs > 0)
            return "step EPOCHS FACTOR, once, EPOCHS a whole number from 1 and FACTOR above 0";
        schedule->step_epochs = part->number[0];
        schedule->step_factor = part->number[1];
        return NULL;
    }
    if (named(part, "cosine")) {
        if (!part->readable || part->numbers < 1 || !whole(part->number[0]) ||
            part->number[1] < 0 || schedule->cosine_epochs > 0)
            return "cosine EPOCHS [MIN_LR], once, EPOCHS a whole number from 1 and MIN_LR from 0";
        schedule->cosine_epochs = part->number[0];
        schedule->cosine_minimum = part->number[1];
        return NULL;
    }
    if (named(part, "warmup")) {
        if (!part->readable || part->numbers != 1 || !whole(part->number[0]) ||
            schedule->warmup_steps > 0)
            return "warmup STEPS, once, STEPS a whole number from 1";
        schedule->warmup_steps = part->number[0];
        return NULL;
    }
    return "constant, step EPOCHS FACTOR, cosine EPOCHS [MIN_LR], warmup STEPS, "
           "or several with commas";
}

enum hg_status hg_schedule_parse(const char *text, struct hg_schedule *schedule,
                                 struct hg_error *error)
{
    struct hg_schedule read = {0};
    const char *s = text;

    for (;;) {
        const char *end = s + strcspn(s, ",");
        struct part part = read_part(s, end);
        const char *accepted = take_part(&part, &read);

        if (accepted)
            return hg_error_set(error, HG_USAGE, "\"%.60s\" is not a schedule; accepted: %s", text,
                                accepted);
        if (*end == '\0')
            break;
        s = end + 1;
    }
    *schedule = read;
    return HG_OK;
}

double hg_schedule_rate(const struct hg_schedule *schedule, double rate, uint64_t epoch,
                        uint64_t step)
{
    const double pi = 3.14159265358979323846;

    if (schedule->cosine_epochs > 0) {
        double part = fmin(1, (double)epoch / schedule->cosine_epochs);
        rate = schedule->cosine_minimum +
               (rate - schedule->cosine_minimum) * 0.5 * (1 + cos(pi * part));
    }
    if (schedule->step_epochs > 0)
        rate *= pow(schedule->step_factor, floor((double)epoch / schedule->step_epochs));
    if (schedule->warmup_steps > 0 && (double)step < schedule->warmup_steps)
        rate *= ((double)step + 1) / schedule->warmup_steps;
    return rate;
}
