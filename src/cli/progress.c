#include "cli/progress.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const double EVERY_ON_TERMINAL = 0.1, EVERY_ELSEWHERE = 1;

enum { LINE_MOST = 256, STRIDE_MOST = 1 << 16 };

double cli_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void cli_progress_start(struct cli_progress *progress, const struct hg_trainer *trainer, bool quiet,
                        uint64_t epochs, uint64_t steps)
{
    memset(progress, 0, sizeof *progress);
    progress->quiet = quiet;
    progress->terminal = isatty(STDERR_FILENO) == 1;
    progress->epochs = epochs;
    progress->steps = steps;
    progress->shown_epoch = hg_trainer_progress(trainer)->epoch;
    progress->first_step = hg_trainer_progress(trainer)->step;
    progress->stride = 1;
    progress->started = progress->looked = cli_now();
    progress->shown = progress->started - EVERY_ELSEWHERE;
}

double cli_progress_seconds(const struct cli_progress *progress)
{
    return cli_now() - progress->started;
}

/* ---- the text ---- */

static void measure_speed(struct cli_progress *progress, const struct hg_trainer *trainer,
                          double now)
{
    uint64_t samples = hg_trainer_samples(trainer);
    double seconds = now - (progress->shown_samples ? progress->shown : progress->started);
    double speed;

    if (seconds <= 0 || samples == progress->shown_samples)
        return;
    speed = (double)(samples - progress->shown_samples) / seconds;
    progress->speed = progress->speed > 0 ? 0.7 * progress->speed + 0.3 * speed : speed;
    progress->shown_samples = samples;
}

/* Seconds to the end; NaN when there is none or nothing is known yet. */
static double time_left(const struct cli_progress *progress, const struct hg_trainer *trainer)
{
    const struct hg_progress *at = hg_trainer_progress(trainer);
    double training = (double)hg_trainer_experiment(trainer)->dataset->training;
    double left = INFINITY, done = (double)(at->step - progress->first_step);

    if (progress->speed <= 0 || done <= 0)
        return NAN;
    if (progress->epochs)
        left = ((double)progress->epochs - (double)at->epoch) * training - (double)at->position;
    if (progress->steps) {
        double each = (double)hg_trainer_samples(trainer) / done;
        double steps = ((double)progress->steps - (double)at->step) * each;
        left = steps < left ? steps : left;
    }
    return isfinite(left) && left > 0 ? left / progress->speed : NAN;
}

static void write_duration(char *text, size_t size, double seconds)
{
    unsigned long whole = seconds < 4e9 ? (unsigned long)(seconds + 0.5) : 4000000000ul;

    if (whole < 60)
        snprintf(text, size, "%lus", whole);
    else if (whole < 3600)
        snprintf(text, size, "%lum %02lus", whole / 60, whole % 60);
    else
        snprintf(text, size, "%luh %02lum", whole / 3600, whole / 60 % 60);
}

__attribute__((format(printf, 2, 3))) static void append(char *line, const char *format, ...)
{
    size_t length = strlen(line);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line + length, LINE_MOST - length, format, arguments);
    va_end(arguments);
}

/* Loss of the last whole epoch, of the last step before there is one. */
static void write_line(const struct cli_progress *progress, const struct hg_trainer *trainer,
                       char line[LINE_MOST])
{
    const struct hg_progress *at = hg_trainer_progress(trainer);
    const struct hg_history *history = hg_trainer_history(trainer);
    int digits = progress->terminal ? 4 : 6;
    char duration[32];
    double left = time_left(progress, trainer);

    line[0] = '\0';
    append(line, "epoch %" PRIu64, at->epoch);
    if (progress->epochs)
        append(line, "/%" PRIu64, progress->epochs);
    append(line, "  step %" PRIu64, at->step);
    if (progress->steps)
        append(line, "/%" PRIu64, progress->steps);
    if (isfinite(at->last_train))
        append(line, "  train %.*g", digits, at->last_train);
    else if (isfinite(hg_trainer_loss(trainer)))
        append(line, "  loss %.*g", digits, hg_trainer_loss(trainer));
    if (history->count && isfinite(history->epochs[history->count - 1].validation))
        append(line, "  validation %.*g", digits, history->epochs[history->count - 1].validation);
    if (progress->speed > 0)
        append(line, "  %.0f samples/s", progress->speed);
    if (isfinite(left)) {
        write_duration(duration, sizeof duration, left);
        append(line, "  %s left", duration);
    }
}

/* ---- showing it ---- */

static int terminal_width(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
        return size.ws_col;
    return 80;
}

/* Padded with blanks rather than erased, so that every terminal understands. */
static void draw(struct cli_progress *progress, const char *line)
{
    int width = terminal_width() - 1;

    fprintf(stderr, "\r%-*.*s", width, width, line);
    fflush(stderr);
    progress->drawn = true;
}

void cli_progress_clear(struct cli_progress *progress)
{
    if (!progress->drawn)
        return;
    fprintf(stderr, "\r%*s\r", terminal_width() - 1, "");
    progress->drawn = false;
}

static void show(struct cli_progress *progress, const struct hg_trainer *trainer, double now)
{
    char line[LINE_MOST];

    measure_speed(progress, trainer, now);
    write_line(progress, trainer, line);
    if (progress->terminal)
        draw(progress, line);
    else
        fprintf(stderr, "hourglass: %s\n", line);
    progress->shown = now;
    progress->shown_epoch = hg_trainer_progress(trainer)->epoch;
}

/* Reading the clock costs more than a tiny network's step, so it is read every
 * so many steps that it happens about a hundred times a second. */
static void adapt_stride(struct cli_progress *progress, double elapsed)
{
    if (elapsed < 0.005 && progress->stride < STRIDE_MOST)
        progress->stride *= 2;
    else if (elapsed > 0.02 && progress->stride > 1)
        progress->stride /= 2;
}

void cli_progress_step(struct cli_progress *progress, const struct hg_trainer *trainer)
{
    bool epoch = hg_trainer_progress(trainer)->epoch != progress->shown_epoch;
    double now;

    if (progress->quiet || (++progress->since < progress->stride && (progress->terminal || !epoch)))
        return;
    now = cli_now();
    progress->since = 0;
    adapt_stride(progress, now - progress->looked);
    progress->looked = now;
    if (progress->terminal ? now - progress->shown >= EVERY_ON_TERMINAL
                           : epoch && now - progress->shown >= EVERY_ELSEWHERE)
        show(progress, trainer, now);
}

void cli_progress_tell(struct cli_progress *progress, const struct hg_trainer *trainer)
{
    char line[LINE_MOST];

    measure_speed(progress, trainer, cli_now());
    write_line(progress, trainer, line);
    cli_progress_clear(progress);
    fprintf(stderr, "hourglass: %s\n", line);
}
