"""PPO in the manner of CleanRL: one file, on physics.

    python ppo.py [TASK] [STEPS]

Needs PyTorch. `train` takes any vector environment of Gymnasium with SAME_STEP autoreset; ppo_in_dream.py gives it a dream.
"""

import sys

import gymnasium
import numpy as np
import torch
from torch import nn

import reverie


class Agent(nn.Module):
    """A Gaussian actor and a critic, with two hidden layers each."""

    def __init__(self, observations, actions):
        super().__init__()

        def network(out, gain):
            layers = [nn.Linear(observations, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, out)]
            for layer in layers[::2]:
                nn.init.orthogonal_(layer.weight, gain if layer is layers[-1] else 2**0.5)
                nn.init.zeros_(layer.bias)
            return nn.Sequential(*layers)

        self.mean, self.value = network(actions, 0.01), network(1, 1.0)
        self.log_std = nn.Parameter(torch.zeros(actions))

    def distribution(self, seen):
        return torch.distributions.Normal(self.mean(seen), self.log_std.exp())

    def act(self, observations):
        """The mean action [N, A], clipped to [-1, 1]: for evaluation."""
        with torch.no_grad():
            return self.mean(torch.as_tensor(observations)).clamp(-1, 1).numpy()


def rollout(envs, agent, seen, steps):
    """`steps` decisions of N environments: observations, actions, log probabilities, values, rewards, ended, next values."""
    rows = []
    for _ in range(steps):
        with torch.no_grad():
            distribution = agent.distribution(seen)
            action = distribution.sample()
            log_prob, value = distribution.log_prob(action).sum(-1), agent.value(seen).squeeze(-1)
        after, rewards, terminated, truncated, infos = envs.step(action.clamp(-1, 1).numpy())
        final = after.copy()
        for i in np.flatnonzero(terminated | truncated):
            final[i] = infos["final_obs"][i]
        with torch.no_grad():
            next_value = agent.value(torch.as_tensor(final)).squeeze(-1) * torch.as_tensor(~terminated)
        ended = torch.as_tensor(terminated | truncated)
        rows.append((seen, action, log_prob, value, torch.as_tensor(rewards), ended, next_value))
        seen = torch.as_tensor(after)
    return [torch.stack(column) for column in zip(*rows)], seen


def advantages(values, rewards, ended, next_values, discount, trace):
    out, last = torch.zeros_like(values), torch.zeros_like(values[0])
    for t in reversed(range(len(values))):
        last = rewards[t] + discount * next_values[t] - values[t] + discount * trace * last * ~ended[t]
        out[t] = last
    return out


def update(agent, optimizer, rows, epochs=10, minibatches=4, clip=0.2, entropy=0.0):
    seen, actions, old, goal, gain = rows
    for _ in range(epochs):
        for part in torch.randperm(len(seen)).chunk(minibatches):
            distribution = agent.distribution(seen[part])
            ratio = (distribution.log_prob(actions[part]).sum(-1) - old[part]).exp()
            advantage = (gain[part] - gain[part].mean()) / (gain[part].std() + 1e-8)
            policy = -torch.min(ratio * advantage, ratio.clamp(1 - clip, 1 + clip) * advantage).mean()
            value = (agent.value(seen[part]).squeeze(-1) - goal[part]).square().mean()
            loss = policy + 0.5 * value - entropy * distribution.entropy().sum(-1).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
            optimizer.step()


def train(envs, steps, horizon=64, discount=0.99, trace=0.95, rate=1e-3, seed=1):
    """An Agent that learned from `steps` steps of `envs`, whose actions lie in [-1, 1]."""
    torch.manual_seed(seed)
    agent = Agent(envs.single_observation_space.shape[0], envs.single_action_space.shape[0])
    optimizer = torch.optim.Adam(agent.parameters(), lr=rate, eps=1e-5)
    seen = torch.as_tensor(envs.reset(seed=seed)[0])
    updates = max(1, steps // (horizon * envs.num_envs))
    for k in range(updates):
        optimizer.param_groups[0]["lr"] = rate * (1 - k / updates)
        (s, a, log_prob, value, reward, ended, after), seen = rollout(envs, agent, seen, horizon)
        gain = advantages(value, reward, ended, after, discount, trace)
        update(agent, optimizer, [x.flatten(0, 1) for x in (s, a, log_prob, gain + value, gain)])
    return agent


def simulated_return(agent, task, action_repeat=2, episodes=10):
    """Mean return of whole episodes in physics."""
    envs = gymnasium.wrappers.vector.RecordEpisodeStatistics(
        reverie.make_vec(task, episodes, action_repeat=action_repeat))
    seen, _ = envs.reset(seed=1000)
    while True:
        seen, _, _, _, infos = envs.step(agent.act(seen))
        if "episode" in infos:
            return float(infos["episode"]["r"].mean())


def main(task="dmc/cartpole-swingup", steps=300000):
    agent = train(reverie.make_vec(task, 16, threads=2, action_repeat=2), steps)
    print(f"{task}: {steps} decisions in physics, simulated return {simulated_return(agent, task):.1f}")
    return agent


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:3]))
