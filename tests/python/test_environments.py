"""Physics: Gymnasium's interface and checkers, the same bits as the program, and mistakes as sentences."""

import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import threading

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ClosedEnvironmentError, ResetNeeded
from gymnasium.utils.env_checker import check_env

import reverie


@pytest.mark.filterwarnings("ignore:.*A Box observation space")
@pytest.mark.parametrize("task", ["dmc/cartpole-swingup", "dmc/walker-walk", "gym/hopper"])
def test_gymnasium_checks_an_environment(task):
    check_env(gymnasium.make(reverie.environments.environment_id(task)).unwrapped)


def test_every_task_is_registered():
    for task in reverie.tasks():
        assert reverie.environments.environment_id(task) in gymnasium.registry


def test_make_vec_of_gymnasium_gives_the_batch_of_threads():
    envs = gymnasium.make_vec("Reverie/dmc-walker-walk-v0", num_envs=3, threads=2)
    assert isinstance(envs.unwrapped, reverie.PhysicsVectorEnv)
    observations, infos = envs.reset(seed=1)
    assert observations in envs.observation_space and infos == {}
    result = envs.step(envs.action_space.sample())
    assert result[0] in envs.observation_space
    assert [part.dtype for part in result[:4]] == [np.float32, np.float32, np.bool_, np.bool_]
    assert [part.shape for part in result[1:4]] == [(3,), (3,), (3,)]


def test_an_environment_and_a_batch_play_the_same_episodes():
    envs = reverie.make_vec("dmc/cartpole-swingup", 2)
    one = reverie.make("dmc/cartpole-swingup")
    seen, _ = envs.reset(seed=4)
    alone, _ = one.reset(seed=4)
    assert (seen[0] == alone).all()
    actions = np.random.default_rng(1).uniform(-1, 1, (100, 2, 1)).astype(np.float32)
    for action in actions:
        seen, rewards, *_ = envs.step(action)
        alone, reward, *_ = one.step(action[0])
        assert (seen[0] == alone).all() and rewards[0] == np.float32(reward)
    one.reset()
    assert (one.reset()[0] == reverie_start("dmc/cartpole-swingup", 4, 2)).all()


def reverie_start(task, seed, index):
    envs = reverie.make_vec(task, index + 1)
    return envs.reset(seed=seed)[0][index]


def test_threads_change_no_bit():
    results = []
    for threads in (1, 3):
        envs = reverie.make_vec("dmc/walker-walk", 7, threads)
        seen = [envs.reset(seed=9)[0]]
        for t in range(50):
            seen.append(envs.step(np.full((7, 6), np.sin(t), np.float32))[0])
        results.append(np.array(seen))
    assert (results[0] == results[1]).all()


def test_an_episode_ends_with_its_last_observation_and_the_next_begins():
    envs = reverie.make_vec("dmc/cartpole-swingup", 2, action_repeat=100)
    start, _ = envs.reset(seed=3)
    for t in range(10):
        seen, _, terminated, truncated, infos = envs.step(np.full((2, 1), 0.3, np.float32))
        assert (truncated == (t == 9)).all() and not terminated.any()
        assert ("final_obs" in infos) == (t == 9)
    assert infos["_final_obs"].all()
    assert (infos["final_obs"][1] != seen[1]).any() and infos["final_obs"][1].shape == (5,)
    assert (envs.reset()[0] != start).any()  # goes on with other episodes
    assert (envs.reset(seed=3)[0] == start).all()


def test_statistics_of_gymnasium_count_whole_episodes():
    envs = gymnasium.wrappers.vector.RecordEpisodeStatistics(reverie.make_vec("dmc/cartpole-swingup", 2))
    envs.reset(seed=3)
    total = np.zeros(2)
    for _ in range(1000):
        _, rewards, _, _, infos = envs.step(np.zeros((2, 1), np.float32))
        total += rewards
    assert infos["episode"]["l"].tolist() == [1000, 1000]
    assert np.allclose(infos["episode"]["r"], total)


def test_without_copies_arrays_are_views_of_the_same_memory():
    envs = reverie.make_vec("dmc/cartpole-swingup", 2, copy=False)
    first, _ = envs.reset(seed=1)
    before = first.copy()
    second = envs.step(np.ones((2, 1), np.float32))[0]
    assert np.shares_memory(first, second) and (first != before).any()
    assert not second.flags.writeable
    envs.close()
    del envs
    assert np.isfinite(second).all()  # the view keeps what it shows


GOLDENS = {f"{name}.json": json.loads((pathlib.Path(__file__).parents[1] / "data" / f"{name}.json").read_text())["tasks"]
           for name in ("scenes_golden", "gym_golden")}
# Entries of the goldens, and the tasks of ours that they are for. Targets of reacher, of finger's turns and of the
# manipulator stand elsewhere there than an episode draws them.
OF_GOLDENS = {
    "pendulum_swingup": ["dmc/pendulum-swingup"], "cartpole": ["dmc/cartpole-balance", "dmc/cartpole-swingup_sparse"],
    "acrobot_swingup": ["dmc/acrobot-swingup"], "finger_spin": ["dmc/finger-spin"],
    "ball_in_cup_catch": ["dmc/ball_in_cup-catch"], "point_mass_easy": ["dmc/point_mass-easy"],
    "cheetah_run": ["dmc/cheetah-run"], "hopper": ["dmc/hopper-hop"], "walker": ["dmc/walker-walk", "dmc/walker-run"],
    "quadruped": ["dmc/quadruped-walk"], "humanoid": ["dmc/humanoid-stand"],
    "gym/half_cheetah": ["gym/half_cheetah"], "gym/hopper": ["gym/hopper"], "gym/walker2d": ["gym/walker2d"],
}


@pytest.mark.parametrize("file, entry, task", [
    (file, entry, task) for file, entries in GOLDENS.items() for entry in entries for task in OF_GOLDENS.get(entry, [])])
def test_goldens_are_played_again(file, entry, task):
    """Bit by bit: their controls are float64, and their observations are compared as float32."""
    golden = GOLDENS[file][entry]
    envs = reverie.make_vec(task, 2)
    state = {name: np.tile(golden[name], (2, 1)) for name in ("qpos", "qvel")}
    seen, _ = envs.reset(seed=1, options=state)
    size = 1.0 if file.startswith("gym") else 0.5
    t, ended, wide = 0, np.zeros(2, bool), np.arange(envs.single_action_space.shape[0])
    for step in golden["steps"]:
        while t < step["t"] and not ended.any():
            t += 1
            seen, _, ended, *_ = envs.step(np.tile(size * np.sin(t + wide), (2, 1)))
        if ended.any():  # what was recorded has no end
            break
        assert (seen == np.array(step["obs"], np.float32)).all(), t
    assert t >= 10


@pytest.mark.parametrize("task", sorted({task for tasks in OF_GOLDENS.values() for task in tasks}
                                        | {"dmc/reacher-easy", "dmc/finger-turn_hard",
                                           "dmc/manipulator-bring_ball"}))
def test_recorded_episodes_are_played_again_bit_for_bit(tmp_path, task):
    """What the program records on the command line with its own environments, step by step through make_vec."""
    subprocess.run([os.environ["REVERIE_BINARY"], "-q", "collect", "--task", task, "--episodes", "2", "--out",
                    tmp_path / "data", "seed=5"], check=True)
    episodes = reverie.episodes(tmp_path / "data")
    envs = reverie.make_vec(task, len(episodes), 2)
    seen, _ = envs.reset(seed=5)
    shortest = min(len(episode) for episode in episodes)
    for t in range(shortest):
        assert all((row == episode.observations[t]).all() for row, episode in zip(seen, episodes)), t
        seen, rewards, terminated, truncated, infos = envs.step(np.array([each.actions[t] for each in episodes]))
        assert all(reward == episode.rewards[t] for reward, episode in zip(rewards, episodes)), t
    for i, episode in enumerate(episodes):
        if len(episode) == shortest:
            assert (infos["final_obs"][i] == episode.observations[-1]).all()
            assert terminated[i] == episode.terminated and truncated[i] == episode.truncated


def test_positions_and_velocities_can_be_given():
    envs = reverie.make_vec("dmc/cartpole-swingup", 2)
    state = {"qpos": [[0.5, 1.0], [-0.5, 0.0]], "qvel": [[0.0, 0.0], [1.0, 2.0]]}
    seen, _ = envs.reset(seed=1, options=state)
    assert np.allclose(seen[:, 0], [0.5, -0.5]) and np.allclose(seen[1, -2:], [1.0, 2.0])
    drawn = envs.reset(seed=1)[0]
    assert (drawn != seen).any()
    for wrong, words in (({"qpos": [[0.5, 1.0]], "qvel": state["qvel"]}, r"qpos: expected shape \[2, 2\]"),
                         ({"qpos": state["qpos"], "qvel": [[np.nan, 0.0], [0.0, 0.0]]}, "qvel: nan at"),
                         ({"qpos": state["qpos"]}, "options: expected qpos and qvel")):
        with pytest.raises(ValueError, match=words):
            envs.reset(options=wrong)


@pytest.mark.parametrize(
    "actions, error, words",
    [
        (np.zeros((2, 2), np.float32), ValueError, r"actions: expected shape \[2, 1\], found \[2, 2\]"),
        (np.zeros(2, np.float32), ValueError, r"expected shape \[2, 1\], found \[2\]"),
        (np.zeros((2, 1), int), TypeError, "expected float32 numbers, found int64"),
        (np.zeros((2, 1), complex), TypeError, "found complex128"),
        (None, TypeError, "found object"),
        ([[0.0], [0.0, 1.0]], ValueError, "rows of different lengths"),
        (np.array([[0.0], [1.5]]), ValueError, r"action\[1, 0\] is 1.5: expected a number from -1 to 1"),
        (np.array([[np.nan], [0.0]]), ValueError, r"action\[0, 0\] is nan"),
        (np.array([[0.0], [-np.inf]]), ValueError, r"action\[1, 0\] is -inf"),
    ],
)
def test_wrong_actions_are_refused_before_anything_moves(actions, error, words):
    envs = reverie.make_vec("dmc/cartpole-swingup", 2)
    envs.reset(seed=1)
    with pytest.raises(error, match=words):
        envs.step(actions)
    good = reverie.make_vec("dmc/cartpole-swingup", 2)
    good.reset(seed=1)
    half = np.full((2, 1), 0.5)
    assert (envs.step(half)[0] == good.step(half.astype(np.float32))[0]).all()


@pytest.mark.parametrize(
    "make, error, words",
    [
        (lambda: reverie.make_vec("dmc/walker-wlk"), ValueError, "did you mean 'walk'"),
        (lambda: reverie.make_vec("dmc/walker-walk", 0), ValueError, "num_envs: expected a number from 1"),
        (lambda: reverie.make_vec("dmc/walker-walk", 2, "2"), TypeError, "threads: expected a whole number"),
        (lambda: reverie.make_vec("dmc/walker-walk", sped=3), ValueError, "no parameter 'sped'"),
        (lambda: reverie.make("dmc/walker-walk", render_mode="human"), ValueError, "render_mode: expected None"),
        (lambda: reverie.make_vec("dmc/walker-walk").reset(seed=-1), ValueError, "seed: expected a number from 0"),
        (lambda: reverie.make_vec("dmc/walker-walk").reset(options={"x": 1}), ValueError,
         "options: expected qpos and qvel, found 'x'"),
        (lambda: reverie.make_vec("dmc/walker-walk").step(np.zeros((1, 6))), ResetNeeded, r"call reset\(\) first"),
        (lambda: reverie.episodes("nowhere"), FileNotFoundError, "nowhere: expected a run"),
    ],
)
def test_mistakes_are_one_sentence(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_a_closed_environment_says_so():
    for env in (reverie.make_vec("dmc/cartpole-swingup"), reverie.make("dmc/cartpole-swingup")):
        env.reset(seed=1)
        env.close()
        env.close()
        with pytest.raises(ClosedEnvironmentError, match="step: this environment is closed"):
            env.step(env.action_space.sample())
        with pytest.raises(ClosedEnvironmentError, match="reset: this environment is closed"):
            env.reset()


def _after_fork(envs, answers):
    try:
        envs.step(np.zeros((2, 1), np.float32))
    except RuntimeError as error:
        answers.put(str(error))
    mine = reverie.make_vec("dmc/cartpole-swingup", 2, threads=2)
    mine.reset(seed=1)
    answers.put(mine.step(np.zeros((2, 1), np.float32))[0])


@pytest.mark.filterwarnings("ignore:.*fork")
def test_a_fork_makes_environments_of_its_own_and_is_refused_those_of_its_parent():
    envs = reverie.make_vec("dmc/cartpole-swingup", 2, threads=2)
    envs.reset(seed=1)
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(target=_after_fork, args=(envs, answers))
    child.start()
    assert "made before this process was forked" in answers.get()
    assert (answers.get() == envs.step(np.zeros((2, 1), np.float32))[0]).all()
    child.join(20)
    assert child.exitcode == 0


@pytest.mark.filterwarnings("ignore:.*fork")
def test_asynchronous_environments_of_gymnasium_hold_ours():
    envs = gymnasium.make_vec("Reverie/dmc-cartpole-swingup-v0", num_envs=2, vectorization_mode="async")
    envs.reset(seed=[4, 5])
    seen = envs.step(np.zeros((2, 1), np.float32))[0]
    envs.close()
    one = reverie.make("dmc/cartpole-swingup")
    one.reset(seed=5)
    assert (one.step(np.zeros(1, np.float32))[0] == seen[1]).all()


def test_a_second_interpreter_is_refused_in_one_sentence():
    code = """
import sys
try:
    import _xxsubinterpreters as interpreters
except ImportError:
    import _interpreters as interpreters
for main_first in (False, True):
    if main_first:
        import reverie
    other = interpreters.create()
    try:
        refused = interpreters.run_string(other, "import sys; sys.path[:] = %r; import reverie" % (sys.path,))
    except Exception as error:
        refused = error
    print("refused:", refused)
    interpreters.destroy(other)
envs = reverie.make_vec("dmc/cartpole-swingup")
envs.reset(seed=1)
print("alive")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0 and "alive" in done.stdout, done.stdout + done.stderr
    assert done.stdout.count("reverie works in a process's main interpreter alone") == 2, done.stdout


@pytest.mark.parametrize("first", ["reverie", "mujoco"])
def test_mujocos_own_package_works_in_the_same_process(first):
    """Ours and theirs are one library then, and its plugins are registered once."""
    pytest.importorskip("mujoco")
    code = f"""
import {first}
import reverie, numpy
envs = reverie.make_vec("dmc/cartpole-swingup")
envs.reset(seed=1)
import mujoco
model = mujoco.MjModel.from_xml_string("<mujoco><worldbody><body><joint type='free'/><geom size='1'/></body></worldbody></mujoco>")
data = mujoco.MjData(model)
mujoco.mj_step(model, data)
envs.step(numpy.zeros((1, 1), numpy.float32))
maps = open("/proc/self/maps").read().splitlines()
libraries = set(line.split()[-1] for line in maps if "libmujoco" in line)
assert data.time > 0 and len(libraries) == 1, libraries
print("alive")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0 and "alive" in done.stdout, done.stdout + done.stderr


def test_two_threads_cannot_step_one_batch_at_once():
    envs = reverie.make_vec("dmc/walker-walk", 64, action_repeat=20)
    envs.reset(seed=1)
    errors = []

    def steps():
        for _ in range(10):
            try:
                envs.step(np.zeros((64, 6), np.float32))
            except RuntimeError as error:
                errors.append(str(error))

    threads = [threading.Thread(target=steps) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors and all("in use by another thread" in error for error in errors)
