/* Which of two planes tells the labels apart, in numbers and in a sentence. */
#include "run/latent_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Fewer points with labels prove nothing; so many classes are named at most, with names that
 * are no longer. */
enum { FEWEST = 10, GROUP = 3, NAME = 14 };

static size_t next_to(const struct hg_latent_point *point, size_t count, size_t of)
{
    float least = INFINITY;
    size_t best = of;

    for (size_t i = 0; i < count; i++) {
        float x = point[i].x - point[of].x, y = point[i].y - point[of].y, away = x * x + y * y;
        if (i != of && point[i].label >= 0 && away < least) {
            least = away;
            best = i;
        }
    }
    return best;
}

/* Counts of every point with a label the label of the nearest other one. */
static void count_pairs(const struct hg_latent_point *point, size_t count,
                        struct hg__latent_pairs *pairs)
{
    memset(pairs, 0, sizeof *pairs);
    for (size_t i = 0; i < count; i++) {
        int32_t label = point[i].label, other;
        size_t next = label < 0 ? i : next_to(point, count, i);
        if (next == i)
            continue;
        other = point[next].label;
        pairs->labelled++;
        pairs->agree += label == other;
        if (label >= HG__LATENT_CLASSES)
            continue;
        pairs->of[label]++;
        if (other < HG__LATENT_CLASSES)
            pairs->next[label][other]++;
    }
}

static double agreement(const struct hg__latent_pairs *pairs)
{
    return pairs->labelled ? (double)pairs->agree / (double)pairs->labelled : NAN;
}

/* Share of the points of classes a and b whose nearest is of the other. */
static double mixed(const struct hg__latent_pairs *pairs, size_t a, size_t b)
{
    double all = (double)pairs->of[a] + (double)pairs->of[b];

    return all > 0 ? ((double)pairs->next[a][b] + (double)pairs->next[b][a]) / all : 0;
}

/* By how much less the code mixes two classes than PCA's plane. */
static double gain(const struct hg__latent_pairs *pairs, size_t a, size_t b)
{
    if (a == b || pairs[0].of[a] < FEWEST / 2 || pairs[0].of[b] < FEWEST / 2)
        return 0;
    return mixed(&pairs[1], a, b) - mixed(&pairs[0], a, b);
}

/* Share of a group's points whose nearest is of another class of the group (`own`: of their own
 * class). */
static double within(const struct hg__latent_pairs *pairs, const size_t *group, size_t count,
                     bool own)
{
    double all = 0, sum = 0;

    for (size_t i = 0; i < count; i++) {
        all += (double)pairs->of[group[i]];
        for (size_t j = 0; j < count; j++)
            if ((i == j) == own)
                sum += (double)pairs->next[group[i]][group[j]];
    }
    return all > 0 ? sum / all : 0;
}

static void sort_group(size_t *group, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && group[j - 1] > group[j]; j--) {
            size_t kept = group[j];
            group[j] = group[j - 1];
            group[j - 1] = kept;
        }
}

/* The classes that the code keeps apart better than PCA's plane, by far the most: two, and a
 * third that belongs to them. Returns how many, 0 = none. */
static size_t find_group(const struct hg__latent_pairs *pairs, size_t classes, size_t *group)
{
    double most = 0, third = 0;
    size_t count = 2, best = 0;

    for (size_t a = 0; a < classes; a++)
        for (size_t b = a + 1; b < classes; b++)
            if (gain(pairs, a, b) > most) {
                most = gain(pairs, a, b);
                group[0] = a;
                group[1] = b;
            }
    if (most < 0.05)
        return 0;
    for (size_t c = 0; c < classes; c++) {
        double sum = gain(pairs, c, group[0]) + gain(pairs, c, group[1]);
        if (c != group[0] && c != group[1] && sum > third) {
            third = sum;
            best = c;
        }
    }
    if (third > most)
        group[count++] = best;
    sort_group(group, count);
    return count;
}

/* "4, 7 and 9"; false: a name is too long for a sentence. */
static bool name_group(const struct hg_dataset *dataset, const size_t *group, size_t count,
                       char *out, size_t size)
{
    size_t length = 0;

    for (size_t i = 0; i < count; i++) {
        const char *name = dataset->class_names[group[i]];
        if (strlen(name) > NAME)
            return false;
        length += (size_t)snprintf(out + length, size - length, "%s%s",
                                   i == 0           ? ""
                                   : i + 1 == count ? " and "
                                                    : ", ",
                                   name);
    }
    return true;
}

/* "PCA's plane mixes 4, 7 and 9; this code tells most of them apart.", where that is so. */
static bool say_group(struct hg__latent *latent, const struct hg_dataset *dataset)
{
    const struct hg__latent_pairs *pairs = latent->pca.pairs;
    size_t classes = dataset->classes, group[GROUP], count;
    char names[GROUP * (NAME + 6)];

    classes = classes < HG__LATENT_CLASSES ? classes : HG__LATENT_CLASSES;
    count = find_group(pairs, classes, group);
    if (count == 0 || !name_group(dataset, group, count, names, sizeof names) ||
        within(&pairs[1], group, count, false) < 0.2 || within(&pairs[0], group, count, true) < 0.5)
        return false;
    snprintf(latent->facts.verdict, sizeof latent->facts.verdict,
             "PCA's plane mixes %s; this %s tells most of them apart.", names,
             latent->facts.projected ? "code's plane" : "code");
    return true;
}

static void say_labels(struct hg__latent *latent, const struct hg_dataset *dataset)
{
    const struct hg__latent_pairs *pairs = latent->pca.pairs;
    struct hg_latent *facts = &latent->facts;
    const char *what = facts->projected ? "code's plane" : "code";
    const size_t size = sizeof facts->verdict;
    int here = (int)lround(100 * facts->agreement[0]),
        there = (int)lround(100 * facts->agreement[1]);
    /* Two standard deviations of a share of so many points, at most. */
    double chance = fmax(0.03, 1 / sqrt((double)pairs->labelled));

    if (facts->agreement[0] > facts->agreement[1] + chance) {
        if (!say_group(latent, dataset))
            snprintf(facts->verdict, size,
                     "This %s tells labels apart better than PCA's: of nearest neighbours %d %% "
                     "share one, there %d %%.",
                     what, here, there);
    } else if (facts->agreement[1] > facts->agreement[0] + chance) {
        snprintf(facts->verdict, size,
                 "So far PCA's plane tells labels apart better: of nearest neighbours %d %% share "
                 "one, here %d %%.",
                 there, here);
    } else {
        snprintf(facts->verdict, size,
                 "This %s and PCA's tell labels apart alike: of nearest neighbours %d %% and "
                 "%d %% share one.",
                 what, here, there);
    }
}

static void say_linear(struct hg_latent *facts)
{
    if (facts->angle <= 5)
        snprintf(facts->verdict, sizeof facts->verdict,
                 "All layers are linear: the code spans PCA's subspace (%.1f degrees off), on axes "
                 "of its own.",
                 facts->angle);
    else
        snprintf(facts->verdict, sizeof facts->verdict,
                 "All layers are linear, so PCA's subspace is the best there is: the code is "
                 "%.0f degrees off it.",
                 facts->angle);
}

void hg__latent_compare(struct hg__latent *latent, const struct hg_dataset *dataset)
{
    struct hg__latent_pairs *pairs = latent->pca.pairs;
    struct hg_latent *facts = &latent->facts;

    count_pairs(facts->point, facts->points, &pairs[0]);
    count_pairs(facts->pca, facts->pca_points, &pairs[1]);
    facts->agreement[0] = agreement(&pairs[0]);
    facts->agreement[1] = agreement(&pairs[1]);
    facts->verdict[0] = '\0';
    if (isfinite(facts->angle))
        say_linear(facts);
    else if (!dataset->labels)
        snprintf(facts->verdict, sizeof facts->verdict,
                 "Without labels no figure says which plane tells more: compare by eye.");
    else if (pairs->labelled >= FEWEST && dataset->classes > 1)
        say_labels(latent, dataset);
    facts->serial++;
    facts->pca_serial++;
}
