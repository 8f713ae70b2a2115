"""Twin episodes as MCAP, read by MCAP's own library and decoded by its support of protobuf."""

import json

import numpy as np
import pytest

import reverie

pytest.importorskip("foxglove")
reader = pytest.importorskip("mcap.reader")
decoder = pytest.importorskip("mcap_protobuf.decoder")


@pytest.fixture(scope="module")
def recorded(run, tmp_path_factory):
    """Messages by topic, (time in s, message); and the file."""
    path = tmp_path_factory.mktemp("recorded") / "twin.mcap"
    assert reverie.record(run, path, episodes=2, anchor_every=50) == path
    topics = {}
    with open(path, "rb") as file:
        for schema, channel, message, decoded in reader.make_reader(
                file, decoder_factories=[decoder.DecoderFactory(), Json()]).iter_decoded_messages():
            topics.setdefault(channel.topic, []).append((message.log_time / 1e9, decoded, schema.name))
    return topics, path


class Json:
    """For mcap: channels of JSON."""

    def decoder_for(self, encoding, schema):
        return json.loads if encoding == "json" else None


def test_both_worlds_are_topics_of_one_clock(recorded, run):
    topics, path = recorded
    assert set(topics) == {"/scene", "/difference", "/simulation/tf", "/dream/tf", "/simulation/state", "/dream/state"}
    decision = run.spec["control_dt"] * run.action_repeat
    count = len(topics["/dream/state"])
    for topic in ("/simulation/tf", "/dream/tf", "/simulation/state", "/difference"):
        times = [time for time, *_ in topics[topic]]
        assert len(times) == count and times == [time for time, *_ in topics["/dream/state"]]
        assert np.allclose(np.diff(times[: count // 2]), decision)
    with open(path, "rb") as file:
        about = {each.name: each.metadata for each in reader.make_reader(file).iter_metadata()}["reverie"]
    assert about["task"] == run.task and about["task_hash"] == run.spec["hash"]


def test_shapes_and_frames_are_those_that_foxglove_knows(recorded):
    topics, _ = recorded
    (_, scene, name), = topics["/scene"]
    assert name == "foxglove.SceneUpdate"
    frames = {entity.frame_id for entity in scene.entities}
    assert {"simulation/cart", "dream/cart", "simulation/world"} <= frames
    assert all(entity.cubes or entity.spheres or entity.cylinders or entity.triangles for entity in scene.entities)
    sent = {}
    for world in ("simulation", "dream"):
        _, moved, name = topics[f"/{world}/tf"][7]
        assert name == "foxglove.FrameTransforms"
        sent[world] = {each.child_frame_id: each for each in moved.transforms}
        assert {frame for frame in frames if frame.startswith(world)} <= set(sent[world])
    assert sent["dream"]["dream"].translation.y > 0.0 == sent["simulation"]["simulation"].translation.y
    for each in sent["dream"].values():
        q = each.rotation
        assert q.x**2 + q.y**2 + q.z**2 + q.w**2 == pytest.approx(1.0, abs=1e-5)


def test_the_cart_stands_where_its_observation_says(recorded):
    topics, _ = recorded
    for world in ("simulation", "dream"):
        for k in (0, 5, 400):
            observation = topics[f"/{world}/state"][k][1]["observation"]
            frames = {each.child_frame_id: each for each in topics[f"/{world}/tf"][k][1].transforms}
            within = 1e-5 if world == "simulation" else 0.5  # the dream's pose is read by a probe that hardly learned
            assert frames[f"{world}/cart"].translation.x == pytest.approx(first(observation), abs=within)


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
    assert topics["/dream/state"][-1][1]["episode"] == 1
    ours = [state["action"] for _, state, _ in topics["/simulation/state"] if "action" in state]
    assert ours == [state["action"] for _, state, _ in topics["/dream/state"] if "action" in state]


def test_a_recording_never_replaces_a_file(run, tmp_path):
    (tmp_path / "there.mcap").write_text("mine")
    with pytest.raises(FileExistsError, match="there.mcap: is there already"):
        reverie.record(run, tmp_path / "there.mcap")
    with pytest.raises(ValueError, match="episodes: expected a number from 1"):
        reverie.record(run, tmp_path / "new.mcap", episodes=0)
    with pytest.raises(OSError):
        reverie.record(run, tmp_path / "nowhere" / "new.mcap")
    assert [path.name for path in tmp_path.iterdir()] == ["there.mcap"]
