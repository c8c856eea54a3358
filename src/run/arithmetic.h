/* arithmetic.h - is what training computes right? Parts of hg_arithmetic_look. */
#ifndef HG_RUN_ARITHMETIC_H
#define HG_RUN_ARITHMETIC_H

#include "hourglass/gradcheck.h"
#include "hourglass/trainer.h"

/* Updates that the run makes, or has made: the next one, and an early one, when corrections of the
 * moments still matter. In which epoch that was decides whether t counts the right thing. */
enum hg_status hg__arithmetic_updates(struct hg_trainer *trainer, struct hg_batch batch,
                                      struct hg_gradient_finding *found, struct hg_error *error);

#endif
