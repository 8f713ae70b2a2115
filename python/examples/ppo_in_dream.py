"""The learner of ppo.py inside the dream of a run: no step in physics, then the check there.

    python ppo_in_dream.py RUN [STEPS]
"""

import sys

import ppo

import reverie


def main(path, steps=300000):
    run = reverie.Run(path)
    dream = run.dream_vec(num_envs=64, horizon=100)
    agent = ppo.train(dream, steps)
    report = reverie.evaluate(agent.act, run, quick=True, sections=["returns"])
    simulated, imagined = report["simulated_return"]["mean"], report["imagined_return"]["mean"]
    print(f"{run.task}: {steps} dreamed decisions, none in physics beyond the run's {run.env_steps} control steps; "
          f"return {simulated:.1f} in physics, {imagined:.1f} in the dream")
    return simulated


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
