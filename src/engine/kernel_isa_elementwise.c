/* kernel_isa_elementwise.c - one number in, one number out. */
#include "engine/kernel_isa.h"
#include "engine/kernel_math.h"
#include "engine/kernel_update.h"

HG_INLINE void activate_all(enum hg_activation activation, float slope, const float *z, float *y,
                            size_t n)
{
    const V wide = v_all(slope);
    size_t i = 0;

    for (; i + VEC <= n; i += VEC)
        v_store(y + i, v_activate(activation, wide, v_load(z + i)));
    if (i < n)
        v_store_part(y + i, v_activate(activation, wide, v_load_part(z + i, n - i)), n - i);
}

HG_INLINE void activate_back_all(enum hg_activation activation, float slope, const float *kept,
                                 const float *dy, float *dz, size_t n)
{
    const V wide = v_all(slope);
    size_t i = 0;

    for (; i + VEC <= n; i += VEC)
        v_store(dz + i, v_activate_back(activation, wide, v_load(kept + i), v_load(dy + i)));
    if (i < n) {
        V k = v_load_part(kept + i, n - i), d = v_load_part(dy + i, n - i);
        v_store_part(dz + i, v_activate_back(activation, wide, k, d), n - i);
    }
}

#define EACH_ACTIVATION(F) \
    F(HG_LINEAR)           \
    F(HG_SIGMOID)          \
    F(HG_TANH)             \
    F(HG_RELU)             \
    F(HG_LRELU)            \
    F(HG_ELU)              \
    F(HG_GELU)             \
    F(HG_SILU)             \
    F(HG_SOFTPLUS)

#define FORWARD_CASE(which)                  \
    case which:                              \
        activate_all(which, slope, z, y, n); \
        return;

#define BACK_CASE(which)                                  \
    case which:                                           \
        activate_back_all(which, slope, kept, dy, dz, n); \
        return;

void HG_ISA(hg__activate)(enum hg_activation activation, float slope, const float *z, float *y,
                          size_t n)
{
    switch (activation) {
        EACH_ACTIVATION(FORWARD_CASE)
    case HG_ACTIVATION_COUNT:
        return;
    }
}

void HG_ISA(hg__activate_back)(enum hg_activation activation, float slope, const float *kept,
                               const float *dy, float *dz, size_t n)
{
    switch (activation) {
        EACH_ACTIVATION(BACK_CASE)
    case HG_ACTIVATION_COUNT:
        return;
    }
}

HG_INLINE V v_map(enum hg__function map, V x)
{
    switch (map) {
    case HG__MAP_EXP:
        return v_exp(x);
    case HG__MAP_LOG:
        return v_log(x);
    case HG__MAP_TANH:
        return v_tanh(x);
    case HG__MAP_ERF:
        return v_erf(x);
    case HG__MAP_SIGMOID:
        return v_sigmoid(x);
    case HG__MAP_COUNT:
        break;
    }
    return x;
}

void HG_ISA(hg__map)(enum hg__function map, const float *x, float *y, size_t n)
{
    size_t i = 0;

    for (; i + VEC <= n; i += VEC)
        v_store(y + i, v_map(map, v_load(x + i)));
    if (i < n)
        v_store_part(y + i, v_map(map, v_load_part(x + i, n - i)), n - i);
}

void HG_ISA(hg__add_scaled)(float *y, const float *x, float factor, size_t n)
{
    const V f = v_all(factor);
    size_t i = 0;

    for (; i + VEC <= n; i += VEC)
        v_store(y + i, v_fma(f, v_load(x + i), v_load(y + i)));
    if (i < n)
        v_store_part(y + i, v_fma(f, v_load_part(x + i, n - i), v_load_part(y + i, n - i)), n - i);
}

void HG_ISA(hg__multiply)(float *y, const float *x, size_t n)
{
    size_t i = 0;

    for (; i + VEC <= n; i += VEC)
        v_store(y + i, v_load(y + i) * v_load(x + i));
    if (i < n)
        v_store_part(y + i, v_load_part(y + i, n - i) * v_load_part(x + i, n - i), n - i);
}

void HG_ISA(hg__scale)(float *y, float factor, size_t n)
{
    const V f = v_all(factor);
    size_t i = 0;

    for (; i + VEC <= n; i += VEC)
        v_store(y + i, v_load(y + i) * f);
    if (i < n)
        v_store_part(y + i, v_load_part(y + i, n - i) * f, n - i);
}

void HG_ISA(hg__subtract_rows)(float *y, const float *x, const float *row, size_t n)
{
    size_t i = 0;

    for (; i + VEC <= n; i += VEC)
        v_store(y + i, v_load(x + i) - v_load(row + i));
    if (i < n)
        v_store_part(y + i, v_load_part(x + i, n - i) - v_load_part(row + i, n - i), n - i);
}

HG_INLINE V penalized(V gradient, V value, V decay, V l1)
{
    return v_fma(l1, v_sign(value), v_fma(decay, value, gradient));
}

void HG_ISA(hg__penalize)(float *gradient, const float *value, float decay, float l1, size_t n)
{
    const V d = v_all(decay), l = v_all(l1);
    size_t i = 0;

    for (; i + VEC <= n; i += VEC)
        v_store(gradient + i, penalized(v_load(gradient + i), v_load(value + i), d, l));
    if (i < n) {
        V g = v_load_part(gradient + i, n - i), v = v_load_part(value + i, n - i);
        v_store_part(gradient + i, penalized(g, v, d, l), n - i);
    }
}

/* Numbers that do not fill a vector are updated in a copy. */
void HG_ISA(hg__update)(const struct hg__rule *rule, struct hg__parameters p, size_t count)
{
    float value[VEC] = {0}, gradient[VEC] = {0}, first[VEC] = {0}, second[VEC] = {0};
    const struct hg__parameters copy = {value, gradient, first, second};
    size_t whole = count / VEC * VEC, bytes = (count - whole) * sizeof *value;

    update_run(rule, &p, whole);
    if (!bytes)
        return;
    memcpy(value, p.value + whole, bytes);
    memcpy(gradient, p.gradient + whole, bytes);
    if (p.first)
        memcpy(first, p.first + whole, bytes);
    if (p.second)
        memcpy(second, p.second + whole, bytes);
    update_run(rule, &copy, VEC);
    memcpy(p.value + whole, value, bytes);
    if (p.first)
        memcpy(p.first + whole, first, bytes);
    if (p.second)
        memcpy(p.second + whole, second, bytes);
}
