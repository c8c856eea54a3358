/* kernel_loss.h - losses on vectors. */
#ifndef HG_ENGINE_KERNEL_LOSS_H
#define HG_ENGINE_KERNEL_LOSS_H

#include "engine/kernel_math.h"

/* As PyTorch: logarithms of bce are cut here, its divisor not smaller than this. */
#define LEAST_LOG      (-100.0f)
#define LEAST_VARIANCE 1e-12f

enum kind { KIND_SQUARE, KIND_LOGITS, KIND_ENTROPY };

/* One vector: adds to the errors, gives the unscaled gradient. */
HG_INLINE V loss_vector(enum kind kind, V y, V x, V *errors)
{
    const V zero = v_all(0), one = v_all(1);

    if (kind == KIND_SQUARE) {
        V e = y - x;
        *errors = v_fma(e, e, *errors);
        return e;
    }
    if (kind == KIND_LOGITS) {
        V e = v_exp(-v_abs(y)), q = one / (one + e);
        *errors += v_fnma(y, x, v_max(zero, y)) + v_log1p_small(e);
        return v_select(v_less(y, zero), e * q, q) - x;
    }
    V a = v_max(v_all(LEAST_LOG), v_log(y)), b = v_max(v_all(LEAST_LOG), v_log(one - y));
    *errors -= v_fma(x, a, (one - x) * b);
    return (y - x) / v_max(v_all(LEAST_VARIANCE), y * (one - y));
}

#endif
