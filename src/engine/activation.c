#include "engine/activation.h"

#include <math.h>
#include <string.h>

static const char *const names[HG_ACTIVATION_COUNT] = {
    "linear", "sigmoid", "tanh", "relu", "lrelu", "elu", "gelu", "silu", "softplus",
};

const char *hg_activation_name(enum hg_activation activation)
{
    return (unsigned)activation < HG_ACTIVATION_COUNT ? names[activation] : NULL;
}

int hg__activation_find(const char *name, size_t length)
{
    for (int i = 0; i < HG_ACTIVATION_COUNT; i++)
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
            return i;
    return -1;
}

bool hg__activation_rectifies(enum hg_activation activation)
{
    switch (activation) {
    case HG_RELU:
    case HG_LRELU:
    case HG_ELU:
    case HG_GELU:
    case HG_SILU:
    case HG_SOFTPLUS:
        return true;
    default:
        return false;
    }
}

static double sigmoid(double z)
{
    if (z >= 0)
        return 1 / (1 + exp(-z));
    return exp(z) / (1 + exp(z));
}

/* The normal distribution: its integral up to z, and its density at z. */
static double normal_below(double z)
{
    return 0.5 * erfc(-z * 0.70710678118654752440);
}

static double normal_density(double z)
{
    return 0.39894228040143267794 * exp(-0.5 * z * z);
}

double hg__activation_value(enum hg_activation activation, double slope, double z)
{
    switch (activation) {
    case HG_SIGMOID:
        return sigmoid(z);
    case HG_TANH:
        return tanh(z);
    case HG_RELU:
        return z > 0 ? z : 0;
    case HG_LRELU:
        return z > 0 ? z : slope * z;
    case HG_ELU:
        return z > 0 ? z : expm1(z);
    case HG_GELU:
        return z * normal_below(z);
    case HG_SILU:
        return z * sigmoid(z);
    case HG_SOFTPLUS:
        return fmax(z, 0) + log1p(exp(-fabs(z)));
    default:
        return z;
    }
}

double hg__activation_derivative(enum hg_activation activation, double slope, double z)
{
    double f;

    switch (activation) {
    case HG_SIGMOID:
        f = sigmoid(z);
        return f * (1 - f);
    case HG_TANH:
        f = tanh(z);
        return 1 - f * f;
    case HG_RELU:
        return z > 0 ? 1 : 0;
    case HG_LRELU:
        return z > 0 ? 1 : slope;
    case HG_ELU:
        return z > 0 ? 1 : exp(z);
    case HG_GELU:
        return normal_below(z) + z * normal_density(z);
    case HG_SILU:
        f = sigmoid(z);
        return f + z * f * (1 - f);
    case HG_SOFTPLUS:
        return sigmoid(z);
    default:
        return 1;
    }
}

static double clip(double y, double low, double high)
{
    return y < low ? low : y > high ? high : y;
}

/* gelu and silu fall to their minimum (about -0.17 and -0.28) before they rise
 * for good; the rising branch, from z = 0, holds every y >= 0. */
static double invert_rising(enum hg_activation activation, double y)
{
    double low = 0, high = y + 2;

    for (int i = 0; i < 80; i++) {
        double middle = 0.5 * (low + high);
        if (hg__activation_value(activation, 0, middle) < y)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

double hg__activation_inverse(enum hg_activation activation, double slope, double y)
{
    switch (activation) {
    case HG_SIGMOID:
        y = clip(y, 0.001, 0.999);
        return log(y / (1 - y));
    case HG_TANH:
        return atanh(clip(y, -0.999, 0.999));
    case HG_RELU:
        return fmax(y, 0);
    case HG_LRELU:
        return y >= 0 ? y : slope > 0 ? y / slope : 0;
    case HG_ELU:
        return y >= 0 ? y : log1p(clip(y, -0.999, 0));
    case HG_GELU:
    case HG_SILU:
        return y > 0 ? invert_rising(activation, y) : 0;
    case HG_SOFTPLUS:
        y = fmax(y, 0.001);
        return y + log(-expm1(-y));
    default:
        return y;
    }
}
