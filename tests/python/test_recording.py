"""Twin episodes as MCAP, written by Python and by the command line, read by MCAP's own library."""

import json
import os
import subprocess

import numpy as np
import pytest

import reverie

reader = pytest.importorskip("mcap.reader")

TOPICS = {"/scene", "/difference", "/simulation/tf", "/dream/tf", "/simulation/state", "/dream/state"}


@pytest.fixture(scope="module")
def recorded(run, tmp_path_factory):
    """Messages by topic, (time in s, message, schema); and the file."""
    path = tmp_path_factory.mktemp("recorded") / "twin.mcap"
    assert reverie.record(run, path, episodes=2, anchor_every=50) == path
    return messages_in(path), path


@pytest.fixture(scope="module")
def viewed(run_path, tmp_path_factory):
    """The same of two episodes that the program showed without a window."""
    path = tmp_path_factory.mktemp("viewed") / "twin.mcap"
    subprocess.run([os.environ["REVERIE_BINARY"], "view", run_path, "--headless", "--record", path, "--seconds", "11.01",
                    "--anchor-every", "100", "--width", "320", "--height", "240", "-q"], check=True)
    return messages_in(path), path


def messages_in(path):
    topics = {}
    with open(path, "rb") as file:
        last = 0
        for schema, channel, message in reader.make_reader(file, validate_crcs=True).iter_messages(log_time_order=False):
            assert channel.message_encoding == "json" and schema.encoding == "jsonschema"
            assert json.loads(schema.data)["title"] == schema.name
            assert message.log_time >= last and message.publish_time == message.log_time
            last = message.log_time
            topics.setdefault(channel.topic, []).append((message.log_time / 1e9, json.loads(message.data), schema.name))
    return topics


@pytest.mark.parametrize("made", ["recorded", "viewed"])
def test_both_worlds_are_topics_of_one_clock(made, request, run):
    topics, path = request.getfixturevalue(made)
    assert set(topics) == TOPICS
    decision = run.spec["control_dt"] * run.action_repeat
    count = len(topics["/dream/state"])
    episodes = [state["episode"] for _, state, _ in topics["/dream/state"]]
    first = episodes.count(0)
    assert set(episodes) == {0, 1} and first == 501
    for topic in ("/simulation/tf", "/dream/tf", "/simulation/state", "/difference"):
        times = [time for time, *_ in topics[topic]]
        assert len(times) == count and times == [time for time, *_ in topics["/dream/state"]]
        assert np.allclose(np.diff(times[:first]), decision) and times[first] == times[first - 1] + 1.0
    with open(path, "rb") as file:
        opened = reader.make_reader(file)
        about = {each.name: each.metadata for each in opened.iter_metadata()}["reverie"]
        summary = opened.get_summary()
    assert about["task"] == run.task and about["task_hash"] == run.spec["hash"] and about["checkpoint"] == run.checkpoint
    counts = {summary.channels[id].topic: n for id, n in summary.statistics.channel_message_counts.items()}
    assert counts == {topic: len(messages) for topic, messages in topics.items()}
    assert len(summary.chunk_indexes) >= 1


def test_the_reader_jumps_to_a_time(recorded):
    topics, path = recorded
    with open(path, "rb") as file:
        late = [message.log_time for *_, message in reader.make_reader(file).iter_messages(
            topics=["/dream/tf"], starting_at=8_000_000_000)]
    assert late == sorted(round(time * 1e9) for time, *_ in topics["/dream/tf"] if time >= 8.0)


@pytest.mark.parametrize("made", ["recorded", "viewed"])
def test_shapes_and_frames_are_those_that_foxglove_knows(made, request):
    topics, _ = request.getfixturevalue(made)
    (_, scene, name), = topics["/scene"]
    assert name == "foxglove.SceneUpdate" and scene["deletions"] == []
    frames = {entity["frame_id"] for entity in scene["entities"]}
    assert {"simulation/cart", "dream/cart", "simulation/world"} <= frames
    for entity in scene["entities"]:
        assert entity["frame_locked"] and entity["lifetime"] == entity["timestamp"] == {"sec": 0, "nsec": 0}
        assert any(entity[kind] for kind in ("cubes", "spheres", "cylinders", "triangles"))
        assert all(entity[kind] == [] for kind in ("metadata", "arrows", "lines", "texts", "models"))
    sent = {}
    for world in ("simulation", "dream"):
        time, moved, name = topics[f"/{world}/tf"][7]
        assert name == "foxglove.FrameTransforms"
        sent[world] = {each["child_frame_id"]: each for each in moved["transforms"]}
        assert {frame for frame in frames if frame.startswith(world)} <= set(sent[world])
        stamps = [each["timestamp"]["sec"] + each["timestamp"]["nsec"] / 1e9 for each in moved["transforms"]]
        assert np.allclose(stamps, time, atol=1e-9)
    assert sent["dream"]["dream"]["translation"]["y"] > 0.0 == sent["simulation"]["simulation"]["translation"]["y"]
    for each in sent["dream"].values():
        assert sum(part**2 for part in each["rotation"].values()) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("made", ["recorded", "viewed"])
def test_the_cart_stands_where_its_observation_says(made, request):
    topics, _ = request.getfixturevalue(made)
    for world in ("simulation", "dream"):
        for k in (0, 5, 401):
            observation = topics[f"/{world}/state"][k][1]["observation"]
            frames = {each["child_frame_id"]: each for each in topics[f"/{world}/tf"][k][1]["transforms"]}
            within = 1e-5 if world == "simulation" else 0.5  # the dream's pose is read by a probe that hardly learned
            assert frames[f"{world}/cart"]["translation"]["x"] == pytest.approx(first(observation), abs=within)


def first(observation):
    return np.ravel(next(iter(observation.values())))[0]


def test_states_and_differences_are_numbers(recorded, run):
    topics, _ = recorded
    per_episode = len(topics["/difference"]) // 2
    for k, (_, difference, _) in enumerate(topics["/difference"][:per_episode]):
        assert difference["anchored"] == (k % 50 == 0 and k < per_episode - 1), k
        assert ("reward_error" in difference) == (k < per_episode - 1)
        # The dream begins at the recorded observation.
        assert difference["observation_error"] >= 0.0
        assert not difference["anchored"] or difference["observation_error"] < 1e-4
    state = topics["/dream/state"][3][1]
    assert len(state["action"]) == 1 and state["uncertainty"] >= 0.0 and state["episode"] == 0
    ours = [state["action"] for _, state, _ in topics["/simulation/state"] if "action" in state]
    assert ours == [state["action"] for _, state, _ in topics["/dream/state"] if "action" in state]


def test_the_command_line_tells_the_same_story(recorded, viewed):
    """The same run, seed and first episode: physics under the policy is the same in both files, bit by bit."""
    ours, theirs = recorded[0], viewed[0]
    for topic in ("/simulation/tf", "/simulation/state"):
        assert ours[topic][:501] == theirs[topic][:501]
    assert ours["/scene"] == theirs["/scene"]
    for (_, mine, _), (_, other, _) in zip(ours["/dream/state"][:50], theirs["/dream/state"][:50]):  # other batch sizes
        for name in ("reward", "uncertainty"):
            assert mine[name] == pytest.approx(other[name], abs=1e-4)
        for name, values in mine["observation"].items():
            assert values == pytest.approx(other["observation"][name], abs=1e-3)
    anchored = [k for k, (_, difference, _) in enumerate(theirs["/difference"][:501]) if difference["anchored"]]
    assert anchored == list(range(0, 501, 50))


def test_a_recording_never_replaces_a_file(run, tmp_path):
    (tmp_path / "there.mcap").write_text("mine")
    with pytest.raises(FileExistsError, match="there.mcap: is there already"):
        reverie.record(run, tmp_path / "there.mcap")
    with pytest.raises(ValueError, match="episodes: expected a number from 1"):
        reverie.record(run, tmp_path / "new.mcap", episodes=0)
    with pytest.raises(OSError):
        reverie.record(run, tmp_path / "nowhere" / "new.mcap")
    assert [path.name for path in tmp_path.iterdir()] == ["there.mcap"]
