/* kernel_math.h - exp, log, tanh, erf and the activations on vectors.
 *
 * The same operations in the same order for every instruction set. Errors
 * against the true value are measured by tests/unit/test_kernel.c.
 */
#ifndef HG_ENGINE_KERNEL_MATH_H
#define HG_ENGINE_KERNEL_MATH_H

#include "engine/kernel_vector.h"

/* e^x: x = n ln 2 + r, |r| <= ln 2 / 2, minimax polynomial in r (as Cephes expf),
 * 2^n applied in two halves so that both ends over- and underflow rightly. */
HG_INLINE V v_exp(V x)
{
    const V shift = v_all(0x1.8p23f);
    V n, p, r;
    I whole, half;

    x = v_max(v_all(-105.0f), v_min(v_all(89.0f), x));
    n = v_fma(x, v_all(1.44269504f), shift);
    whole = (I)n - (I)shift;
    n -= shift;
    r = v_fnma(n, v_all(0.693359375f), x);
    r = v_fma(n, v_all(2.12194440e-4f), r);
    p = v_all(1.9875691500e-4f);
    p = v_fma(p, r, v_all(1.3981999507e-3f));
    p = v_fma(p, r, v_all(8.3334519073e-3f));
    p = v_fma(p, r, v_all(4.1665795894e-2f));
    p = v_fma(p, r, v_all(1.6666665459e-1f));
    p = v_fma(p, r, v_all(5.0000001201e-1f));
    p = v_fma(p, r * r, r) + v_all(1);
    half = whole >> 1;
    whole -= half;
    return p * (V)((half + 127) << 23) * (V)((whole + 127) << 23);
}

/* ln(1 + f) for 1 + f in sqrt(1/2)..sqrt(2), plus k ln 2 (Cephes logf). */
HG_INLINE V v_log_near_one(V f, V k)
{
    V z = f * f, p = v_all(7.0376836292e-2f);

    p = v_fma(p, f, v_all(-1.1514610310e-1f));
    p = v_fma(p, f, v_all(1.1676998740e-1f));
    p = v_fma(p, f, v_all(-1.2420140846e-1f));
    p = v_fma(p, f, v_all(1.4249322787e-1f));
    p = v_fma(p, f, v_all(-1.6668057665e-1f));
    p = v_fma(p, f, v_all(2.0000714765e-1f));
    p = v_fma(p, f, v_all(-2.4999993993e-1f));
    p = v_fma(p, f, v_all(3.3333331174e-1f));
    p = p * f * z;
    p = v_fma(k, v_all(-2.12194440e-4f), p);
    p = v_fma(z, v_all(-0.5f), p);
    return v_fma(k, v_all(0.693359375f), f + p);
}

/* ln x; -inf at 0 (denormals too), NaN below, inf at inf. */
HG_INLINE V v_log(V x)
{
    const V zero = v_all(0);
    V infinite = v_all(__builtin_inff()), not = v_all(__builtin_nanf(""));
    I bits = (I)x;
    I exponent = (bits >> 23) - 126;
    V m = (V)((bits & i_all(0x007FFFFF)) | i_all(0x3F000000)); /* 0.5 .. 1 */
    V k = __builtin_convertvector(exponent, V), y;
    M low = v_less(m, v_all(0.707106781f));

    k = v_select(low, k - v_all(1), k);
    m = v_select(low, m + m, m) - v_all(1);
    y = v_log_near_one(m, k);
    y = v_select(v_less(x, v_all(0x1p-126f)), -infinite, y);
    y = v_select(v_less(x, zero), not, y);
    return v_select(v_less(x, infinite), y, x); /* inf, NaN */
}

/* ln(1 + e) for e in 0..1 */
HG_INLINE V v_log1p_small(V e)
{
    M low = v_less(e, v_all(0.414213562f));
    V f = v_select(low, e, (e - v_all(1)) * v_all(0.5f));
    return v_log_near_one(f, v_select(low, v_all(0), v_all(1)));
}

/* 1 - tanh a from 7.9 on, where it is 2 e^-2a: a few units of 2^-24, down to none. A fourth power
 * stays within a seventh of such a unit. */
HG_INLINE V v_tanh_missing(V a)
{
    V s = v_max(v_all(0), v_fnma(a - v_all(7.9f), v_all(0.41f), v_all(1)));

    s *= s;
    return s * s * v_all(4.5f * 0x1p-24f);
}

/* tanh: odd rational function of degrees 13 and 6 (as Eigen's) up to 7.9. Beyond, it is not
 * clamped there as Eigen's is: a unit far in saturation has no slope, which Adam would enlarge. */
HG_INLINE V v_tanh(V x)
{
    const V end = v_all(7.9f), a = v_abs(x);
    V c = v_max(-end, v_min(end, x));
    V y = c * c, p, q;

    p = v_all(-2.76076847742355e-16f);
    p = v_fma(p, y, v_all(2.00018790482477e-13f));
    p = v_fma(p, y, v_all(-8.60467152213735e-11f));
    p = v_fma(p, y, v_all(5.12229709037114e-08f));
    p = v_fma(p, y, v_all(1.48572235717979e-05f));
    p = v_fma(p, y, v_all(6.37261928875436e-04f));
    p = v_fma(p, y, v_all(4.89352455891786e-03f));
    q = v_all(1.19825839466702e-06f);
    q = v_fma(q, y, v_all(1.18534705686654e-04f));
    q = v_fma(q, y, v_all(2.26843463243900e-03f));
    q = v_fma(q, y, v_all(4.89352518554385e-03f));
    y = v_select(v_less(a, v_all(0.0004f)), x, c * p / q);
    return v_select(v_less(end, a), v_sign_of(v_all(1) - v_tanh_missing(a), x), y);
}

/* erf: odd rational function of degrees 13 and 8 (as Eigen's), +-1 from 4 on. */
HG_INLINE V v_erf(V x)
{
    V c = v_max(v_all(-4.0f), v_min(v_all(4.0f), x));
    V y = c * c, p, q;

    p = v_all(-2.72614225801306e-10f);
    p = v_fma(p, y, v_all(2.77068142495902e-08f));
    p = v_fma(p, y, v_all(-2.10102402082508e-06f));
    p = v_fma(p, y, v_all(-5.69250639462346e-05f));
    p = v_fma(p, y, v_all(-7.34990630326855e-04f));
    p = v_fma(p, y, v_all(-2.95459980854025e-03f));
    p = v_fma(p, y, v_all(-1.60960333262415e-02f));
    q = v_all(-1.45660718464996e-05f);
    q = v_fma(q, y, v_all(-2.13374055278905e-04f));
    q = v_fma(q, y, v_all(-1.68282697438203e-03f));
    q = v_fma(q, y, v_all(-7.37332916720468e-03f));
    q = v_fma(q, y, v_all(-1.42647390514189e-02f));
    return c * p / q;
}

HG_INLINE V v_sigmoid(V x)
{
    return v_all(1) / (v_all(1) + v_exp(-x));
}

/* e^x - 1 for x <= 0: near 0 by a polynomial, else from exp. */
HG_INLINE V v_expm1_negative(V x)
{
    V p = v_all(1.9875691500e-4f);

    p = v_fma(p, x, v_all(1.3981999507e-3f));
    p = v_fma(p, x, v_all(8.3334519073e-3f));
    p = v_fma(p, x, v_all(4.1665795894e-2f));
    p = v_fma(p, x, v_all(1.6666665459e-1f));
    p = v_fma(p, x, v_all(5.0000001201e-1f));
    p = v_fma(p, x * x, x);
    return v_select(v_less(v_all(-0.34f), x), p, v_exp(x) - v_all(1));
}

/* ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|) */
HG_INLINE V v_softplus(V x)
{
    return v_max(v_all(0), x) + v_log1p_small(v_exp(-v_abs(x)));
}

/* Phi(x), the normal distribution function */
HG_INLINE V v_normal(V x)
{
    return v_fma(v_erf(x * v_all(0.707106781f)), v_all(0.5f), v_all(0.5f));
}

HG_INLINE V v_activate(enum hg_activation activation, V slope, V z)
{
    const V zero = v_all(0);

    switch (activation) {
    case HG_SIGMOID:
        return v_sigmoid(z);
    case HG_TANH:
        return v_tanh(z);
    case HG_RELU:
        return v_max(zero, z);
    case HG_LRELU:
        return v_select(v_less(z, zero), z * slope, z);
    case HG_ELU:
        return v_select(v_less(z, zero), v_expm1_negative(v_min(zero, z)), z);
    case HG_GELU:
        return z * v_normal(z);
    case HG_SILU:
        return z * v_sigmoid(z);
    case HG_SOFTPLUS:
        return v_softplus(z);
    case HG_LINEAR:
    case HG_ACTIVATION_COUNT:
        break;
    }
    return z;
}

HG_INLINE V v_gelu_slope(V z)
{
    V density = v_exp(z * z * v_all(-0.5f)) * v_all(0.398942280f);
    return v_fma(z, density, v_normal(z));
}

HG_INLINE V v_silu_slope(V z)
{
    V s = v_sigmoid(z);
    return s * v_fma(z, v_all(1) - s, v_all(1));
}

/* dy times the derivative; kept is z where hg__activation_keeps_input, else y. */
HG_INLINE V v_activate_back(enum hg_activation activation, V slope, V kept, V dy)
{
    const V zero = v_all(0), one = v_all(1);

    switch (activation) {
    case HG_SIGMOID:
        return dy * (kept * (one - kept));
    case HG_TANH:
        return dy * v_fnma(kept, kept, one);
    case HG_RELU:
        return v_select(v_less(zero, kept), dy, zero);
    case HG_LRELU:
        return v_select(v_less(zero, kept), dy, dy * slope);
    case HG_ELU:
        return v_select(v_less(kept, zero), dy * (kept + one), dy);
    case HG_GELU:
        return dy * v_gelu_slope(kept);
    case HG_SILU:
        return dy * v_silu_slope(kept);
    case HG_SOFTPLUS:
        return dy * -v_expm1_negative(-kept);
    case HG_LINEAR:
    case HG_ACTIVATION_COUNT:
        break;
    }
    return dy;
}

#endif
