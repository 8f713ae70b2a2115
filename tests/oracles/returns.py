"""Return targets and their gradients, in plain Python floats: the numbers that tests/policies/returns_test.cc checks.
Run: python3 tests/oracles/returns.py > tests/data/returns.json"""
import json

REWARDS = [[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0]]  # [T, N]
CONTINUATION = [[1.0, 0.9], [0.8, 1.0], [1.0, 0.0]]
VALUES = [[2.0, 1.0], [3.0, -1.0], [0.5, 0.0], [4.0, 7.0]]  # [T+1, N]
DISCOUNT = 0.97


def n_step(rewards, continuation, bootstrap):
    out = []
    for i in range(len(bootstrap)):
        total, alive = 0.0, 1.0
        for t in range(len(rewards)):
            total += alive * rewards[t][i]
            alive *= DISCOUNT * continuation[t][i]
        out.append(total + alive * bootstrap[i])
    return out


def gradient(function, argument):
    """Central differences of sum(function) in every entry of `argument` (a list of lists)."""
    step = 1e-6
    out = [[0.0] * len(row) for row in argument]
    for t, row in enumerate(argument):
        for i in range(len(row)):
            kept = row[i]
            row[i] = kept + step
            up = function()
            row[i] = kept - step
            down = function()
            row[i] = kept
            out[t][i] = (up - down) / (2 * step)
    return out


bootstrap = VALUES[3]
print(json.dumps({
    "rewards": REWARDS, "continuation": CONTINUATION, "values": VALUES, "discount": DISCOUNT,
    "n_step": n_step(REWARDS, CONTINUATION, bootstrap),
    "n_step_d_rewards": gradient(lambda: sum(n_step(REWARDS, CONTINUATION, bootstrap)), REWARDS),
    "n_step_d_continuation": gradient(lambda: sum(n_step(REWARDS, CONTINUATION, bootstrap)), CONTINUATION),
}, indent=1))
