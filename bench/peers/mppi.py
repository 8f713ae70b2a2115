"""MPPI in latent space with the actor as prior, plainly in PyTorch: the planner's side of the speed comparison."""

import torch


class Mppi:
    def __init__(self, learner, samples=512, iterations=6, horizon=3, prior=26, elites=64, uncertainty_weight=-10.0):
        self.l, self.samples, self.iterations, self.horizon = learner, samples, iterations, horizon
        self.prior, self.elites, self.temperature, self.min_std, self.max_std = prior, elites, 0.5, 0.05, 2.0
        self.uncertainty_weight = uncertainty_weight

    def score(self, z, actions):
        """Return of action sequences [H, N, A] from z [1, Z]: imagined rewards, then the mean action's value."""
        l, discount, total = self.l, 1.0, 0.0
        z = z.expand(actions.shape[1], -1)
        for action in actions:
            joint = torch.cat([z, action], -1)
            heads = l.model.next_heads(joint)
            z = heads.mean(0)
            spread = (heads - z).square().sum(-1).mean(0).sqrt()
            total = total + discount * (l.two_hot.value(l.model.reward(joint)) + self.uncertainty_weight * spread)
            discount *= l.s.discount
        action = torch.tanh(l.average_actor.body(z).chunk(2, -1)[0])
        return total + discount * l.two_hot.value(l.critic(torch.cat([z, action], -1))).mean(0)

    def actor_sequences(self, z):
        z, out = z.expand(self.prior, -1), []
        for _ in range(self.horizon):
            noise = torch.randn(self.prior, self.l.s.action)
            noise[0] = 0
            out.append(self.l.average_actor(z, noise)[0])
            z = self.l.model.next_heads(torch.cat([z, out[-1]], -1)).mean(0)
        return torch.stack(out)

    @torch.no_grad()
    def plan(self, observation, mean=None):
        """observation [1, O], the last plan's mean [H, A] -> the new mean, whose first row is the action."""
        z = self.l.model.encoder(observation)
        prior = self.actor_sequences(z)
        prior_scores = self.score(z, prior)
        mean = prior[:, 0] if mean is None else torch.cat([mean[1:], prior[-1:, 0]])
        std = torch.full_like(mean, self.max_std)
        for _ in range(self.iterations):
            noise = torch.randn(self.horizon, self.samples - self.prior, mean.shape[-1])
            drawn = (mean.unsqueeze(1) + std.unsqueeze(1) * noise).clamp(-1, 1)
            actions = torch.cat([prior, drawn], 1)
            best = torch.topk(torch.cat([prior_scores, self.score(z, drawn)]), self.elites)
            elite = actions[:, best.indices]
            unit = self.temperature * best.values.std(correction=0) + 1e-9
            weights = torch.softmax((best.values - best.values[0]) / unit, 0).view(1, -1, 1)
            mean = (weights * elite).sum(1)
            std = (weights * (elite - mean.unsqueeze(1)).square()).sum(1).sqrt().clamp(self.min_std, self.max_std)
        return mean if self.score(z, mean.unsqueeze(1)) >= prior_scores[0] else prior[:, 0]
