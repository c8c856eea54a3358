/* Which of two planes tells the labels apart, in numbers and in a sentence. */
#include "run/latent_parts.h"

#include <math.h>
#include <stdarg.h>
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
    if (third > 0.6 * most)
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

/* What there is to say: in other words where `code` is another one. */
struct saying {
    uint32_t code;
    char text[sizeof((struct hg_latent *)0)->verdict];
};
enum {
    SAY_NOTHING,
    SAY_NO_LABELS,
    SAY_BETTER,
    SAY_WORSE,
    SAY_ALIKE,
    SAY_SPANS,
    SAY_OFF,
    SAY_GROUP
};

HG_PRINTF(3, 4)
static void say(struct saying *saying, uint32_t code, const char *format, ...)
{
    va_list arguments;

    saying->code = code;
    va_start(arguments, format);
    vsnprintf(saying->text, sizeof saying->text, format, arguments);
    va_end(arguments);
}

/* "PCA's plane mixes 4, 7 and 9; this code tells most of them apart.", where that is so. */
static bool say_group(const struct hg__latent *latent, const struct hg_dataset *dataset,
                      struct saying *saying)
{
    const struct hg__latent_pairs *pairs = latent->pca.pairs;
    size_t classes = dataset->classes, group[GROUP], count;
    char names[GROUP * (NAME + 6)];
    uint32_t code = 0;

    classes = classes < HG__LATENT_CLASSES ? classes : HG__LATENT_CLASSES;
    count = find_group(pairs, classes, group);
    if (count == 0 || !name_group(dataset, group, count, names, sizeof names) ||
        within(&pairs[1], group, count, false) < 0.2 || within(&pairs[0], group, count, true) < 0.5)
        return false;
    for (size_t i = 0; i < count; i++)
        code = code * HG__LATENT_CLASSES + (uint32_t)group[i] + 1;
    say(saying, SAY_GROUP + 8 * code, "PCA's plane mixes %s; this %s tells most of them apart.",
        names, latent->facts.projected ? "code's plane" : "code");
    return true;
}

static bool is_better(uint32_t code)
{
    return code == SAY_BETTER || code >= SAY_GROUP;
}

static void say_labels(const struct hg__latent *latent, const struct hg_dataset *dataset,
                       struct saying *saying)
{
    const struct hg_latent *facts = &latent->facts;
    const char *what = facts->projected ? "code's plane" : "code";
    double ahead = facts->agreement[0] - facts->agreement[1];
    /* Two standard deviations of a share of so many points, at most; what was said once holds
     * with half of it. */
    double chance = fmax(0.03, 1 / sqrt((double)latent->pca.pairs->labelled));
    bool better = is_better(latent->pca.said), worse = latent->pca.said == SAY_WORSE;

    if (ahead > (better ? 0.5 : 1) * chance) {
        if (!say_group(latent, dataset, saying))
            say(saying, SAY_BETTER,
                "This %s tells labels apart better than PCA's plane: more nearest neighbours "
                "share one.",
                what);
    } else if (-ahead > (worse ? 0.5 : 1) * chance) {
        say(saying, SAY_WORSE,
            "So far PCA's plane tells labels apart better than this %s: more nearest neighbours "
            "share one.",
            what);
    } else {
        say(saying, SAY_ALIKE, "This %s and PCA's plane tell labels apart about equally well.",
            what);
    }
}

static void say_linear(const struct hg_latent *facts, struct saying *saying)
{
    if (facts->angle <= 5)
        say(saying, SAY_SPANS,
            "All layers are linear: the code spans PCA's subspace, on axes of its own.");
    else
        say(saying, SAY_OFF,
            "All layers are linear, so PCA's subspace is the best there is: the code is not there "
            "yet.");
}

/* The sentence stays until another one was due twice in a row (other classes: more often); at
 * rest it changes at once. */
static void hold(struct hg__latent *latent, const struct saying *saying, bool rest)
{
    struct hg__latent_pca *pca = &latent->pca;
    struct hg_latent *facts = &latent->facts;
    unsigned due = is_better(pca->said) && is_better(saying->code) ? 6 : 2;

    pca->times = saying->code == pca->next_said ? pca->times + 1 : 1;
    pca->next_said = saying->code;
    if (facts->verdict[0] && !rest && (saying->code == pca->said || pca->times < due))
        return;
    memcpy(facts->verdict, saying->text, sizeof facts->verdict);
    pca->said = saying->code;
}

void hg__latent_compare(struct hg__latent *latent, const struct hg_dataset *dataset, bool rest)
{
    struct hg__latent_pairs *pairs = latent->pca.pairs;
    struct hg_latent *facts = &latent->facts;
    struct saying saying = {SAY_NOTHING, ""};

    count_pairs(facts->point, facts->points, &pairs[0]);
    count_pairs(facts->pca, facts->pca_points, &pairs[1]);
    facts->agreement[0] = agreement(&pairs[0]);
    facts->agreement[1] = agreement(&pairs[1]);
    if (isfinite(facts->angle))
        say_linear(facts, &saying);
    else if (!dataset->labels)
        say(&saying, SAY_NO_LABELS,
            "Without labels no figure says which plane tells more: compare by eye.");
    else if (pairs->labelled >= FEWEST && dataset->classes > 1)
        say_labels(latent, dataset, &saying);
    hold(latent, &saying, rest);
    facts->serial++;
    facts->pca_serial++;
}
