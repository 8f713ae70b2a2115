"""Numbers for tests/policies/ten_updates_test.cc: losses of ten learning updates in float64, by bench/peers/tdmpc.py and a
generator written here from the Philox paper. Weights and batches are formulas, so nothing is read from the C++ side.

Run: python ten_updates.py > ../data/ten_updates.json
"""

import json
import math
import pathlib
import sys

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "bench" / "peers"))
from tdmpc import Batch, Learner, Sizes  # noqa: E402

UPDATES, SEED, LEARNER_STREAM = 10, 1, 5
MODEL, ACTOR = 0, 1  # parts of an update, which draw independently
S = Sizes(
    observation=3,
    action=2,
    state=2,
    latent=16,
    encoder=32,
    hidden=32,
    probe=32,
    batch=16,
    dream_batch=32,
    entropy_rate=1e-2,
    average_share=0.1,
    learning_rate=3e-3,
)


def philox(counter, key):
    mask = 0xFFFFFFFF
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & mask, (a >> 32) ^ c[3] ^ k[1], a & mask]
        k = [(k[0] + 0x9E3779B9) & mask, (k[1] + 0xBB67AE85) & mask]
    return c


def words(part, step):
    """64-bit words of Rng(SEED, part, LEARNER_STREAM, step)."""
    draw = 0
    while True:
        block = philox((draw, step, LEARNER_STREAM, part), (SEED, 0))
        yield block[0] | block[1] << 32
        yield block[2] | block[3] << 32
        draw += 1


def normals(stream, *shape):
    values = []
    while len(values) < math.prod(shape):
        u, v = ((next(stream) >> 11) * 2.0**-53 for _ in range(2))
        radius = math.sqrt(-2 * math.log(1 - u))
        values += [radius * math.cos(2 * math.pi * v), radius * math.sin(2 * math.pi * v)]
    return torch.tensor(np.array(values, np.float32).astype(np.float64)).view(shape)


def filled(shape, phase):
    n = math.prod(shape)
    values = np.sin(0.37 * np.arange(1, n + 1) ** 1.5 + phase)
    return torch.tensor(values).view(shape)


def rounded(tensor):
    return tensor.float().double()  # what a float32 program starts from


def weights(learner):
    shapes = {name: tuple(p.shape) for name, p in learner.named()}
    shapes["probe.mean"] = shapes["probe.scale"] = (S.observation + S.state,)
    out = {}
    for k, name in enumerate(sorted(shapes)):
        x = filled(shapes[name], k)
        kind = name.rsplit(".", 1)[1]
        if kind == "weight":
            x = x * shapes[name][-1] ** -0.5
        elif kind in ("gamma", "scale"):
            x = 1 + 0.2 * x
        else:
            x = 0.1 * x
        out[name] = rounded(x)
    return out


def batch(u):
    h, b = S.horizon, S.batch
    terminated, mask = torch.zeros(h, b), torch.ones(h, b)
    terminated[h - 1, : b // 4] = 1
    mask[h - 1, b // 2 : b // 2 + 2] = 0
    return Batch(
        observations=rounded(2 * filled((h + 1, b, S.observation), u)),
        actions=rounded(0.9 * filled((h, b, S.action), u + 0.3)),
        rewards=rounded(3 * filled((h, b), u + 0.6)),
        terminated=terminated,
        mask=mask,
        states=rounded(filled((h + 1, b, S.state), u + 0.9)),
    )


def main():
    torch.set_default_dtype(torch.float64)
    learner = Learner(S)
    learner.load(weights(learner))
    rows = []
    for u in range(UPDATES):
        target_noise = normals(words(MODEL, u), S.horizon * S.batch, S.action)  # then: which two critics of two
        dream_noise = normals(words(ACTOR, u), S.dream_horizon + 1, S.dream_batch, S.action)
        seen = learner.update(batch(u), target_noise, dream_noise)
        rows.append({name: float(f"{float(torch.as_tensor(value).detach()):.9g}") for name, value in sorted(seen.items())})
    settings = {
        "model.latent_dim": S.latent,
        "model.simnorm_dim": S.group,
        "model.encoder_dim": S.encoder,
        "model.hidden_dim": S.hidden,
        "model.probe_dim": S.probe,
        "model.dynamics_heads": S.heads,
        "model.bins": S.bins,
        "model.bin_low": S.bin_low,
        "model.bin_high": S.bin_high,
        "model.horizon": S.horizon,
        "model.rho": S.rho,
        "model.consistency_weight": S.consistency_weight,
        "model.reward_weight": S.reward_weight,
        "model.value_weight": S.value_weight,
        "learner.batch_size": S.batch,
        "learner.imagination_batch": S.dream_batch,
        "learner.imagination_horizon": S.dream_horizon,
        "learner.discount": S.discount,
        "learner.learning_rate": S.learning_rate,
        "learner.encoder_lr_scale": S.encoder_lr_scale,
        "learner.clip_norm": S.clip_norm,
        "learner.target_rate": S.target_rate,
        "learner.value_expansion": 0,
        "learner.critics": S.critics,
        "learner.entropy_weight": S.entropy_weight,
        "learner.entropy_target": S.entropy_target,
        "learner.entropy_rate": S.entropy_rate,
        "learner.std_floor": S.std_floor,
        "learner.average_share": S.average_share,
        "learner.uncertainty_weight": 0.0,
        "learner.scale_rate": S.scale_rate,
    }
    text = ",\n".join(json.dumps(row) for row in rows)
    print(f'{{"settings": {json.dumps(settings)},\n"updates": [\n{text}\n]}}')


if __name__ == "__main__":
    main()
