"""Numbers for tests/worldmodel/fused_oracle_test.cc, from the formulas alone (numpy, float64).

Gradients are central differences of the weighted sum of the output. Run: python fused.py > ../data/fused.json
"""

import json
import math

import numpy as np


def filled(shape, scale, shift=0.0, step=0.37):
    n = int(np.prod(shape))
    return (np.sin(step * np.arange(1, n + 1) ** 1.5) * scale + shift).reshape(shape)


def normed(x, w, b, gamma, beta):
    z = x @ np.swapaxes(w, -1, -2) + (b if w.ndim == 2 else b[:, None, :])
    z = (z - z.mean(-1, keepdims=True)) / np.sqrt(z.var(-1, keepdims=True) + 1e-5)
    return z * gamma + beta if w.ndim == 2 else z * gamma[:, None, :] + beta[:, None, :]


def silu(z):
    return z / (1 + np.exp(-z))


def simnorm(z, group):
    e = np.exp(z.reshape(*z.shape[:-1], -1, group))
    return (e / e.sum(-1, keepdims=True)).reshape(z.shape)


def symexp_bins(count, low, high):
    at = np.linspace(low, high, count)
    return np.sign(at) * np.expm1(np.abs(at))


def two_hot_loss(logits, target, low, high):
    out = []
    bins = symexp_bins(logits.shape[-1], low, high)
    for row, t in zip(logits, target):
        t = min(max(t, bins[0]), bins[-1])
        upper = min(max(int(np.searchsorted(bins, t)), 1), len(bins) - 1)
        share = (t - bins[upper - 1]) / (bins[upper] - bins[upper - 1])
        weights = np.zeros(len(bins))
        weights[upper - 1], weights[upper] = 1.0 - share, share
        p = np.exp(row) / np.exp(row).sum()
        out.append(-(weights * np.log(p)).sum())
    return np.array(out)


def two_hot_value(logits, low, high):
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    return p @ symexp_bins(logits.shape[-1], low, high)


def action(head, noise, floor):
    a = noise.shape[-1]
    std = 0.9 / (1 + np.exp(-head[:, a:] - 2)) + floor
    return np.tanh(head[:, :a] + std * noise)


def log_prob(head, noise, floor):
    # The density of the pre-image over the slope of tanh.
    a = noise.shape[-1]
    std = 0.9 / (1 + np.exp(-head[:, a:] - 2)) + floor
    density = np.exp(-0.5 * noise**2) / (std * math.sqrt(2 * math.pi))
    return np.log(density / (1 - action(head, noise, floor) ** 2)).sum(-1)


def root_error(heads, target):
    return np.sqrt(((heads - target) ** 2).mean(-1) + 1e-6).mean(0)


def case(name, f, inputs, differentiated, **constants):
    y = f(*inputs)
    weights = filled(y.shape, 1.0, 0.2, 0.91)
    gradients = []
    for k in range(differentiated):
        g = np.zeros(inputs[k].shape)
        for i in np.ndindex(*g.shape):
            sides = []
            for h in (1e-6, -1e-6):
                moved = [v.copy() for v in inputs]
                moved[k][i] += h
                sides.append((weights * f(*moved)).sum())
            g[i] = (sides[0] - sides[1]) / 2e-6
        gradients.append(g)
    pack = lambda v: {"shape": list(v.shape), "data": [float(f"{x:.9g}") for x in v.ravel()]}
    return {
        "name": name,
        **constants,
        "inputs": [pack(v) for v in inputs],
        "weights": pack(weights),
        "output": pack(y),
        "gradients": [pack(g) for g in gradients],
    }


def layer(x, outputs, members=()):
    return [
        filled(x, 1.0),
        filled((*members, outputs, x[-1]), 0.6, 0.0, 0.53),
        filled((*members, outputs), 0.3, 0.1, 0.71),
        filled((*members, outputs), 0.5, 1.0, 0.83),
        filled((*members, outputs), 0.4, 0.0, 0.97),
    ]


plain = layer((3, 5), 16)
ensemble = layer((2, 3, 4), 16, (2,))
logits = filled((6, 9), 2.0)
target = np.array([-1e5, -3.0, 0.0, 0.4, 20.0, 1e5])
head, noise = filled((4, 6), 1.5), filled((4, 3), 1.2, 0.0, 0.61)
print(
    json.dumps(
        [
            case("linear_norm_silu", lambda *v: silu(normed(*v)), plain, 5),
            case("linear_norm_silu", lambda *v: silu(normed(*v)), ensemble, 5),
            case("linear_norm_simnorm", lambda *v: simnorm(normed(*v), 8), plain, 5, group=8),
            case("linear_norm_simnorm", lambda *v: simnorm(normed(*v), 4), ensemble, 5, group=4),
            case("simnorm", lambda x: simnorm(x, 8), [filled((2, 16), 3.0)], 1, group=8),
            case("two_hot_cross_entropy", lambda x, t: two_hot_loss(x, t, -5.0, 6.0), [logits, target], 1),
            case("two_hot_expectation", lambda x: two_hot_value(x, -5.0, 6.0), [logits], 1),
            case("action", lambda h, n: action(h, n, 0.1), [head, noise], 1),
            case("log_prob", lambda h, n: log_prob(h, n, 0.1), [head, noise], 1),
            case("ensemble_root_error", root_error, [filled((2, 4, 3), 1.5), filled((4, 3), 0.8, 0.3)], 2),
        ],
        indent=None,
    ).replace('{"name"', '\n{"name"')
)
