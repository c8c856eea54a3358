/* latent.h - view 2 on the trainer's side: plane, cursor, grid, PCA's plane.
 *
 * Used by the trainer thread between batches, only while someone asks. Probe passes use
 * evaluation mode and no random numbers of the run. Everything is made at the first wish;
 * a look allocates nothing. Time is held to a share of the training time, but for what a key asked
 * for: that comes at once.
 */
#ifndef HG_RUN_LATENT_H
#define HG_RUN_LATENT_H

#include "run/latent_axes.h"

#include "hourglass/session.h"

struct hg__pca;

/* The codes that the scatter knows: what all is measured on. */
struct hg__latent_cloud {
    const float *codes;     /* count x codes */
    const uint32_t *sample; /* which they are */
    size_t count, most;     /* known; that there will be */
    uint64_t stamp;         /* another one: some are new */
};

struct hg__latent_cursor {
    bool placed; /* it has a place: at first the mean */
    bool wanted; /* a key asked for it: not a matter of budget */
    bool known;  /* decoded with the present weights, where it is */
    double position[HG_LATENT_SLIDERS];
    double *rest; /* codes: what the place has beyond the sliders */
    float *code;  /* codes: the place as a whole code */
};

/* Codes of training samples among the cloud, and how near they are to one another. */
struct hg__latent_near {
    bool *held_out; /* of the points of the cloud */
    size_t flagged; /* points looked up */
    float *gap;     /* distance of a point to its next */
    float *sorted;
    size_t next, gaps;     /* the next to measure; known */
    uint64_t begun, known; /* `seen` when this round began; that the last whole round is of */
    double usual, wide;    /* median; not farther are nine of ten */
    int64_t guest;         /* the sample that the cursor was sent to last; -1: none */
    float *guest_code;
};

struct hg__latent_grid {
    size_t columns, rows;  /* asked for; 0 = none */
    size_t next, fresh;    /* the next cell; up to date */
    bool complete;         /* all cells were decoded once for these rows and columns */
    double cost;           /* seconds a cell */
    float *codes, *output; /* of a few cells */
};

/* Of the points with a label in one plane: the label of the nearest other one. */
enum { HG__LATENT_CLASSES = 64 };
struct hg__latent_pairs {
    size_t labelled, agree;
    uint16_t of[HG__LATENT_CLASSES]; /* points of a label; labels beyond are not told apart */
    uint16_t next[HG__LATENT_CLASSES][HG__LATENT_CLASSES];
};

struct hg__latent_pca {
    const struct hg__pca *axes; /* of the training samples; NULL until the background has them */
    double *score;              /* points x 2: where they lie on them */
    size_t scored;
    double turn[2][2]; /* how they are turned to look like the code's */
    bool turned;
    struct hg__latent_pairs *pairs; /* of the code's plane, of PCA's */
    uint64_t compared;              /* `seen` when they were */
    double compared_at;
    uint32_t said, next_said; /* what the sentence says, and what it would now */
    unsigned times;           /* so often in a row */

    bool linear;  /* all layers are: there is an angle */
    double *span; /* codes x features, and three small squares */
    float *rows;  /* codes + 1 outputs, and their codes */
};

struct hg__latent {
    bool shown, made;
    uint64_t seen; /* stamp of the cloud at the last frame */
    size_t rounds; /* frames since then: the axes of long codes settle */
    struct hg__latent_axes axes;
    struct hg__latent_cursor cursor;
    struct hg__latent_near near;
    struct hg__latent_grid grid;
    struct hg__latent_pca pca;
    double frame_credit, near_credit, grid_credit, pca_credit; /* seconds they may take */
    double granted_at;                                         /* of the thread's processor time */
    struct hg_latent facts;
};

/* HG_DO_LATENT; the other commands of view 2. */
void hg__latent_wish(struct hg__latent *latent, const struct hg_trainer *trainer,
                     const struct hg__latent_cloud *cloud, const struct hg_command *command);
void hg__latent_obey(struct hg__latent *latent, const struct hg_trainer *trainer,
                     const struct hg_command *command);

/* A step was made, or the run stands elsewhere: what was decoded is stale. */
void hg__latent_stale(struct hg__latent *latent);

/* The run began again: nothing is held from before. */
void hg__latent_restarted(struct hg__latent *latent);

/* PCA's axes of the training samples; NULL: not known yet. Before each probe. */
void hg__latent_axes_known(struct hg__latent *latent, const struct hg__pca *axes);

/* Spends what may be spent, a share of the thread's own processor time since the last call.
 * `idle`: nobody trains. Returns true when all is up to date. */
bool hg__latent_probe(struct hg__latent *latent, const struct hg_trainer *trainer,
                      const struct hg__latent_cloud *cloud, bool idle);

/* Copies what is new; arrays are made when missing. HG_NO_MEMORY: known is false. */
enum hg_status hg__latent_fill(const struct hg__latent *latent, struct hg_latent *out);
void hg__latent_fill_fini(struct hg_latent *out);

/* Frees all; what was asked for stays: the next probe makes all anew, for another network too. */
void hg__latent_fini(struct hg__latent *latent);

#endif
