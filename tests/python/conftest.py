"""What several tests share: a small run that is trained once."""

import pytest

import reverie


@pytest.fixture(scope="session")
def run_path(tmp_path_factory):
    """A cart-pole that learned for a few seconds: good enough to be called, not to be good."""
    path = tmp_path_factory.mktemp("runs") / "cartpole"
    reverie.train("dmc/cartpole-swingup", out=path, progress=False, env_steps=2000, random_steps=1000,
                  eval_every=1000, eval_episodes=1, eval_dream=0, checkpoint_every=1000, updates_per_decision=0.2)
    return path


@pytest.fixture(scope="session")
def run(run_path):
    return reverie.Run(run_path)
