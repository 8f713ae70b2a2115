"""Files of ours under the libraries that they are for."""

import json
import os
import subprocess

import pytest

import reverie


def test_tensorboard_reads_the_curves_of_a_training(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    words = {"env_steps": 1000, "random_steps": 900, "eval_every": 500, "eval_episodes": 1, "eval_dream": 0,
             "checkpoint_every": 500, "log_every": 100, "updates_per_decision": 0.2}
    run = reverie.train("dmc/pendulum-swingup", out=tmp_path / "run", progress=False, log="tensorboard", **words)
    reverie.train(resume=run.path, total=1300, progress=False)
    curves = EventAccumulator(run.path)
    curves.Reload()
    with open(tmp_path / "run" / "metrics.jsonl") as file:
        rows = [json.loads(line) for line in file]
    for name in ("eval/return", "time/seconds", "model/loss"):
        written = [(row["step"], row[name]) for row in rows if row.get(name) is not None]
        shown = [(event.step, event.value) for event in curves.Scalars(name)]
        assert [step for step, _ in shown] == [step for step, _ in written]
        assert [value for _, value in shown] == pytest.approx([value for _, value in written], rel=1e-6)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Random episodes of a pendulum, by the program."""
    out = tmp_path_factory.mktemp("data") / "pendulum"
    subprocess.run([os.environ["REVERIE_BINARY"], "-q", "collect", "--task", "dmc/pendulum-swingup", "--episodes", "3",
                    "--out", out, "seed=4"], check=True)
    return out


MINARI = {"task": "dmc/pendulum-swingup", "action": "actions", "reward": "rewards",
          "observation": {"orientation": "observations[0:2]", "velocity": "observations[2:3]"}}
LEROBOT = {"task": "dmc/pendulum-swingup", "action": "action", "reward": "next.reward",
           "observation": {"orientation": "observation.state[:2]", "velocity": "observation.state[2:]"}}


def same(path, other):
    ours, theirs = reverie.episodes(path), reverie.episodes(other)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs):
        assert (a.observations == b.observations).all() and (a.actions == b.actions).all()
        assert (a.rewards == b.rewards).all() and a.terminated == b.terminated
    return True


@pytest.fixture
def minari_set(recorded, tmp_path, monkeypatch):
    minari = pytest.importorskip("minari")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "minari"))
    reverie.export_dataset(recorded, "reverie/pendulum-v0", "minari")
    return minari.load_dataset("reverie/pendulum-v0")


def test_minari_reads_our_episodes_and_we_read_its(recorded, minari_set, tmp_path):
    assert minari_set.total_episodes == 3 and minari_set.total_steps == 3000
    episode = next(minari_set.iterate_episodes())
    ours = reverie.episodes(recorded)[0]
    assert (episode.observations == ours.observations).all() and episode.truncations[-1]
    assert reverie.import_dataset("reverie/pendulum-v0", tmp_path / "back", MINARI) == 3
    assert same(recorded, tmp_path / "back")


def test_a_training_learns_from_a_set_of_minari(minari_set, tmp_path):
    reverie.import_dataset("reverie/pendulum-v0", tmp_path / "back", MINARI)
    run = reverie.train("dmc/pendulum-swingup", out=tmp_path / "run", progress=False, data=tmp_path / "back",
                        env_steps=0, updates=20, eval_every=0)
    assert run.updates == 20


def test_pyarrow_reads_our_lerobot_set_and_we_read_it(recorded, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    pytest.importorskip("pandas")
    out = reverie.export_dataset(recorded, tmp_path / "set", "lerobot")
    info = json.loads((out / "meta" / "info.json").read_text())
    assert info["codebase_version"] == "v3.0" and info["total_frames"] == 3000 and info["fps"] == 50
    frames = parquet.read_table(out / info["data_path"].format(chunk_index=0, file_index=0))
    ours = reverie.episodes(recorded)
    assert frames.num_rows == 3000 and set(info["features"]) == set(frames.column_names)
    assert frames["observation.state"][1000].as_py() == ours[1].observations[0].tolist()
    assert frames["episode_index"][2999].as_py() == 2 and frames["timestamp"][1].as_py() == pytest.approx(0.02)
    about = parquet.read_table(out / "meta/episodes/chunk-000/file-000.parquet").to_pylist()
    assert [row["length"] for row in about] == [1000] * 3 and about[2]["dataset_from_index"] == 2000
    tasks = parquet.read_table(out / "meta/tasks.parquet").to_pylist()
    assert tasks[0]["task_index"] == 0 and "dmc/pendulum-swingup" in tasks[0].values()
    assert reverie.import_dataset(out, tmp_path / "back", LEROBOT) == 3
    assert same(recorded, tmp_path / "back")


@pytest.fixture
def lerobot(monkeypatch, tmp_path):
    """LeRobot's own library, which must not ask a server."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    torch = pytest.importorskip("torch")
    return torch, pytest.importorskip("lerobot.datasets.lerobot_dataset", exc_type=ImportError).LeRobotDataset


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("task", ["dmc/pendulum-swingup", "dmc/reacher-easy"])
def test_lerobot_itself_reads_our_set(lerobot, tmp_path, task):
    """Actions of one number, and of two: LeRobot stores them differently."""
    _, dataset = lerobot
    subprocess.run([os.environ["REVERIE_BINARY"], "-q", "collect", "--task", task, "--episodes", "2", "--out",
                    tmp_path / "data"], check=True)
    reverie.export_dataset(tmp_path / "data", tmp_path / "set", "lerobot")
    found, ours = dataset("reverie/set", root=tmp_path / "set"), reverie.episodes(tmp_path / "data")
    assert found.num_episodes == 2 and found.num_frames == 2000 and found.fps == 50
    for index, episode, t in ((3, 0, 3), (1500, 1, 500)):
        frame = found[index]
        assert (frame["observation.state"].numpy() == ours[episode].observations[t]).all()
        assert (frame["next.observation.state"].numpy() == ours[episode].observations[t + 1]).all()
        assert (frame["action"].reshape(-1).numpy() == ours[episode].actions[t]).all()
        assert frame["next.reward"].item() == ours[episode].rewards[t] and frame["task"] == task
    every = [action for episode in ours for action in episode.actions]
    assert found.meta.stats["action"]["mean"] == pytest.approx(sum(every) / len(every), abs=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_we_read_a_set_that_lerobot_itself_wrote(lerobot, tmp_path):
    """Its writer stumbles over features of one number under the newest numpy, so every feature has more."""
    torch, dataset = lerobot
    subprocess.run([os.environ["REVERIE_BINARY"], "-q", "collect", "--task", "dmc/reacher-easy", "--episodes", "2",
                    "--out", tmp_path / "data"], check=True)
    ours = reverie.episodes(tmp_path / "data")
    sizes = {"observation.state": ours[0].observations.shape[1], "action": 2, "outcome": 2}
    theirs = dataset.create("them/reacher", fps=50, root=tmp_path / "set", use_videos=False, features={
        name: {"dtype": "float32", "shape": (size,), "names": None} for name, size in sizes.items()})
    for episode in ours:
        for t in range(40):
            theirs.add_frame({"observation.state": torch.tensor(episode.observations[t]),
                              "action": torch.tensor(episode.actions[t]),
                              "outcome": torch.tensor([episode.rewards[t], 0.0]), "task": "reach"})
        theirs.save_episode()
    theirs.finalize()
    groups = reverie.make("dmc/reacher-easy").task_spec["observation"]
    mapping = {"task": "dmc/reacher-easy", "action": "action", "reward": "outcome[0:1]",
               "observation": {name: f"observation.state[{at}:{at + size}]" for name, at, size in groups}}
    assert reverie.import_dataset(tmp_path / "set", tmp_path / "back", mapping) == 2
    for episode, back in zip(ours, reverie.episodes(tmp_path / "back")):
        assert len(back) == 39  # theirs has no observation behind the last action
        assert (back.observations == episode.observations[:40]).all() and (back.actions == episode.actions[:39]).all()
        assert (back.rewards == episode.rewards[:39]).all()


@pytest.mark.parametrize(
    "change, words",
    [
        ({"observation": {"orientation": "observations[0:2]"}}, "observation 'velocity' has no column"),
        ({"observation": {"orientatoin": "observations"}}, "did you mean 'orientation'"),
        ({"observation": {"orientation": "observations", "velocity": "observations[2:3]"}}, "orientation has shape"),
        ({"action": "action"}, "did you mean 'actions'"),
        ({"action": "observations[2:3]"}, r"action\[\d+, 0\] is .*, expected -1 to 1"),
        ({"task": "dmc/cartpole-swingup"}, "50 steps a second, and dmc/cartpole-swingup has 100"),
        ({"actoin": "actions"}, "did you mean 'action'"),
        ({"reward": "rewards[0"}, "expected a column"),
    ],
)
def test_a_set_that_does_not_fit_says_where(minari_set, tmp_path, change, words):
    with pytest.raises(ValueError, match=words):
        reverie.import_dataset("reverie/pendulum-v0", tmp_path / "back", {**MINARI, **change})


def test_a_mapping_is_a_file_too(recorded, minari_set, tmp_path):
    (tmp_path / "map.toml").write_text("""task = "dmc/pendulum-swingup"
action = "actions"
reward = "rewards"

[observation]
orientation = "observations[0:2]"
velocity = "observations[2:3]"
""")
    reverie.import_dataset("reverie/pendulum-v0", tmp_path / "back", tmp_path / "map.toml")
    assert same(recorded, tmp_path / "back")
