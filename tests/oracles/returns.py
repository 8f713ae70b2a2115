"""Return targets and their gradients, in plain Python floats: the numbers that tests/policies/returns_test.cc checks.
Run: python3 tests/oracles/returns.py > tests/data/returns.json"""
import json

REWARDS = [[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0]]  # [T, N]
CONTINUATION = [[1.0, 0.9], [0.8, 1.0], [1.0, 0.0]]
VALUES = [[2.0, 1.0], [3.0, -1.0], [0.5, 0.0], [4.0, 7.0]]  # [T+1, N]
DISCOUNT, LAMBDA = 0.97, 0.8


def lambda_returns(rewards, continuation, values):
    steps, n = len(rewards), len(rewards[0])
    out = [[0.0] * n for _ in range(steps)]
    for i in range(n):
        # The definition as a weighted sum of k-step returns, not the recursion that the program uses.
        for t in range(steps):
            total, weight = 0.0, 1.0
            for k in range(1, steps - t + 1):
                k_step, alive = 0.0, 1.0
                for j in range(k):
                    k_step += alive * rewards[t + j][i]
                    alive *= DISCOUNT * continuation[t + j][i]
                k_step += alive * values[t + k][i]
                share = weight * (1.0 - LAMBDA) if k < steps - t else weight
                total += share * k_step
                weight *= LAMBDA
            out[t][i] = total
    return out


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


def flat_sum(rows):
    return sum(sum(row) for row in rows)


bootstrap = VALUES[3]
print(json.dumps({
    "rewards": REWARDS, "continuation": CONTINUATION, "values": VALUES, "discount": DISCOUNT, "lambda": LAMBDA,
    "lambda_returns": lambda_returns(REWARDS, CONTINUATION, VALUES),
    "lambda_returns_d_rewards": gradient(lambda: flat_sum(lambda_returns(REWARDS, CONTINUATION, VALUES)), REWARDS),
    "lambda_returns_d_values": gradient(lambda: flat_sum(lambda_returns(REWARDS, CONTINUATION, VALUES)), VALUES),
    "n_step": n_step(REWARDS, CONTINUATION, bootstrap),
    "n_step_d_rewards": gradient(lambda: sum(n_step(REWARDS, CONTINUATION, bootstrap)), REWARDS),
    "n_step_d_continuation": gradient(lambda: sum(n_step(REWARDS, CONTINUATION, bootstrap)), CONTINUATION),
}, indent=1))
