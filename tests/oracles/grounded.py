"""Numbers for tests/worldmodel/grounded/grounded_oracle_test.cc, from the formulas alone (numpy, float64).

Losses of the grounded model on one batch and, for every parameter, the derivative of their sum along a fixed direction, by
central differences. Weights, scales and the batch are formulas. Run: python grounded.py > ../data/grounded.json
"""

import json
import math

import numpy as np

from networks import layer, simnorm_of

O, A, L, GROUP, ENCODER, HIDDEN, P, E, BINS, H, B = 3, 2, 8, 4, 6, 7, 5, 2, 11, 2, 3
LOW, HIGH, RHO = -3.0, 3.0, 0.5


def filled(shape, phase):
    n = math.prod(shape)
    return np.float32(np.sin(0.37 * np.arange(1, n + 1) ** 1.5 + phase)).astype(float).reshape(shape)


def shapes():
    def normed(name, i, o, lead=()):
        return {f"{name}.weight": (*lead, o, i), **{f"{name}.{k}": (*lead, o) for k in ("bias", "gamma", "beta")}}

    def linear(name, i, o, lead=()):
        return {f"{name}.weight": (*lead, o, i), f"{name}.bias": (*lead, o)}

    def mlp(name, i, o):
        return {**normed(f"{name}.0", i, HIDDEN), **normed(f"{name}.1", HIDDEN, HIDDEN), **linear(f"{name}.out", HIDDEN, o)}

    z = O + L
    return {
        **normed("encoder.0", O, ENCODER),
        **normed("encoder.1", ENCODER, L),
        **linear("products.left", O + A, P),
        **linear("products.right", O + A, P),
        **normed("dynamics.0", z + A + P, HIDDEN, (E,)),
        **normed("dynamics.1", HIDDEN, HIDDEN, (E,)),
        **linear("dynamics.change", HIDDEN, O, (E,)),
        **linear("dynamics.skip", O + A + P, O, (E,)),
        **normed("dynamics.out", HIDDEN, L, (E,)),
        **mlp("reward", z + A, BINS),
        **mlp("continuation", z + A, 1),
    }


def weights():
    out = {}
    for k, name in enumerate(sorted(shapes())):
        x = filled(shapes()[name], k)
        x = 1 + 0.2 * x if name.endswith("gamma") else 0.5 * x
        out[name] = np.float32(x).astype(float)
    return out


SCALE = {"mean": filled((O,), 0.1), "deviation": 1.5 + filled((O,), 0.2), "change": 0.3 + 0.1 * filled((O,), 0.3)}
LIMIT = 1.2  # of s, on both sides


def linear(w, name, x):
    m, b = w[f"{name}.weight"], w[f"{name}.bias"]
    if m.ndim == 2:
        return x @ m.T + b
    return np.stack([(x[e] if x.ndim == 3 else x) @ m[e].T + b[e] for e in range(len(m))])


def silu(x):
    return x / (1 + np.exp(-x))


def simnorm(x):
    return simnorm_of(x, GROUP)


def mlp(w, name, x):
    return linear(w, f"{name}.out", layer(w, f"{name}.1", layer(w, f"{name}.0", x, silu), silu))


def encode(w, o):
    s = (o - SCALE["mean"]) / SCALE["deviation"]
    return np.concatenate([s, layer(w, "encoder.1", layer(w, "encoder.0", s, silu), simnorm)], -1)


def heads(w, z, a):
    x = np.concatenate([z[:, :O], a], -1)
    q = linear(w, "products.left", x) * linear(w, "products.right", x)
    h = layer(w, "dynamics.1", layer(w, "dynamics.0", np.concatenate([z, a, q], -1), silu), silu)
    change = linear(w, "dynamics.change", h) + linear(w, "dynamics.skip", np.concatenate([x, q], -1))
    return change, layer(w, "dynamics.out", h, simnorm)


def two_hot_loss(logits, target):
    places = np.linspace(LOW, HIGH, BINS)
    bins = np.sign(places) * np.expm1(np.abs(places))
    out = []
    for row, t in zip(logits, target):
        upper = min(max(int(np.searchsorted(bins, t)), 1), BINS - 1)
        share = (t - bins[upper - 1]) / (bins[upper] - bins[upper - 1])
        p = np.exp(row) / np.exp(row).sum()
        out.append(-(1 - share) * np.log(p[upper - 1]) - share * np.log(p[upper]))
    return np.array(out)


OBSERVATIONS, ACTIONS = 1.5 * filled((H + 1, B, O), 0.4), 0.9 * filled((H, B, A), 0.5)
REWARDS, TERMINATED, MASK = 3 * filled((H, B), 0.6), np.zeros((H, B)), np.ones((H, B))
TERMINATED[1, 0] = 1
MASK[1, 2] = 0
TARGETS = None  # of the unmoved weights: no gradient flows into them


def losses(w):
    share = MASK * (RHO ** np.arange(H))[:, None] / (H * B)
    sums = {"observation": 0.0, "consistency": 0.0, "reward": 0.0, "continuation": 0.0}
    z = encode(w, OBSERVATIONS[0])
    for t in range(H):
        pair = np.concatenate([z, ACTIONS[t]], -1)
        change, features = heads(w, z, ACTIONS[t])
        moved = (TARGETS[t][:, :O] - z[:, :O]) / SCALE["change"]
        sums["observation"] += share[t] @ np.sqrt(((change - moved) ** 2).mean(-1) + 1e-6).mean(0)
        sums["consistency"] += share[t] @ ((features - TARGETS[t][:, O:]) ** 2).mean((0, 2))
        sums["reward"] += share[t] @ two_hot_loss(mlp(w, "reward", pair), REWARDS[t])
        logit = mlp(w, "continuation", pair)[:, 0]
        goes_on = 1 - TERMINATED[t]
        sums["continuation"] += share[t] @ (np.log1p(np.exp(logit)) - goes_on * logit)
        s = np.clip(z[:, :O] + SCALE["change"] * change.mean(0), -LIMIT, LIMIT)
        z = np.concatenate([s, features.mean(0)], -1)
    return sums


def main():
    global TARGETS
    w = weights()
    TARGETS = [encode(w, OBSERVATIONS[t + 1]) for t in range(H)]
    derivatives = {}
    for name in sorted(w):
        direction = filled(w[name].shape, 0.7)
        sides = []
        for step in (1e-6, -1e-6):
            moved = dict(w)
            moved[name] = w[name] + step * direction
            sides.append(sum(losses(moved).values()))
        derivatives[name] = float(f"{(sides[0] - sides[1]) / 2e-6:.9g}")
    print(json.dumps({"losses": {k: float(f"{v:.9g}") for k, v in losses(w).items()}, "derivatives": derivatives}, indent=1))


main()
