"""Numbers for tests/worldmodel/mechanics/mechanics_oracle_test.cc, from the formulas alone (numpy, float64).

Losses of the mechanical model on one batch of decisions of two control steps, the derivatives of their sum by every
parameter along two fixed directions, by central differences, and what one decision of a dream shows. The robot is the
leg of tests/worldmodel/mechanics/small_robots.cc; weights, scales and the batch are formulas.
Run: python mechanics.py > ../data/mechanics.json
"""

import json
import math

import numpy as np

from networks import layer, simnorm_of

NQ, NV, O, A, L, GROUP, ENCODER, HIDDEN, P, E, BINS = 4, 4, 6, 2, 8, 4, 6, 7, 5, 2, 11
H, R, B, RHO, LOW, HIGH, DT = 2, 2, 3, 0.5, -3.0, 3.0, 0.02
FEATURES, KEPT, INPUTS, CHANGES = NQ + NV + 1, NQ + NV, 28, 2 * NV + 1
THIGH, SHIN, RADIUS, HIP = 0.5, 0.5, 0.05, 1.0  # lengths of the leg, and the height of the hip where z is 0
KNEE_LOW, KNEE_HIGH, STOP = -0.5, 1.5, 0.02  # the stop's switch: a fifth of 0.1 or of a twentieth of the range
MOST_INPUT = 10.0


def filled(shape, phase):
    return np.sin(0.37 * np.arange(1, math.prod(shape) + 1) ** 1.5 + phase).reshape(shape)


def shapes():
    def normed(name, i, o, lead=()):
        return {f"{name}.weight": (*lead, o, i), **{f"{name}.{k}": (*lead, o) for k in ("bias", "gamma", "beta")}}

    def linear(name, i, o):
        return {f"{name}.weight": (o, i), f"{name}.bias": (o,)}

    def mlp(name, i, o):
        return {**normed(f"{name}.0", i, HIDDEN), **normed(f"{name}.1", HIDDEN, HIDDEN), **linear(f"{name}.out", HIDDEN, o)}

    z, y = O + L + KEPT, 2 * INPUTS + A
    return {
        **normed("encoder.0", O, ENCODER),
        **normed("encoder.1", ENCODER, L),
        **normed("predictor.0", INPUTS + A, HIDDEN // 2),
        **linear("predictor.change", HIDDEN // 2, CHANGES),
        **linear("predictor.skip", INPUTS + A, CHANGES),
        **linear("products.left", y, P),
        **linear("products.right", y, P),
        **normed("dynamics.0", y + P, HIDDEN),
        **normed("dynamics.1", HIDDEN, HIDDEN),
        **linear("dynamics.change", HIDDEN, CHANGES),
        **linear("dynamics.skip", y + P, CHANGES),
        **normed("features.0", z + A, HIDDEN, (E,)),
        **normed("features.1", HIDDEN, HIDDEN, (E,)),
        **normed("features.out", HIDDEN, L, (E,)),
        **mlp("reward", z + A, BINS),
        **mlp("continuation", z + A, 1),
    }


def weights():
    out = {}
    for k, name in enumerate(sorted(shapes())):
        x = filled(shapes()[name], k)
        out[name] = 1 + 0.2 * x if name.endswith("gamma") else 0.3 * x
    return out


# Standard deviations and units; the limits are reached by some predictions of each kind.
SCALE = {
    "mean": 0.5 * filled((O + KEPT,), 0.1),
    "deviation": 1.5 + 0.5 * filled((O + KEPT,), 0.2),
    "input_mean": 0.3 * filled((INPUTS,), 0.3),
    "input_deviation": 0.8 + 0.3 * filled((INPUTS,), 0.4),
    "unit": np.concatenate([0.4 + 0.1 * filled((NV,), 0.5), 0.02 + 0.01 * filled((NV,), 0.6), [0.3]]),
    "position_loss": 0.3 + 0.1 * filled((NV,), 0.7),
}
LIMIT = np.array([1e6, 0.32, 1e6, 1.8, 1.2, 1.2, 1.2, 1.2, 0.8])  # of q, v and r, on both sides


def states(rows, phase):
    """Positions and velocities: feet touch the floor, knees are at either stop, and the second leg is upside down."""
    q = filled((*rows, NQ), phase) * np.array([2.0, 0.04, 0.4, 1.2]) + np.array([0.0, -0.3, 0.0, 0.8])
    q[..., 1, 2] += math.pi
    q[..., 2, 3] -= 1.5
    v = filled((*rows, NV), phase + 0.5) * np.array([1.0, 1.5, 1.0, 2.0])
    return q, v


def features_of(q, v):
    return np.concatenate([q[..., :2], np.cos(q[..., 2:3]), np.sin(q[..., 2:3]), q[..., 3:], v], -1)


OBSERVATIONS, ACTIONS = filled((H + 1, B, O), 0.4), 0.9 * filled((H, B, A), 0.5)
BETWEEN = filled((H, R - 1, B, O), 0.9)
REWARDS, TERMINATED, MASK = 3 * filled((H, B), 0.6), np.zeros((H, B)), np.ones((H, B))
TERMINATED[1, 0] = 1
MASK[1, 2] = 0
STATES, STATES_BETWEEN = states((H + 1, B), 0.2), states((H, R - 1, B), 1.2)
TARGETS = None  # features of the unmoved weights: no gradient flows into them


def linear(w, name, x):
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def silu(x):
    return x * sigmoid(x)


def simnorm(x):
    return simnorm_of(x, GROUP)


def mlp(w, name, x):
    return linear(w, f"{name}.out", layer(w, f"{name}.1", layer(w, f"{name}.0", x, silu), silu))


def foot(q, v):
    """Clearance of the ball at the foot, its rate, and how fast its lowest matter goes along the floor."""
    lean, bend = q[:, 2], q[:, 2] + q[:, 3]  # of thigh and shin about y
    turn, spin = v[:, 2], v[:, 2] + v[:, 3]
    height = HIP + q[:, 1] - THIGH * np.cos(lean) - SHIN * np.cos(bend) - RADIUS
    rate = v[:, 1] + THIGH * np.sin(lean) * turn + SHIN * np.sin(bend) * spin
    speed = v[:, 0] - THIGH * np.cos(lean) * turn - SHIN * np.cos(bend) * spin - RADIUS * spin
    return height, rate, speed


def inputs(q, v, r):
    knee, w = q[:, 3], v[:, 3]
    beyond, rate = np.stack([knee - KNEE_HIGH, KNEE_LOW - knee], -1), np.stack([w, -w], -1)
    soon = beyond + DT * rate
    on = sigmoid(soon / STOP)
    stops = [np.maximum(soon, 0) / (5 * STOP), np.maximum(beyond, 0) / STOP, on, on * rate]
    h, falling, sliding = foot(q, v)
    n = h + DT * falling
    near, near_soon = sigmoid(-h / 0.005), sigmoid(-n / 0.01)
    touch = [np.minimum(h, 0.3), np.minimum(n, 0.3), np.maximum(-n, 0) / 0.05, near, near_soon, near * falling,
             near_soon * falling, near * sliding, near_soon * sliding]
    angles = q[:, 2:4]
    x = np.concatenate([v, r, q[:, [1, 3]], np.cos(angles), np.sin(angles), *stops, np.stack(touch, -1)], -1)
    return np.clip((x - SCALE["input_mean"]) / SCALE["input_deviation"], -MOST_INPUT, MOST_INPUT)


def moved(q, v, r, d):
    """Where a change leads, before and after the limits."""
    d = d * SCALE["unit"]
    free_v, free_r = v + d[:, :NV], r + d[:, 2 * NV:]
    next_v = np.clip(free_v, -LIMIT[NQ:NQ + NV], LIMIT[NQ:NQ + NV])
    next_q = np.clip(q + DT * (v + next_v) / 2 + d[:, NV:2 * NV], -LIMIT[:NQ], LIMIT[:NQ])
    free = (q + DT * (v + free_v) / 2 + d[:, NV:2 * NV], free_v, free_r)
    return free, (next_q, next_v, np.clip(free_r, -LIMIT[NQ + NV:], LIMIT[NQ + NV:]))


def control_step(w, q, v, r, a):
    x = inputs(q, v, r)
    xa = np.concatenate([x, a], -1)
    guess = linear(w, "predictor.change", layer(w, "predictor.0", xa, silu)) + linear(w, "predictor.skip", xa)
    guessed, there = moved(q, v, r, guess)
    y = np.concatenate([x, inputs(*there), a], -1)
    y = np.concatenate([y, linear(w, "products.left", y) * linear(w, "products.right", y)], -1)
    h = layer(w, "dynamics.1", layer(w, "dynamics.0", y, silu), silu)
    free, after = moved(q, v, r, linear(w, "dynamics.change", h) + linear(w, "dynamics.skip", y))
    return guessed, free, after


def next_features(w, z, a):
    h = layer(w, "features.1", layer(w, "features.0", np.concatenate([z, a], -1), silu), silu)
    return layer(w, "features.out", h, simnorm)


def standardised(o, features):
    known = (np.concatenate([o, features[:, 1:]], -1) - SCALE["mean"]) / SCALE["deviation"]
    return known[:, :O], known[:, O:]


def encode(w, o, features):
    s, p = standardised(o, features)
    return np.concatenate([s, layer(w, "encoder.1", layer(w, "encoder.0", s, silu), simnorm), p], -1)


def observed(q, v, r):
    knee_height = HIP + q[:, 1] - THIGH * np.cos(q[:, 2])
    return np.stack([q[:, 1] + 1, 2 * np.sin(q[:, 2]), q[:, 3], 0.5 - v[:, 3], knee_height, r[:, 0]], -1)


def step_error(said, seen):
    """The root of the mean square of all errors of one control step, [B]; no angle here is half a turn off."""
    q, v, r = (a - b for a, b in zip(said, seen))
    e = np.concatenate([v / SCALE["unit"][:NV], q / SCALE["position_loss"], r / SCALE["unit"][2 * NV:]], -1)
    return np.sqrt((e**2).mean(-1) + 1e-6)


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


def recorded(t, k):
    """Behind control step k of decision t."""
    q, v = ((s[t, k] for s in STATES_BETWEEN) if k + 1 < R else (s[t + 1] for s in STATES))
    r = BETWEEN[t, k][:, 5:] if k + 1 < R else OBSERVATIONS[t + 1][:, 5:]
    return q, v, r


def losses(w):
    share = MASK * (RHO ** np.arange(H))[:, None] / (H * B)
    sums = {"observation": 0.0, "predictor": 0.0, "consistency": 0.0, "reward": 0.0, "continuation": 0.0}
    z = encode(w, OBSERVATIONS[0], features_of(STATES[0][0], STATES[1][0]))
    motion = (STATES[0][0], STATES[1][0], OBSERVATIONS[0][:, 5:])
    for t in range(H):
        for k in range(R):
            guessed, free, motion = control_step(w, *motion, ACTIONS[t])
            sums["observation"] += share[t] @ step_error(free, recorded(t, k)) / R
            sums["predictor"] += share[t] @ step_error(guessed, recorded(t, k)) / R
        pair = np.concatenate([z, ACTIONS[t]], -1)
        features = next_features(w, z, ACTIONS[t])
        sums["consistency"] += share[t] @ ((features - TARGETS[t][:, O:O + L]) ** 2).mean((0, 2))
        sums["reward"] += share[t] @ two_hot_loss(mlp(w, "reward", pair), REWARDS[t])
        logit = mlp(w, "continuation", pair)[:, 0]
        sums["continuation"] += share[t] @ (np.log1p(np.exp(logit)) - (1 - TERMINATED[t]) * logit)
        s, p = standardised(observed(*motion), features_of(*motion[:2]))
        z = np.concatenate([s, features.mean(0), p], -1)
    return sums


def dreamed(w):
    """What a decision from the first observation shows: observation, features of the state, uncertainty."""
    motion = (STATES[0][0], STATES[1][0], OBSERVATIONS[0][:, 5:])
    heads = next_features(w, encode(w, OBSERVATIONS[0], features_of(*motion[:2])), ACTIONS[0])
    for _ in range(R):
        motion = control_step(w, *motion, ACTIONS[0])[2]
    spread = np.sqrt(((heads - heads.mean(0)) ** 2).sum(-1).mean(0))
    return {"observation": observed(*motion), "features": features_of(*motion[:2]), "uncertainty": spread}


def rounded(x):
    return [float(f"{v:.9g}") for v in np.ravel(x)]


def main():
    global TARGETS
    w = weights()
    TARGETS = [encode(w, OBSERVATIONS[t + 1], features_of(STATES[0][t + 1], STATES[1][t + 1])) for t in range(H)]
    derivatives = {}
    for name in sorted(w):
        derivatives[name] = []
        for phase in (0.7, 2.1):
            direction = filled(w[name].shape, phase)
            sides = [sum(losses({**w, name: w[name] + step * direction}).values()) for step in (1e-6, -1e-6)]
            derivatives[name].append((sides[0] - sides[1]) / 2e-6)
        derivatives[name] = rounded(derivatives[name])
    out = {"losses": {k: float(f"{v:.9g}") for k, v in losses(w).items()},
           "dream": {k: rounded(v) for k, v in dreamed(w).items()}, "derivatives": derivatives}
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
