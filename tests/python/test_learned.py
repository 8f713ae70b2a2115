"""Runs: policy, world model, dream, evaluation and training, from Python."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import gymnasium
import numpy as np
import pytest

import reverie


def test_a_policy_gives_actions_in_its_range(run):
    policy = run.policy()
    seen = run.make_vec(3).reset(seed=1)[0]
    actions = policy(seen)
    assert actions.shape == (3, 1) and actions.dtype == np.float32
    assert (np.abs(actions) <= 1).all()
    assert (policy(seen[1]) == policy(seen[1:2])[0]).all()
    assert policy(seen[:0]).shape == (0, 1)


def test_the_world_model_agrees_with_the_dream(run):
    """One decision by encode and step is one step of a dream from the same observation."""
    dream = run.dream_vec(8, starts="first")
    seen, _ = dream.reset(seed=1)
    model = run.world_model()
    actions = np.linspace(-1, 1, 8, dtype=np.float32)[:, np.newaxis]
    latents = model.encode(seen)
    assert latents.shape == (8, model.latent_dim)
    after, rewards, *_, infos = dream.step(actions)
    assert np.allclose(model.reward(latents, actions), rewards, atol=1e-6)
    assert np.allclose(model.uncertainty(latents, actions), infos["uncertainty"], atol=1e-6)
    offset = seen - model.decode(latents)  # what the decoder misses at the start is added all along
    assert np.allclose(model.decode(model.step(latents, actions)) + offset, after, atol=1e-5)
    assert (model.continuation(latents, actions) == 1).all()


def test_the_dream_is_an_environment_with_same_step_autoreset(run):
    dream = run.dream_vec(5, horizon=7)
    start, _ = dream.reset(seed=2)
    assert start in dream.observation_space
    for t in range(1, 8):
        seen, rewards, terminated, truncated, infos = dream.step(dream.action_space.sample())
        assert (truncated == (t == 7)).all() and not terminated.any()
        assert infos["uncertainty"].shape == (5,) and rewards.dtype == np.float32
    assert infos["_final_obs"].all() and (infos["final_obs"][0] != seen[0]).any()
    assert (dream.reset(seed=2)[0] == start).all()
    assert (dream.reset()[0] != start).any()
    dream.close()


def test_tensors_share_memory_with_what_comes_back(run):
    torch = pytest.importorskip("torch")
    model = run.world_model()
    seen = torch.from_numpy(run.make_vec(4).reset(seed=1)[0])
    latents = model.encode(seen)
    assert isinstance(latents, torch.Tensor) and latents.shape == (4, model.latent_dim)
    assert np.array_equal(latents.numpy(), model.encode(seen.numpy()))
    assert isinstance(run.policy()(seen), torch.Tensor)


def test_evaluate_judges_any_policy_as_it_judges_the_runs_own(run):
    own = reverie.evaluate(None, run, quick=True, sections=["returns"])
    same = reverie.evaluate(run.policy(), run, quick=True, sections=["returns"])
    assert own["simulated_return"]["mean"] == pytest.approx(same["simulated_return"]["mean"], rel=1e-6)

    class Learner:
        """As Stable-Baselines3's models."""

        def predict(self, observations, deterministic):
            assert deterministic
            return np.zeros((len(observations), 1), np.float32), None

    still = reverie.evaluate(Learner(), run, quick=True, sections=["returns"])
    assert still["simulated_return"]["n"] == 5
    assert still["simulated_return"]["mean"] != own["simulated_return"]["mean"]


def test_evaluate_says_the_same_as_the_program(run, run_path, tmp_path):
    ours = reverie.evaluate(None, run, quick=True, sections=["returns", "fidelity"], out=tmp_path / "report")
    command = [os.environ["REVERIE_BINARY"], "-q", "--json", "evaluate", run_path, "--quick", "--sections",
               "returns,fidelity", "--out", tmp_path / "theirs"]
    theirs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for part in ("simulated_return", "imagined_return", "valid_horizon_steps", "weights_hash"):
        assert ours[part] == theirs[part]
    assert (tmp_path / "report" / "report.html").exists()


def test_an_evaluation_tells_how_far_it_is(run):
    told = []
    reverie.evaluate(None, run, quick=True, sections=["returns", "fidelity"],
                     on_progress=lambda part, share: told.append((part, share)))
    assert {part for part, _ in told} >= {"returns", "fidelity"}
    shares = [share for _, share in told]
    assert shares == sorted(shares) and 0.0 <= shares[0] and 0.9 < shares[-1] <= 1.0
    with pytest.raises(ZeroDivisionError):
        reverie.evaluate(None, run, quick=True, on_progress=lambda part, share: 1 / 0)


def test_ctrl_c_ends_an_evaluation(run_path):
    code = f"""
import reverie
try:
    reverie.evaluate(None, {str(run_path)!r}, episodes=2000, starts=2000, horizon=500,
                     on_progress=lambda part, share: print("at", part, flush=True))
except KeyboardInterrupt:
    print("interrupted", flush=True)
envs = reverie.make_vec("dmc/cartpole-swingup")
envs.reset(seed=1)
print("alive")
"""
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline().startswith("at")
    begin = time.monotonic()
    child.send_signal(signal.SIGINT)
    rest = child.communicate(timeout=60)[0]
    assert "interrupted" in rest and "alive" in rest
    assert child.returncode == 0 and time.monotonic() - begin < 30


def test_a_closed_dream_and_wrong_actions_in_it_are_refused(run):
    dream = run.dream_vec(2)
    dream.reset(seed=1)
    for actions, error, words in ((np.zeros((3, 1), np.float32), ValueError, r"actions: expected shape \[2, 1\]"),
                                  (np.zeros((2, 1), int), TypeError, "found int64"),
                                  (np.full((2, 1), 1.5), ValueError, r"action\[0, 0\] is 1.5"),
                                  (np.full((2, 1), np.nan), ValueError, r"action\[0, 0\] is nan")):
        with pytest.raises(error, match=words):
            dream.step(actions)
    dream.close()
    with pytest.raises(gymnasium.error.ClosedEnvironmentError, match="step: this environment is closed"):
        dream.step(np.zeros((2, 1), np.float32))


def test_a_training_tells_how_far_it_is_and_writes_a_run(tmp_path):
    told = []
    run = reverie.train("dmc/pendulum-swingup", out=tmp_path / "run", progress=False, env_steps=1200, random_steps=400,
                        eval_every=0, checkpoint_every=600, updates_per_decision=0.1, learner={"discount": 0.98},
                        on_progress=lambda step, total, updates, row: told.append((step, total)))
    assert run.env_steps == 1200 and told[-1] == (1200, 1200)
    assert "discount = 0.98" in (tmp_path / "run" / "config.toml").read_text()
    assert [len(episode) for episode in run.episodes()] == [1000]
    longer = reverie.train(resume=run.path, total=1300, progress=False)
    assert longer.env_steps == 1300


def test_ctrl_c_ends_a_training_that_can_go_on(tmp_path):
    code = f"""
import reverie
try:
    reverie.train("dmc/cartpole-swingup", out={str(tmp_path / "run")!r}, env_steps=1000000, eval_every=0,
                  on_progress=lambda *now: print("at", now[0], flush=True))
except KeyboardInterrupt as error:
    print("interrupted:", error, flush=True)
"""
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline().startswith("at")
    begin = time.monotonic()
    child.send_signal(signal.SIGINT)
    rest = child.communicate(timeout=60)[0]
    assert "interrupted: after" in rest and "train(resume=" in rest
    assert child.returncode == 0 and time.monotonic() - begin < 30
    assert reverie.Run(tmp_path / "run").env_steps > 0


def _policy_in_fork(run, answers):
    try:
        run.policy()(np.zeros((1, 5), np.float32))
    except RuntimeError as error:
        answers.put(str(error))


@pytest.mark.filterwarnings("ignore:.*fork")
def test_a_fork_is_refused_what_needs_the_threads_of_its_parent(run):
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(target=_policy_in_fork, args=(run, answers))
    child.start()
    assert "forked" in answers.get()
    child.join(20)
    assert child.exitcode == 0


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda run: reverie.Run("nowhere"), FileNotFoundError, "expected the directory of a run"),
        (lambda run: reverie.Run(os.path.dirname(__file__)), ValueError, "not a run directory"),
        (lambda run: reverie.Run(run.path, "77"), ValueError, "no checkpoint '77'"),
        (lambda run: run.policy()(np.zeros((2, 4))), ValueError, r"observations: expected shape \[any, 5\]"),
        (lambda run: run.policy()(np.zeros((2, 5), int)), TypeError, "expected float32 numbers, found int64"),
        (lambda run: run.policy()(np.full((2, 5), np.nan)), ValueError, "nan at"),
        (lambda run: run.world_model().decode(np.zeros((2, 3))), ValueError, "latents: expected shape"),
        (lambda run: run.world_model().step(np.zeros((2, run.world_model().latent_dim)), np.zeros((3, 1))), ValueError,
         r"actions: expected shape \[2, 1\], found \[3, 1\]"),
        (lambda run: run.dream_vec(2, starts="some"), ValueError, "starts: expected 'any' or 'first'"),
        (lambda run: run.dream_vec(2, horizon=0), ValueError, "horizon: expected a number from 1"),
        (lambda run: run.dream_vec(2, episodes="nowhere"), ValueError, "nowhere"),
        (lambda run: reverie.evaluate(3, run), TypeError, r"policy: expected a function or an object with predict\(\)"),
        (lambda run: reverie.evaluate(lambda o: o, run, quick=True), ValueError, "the policy's actions: expected shape"),
        (lambda run: reverie.evaluate(lambda o: 1 / 0, run, quick=True), ZeroDivisionError, "division"),
        (lambda run: reverie.evaluate(None, run, sections=["retrns"]), ValueError, "did you mean 'returns'"),
        (lambda run: reverie.train(env_stps=3), ValueError, "did you mean 'env_steps'"),
        (lambda run: reverie.train(env_steps="many"), ValueError, "env_steps"),
        (lambda run: reverie.train("dmc/walker-wlk", env_steps=10), ValueError, "did you mean"),
        (lambda run: reverie.train(out=run.path, env_steps=10, random_steps=10), ValueError, "cartpole"),
        (lambda run: reverie.train(resume=run.path, seed=3), TypeError, "resume: a run goes on"),
    ],
)
def test_mistakes_are_one_sentence(run, call, error, words):
    with pytest.raises(error, match=words):
        call(run)
