/* test_map_kernel.c - kernels on maps (kernel_map.h) against naive twins, on all instruction sets. */
#include "map_help.h"

static float act(enum hg_activation activation, float slope, float z)
{
    if (activation == HG_LINEAR || z > 0)
        return z;
    return activation == HG_RELU ? 0 : z * slope;
}

static float act_back(enum hg_activation activation, float slope, float z, float d)
{
    if (activation == HG_LINEAR || z > 0)
        return d;
    return activation == HG_RELU ? 0 : d * slope;
}

static const enum hg_activation riding[] = {HG_LINEAR, HG_RELU, HG_LRELU};

/* ---- batch norm ---- */

static void test_stats(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        struct hg__map map = any_map(1);
        float *x = image(&map, 0), *shift = fresh(map.pixel), *sum = fresh(map.pixel);
        float *squares = fresh(map.pixel);
        struct outputs a = outputs_of(map.pixel), b = outputs_of(map.pixel);
        struct outputs c = outputs_of(map.pixel);

        EACH_VALUE(&map, r, p, ch)
        {
            float t = x[at(&map, r, p, ch)] += 3;
            shift[ch] = x[at(&map, 0, 0, ch)];
            sum[ch] += t - shift[ch];
            squares[ch] += (t - shift[ch]) * (t - shift[ch]);
        }
        for (size_t k = 0; k < sets; k++)
            set[k]->maps->stats(&map, x, a.y[k], b.y[k], c.y[k]);
        settle(a, shift, -1);
        settle(b, sum, 1e-5);
        settle(c, squares, 1e-5);
        hg__free(x);
    }
}

struct norm_case {
    struct hg__map map, wide;
    struct hg__map_norm_back job;
    float *mean, *a, *b, *k1, *k2, *whole, *x, *d;
};

/* With a pool: whole is what it saw, x the choices. */
static struct norm_case *norm_case(size_t pool, int round)
{
    struct norm_case *n = hg__alloc(1, sizeof *n);

    assert_non_null(n);
    n->wide = any_map(pool);
    n->map = pool == 1 ? n->wide
                       : map_of(n->wide.channels, n->wide.rows / pool, n->wide.columns / pool);
    n->mean = each_channel(&n->map, 0);
    n->a = each_channel(&n->map, 0);
    n->b = each_channel(&n->map, 0);
    n->k1 = each_channel(&n->map, 0);
    n->k2 = each_channel(&n->map, 0);
    n->whole = image(&n->wide, round % 2 ? 7 : 0);
    n->d = image(&n->map, 0);
    n->x = n->whole;
    if (pool > 1) {
        n->x = fresh(n->map.size);
        set[0]->maps->pool(&n->wide, &n->map, pool, n->a, n->whole, n->x);
    }
    n->job = (struct hg__map_norm_back){
        .norm = {&n->map, n->mean, n->a, n->b, riding[round % 3], 0.2f},
        .d = n->d,
        .x = n->x,
        .wide = &n->wide,
        .pool = pool,
        .whole = n->whole,
        .k1 = n->k1,
        .k2 = n->k2,
        .below = riding[round / 3 % 3],
        .below_slope = 0.3f};
    return n;
}

static void norm_end(struct norm_case *n)
{
    float *all[] = {n->mean, n->a, n->b, n->k1, n->k2, n->whole, n->d};

    if (n->x != n->whole)
        hg__free(n->x);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        hg__free(all[i]);
    hg__free(n);
}

static float normed(const struct norm_case *n, float x, size_t c)
{
    return fmaf(x - n->mean[c], n->a[c], n->b[c]);
}

static void test_norm(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        struct norm_case *n = norm_case(1, round);
        struct outputs o = outputs_of(n->map.size);
        float *twin = fresh(n->map.size);

        EACH_VALUE(&n->map, r, p, c)
        twin[at(&n->map, r, p, c)] = act(n->job.norm.activation, n->job.norm.slope,
                                         normed(n, n->x[at(&n->map, r, p, c)], c));
        for (size_t k = 0; k < sets; k++)
            set[k]->maps->norm(&n->job.norm, n->x, o.y[k]);
        settle(o, twin, 1e-6);
        norm_end(n);
    }
}

static float norm_before(const struct norm_case *n, size_t r, size_t p, size_t c)
{
    size_t i = at(&n->map, r, p, c);
    return act_back(n->job.norm.activation, n->job.norm.slope, normed(n, n->x[i], c), n->d[i]);
}

static void test_norm_sums(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        struct norm_case *n = norm_case(1 + below(2), round);
        struct outputs a = outputs_of(n->map.pixel), b = outputs_of(n->map.pixel);
        float *sum = fresh(n->map.pixel), *product = fresh(n->map.pixel);

        EACH_VALUE(&n->map, r, p, c)
        {
            float d = norm_before(n, r, p, c);
            sum[c] += d;
            product[c] += d * (n->x[at(&n->map, r, p, c)] - n->mean[c]);
        }
        for (size_t k = 0; k < sets; k++) {
            memset(a.y[k], 0x55, n->map.pixel * sizeof(float));
            memset(b.y[k], 0x55, n->map.pixel * sizeof(float));
            set[k]->maps->norm_sums(&n->job, a.y[k], b.y[k]);
        }
        settle(a, sum, 1e-5);
        settle(b, product, 1e-5);
        norm_end(n);
    }
}

/* What reaches (r, p) of the wide map through the pool. */
static float through_pool(const struct norm_case *n, size_t r, size_t p, size_t c)
{
    size_t f = n->job.pool, h = r / f, v = p / f;
    float x;

    if (h >= n->map.rows || v >= n->map.columns)
        return 0;
    x = n->x[at(&n->map, h, v, c)];
    for (size_t k = 0; k < f * f; k++)
        if (n->whole[at(&n->wide, h * f + k / f, v * f + k % f, c)] == x)
            return k == r % f * f + p % f ? norm_before(n, h, v, c) : 0;
    return 0;
}

static void norm_back_with(size_t pool)
{
    for (int round = 0; round < 60; round++) {
        struct norm_case *n = norm_case(pool, round);
        struct outputs o = outputs_of(n->wide.size);
        float *twin = fresh(n->wide.size);

        EACH_VALUE(&n->wide, r, p, c)
        {
            float w = n->whole[at(&n->wide, r, p, c)];
            float dz = through_pool(n, r, p, c) * n->a[c] - n->k1[c];
            dz -= (w - n->mean[c]) * n->k2[c];
            twin[at(&n->wide, r, p, c)] = act_back(n->job.below, n->job.below_slope, w, dz);
        }
        for (size_t k = 0; k < sets; k++) {
            n->job.dx = o.y[k];
            set[k]->maps->norm_back(&n->job);
        }
        assert_zero_around(&n->wide, o.y[0]);
        settle(o, twin, 1e-6);
        norm_end(n);
    }
}

static void test_norm_back(void **state)
{
    (void)state;
    for (size_t pool = 1; pool < 5; pool++)
        norm_back_with(pool);
}

/* ---- activations ---- */

static void test_activate(void **state)
{
    (void)state;
    for (int round = 0; round < 90; round++) {
        enum hg_activation which = (enum hg_activation)(round % HG_ACTIVATION_COUNT);
        struct hg__map map = any_map(1);
        float *z = image(&map, 0), *dy = image(&map, 0);
        struct outputs o = outputs_of(map.size), b = outputs_of(map.size);

        for (size_t k = 0; k < sets; k++) {
            memcpy(o.y[k], z, map.size * sizeof *z);
            set[k]->maps->activate(&map, which, 0.2f, round % 2 ? o.y[k] : z, o.y[k]);
            assert_zero_around(&map, o.y[k]);
            memcpy(b.y[k], dy, map.size * sizeof *dy);
            set[k]->maps->activate_back(&map, which, 0.2f, z, b.y[k]);
            assert_zero_around(&map, b.y[k]);
        }
        EACH_VALUE(&map, r, p, c)
        {
            size_t i = at(&map, r, p, c);
            float kept = z[i];
            set[0]->activate(which, 0.2f, &kept, &z[i], 1);
            set[0]->activate_back(which, 0.2f, &kept, &dy[i], &dy[i], 1);
        }
        settle(o, z, 2e-6);
        settle(b, dy, 2e-6);
    }
}

/* ---- pool, up, spread ---- */

/* Does `x` come before the best so far? */
static bool better(float sign, float x, float best)
{
    if (isnan(best))
        return false;
    return isnan(x) || (sign > 0 && x > best) || (sign < 0 && x < best);
}

static float pooled(const struct hg__map *from, size_t factor, float sign, const float *x)
{
    float best = *x;

    for (size_t k = 1; k < factor * factor; k++) {
        float t = x[k / factor * from->row + k % factor * from->pixel];
        if (better(sign, t, best))
            best = t;
    }
    return isnan(best) ? NAN : best;
}

static void pool_case(size_t factor, int round)
{
    struct hg__map from = any_map(factor);
    struct hg__map to = map_of(from.channels, from.rows / factor, from.columns / factor);
    float *x = image(&from, round % 2 ? 5 : 0), *sign = each_channel(&from, 0);
    float *y = fresh(to.size), *d = image(&to, 0), *dx = fresh(from.size);
    struct outputs o = outputs_of(to.size), b = outputs_of(from.size);
    bool plain = round % 3 == 0;

    for (size_t c = 0; c < from.channels; c += 1 + below(4))
        sign[c] = below(2) ? 0.0f : -0.0f;
    for (int i = 0; i < 5 && round % 4 == 0; i++)
        x[at(&from, below(from.rows), below(from.columns), below(from.channels))] = NAN;
    EACH_VALUE(&to, r, p, c)
    {
        size_t first = at(&from, r * factor, p * factor, c), k = 0, place;
        float best = pooled(&from, factor, plain ? 1 : sign[c], x + first);
        y[at(&to, r, p, c)] = best;
        do
            place = first + k / factor * from.row + k % factor * from.pixel;
        while (!(x[place] == best || (isnan(x[place]) && isnan(best))) && ++k);
        dx[place] = d[at(&to, r, p, c)];
    }
    for (size_t k = 0; k < sets; k++) {
        EACH_VALUE(&from, r, p, c)
        b.y[k][at(&from, r, p, c)] = 99;
        set[k]->maps->pool(&from, &to, factor, plain ? NULL : sign, x, o.y[k]);
        set[k]->maps->pool_back(&from, &to, factor, x, y, d, b.y[k]);
    }
    settle(o, y, -1);
    settle(b, dx, -1);
    hg__free(x), hg__free(sign), hg__free(d);
}

static void test_pool(void **state)
{
    (void)state;
    for (size_t factor = 1; factor < 5; factor++)
        for (int round = 0; round < 48; round++)
            pool_case(factor, round);
}

static void up_case(size_t factor)
{
    struct hg__map from = any_map(1);
    struct hg__map to = map_of(from.channels, from.rows * factor, from.columns * factor);
    float *x = image(&from, 0), *y = fresh(to.size), *d = image(&to, 0), *dx = fresh(from.size);
    struct outputs o = outputs_of(to.size), b = outputs_of(from.size);

    EACH_VALUE(&to, r, p, c)
    {
        y[at(&to, r, p, c)] = x[at(&from, r / factor, p / factor, c)];
        dx[at(&from, r / factor, p / factor, c)] += d[at(&to, r, p, c)];
    }
    for (size_t k = 0; k < sets; k++) {
        set[k]->maps->up(&from, &to, factor, x, o.y[k]);
        set[k]->maps->up_back(&from, &to, factor, d, b.y[k]);
    }
    settle(o, y, -1);
    settle(b, dx, -1);
    hg__free(x), hg__free(d);
}

static void test_up(void **state)
{
    (void)state;
    for (size_t factor = 1; factor < 5; factor++)
        for (int round = 0; round < 20; round++)
            up_case(factor);
}

static void test_spread(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        size_t factor = 1 + below(4);
        struct hg__map from = any_map(1);
        struct hg__map to = map_of(from.channels, (from.rows - 1) * factor + 1 + below(5),
                                   (from.columns - 1) * factor + 1 + below(5));
        float *x = image(&from, 0), *twin = fresh(to.size);
        struct outputs o = outputs_of(to.size);

        EACH_VALUE(&from, r, p, c)
        twin[at(&to, r * factor, p * factor, c)] = x[at(&from, r, p, c)];
        for (size_t k = 0; k < sets; k++) {
            EACH_VALUE(&to, r, p, c)
            o.y[k][at(&to, r, p, c)] = 99;
            set[k]->maps->spread(&from, &to, factor, x, o.y[k]);
        }
        settle(o, twin, -1);
        hg__free(x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stats),     cmocka_unit_test(test_norm),
        cmocka_unit_test(test_norm_sums), cmocka_unit_test(test_norm_back),
        cmocka_unit_test(test_activate),  cmocka_unit_test(test_pool),
        cmocka_unit_test(test_up),        cmocka_unit_test(test_spread),
    };

    hg__rng_start(&rng, 1, HG__RNG_PROBE, 0, 0);
    return cmocka_run_group_tests(tests, find_sets, NULL);
}
