#!/usr/bin/env python3
"""Does the PyTorch update compute what Reverie's does? Compares losses and updated weights on the same weights, batch and
noise: check.py FILE, where FILE is what `dump_update FILE [key=value ...]` wrote. Exit 1 when they differ."""

import sys

import torch
from safetensors import safe_open

from tdmpc import Batch, Learner, Sizes

LOSS_TOLERANCE = 1e-4  # relative, beside 1e-6 absolute
WEIGHT_TOLERANCE = 1e-3  # share of weights that may be further than a hundredth of a step apart


def sizes_of(meta, tensors):
    number = lambda key: float(meta[key])
    whole = lambda key: int(meta[key])
    batch = tensors["batch.actions"].shape
    return Sizes(
        observation=tensors["batch.observations"].shape[-1],
        action=batch[-1],
        state=tensors["batch.states"].shape[-1],
        latent=whole("model.latent_dim"),
        encoder=whole("model.encoder_dim"),
        hidden=whole("model.hidden_dim"),
        probe=whole("model.probe_dim"),
        heads=whole("model.dynamics_heads"),
        critics=whole("learner.critics"),
        bins=whole("model.bins"),
        bin_low=number("model.bin_low"),
        bin_high=number("model.bin_high"),
        group=whole("model.simnorm_dim"),
        horizon=whole("model.horizon"),
        batch=batch[1],
        dream_batch=whole("learner.imagination_batch"),
        dream_horizon=whole("learner.imagination_horizon"),
        rho=number("model.rho"),
        discount=number("learner.discount"),
        std_floor=number("learner.std_floor"),
        entropy_weight=number("learner.entropy_weight"),
        entropy_target=number("learner.entropy_target"),
        entropy_rate=number("learner.entropy_rate"),
        average_share=number("learner.average_share"),
        learning_rate=number("learner.learning_rate"),
        encoder_lr_scale=number("learner.encoder_lr_scale"),
        clip_norm=number("learner.clip_norm"),
        target_rate=number("learner.target_rate"),
        scale_rate=number("learner.scale_rate"),
        consistency_weight=number("model.consistency_weight"),
        reward_weight=number("model.reward_weight"),
        value_weight=number("model.value_weight"),
    )


def part(tensors, prefix):
    return {name[len(prefix) :]: t for name, t in tensors.items() if name.startswith(prefix)}


def losses_agree(theirs, ours):
    agree = True
    for name, expected in sorted(ours.items()):
        found, expected = float(torch.as_tensor(theirs[name]).detach()), float(expected)
        error = abs(found - expected)
        good = error <= 1e-6 + LOSS_TOLERANCE * abs(expected)
        agree &= good
        print(f"{name:<24} {expected:>14.8g} {found:>14.8g}  {'' if good else 'DIFFERS'}")
    return agree


def weights_agree(theirs, ours, rate):
    """Adam's first step has the size of the learning rate whatever the gradient: where a gradient is nearly nothing, its
    sign is a matter of rounding, so a few weights may differ."""
    far = total = 0
    for name, found in theirs.items():
        far += int(((found - ours[name]).abs() > 0.01 * rate).sum())
        total += found.numel()
    print(f"weights after the step   {total} compared, {far} further apart than a hundredth of a step")
    return far <= WEIGHT_TOLERANCE * total


def main(path):
    with safe_open(path, "pt") as file:
        meta = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    sizes = sizes_of(meta, tensors)
    agree = True
    for optimizer in ("default", "foreach", "fused"):
        learner = Learner(sizes, optimizer)
        learner.load(part(tensors, "before."))
        batch = Batch(**part(tensors, "batch."))
        print(f"Adam: {optimizer}\n{'':<24} {'reverie':>14} {'pytorch':>14}")
        seen = learner.update(batch, tensors["noise.target"], tensors["noise.dream"])
        agree &= losses_agree(seen, part(tensors, "loss."))
        agree &= weights_agree(learner.stored(), part(tensors, "after."), sizes.learning_rate)
    print("the same" if agree else "NOT the same")
    return 0 if agree else 1


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.exit(main(sys.argv[1]))
