/* session.h - training in a thread of its own, watched through snapshots and steered by commands.
 *
 * The trainer thread owns trainer, model and data from start to join; nobody
 * else reads them. It fills a snapshot and publishes it; the watcher takes the
 * newest. Commands go in by a bounded queue and are applied between two
 * batches. Neither side ever blocks; a paused trainer sleeps. The trainer
 * starts with all signals blocked. Failure becomes state and text in a snapshot.
 */
#ifndef HOURGLASS_SESSION_H
#define HOURGLASS_SESSION_H

#include "hourglass/check.h"
#include "hourglass/doctor.h"
#include "hourglass/fork.h"
#include "hourglass/ladder.h"
#include "hourglass/latent.h"
#include "hourglass/network.h"
#include "hourglass/pulse.h"
#include "hourglass/trainer.h"

enum hg_run_state {
    HG_STATE_LOADING, /* data and network are being made */
    HG_STATE_PAUSED,
    HG_STATE_RUNNING,
    HG_STATE_FINISHED, /* reached an end */
    HG_STATE_DIVERGED, /* NaN or Inf; the last good weights are kept; r restarts */
    HG_STATE_FAILED    /* could not be loaded: the text says why */
};

/* How a sentence judges. */
enum hg_tone { HG_TONE_PLAIN, HG_TONE_GOOD, HG_TONE_WARN, HG_TONE_BAD };

enum { HG_SNAPSHOT_POINTS = 2000, HG_SNAPSHOT_CODES = 64, HG_SNAPSHOT_TEXT = 256 };

/* One sample's place in the scatter. */
struct hg_code_point {
    uint32_t sample;
    int32_t label; /* -1 = none */
    float x, y;    /* code (2), first axis and 0 (1), the two main axes of the codes (above 2) */
};

/* View 4: one level of the network as small pictures. Level 0 is the weights of the first
 * layer that has any, level i what layer i - 1 gives for the shown sample. Asked for with
 * HG_DO_FILTERS, a page at a time. */
enum {
    HG_FILTER_PICTURES = 64,
    HG_FILTER_SIDE = 64,
    HG_FILTER_VALUES = 4096,
    HG_FILTER_LEVELS = 64
};

enum hg_filter_kind {
    HG_FILTER_KERNELS, /* of a convolution, one an output channel: rows x columns */
    HG_FILTER_WEIGHTS, /* of a dense layer, one a unit: as the unit's input lies; 1 x n for a row */
    HG_FILTER_MAPS,    /* what a layer gives, one a channel; the output of a colour image: one */
    HG_FILTER_OUTPUTS  /* what a layer without picture gives: single values */
};

struct hg_filters {
    bool known;      /* false: not asked for, or not computed yet */
    uint64_t serial; /* changes with all below */
    int level, levels;
    char level_text[HG_FILTER_LEVELS][24]; /* "weights", "conv 16", "lrelu", ...: the first */
    enum hg_filter_kind kind;
    char name[32], text[64]; /* of the layer: "encoder.0", "dense 64" */
    struct hg_shape shape;   /* of one whole picture: 1, or of kernels and weights the
                              * channels of the input */
    bool averaged;           /* its channels (neither 1 nor 3) are averaged */
    uint32_t sample;
    size_t total;            /* pictures of the level */
    size_t first, count;     /* the page: at most HG_FILTER_PICTURES; of single values
                              * HG_FILTER_VALUES */
    struct hg_shape picture; /* of one as copied: 1 or 3 channels, sides of at most
                              * HG_FILTER_SIDE (areas averaged by whole numbers) */
    double lowest, highest;  /* over the whole level, for drawing: without what is farther than
                              * 3.5 standard deviations; kinds with signs: -highest, highest */
    size_t constants;        /* of all: pictures of one value everywhere */
    bool constant[HG_FILTER_PICTURES]; /* of the page */
    float *values;                     /* count x picture */
    size_t room;                       /* of `values`: the trainer's business */
};

/* What the doctor found at his last look: HG_DO_DOCTOR. */
struct hg_visit {
    bool known;      /* false: not asked for, or not there yet */
    uint64_t serial; /* changes with all below */
    struct hg_health health;
    struct hg_diagnosis diagnosis;
};

/* Everything a screen shows, copied: no pointer into the trainer. The arrays
 * belong to the snapshot; all are NULL in states LOADING and FAILED. */
struct hg_snapshot {
    uint64_t serial; /* grows with every publication */
    enum hg_run_state state;
    enum hg_status status; /* with FAILED, DIVERGED */
    char message
        [HG_ERROR_TEXT]; /* the newest thing to tell: an answer to a command, an error; "" = none */
    enum hg_tone message_tone;
    uint64_t message_serial; /* changes when the message is new */

    /* what is trained (from the end of LOADING on; another one with another generation) */
    char name[64], layers[256]; /* "MNIST"; "784-128-32-2-32-128-784" */
    char layers_long[512];      /* "784 → 128 tanh → 32 tanh → 2 → ... → 784 sigmoid" */
    char notes[12][160];        /* what was chosen for the user */
    size_t note_count;
    struct hg_shape shape;
    bool image;
    size_t features, codes, samples, training;
    size_t classes;
    char class_names[64][24]; /* the first 64 */
    double lowest, highest;   /* range of the data, for drawing */
    enum hg_loss loss;
    uint64_t parameters;

    /* the experiment with all changes made; "auto" resolved, of origin "chosen" */
    struct hg_spec *spec;
    uint64_t spec_serial; /* changes with it */
    uint64_t generation;  /* changes when data and network were made anew */
    uint64_t jumps;       /* changes when the weights became others: started again, swapped */

    /* where it stands */
    uint64_t epoch, step, epoch_steps, epoch_position; /* position: steps of this epoch done */
    uint64_t end_epochs, end_steps;                    /* 0 = until stopped; HG_NO_STEP */
    double train, validation; /* last finished epoch; NaN before / without */
    double running;           /* running mean of the batch losses; NaN before the first step */
    double samples_per_s;     /* smoothed; 0 while paused */
    double lr, rate;          /* base and scheduled */
    enum hg_optimizer optimizer;
    uint64_t batch; /* samples a batch */
    char schedule[64];
    int64_t seed;
    double collapse; /* index C over the probed samples; NaN = unknown */
    bool unsaved;
    char saved[256]; /* last file written, "" = none; sanitized */

    /* the shown sample */
    uint32_t sample;
    int32_t label;                 /* -1 = none */
    bool held_out;                 /* belongs to the validation samples */
    float *input, *output;         /* features values each, scaled */
    float code[HG_SNAPSHOT_CODES]; /* the first of its code values */
    double sample_loss;
    bool aside; /* view 1 was not shown when this was filled: its output, code and loss, and the
                 * points below, may be of some time ago */
    bool latent_aside; /* view 2 was not: so may be `latent` */

    /* the scatter */
    size_t points;
    struct hg_code_point *point; /* HG_SNAPSHOT_POINTS */
    bool projected;              /* codes > 2: main axes */
    float here_x, here_y;        /* the shown sample */

    /* the chart */
    struct hg_series *series;
    size_t epochs;            /* entries of `history` */
    struct hg_epoch *history; /* newest HG_SNAPSHOT_POINTS kept epochs, oldest first */
    struct hg_ladder ladder;  /* ladder.rungs 0 and ladder.mean NaN until known */

    /* the run's history: hg_trainer_travel */
    bool away;    /* one is back */
    uint64_t tip; /* the newest step there is to go to */
    size_t kept;
    uint64_t kept_step[HG_KEPT_MOST];
    struct hg_series *branch; /* losses of the steps ahead, or of the line left last; NULL */
    uint64_t branch_from, branch_serial;

    struct hg_rival rival; /* HG_DO_FORK: the run that is not shown */

    struct hg_filters filters;  /* values NULL until asked for */
    struct hg_latent latent;    /* HG_DO_LATENT */
    struct hg_network *network; /* HG_DO_NETWORK; NULL until asked for */
    struct hg_visit visit;
    struct hg_pulse pulse; /* arrays NULL until asked for: HG_DO_HEALTH */
    struct hg_extremes extremes;
    struct hg_check check; /* HG_DO_CHECK */

    /* the sentence */
    char sentence[HG_SNAPSHOT_TEXT];
    char sentence_short[96]; /* for narrow screens */
    enum hg_tone sentence_tone;
};

enum hg_command_kind {
    HG_DO_RUN, /* to the end */
    HG_DO_PAUSE,
    HG_DO_STEPS, /* `number` steps, then pause */
    HG_DO_EPOCH, /* to the end of this epoch, then pause */
    HG_DO_SET,   /* option `name` = `text` */
    HG_DO_SHOW,  /* sample number `number` */
    HG_DO_SHOW_LABEL, /* next sample (number >= 0: forward, else back) among label `label`; label -1 = any */
    HG_DO_RESTART, /* same seed; number != 0: with seed `number`; name: option `name` = `text`;
                    * spec: as that experiment. What fails leaves the run as it is */
    HG_DO_SAVE,    /* to `text`; "" = the session's own output */
    HG_DO_BACK,    /* to the kept state before; number > 0: exactly so many steps; pauses */
    HG_DO_FORWARD, /* the other way, up to where one had been */
    HG_DO_TRAVEL,  /* to step `number`, exactly; pauses */
    HG_DO_FORK,    /* a copy as it stands, option `name` = `text` in it ("" = no change), races
                    * the run from now on, and is shown */
    HG_DO_SWAP,    /* shows and steers the other of the two */
    HG_DO_KEEP,    /* the shown one goes on alone */
    HG_DO_QUIT,    /* save first if text is not "" */
    HG_DO_EDIT,    /* parameter `text` ("encoder.0.weight[3,17]") becomes `name` ("0.25") */
    HG_DO_FILTERS, /* view 4 shows `count` pictures from `first` of level `number`; -1: nothing */
    HG_DO_DOCTOR,  /* number 1: look at once, then every few seconds; 0: no more */
    HG_DO_NETWORK, /* view 3: columns of at most `count` units are shown whole, of others value[0]
                    * units; unit `first` of column `number` is chosen, its parameters are listed
                    * from `label` on (-1: not). number -1: nothing */
    HG_DO_HEALTH,  /* number 1: view 5 is shown; 0: no more */
    HG_DO_TRAIN,   /* number 1: view 1 is shown (as in the beginning); 0: no more. Then the sample's
                    * output and the points of the scatter are of some time ago */
    HG_DO_CHECK,   /* number 1: a gradient check, from its beginning; 0: no more, forget it */

    /* view 2; the cursor's have a `number` that is answered in hg_latent.answered */
    HG_DO_LATENT,    /* number 1: shown, with a grid of `first` columns and `count` rows (0 = none);
                          * 0: no more */
    HG_DO_LATENT_AT, /* the cursor to `value` (`count` of them), in slider coordinates */
    HG_DO_LATENT_PLANE,  /* the cursor to (value[0], value[1]) of the plane; the rest stays */
    HG_DO_LATENT_SAMPLE, /* the cursor to the code of sample `first` */
    HG_DO_LATENT_MIX,    /* to (1 - value[0]) code of sample `first` + value[0] that of `count` */
    HG_DO_LATENT_RANDOM  /* to a code drawn from N(0, 1) (gaussian), else from the normal
                          * distribution that fits the training codes; by `first` as seed */
};
struct hg_command {
    enum hg_command_kind kind;
    int64_t number;
    int32_t label;
    uint32_t first, count;
    char name[48];
    char text[512];
    float value[HG_SNAPSHOT_CODES];
    const struct hg_spec *spec; /* borrowed: the queue makes a copy; NULL */
};

struct hg_session;

struct hg_session_config {
    struct hg_context *context; /* borrowed, used by the trainer thread only until join */
    const struct hg_spec *spec; /* copied */
    struct hg_limits limits;
    const char *weights;       /* --init; NULL */
    struct hg_runfile *resume; /* taken over; NULL */
    uint64_t epochs, steps;    /* ends; 0 = none; HG_NO_STEP */
    const char *output;        /* run file of w and of save_every; NULL = none chosen yet */
    bool named;                /* the user chose `output`: save_every applies */
    bool overwrite;            /* the first save may replace an existing file (--force, resume) */
    const char *log;           /* --log; NULL */
    bool start_paused;
    double snapshots_per_second; /* ceiling; 0 = 20 */
};

/* Starts the thread; returns at once (loading happens in the thread). */
enum hg_status hg_session_start(const struct hg_session_config *config, struct hg_session **session,
                                struct hg_error *error);
/* The newest snapshot, or NULL when nothing new came since the last take. Valid
 * until the next take. Watcher thread only. */
const struct hg_snapshot *hg_session_take(struct hg_session *session);
/* A file descriptor that becomes readable when a snapshot is waiting (poll it beside the
 * terminal; take clears it). */
int hg_session_fd(const struct hg_session *session);
/* Queues a command; false when the queue (64) is full, or no memory for its spec. */
bool hg_session_send(struct hg_session *session, const struct hg_command *command);
/* Asks for a snapshot as soon as possible (a redraw after a key). */
void hg_session_poke(struct hg_session *session);
/* Ends the thread (after the present batch; reason USER or SIGNAL), joins it, frees all.
 * *unsaved_to (may be NULL): 512 bytes, path of the last save or "". */
enum hg_status hg_session_stop(struct hg_session *session, enum hg_end reason, char *saved_to,
                               struct hg_error *error);

#endif
