"""Plans by random shooting in a run's world model, and acts in physics.

    python random_shooting.py RUN [DECISIONS]

Before every decision 512 random action sequences are tried in the model; the first action of the best one is taken.
"""

import sys

import numpy as np

import reverie

SEQUENCES, HORIZON = 512, 12


def plan(model, observation, low, high, generator):
    """The first action [A] of the best of SEQUENCES futures of HORIZON decisions."""
    latents = np.repeat(model.encode(observation[np.newaxis]), SEQUENCES, axis=0)
    actions = generator.uniform(low, high, (HORIZON, SEQUENCES, len(low))).astype(np.float32)
    value = np.zeros(SEQUENCES)
    for action in actions:
        value += model.reward(latents, action)
        latents = model.step(latents, action)
    return actions[0, value.argmax()]


def main(path, decisions=100):
    run = reverie.Run(path)
    model, envs, generator = run.world_model(), run.make_vec(), np.random.default_rng(1)
    low, high = envs.single_action_space.low, envs.single_action_space.high
    observations, _ = envs.reset(seed=1)
    total = 0.0
    for _ in range(decisions):
        action = plan(model, observations[0], low, high, generator)
        observations, rewards, *_ = envs.step(action[np.newaxis])
        total += float(rewards[0])
    print(f"return of {decisions} decisions: {total:.1f}")
    return total


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
