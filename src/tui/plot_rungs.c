#include "tui/plot_rungs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ui_loss_text(char *text, size_t size, double loss)
{
    double most = fabs(loss);

    if (!isfinite(loss)) {
        snprintf(text, size, "-");
    } else if (most >= 99999.5 || (most < 0.001 && most > 0)) {
        snprintf(text, size, "%.1e", loss);
    } else {
        snprintf(text, size, "%.*f", most < 10 ? 4 : most < 100 ? 3 : most < 1000 ? 2 : 0, loss);
    }
}

static void add(struct ui_rungs *rungs, const char *name, double value, bool about)
{
    struct ui_rung *rung = &rungs->rung[rungs->count++];
    char number[16];

    ui_loss_text(number, sizeof number, value);
    rung->value = value;
    rung->row = -1;
    snprintf(rung->text, sizeof rung->text, "%-6s%s%s%s", name, strlen(name) < 6 ? "" : " ",
             about ? "~" : "", number);
}

static void add_pca(struct ui_rungs *rungs, const struct hg_ladder *ladder, size_t index)
{
    char name[16];

    snprintf(name, sizeof name, "PCA-%d", (int)index + 1);
    add(rungs, name, ladder->pca[index], ladder->approximate);
}

void ui_rungs_list(struct ui_rungs *rungs, const struct hg_ladder *ladder)
{
    size_t known = ladder->rungs < HG_LADDER_MOST ? ladder->rungs : HG_LADDER_MOST;

    rungs->count = 0;
    add(rungs, "mean", ladder->mean, false);
    if (known > 0) {
        add_pca(rungs, ladder, known - 1);
    }
    if (ladder->has_entropy) {
        add(rungs, "best", ladder->entropy, false);
    }
    for (size_t i = 0; i + 1 < known; i++) {
        add_pca(rungs, ladder, i);
    }
}

bool ui_rungs_taken(const struct ui_rungs *rungs, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (rungs->rung[i].row == rungs->rung[index].row) {
            return true;
        }
    }
    return false;
}

bool ui_rungs_on(const struct ui_rungs *rungs, int row)
{
    for (size_t i = 0; i < rungs->count; i++) {
        if (rungs->rung[i].row == row) {
            return true;
        }
    }
    return false;
}

bool ui_rungs_near(const struct ui_rungs *rungs, int row)
{
    for (size_t i = 0; i < rungs->count; i++) {
        if (rungs->rung[i].row >= 0 && abs(rungs->rung[i].row - row) <= 1) {
            return true;
        }
    }
    return false;
}
