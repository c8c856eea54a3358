/* latent_parts.h - what the files of view 2 are for one another. Private to latent*.c. */
#ifndef HG_RUN_LATENT_PARTS_H
#define HG_RUN_LATENT_PARTS_H

#include "run/latent.h"

/* ---- latent_plane.c ---- */

/* A frame: axes, points, bounds, sliders follow the cloud. False: its codes are not finite. */
bool hg__latent_frame(struct hg__latent *latent, const struct hg_dataset *dataset,
                      const struct hg__latent_cloud *cloud);
/* Round bounds that hold low..high; those given stay while they fit well. `held`: some are. */
void hg__latent_bounds(double low, double high, bool held, float *from, float *to);

/* ---- latent_cursor.c ---- */

bool hg__latent_cursor_init(struct hg__latent *latent);
/* The command, where it is one of the cursor's. */
void hg__latent_cursor_obey(struct hg__latent *latent, const struct hg_trainer *trainer,
                            const struct hg_command *command);
/* The axes moved: the place is kept in slider coordinates. */
void hg__latent_cursor_follow(struct hg__latent *latent);
void hg__latent_cursor_decode(struct hg__latent *latent, struct hg_model *model);
/* The code at a place of the plane, other values at the mean. */
void hg__latent_code_at(const struct hg__latent *latent, double x, double y, float *code);

/* ---- latent_near.c ---- */

bool hg__latent_near_init(struct hg__latent *latent, size_t points);
/* Measures some more distances between points. Returns true when all are up to date. */
bool hg__latent_near_measure(struct hg__latent *latent, const struct hg_dataset *dataset,
                             const struct hg__latent_cloud *cloud);
/* The training sample next to the cursor, and what that means. */
void hg__latent_near_find(struct hg__latent *latent, const struct hg_trainer *trainer,
                          const struct hg__latent_cloud *cloud);

/* ---- latent_grid.c ---- */

bool hg__latent_grid_init(struct hg__latent *latent, const struct hg_dataset *dataset);
void hg__latent_grid_wish(struct hg__latent *latent, size_t columns, size_t rows);
/* Decodes the next few cells. Returns true when all are up to date. */
bool hg__latent_grid_decode(struct hg__latent *latent, struct hg_model *model,
                            const struct hg_dataset *dataset);

/* ---- latent_pca.c, latent_verdict.c ---- */

bool hg__latent_pca_init(struct hg__latent *latent, size_t points);
bool hg__latent_angle_init(struct hg__latent *latent, const struct hg_model *model,
                           size_t features);
/* Projects some more points on PCA's axes. Returns true when all are. */
bool hg__latent_pca_score(struct hg__latent *latent, const struct hg_dataset *dataset);
/* PCA's plane, turned to look like the code's. */
void hg__latent_pca_place(struct hg__latent *latent);
/* What the decoder spans against PCA's subspace, where all layers are linear. */
void hg__latent_angle_measure(struct hg__latent *latent, struct hg_model *model);
/* Agreement of neighbours in both planes, and the sentence. `rest`: nothing moves. */
void hg__latent_compare(struct hg__latent *latent, const struct hg_dataset *dataset, bool rest);

#endif
