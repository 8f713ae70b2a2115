"""The learning update of Reverie written plainly in PyTorch: the other side of the speed comparison.

Joint-embedding world model, Q ensemble and an actor trained in imagination (docs/algorithm.md), with stacked weights for
ensembles and the library's own operations everywhere. Nothing here knows of the C++ side but the names of the weights.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Sizes:
    observation: int
    action: int
    state: int  # entries of the probe's physical targets
    latent: int
    encoder: int
    hidden: int
    probe: int
    heads: int = 2
    critics: int = 2
    bins: int = 151
    bin_low: float = -6.0
    bin_high: float = 6.0
    group: int = 8
    horizon: int = 3
    batch: int = 256
    dream_batch: int = 256
    dream_horizon: int = 3
    rho: float = 0.5
    discount: float = 0.99
    std_floor: float = 0.1
    entropy_weight: float = 1e-3  # at the start
    entropy_target: float = -0.5  # nats an action dimension
    entropy_rate: float = 1e-3
    average_share: float = 0.1
    learning_rate: float = 1e-3
    encoder_lr_scale: float = 0.3
    clip_norm: float = 20.0
    target_rate: float = 0.05
    scale_rate: float = 0.01
    consistency_weight: float = 20.0
    reward_weight: float = 0.1
    value_weight: float = 0.1


def simnorm(x, group):
    return F.softmax(x.view(*x.shape[:-1], -1, group), -1).view(x.shape)


class Normed(nn.Module):
    """Linear -> LayerNorm -> SiLU or SimNorm; with members > 0 a stack of such layers."""

    def __init__(self, inputs, outputs, members=0, group=0):
        super().__init__()
        lead = (members,) if members else ()
        bound = inputs**-0.5
        self.group = group
        self.weight = nn.Parameter(torch.empty(*lead, outputs, inputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(*lead, outputs).uniform_(-bound, bound))
        self.gamma = nn.Parameter(torch.ones(*lead, outputs))
        self.beta = nn.Parameter(torch.zeros(*lead, outputs))

    def forward(self, x):
        width = self.weight.shape[-2:-1]
        if self.weight.dim() == 2:
            y = F.layer_norm(F.linear(x, self.weight, self.bias), width, self.gamma, self.beta)
        else:
            y = torch.baddbmm(self.bias.unsqueeze(1), x, self.weight.transpose(1, 2))
            y = F.layer_norm(y, width) * self.gamma.unsqueeze(1) + self.beta.unsqueeze(1)
        return simnorm(y, self.group) if self.group else F.silu(y)


class Out(nn.Module):
    def __init__(self, inputs, outputs, members=0, gain=1.0):
        super().__init__()
        lead = (members,) if members else ()
        bound = gain * inputs**-0.5
        self.weight = nn.Parameter(torch.empty(*lead, outputs, inputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(*lead, outputs))

    def forward(self, x):
        if self.weight.dim() == 2:
            return F.linear(x, self.weight, self.bias)
        return torch.baddbmm(self.bias.unsqueeze(1), x, self.weight.transpose(1, 2))


def mlp(inputs, hidden, outputs, members=0, gain=1.0):
    return nn.Sequential(
        Normed(inputs, hidden, members), Normed(hidden, hidden, members), Out(hidden, outputs, members, gain)
    )


def stacked(x, members):
    return x.unsqueeze(0).expand(members, *x.shape)


class TwoHot(nn.Module):
    """Values as distributions over bins that are evenly spaced in symlog(value); means are taken in plain units."""

    def __init__(self, s):
        super().__init__()
        self.low, self.high, self.count = s.bin_low, s.bin_high, s.bins
        places = torch.linspace(s.bin_low, s.bin_high, s.bins)
        self.register_buffer("values", places.sign() * places.abs().expm1(), persistent=False)

    def target(self, value):
        symlog = value.sign() * value.abs().log1p()
        position = (symlog.clamp(self.low, self.high) - self.low) * ((self.count - 1) / (self.high - self.low))
        lower = position.floor().clamp(max=self.count - 2).long()
        below, above = self.values[lower], self.values[lower + 1]
        share = ((value - below) / (above - below)).clamp(0, 1).unsqueeze(-1)
        lower = lower.unsqueeze(-1)
        out = torch.zeros(*value.shape, self.count, dtype=value.dtype)
        return out.scatter_(-1, lower, 1 - share).scatter_(-1, lower + 1, share)

    def cross_entropy(self, logits, target):
        return -(target * F.log_softmax(logits, -1)).sum(-1)

    def value(self, logits):
        return F.softmax(logits, -1) @ self.values


class Actor(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.body = mlp(s.latent, s.hidden, 2 * s.action, gain=0.1)
        self.std_floor = s.std_floor

    def forward(self, z, noise):
        mean, raw = self.body(z).chunk(2, -1)
        std = 0.9 * torch.sigmoid(raw + 2) + self.std_floor
        u = mean + std * noise
        log_slope = 2 * (0.6931471805599453 - u - F.softplus(-2 * u))
        log_prob = -(0.5 * noise.square() + std.log() + 0.9189385332046727 + log_slope).sum(-1)
        return torch.tanh(u), log_prob


class WorldModel(nn.Module):
    def __init__(self, s):
        super().__init__()
        joint = s.latent + s.action
        self.heads = s.heads
        self.encoder = nn.Sequential(Normed(s.observation, s.encoder), Normed(s.encoder, s.latent, group=s.group))
        self.dynamics = nn.Sequential(
            Normed(joint, s.hidden, s.heads),
            Normed(s.hidden, s.hidden, s.heads),
            Normed(s.hidden, s.latent, s.heads, s.group),
        )
        self.reward = mlp(joint, s.hidden, s.bins, gain=0.0)

    def next_heads(self, joint):
        return self.dynamics(stacked(joint, self.heads))


class Critic(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.members = s.critics
        self.body = mlp(s.latent + s.action, s.hidden, s.bins, s.critics, gain=0.0)

    def forward(self, joint):
        return self.body(stacked(joint, self.members))


class Probe(nn.Module):
    def __init__(self, s):
        super().__init__()
        width = s.observation + s.state
        self.body = mlp(s.latent, s.probe, width)
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))

    def forward(self, z):
        return self.body(z)


@dataclass
class Batch:
    observations: torch.Tensor  # [H+1, B, O]
    actions: torch.Tensor  # [H, B, A]
    rewards: torch.Tensor  # [H, B]
    terminated: torch.Tensor  # [H, B]
    mask: torch.Tensor  # [H, B]
    states: torch.Tensor  # [H+1, B, F]


def random_batch(s):
    h, b = s.horizon, s.batch
    return Batch(
        torch.randn(h + 1, b, s.observation),
        torch.randn(h, b, s.action).tanh(),
        torch.randn(h, b).sigmoid(),
        torch.zeros(h, b),
        torch.ones(h, b),
        torch.randn(h + 1, b, s.state),
    )


class Learner:
    """optimizer: "default" | "foreach" | "fused" (torch.optim.Adam's three); compiled: losses through torch.compile."""

    def __init__(self, s, optimizer="default", compiled=False):
        self.s = s
        self.model, self.critic, self.actor, self.probe = WorldModel(s), Critic(s), Actor(s), Probe(s)
        self.target = Critic(s).requires_grad_(False)
        self.target.load_state_dict(self.critic.state_dict())
        self.average_actor = Actor(s).requires_grad_(False)
        self.average_actor.load_state_dict(self.actor.state_dict())
        self.two_hot = TwoHot(s)
        self.scale = 1.0
        self.log_entropy_weight = math.log(s.entropy_weight)
        self.updates = 0
        kinds = {"default": {}, "foreach": {"foreach": True}, "fused": {"fused": True}}
        adam = lambda groups: torch.optim.Adam(groups, lr=s.learning_rate, **kinds[optimizer])
        encoder = list(self.model.encoder.parameters())
        rest = [p for n, p in self.model.named_parameters() if not n.startswith("encoder.")]
        self.model_parameters = encoder + rest + list(self.critic.parameters())
        self.model_adam = adam(
            [
                {"params": encoder, "lr": s.learning_rate * s.encoder_lr_scale},
                {"params": rest + list(self.critic.parameters())},
            ]
        )
        self.actor_parameters = list(self.actor.parameters())
        self.actor_adam = adam(self.actor_parameters)
        self.probe_parameters = list(self.probe.parameters())
        self.probe_adam = adam(self.probe_parameters)
        self.decay = (s.rho ** torch.arange(s.horizon)).unsqueeze(1) / (s.horizon * s.batch)
        wrap = (lambda f: torch.compile(f, dynamic=False)) if compiled else (lambda f: f)
        self.model_loss = wrap(self.plain_model_loss)
        self.actor_loss = wrap(self.plain_actor_loss)
        self.probe_loss = wrap(self.plain_probe_loss)

    def critic_target(self, batch, latents, noise):
        with torch.no_grad():
            action, _ = self.actor(latents, noise)
            values = self.two_hot.value(self.target(torch.cat([latents, action], -1)))
            smallest = torch.minimum(values[0], values[1])
            r, end = batch.rewards.flatten(), batch.terminated.flatten()
            return self.two_hot.target(r + self.s.discount * (1 - end) * smallest)

    def plain_model_loss(self, batch, noise):
        s, m = self.s, self.model
        weights = batch.mask * self.decay
        with torch.no_grad():
            targets = m.encoder(batch.observations[1:])
        z = m.encoder(batch.observations[0])
        latents, errors = [], []
        for t in range(s.horizon):
            latents.append(z)
            heads = m.next_heads(torch.cat([z, batch.actions[t]], -1))
            errors.append((heads - targets[t]).square().mean((0, 2)))
            z = heads.mean(0)
        consistency = (torch.stack(errors) * weights).sum()
        stacked_latents = torch.stack(latents)
        joint = torch.cat([stacked_latents.flatten(0, 1), batch.actions.flatten(0, 1)], -1)
        w = weights.flatten()
        reward = (self.two_hot.cross_entropy(m.reward(joint), self.two_hot.target(batch.rewards.flatten())) * w).sum()
        aim = self.critic_target(batch, targets.flatten(0, 1), noise)
        value = (self.two_hot.cross_entropy(self.critic(joint), aim).mean(0) * w).sum()
        loss = s.consistency_weight * consistency + s.reward_weight * reward + s.value_weight * value
        seen = {"consistency": consistency, "reward": reward, "critic": value}
        return loss, seen, stacked_latents.detach(), targets, z.detach()

    def plain_actor_loss(self, z, noise, scale, entropy_weight):
        s = self.s
        rewards, log_probs = [], []
        for k in range(s.dream_horizon):
            action, log_prob = self.actor(z, noise[k])
            log_probs.append(log_prob)
            joint = torch.cat([z, action], -1)
            rewards.append(self.two_hot.value(self.model.reward(joint)))
            z = self.model.next_heads(joint).mean(0)
        action, log_prob = self.actor(z, noise[-1])
        log_probs.append(log_prob)
        returns = self.two_hot.value(self.critic(torch.cat([z, action], -1))).mean(0)
        for reward in reversed(rewards):
            returns = reward + s.discount * returns
        quantiles = torch.quantile(returns.detach(), torch.tensor([0.05, 0.95]))
        scale = scale + s.scale_rate * (quantiles[1] - quantiles[0] - scale)
        entropy = -torch.stack(log_probs).mean()
        loss = -returns.mean() / scale.clamp(min=1.0) - entropy_weight * entropy
        return loss, returns.mean().detach(), entropy.detach(), scale

    def plain_probe_loss(self, batch, latents, targets, last):
        wanted = torch.cat([batch.observations, batch.states], -1)
        wanted = torch.cat([wanted, wanted[1:]]).flatten(0, 1)
        z = torch.cat([latents[:1], targets, latents[1:], last.unsqueeze(0)]).flatten(0, 1)
        mask = torch.cat([torch.ones_like(batch.mask[:1]), batch.mask, batch.mask]).flatten()
        error = (self.probe(z) - (wanted - self.probe.mean) / self.probe.scale).square().mean(-1)
        return (error * mask).sum() / mask.numel()

    def freeze(self, frozen):
        self.model.requires_grad_(not frozen)
        self.critic.requires_grad_(not frozen)

    def gradient(self, adam, loss):
        adam.zero_grad(set_to_none=True)
        loss.backward()

    def step(self, adam, parameters):
        norm = torch.nn.utils.clip_grad_norm_(parameters, self.s.clip_norm)
        adam.step()
        return norm

    def update(self, batch, target_noise=None, dream_noise=None):
        s = self.s
        if target_noise is None:
            target_noise = torch.randn(s.horizon * s.batch, s.action)
        if dream_noise is None:
            dream_noise = torch.randn(s.dream_horizon + 1, s.dream_batch, s.action)
        loss, seen, latents, targets, last = self.model_loss(batch, target_noise)
        self.gradient(self.model_adam, loss)
        starts = torch.cat([latents[0], targets.flatten(0, 1)])[: s.dream_batch]
        self.freeze(True)
        weight = math.exp(self.log_entropy_weight)
        actor_loss, returns, entropy, scale = self.actor_loss(
            starts, dream_noise, torch.as_tensor(self.scale), torch.as_tensor(weight)
        )
        self.scale = float(scale)
        self.gradient(self.actor_adam, actor_loss)
        norm = self.step(self.model_adam, self.model_parameters)  # both gradients are of the same weights
        actor_norm = self.step(self.actor_adam, self.actor_parameters)
        self.log_entropy_weight += s.entropy_rate * (s.entropy_target - float(entropy) / s.action)
        self.freeze(False)
        with torch.no_grad():
            torch._foreach_lerp_(list(self.target.parameters()), list(self.critic.parameters()), s.target_rate)
            rate = 1.0 / (1.0 + s.average_share * self.updates)
            torch._foreach_lerp_(list(self.average_actor.parameters()), self.actor_parameters, rate)
        if self.updates % 2 == 0:  # the probe has no hurry
            self.last_probe_loss = self.probe_loss(batch, latents, targets, last)
            self.gradient(self.probe_adam, self.last_probe_loss)
            self.step(self.probe_adam, self.probe_parameters)
        self.updates += 1
        return {
            "model/loss": loss,
            "model/consistency": seen["consistency"],
            "model/reward": seen["reward"],
            "model/grad_norm": norm,
            "critic/loss": seen["critic"],
            "actor/imagined_return": returns,
            "actor/entropy": entropy,
            "actor/entropy_weight": weight,
            "actor/scale": scale,
            "actor/grad_norm": actor_norm,
            "probe/loss": self.last_probe_loss,
        }

    def named(self):
        """(name in a checkpoint's model.safetensors, parameter) of all networks."""
        networks = {
            "model.encoder": self.model.encoder,
            "model.dynamics": self.model.dynamics,
            "model.reward": self.model.reward,
            "critic": self.critic.body,
            "target_critic": self.target.body,
            "actor": self.actor.body,
            "average_actor": self.average_actor.body,
            "probe": self.probe.body,
        }
        for prefix, network in networks.items():
            for i, layer in enumerate(network):
                place = "out" if i == len(network) - 1 and prefix != "model.encoder" else str(i)
                for name, parameter in layer.named_parameters():
                    yield f"{prefix}.{place}.{name}", parameter

    @torch.no_grad()
    def load(self, weights):
        for name, parameter in self.named():
            parameter.copy_(weights[name])
        self.probe.mean.copy_(weights["probe.mean"])
        self.probe.scale.copy_(weights["probe.scale"])

    def stored(self):
        return {name: parameter.detach() for name, parameter in self.named()}
