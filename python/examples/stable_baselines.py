"""A learner of Stable-Baselines3, trained in physics and judged in a run's dream and in physics.

    python stable_baselines.py RUN [STEPS]

Stable-Baselines3 has a vector interface of its own: SB3Vector translates.
"""

import sys

import numpy as np
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import VecEnv, VecMonitor

import reverie


class SB3Vector(VecEnv):
    """A Gymnasium vector environment with SAME_STEP autoreset, as Stable-Baselines3 wants it."""

    def __init__(self, envs):
        super().__init__(envs.num_envs, envs.single_observation_space, envs.single_action_space)
        self.envs = envs

    def reset(self):
        return self.envs.reset(seed=self._seeds[0])[0]

    def step_async(self, actions):
        self.actions = actions

    def step_wait(self):
        observations, rewards, terminated, truncated, infos = self.envs.step(self.actions)
        each = [{} for _ in range(self.num_envs)]
        for i in np.flatnonzero(terminated | truncated):
            each[i] = {"terminal_observation": infos["final_obs"][i], "TimeLimit.truncated": bool(truncated[i])}
        return observations, rewards, terminated | truncated, each

    def close(self):
        self.envs.close()

    def get_attr(self, name, indices=None):
        return [getattr(self.envs, name, None)] * len(list(self._get_indices(indices)))

    def set_attr(self, name, value, indices=None):
        raise NotImplementedError

    def env_method(self, name, *arguments, indices=None, **words):
        raise NotImplementedError

    def env_is_wrapped(self, wrapper, indices=None):
        return [False] * len(list(self._get_indices(indices)))


def learn(envs, steps, seed=1):
    """PPO with its own settings for continuous control."""
    model = PPO("MlpPolicy", VecMonitor(SB3Vector(envs)), n_steps=64, batch_size=256, gae_lambda=0.95, gamma=0.99,
                n_epochs=10, ent_coef=0.0, learning_rate=1e-3, seed=seed, device="cpu")
    return model.learn(steps)


def main(path, steps=300000):
    run = reverie.Run(path)
    model = learn(run.make_vec(16), steps)
    report = reverie.evaluate(model, run, quick=True, sections=["returns"])
    print(f"{run.task}: {steps} decisions in physics; return {report['simulated_return']['mean']:.1f} in physics, "
          f"{report['imagined_return']['mean']:.1f} in the dream of {run.path}")
    return report


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
