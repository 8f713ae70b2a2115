"""Layers of the models' networks, in numpy: what the programs of the oracles share."""
import numpy as np


def layer(w, name, x, activation):
    m = w[f"{name}.weight"]
    if m.ndim == 3:
        return np.stack([layer({f"{name}.{k}": w[f"{name}.{k}"][e] for k in ("weight", "bias", "gamma", "beta")}, name,
                               x[e] if x.ndim == 3 else x, activation) for e in range(len(m))])
    y = x @ m.T + w[f"{name}.bias"]
    y = (y - y.mean(-1, keepdims=True)) / np.sqrt(y.var(-1, keepdims=True) + 1e-5)
    return activation(y * w[f"{name}.gamma"] + w[f"{name}.beta"])


def simnorm_of(x, group):
    """Softmax over each `group` entries of the last axis."""
    e = np.exp(x.reshape(*x.shape[:-1], -1, group))
    return (e / e.sum(-1, keepdims=True)).reshape(x.shape)
