/* spec.h - an experiment: every option of an .ini file, with its value and where it came from.
 *
 * One table (hg_options) makes the struct's parser, validator, defaults, dump,
 * --set, completion and the man page check. A spec is plain data owned by its
 * holder; functions take it as first argument and touch nothing else.
 */
#ifndef HOURGLASS_SPEC_H
#define HOURGLASS_SPEC_H

#include "hourglass/dataset.h"
#include "hourglass/fault.h"
#include "hourglass/model.h"
#include "hourglass/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hg_art { HG_ART_AUTO, HG_ART_BLOCKS, HG_ART_BRAILLE, HG_ART_ASCII };
enum hg_palette { HG_PALETTE_AUTO, HG_PALETTE_VIRIDIS, HG_PALETTE_GREY, HG_PALETTE_MONO };
enum hg_output_bias { HG_OUTPUT_BIAS_MEAN, HG_OUTPUT_BIAS_ZERO };

/* center.K or spread.K of [gaussians]. */
struct hg_spec_override {
    size_t cluster;
    bool is_spread;
    char *values;
};

/* An experiment. Strings are owned by the spec, never NULL after hg_spec_init. */
struct hg_spec {
    struct {
        char *source, *labels, *only, *shape, *channels, *size, *scale;
        bool center;
        long long limit;
        double validation;
    } data;
    struct {
        long long clusters, dims, points;
        double spread;
        struct hg_spec_override *overrides;
        size_t override_count;
    } gaussians;
    struct {
        char *encoder, *code, *decoder, *output;
        int loss; /* enum hg_loss */
        double beta;
        bool bias;
        char *init;
        int output_bias; /* enum hg_output_bias */
        long long seed;
    } model;
    struct {
        int optimizer; /* enum hg_optimizer */
        double lr, beta1, beta2, epsilon, weight_decay, l1, clip;
        char *schedule;
        long long batch, epochs;
        bool shuffle;
        char *corrupt;
        double sparsity, stop_epsilon;
        long long patience;
        char *save_every;
        long long threads;
    } train;
    struct {
        int fault; /* enum hg_fault */
    } lesson;
    struct {
        long long fps;
        long long budget; /* bytes a second; 0 = no limit, -1 = auto */
        int art, palette; /* enum hg_art, hg_palette */
        bool mouse;
    } screen;

    char *folder; /* of the file, absolute; "" without one. Relative paths of the file are relative
                    * to it, those of --set to the current folder; data.source, data.labels and
                    * model.init hold them absolute, ready to open */
    char *name;   /* of the experiment: the file's stem, "digits" for the built-in */
    struct hg_spec_origins *origins; /* private: where each value came from */
};

enum hg_option_type {
    HG_OPT_TEXT,
    HG_OPT_INTEGER,
    HG_OPT_REAL,
    HG_OPT_YESNO,
    HG_OPT_CHOICE,
    HG_OPT_BUDGET
};

/* One line of the table. */
struct hg_option {
    const char *section, *key;
    enum hg_option_type type;
    size_t offset;        /* in struct hg_spec */
    double least, most;   /* numbers: range, both ends included unless `open` */
    bool open;            /* least itself is not allowed (lr > 0) */
    const char *choices;  /* HG_OPT_CHOICE: words separated by '|', index = value */
    const char *fallback; /* default, as text */
    bool live;            /* may be changed while training runs */
    bool in_run;          /* is kept in the run file's config */
    const char *help;     /* one sentence; for texts: what is accepted */
};

/* The table, `*count` lines. [gaussians] center.K and spread.K are the only keys beside it. */
const struct hg_option *hg_options(size_t *count);
const struct hg_option *hg_option_find(const char *name); /* "train.lr" */
/* What it accepts, in words: "a number above 0". */
void hg_option_accepts(const struct hg_option *option, char *out, size_t size);

/* All defaults. HG_NO_MEMORY only. After it, hg_spec_fini is due. */
enum hg_status hg_spec_init(struct hg_spec *spec, struct hg_error *error);
void hg_spec_fini(struct hg_spec *spec);
enum hg_status hg_spec_copy(struct hg_spec *to, const struct hg_spec *from, struct hg_error *error);

/* Sets one value from text, strictly. `origin`: shown by --print-config, e.g.
 * "file.ini:12" or "--set". HG_USAGE: "train.lr: 'x' is not a number; a number above 0". */
enum hg_status hg_spec_set(struct hg_spec *spec, const char *name, const char *text,
                           const char *origin, struct hg_error *error);
/* Back to its default, as if never set; center.K and spread.K are there no more. HG_USAGE:
 * there is no such key. */
enum hg_status hg_spec_unset(struct hg_spec *spec, const char *name, struct hg_error *error);
/* The value as text that hg_spec_set reads back to the same value; false if there is no such key. */
bool hg_spec_get(const struct hg_spec *spec, const char *name, char *text, size_t size);
const char *hg_spec_origin(const struct hg_spec *spec,
                           const char *name); /* "default" when untouched */
/* Puts the place of a value in front of *error and returns status: "FILE:LINE: lr" when it
 * came from a file, else "train.lr". For what only data or network can tell. */
enum hg_status hg_spec_blame(const struct hg_spec *spec, const char *name, enum hg_status status,
                             struct hg_error *error);

/* Reads an .ini file over what the spec holds; sets folder and name. HG_USAGE with FILE:LINE: key: ... */
enum hg_status hg_spec_load(struct hg_spec *spec, const char *path, struct hg_error *error);
/* The same from memory (the config of a run file). `label` stands for the file in messages. */
enum hg_status hg_spec_parse(struct hg_spec *spec, const char *text, const char *label,
                             struct hg_error *error);
/* Only [screen] (and [keys], handed to `key` line by line) of the user's own config file; a missing file is HG_OK. */
enum hg_status hg_spec_load_user(struct hg_spec *spec, const char *path,
                                 enum hg_status (*key)(void *self, const char *action,
                                                       const char *keys, const char *place,
                                                       struct hg_error *error),
                                 void *self, struct hg_error *error);

/* Checks what a table cannot: texts of layers, schedule, init, corrupt, data, save_every, and
 * combinations. Messages carry FILE:LINE: key where the value came from a file. */
enum hg_status hg_spec_check(const struct hg_spec *spec, struct hg_error *error);

/* Writes the experiment as INI text. What: for a run file's config (in_run keys only,
 * source absolute), or all with origins (--print-config) or with what they are as comments.
 * NULL = no memory; free with hg_free_text. */
enum hg_spec_style { HG_SPEC_RUN, HG_SPEC_ORIGINS, HG_SPEC_HELP };
char *hg_spec_text(const struct hg_spec *spec, enum hg_spec_style style);
void hg_free_text(char *text);
/* Writes it as an experiment file with comments. HG_FAILED: a file that exists is left alone
 * without `replace`. */
enum hg_status hg_spec_write(const struct hg_spec *spec, const char *path, bool replace,
                             struct hg_error *error);

/* Views for the other nouns; pointers stay inside the spec. */
void hg_spec_data(
    const struct hg_spec *spec,
    struct hg_data_config *config); /* overrides are converted into spec-owned memory */
double hg_spec_beta2(const struct hg_spec *spec); /* rmsprop's own default when untouched */

/* save_every: "5m", "30s", "1h", "100 steps", "5 epochs", "end" */
struct hg_save_every {
    double seconds; /* 0 = not by time */
    uint64_t steps, epochs;
};
enum hg_status hg_save_every_parse(const char *text, struct hg_save_every *every,
                                   struct hg_error *error);

#endif
