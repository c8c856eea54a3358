/* kernel_update.h - the optimizers on vectors; formulas of INTERFACE section 3. */
#ifndef HG_ENGINE_KERNEL_UPDATE_H
#define HG_ENGINE_KERNEL_UPDATE_H

#include "engine/kernel_vector.h"

/* 1 / x for x >= 0, within 2 ulp: a first guess from the exponent, then Newton's
 * steps. The one divider of the processor is busy with the square root; the
 * steps run beside it. 0 gives infinity. */
HG_INLINE V v_reciprocal(V x)
{
    V y = (V)(i_all(0x7EF311C7) - (I)x);

    y = v_fma(y, v_fnma(x, y, v_all(1)), y);
    y = v_fma(y, v_fnma(x, y, v_all(1)), y);
    return v_fma(y, v_fnma(x, y, v_all(1)), y);
}

/* Values of one vector of parameters. */
struct cell {
    V value, gradient, first, second;
};

struct wide_rule {
    V rate, beta1, beta2, epsilon, rest1, rest2, correct, decay, l1, scale, shrink;
};

HG_INLINE struct wide_rule widen(const struct hg__rule *rule)
{
    return (struct wide_rule){
        v_all(rule->rate),  v_all(rule->beta1), v_all(rule->beta2),   v_all(rule->epsilon),
        v_all(rule->rest1), v_all(rule->rest2), v_all(rule->correct), v_all(rule->decay),
        v_all(rule->l1),    v_all(rule->scale), v_all(rule->shrink),
    };
}

HG_INLINE bool rule_is_plain(const struct hg__rule *rule)
{
    return rule->decay == 0 && rule->l1 == 0 && rule->scale == 1 && rule->shrink == 1;
}

HG_INLINE void update_cell(enum hg_optimizer optimizer, bool plain, const struct wide_rule *r,
                           struct cell *c)
{
    V g = c->gradient;

    if (!plain) {
        g = v_fma(r->decay, c->value, g);
        g = v_fma(r->l1, v_sign(c->value), g) * r->scale;
        c->value = c->value * r->shrink;
    }
    switch (optimizer) {
    case HG_MOMENTUM:
        c->first = v_fma(r->beta1, c->first, r->rest1 * g);
        c->value = v_fnma(r->rate, c->first, c->value);
        return;
    case HG_NESTEROV:
        c->first = v_fma(r->beta1, c->first, g);
        c->value = v_fnma(r->rate, v_fma(r->beta1, c->first, g), c->value);
        return;
    case HG_RMSPROP:
        c->second = v_fma(r->beta2, c->second, r->rest2 * g * g);
        g = g * v_reciprocal(v_sqrt(c->second) + r->epsilon);
        c->value = v_fnma(r->rate, g, c->value);
        return;
    case HG_ADAM:
    case HG_ADAMW:
        c->first = v_fma(r->beta1, c->first, r->rest1 * g);
        c->second = v_fma(r->beta2, c->second, r->rest2 * g * g);
        g = v_reciprocal(v_sqrt(c->second * r->correct) + r->epsilon);
        c->value = v_fnma(r->rate * c->first, g, c->value);
        return;
    case HG_SGD:
    case HG_OPTIMIZER_COUNT:
        break;
    }
    c->value = v_fnma(r->rate, g, c->value);
}

/* Does this optimizer keep a first / a second moment? */
HG_INLINE bool keeps_first(enum hg_optimizer optimizer)
{
    return optimizer != HG_SGD && optimizer != HG_RMSPROP;
}

HG_INLINE bool keeps_second(enum hg_optimizer optimizer)
{
    return optimizer == HG_RMSPROP || optimizer == HG_ADAM || optimizer == HG_ADAMW;
}

HG_INLINE void update_vectors(enum hg_optimizer optimizer, bool plain, const struct hg__rule *rule,
                              const struct hg__parameters *p, size_t count)
{
    const struct wide_rule r = widen(rule);
    const V zero = v_all(0);

    for (size_t i = 0; i < count; i += VEC) {
        struct cell c = {v_load(p->value + i), v_load(p->gradient + i), zero, zero};
        if (keeps_first(optimizer))
            c.first = v_load(p->first + i);
        if (keeps_second(optimizer))
            c.second = v_load(p->second + i);
        update_cell(optimizer, plain, &r, &c);
        v_store(p->value + i, c.value);
        if (keeps_first(optimizer))
            v_store(p->first + i, c.first);
        if (keeps_second(optimizer))
            v_store(p->second + i, c.second);
    }
}

#define HG_UPDATE_CASE(optimizer)                             \
    case optimizer:                                           \
        if (plain)                                            \
            update_vectors(optimizer, true, rule, p, count);  \
        else                                                  \
            update_vectors(optimizer, false, rule, p, count); \
        return

/* count: a multiple of VEC */
HG_INLINE void update_run(const struct hg__rule *rule, const struct hg__parameters *p, size_t count)
{
    bool plain = rule_is_plain(rule);

    switch (rule->optimizer) {
        HG_UPDATE_CASE(HG_SGD);
        HG_UPDATE_CASE(HG_MOMENTUM);
        HG_UPDATE_CASE(HG_NESTEROV);
        HG_UPDATE_CASE(HG_RMSPROP);
        HG_UPDATE_CASE(HG_ADAM);
        HG_UPDATE_CASE(HG_ADAMW);
    case HG_OPTIMIZER_COUNT:
        return;
    }
}

#endif
