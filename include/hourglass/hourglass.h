/* hourglass.h - everything: include this one. */
#ifndef HOURGLASS_HOURGLASS_H
#define HOURGLASS_HOURGLASS_H

#include "hourglass/check.h"
#include "hourglass/context.h"
#include "hourglass/dataset.h"
#include "hourglass/doctor.h"
#include "hourglass/experiment.h"
#include "hourglass/fault.h"
#include "hourglass/fork.h"
#include "hourglass/gradcheck.h"
#include "hourglass/health.h"
#include "hourglass/history.h"
#include "hourglass/hold.h"
#include "hourglass/ladder.h"
#include "hourglass/latent.h"
#include "hourglass/log.h"
#include "hourglass/model.h"
#include "hourglass/network.h"
#include "hourglass/pulse.h"
#include "hourglass/replay.h"
#include "hourglass/runfile.h"
#include "hourglass/session.h"
#include "hourglass/shape.h"
#include "hourglass/spec.h"
#include "hourglass/status.h"
#include "hourglass/text.h"
#include "hourglass/trainer.h"

/* Version of the library, "0.1.0". */
const char *hg_version(void);

#endif
