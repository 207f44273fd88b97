"""Muon for matrices, AdamW for the rest, and a schedule in wall-clock time."""
import torch

from .precision import bfloat16_is_fast
from .ranks import divided


def orthogonalise(updates: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """Newton-Schulz iteration towards the nearest semi-orthogonal matrices of `updates` [n, rows, columns]."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = updates.bfloat16() if bfloat16_is_fast(updates.device.type) else updates
    flip = x.shape[1] > x.shape[2]
    if flip:
        x = x.transpose(1, 2).contiguous()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        g = x @ x.transpose(1, 2)
        x = a * x + torch.baddbmm(g, g, g, beta=b, alpha=c) @ x
    return (x.transpose(1, 2) if flip else x).float()


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised. Weights of any rank are seen as [out, everything else]; equal shapes go together."""

    def __init__(self, params, lr: float = 0.02, momentum: float = 0.95):
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            shapes: dict[tuple, list] = {}
            for p in group["params"]:
                if p.grad is not None:
                    shapes.setdefault((p.shape[0], p[0].numel()), []).append(p)
            for (rows, columns), params in shapes.items():
                updates = []
                for p in params:
                    state = self.state[p]
                    if "momentum" not in state:
                        state["momentum"] = torch.zeros_like(p)
                    state["momentum"].lerp_(p.grad, 1 - group["momentum"])
                    updates.append(p.grad.lerp(state["momentum"], group["momentum"]).reshape(rows, columns))
                scale = group["lr"] * max(1.0, rows / columns) ** 0.5
                for p, update in zip(params, divided(orthogonalise, torch.stack(updates))):
                    p.sub_(update.reshape(p.shape), alpha=scale)


def make_optimisers(named_params, is_matrix, muon_lr: float, adam_lr: float, gain=lambda name: 1.0):
    """Splits parameters by `is_matrix(name, tensor)`; `gain(name)` multiplies the rate. Every group remembers its base rate for `set_rate`."""
    groups: dict[tuple[bool, float], list] = {}
    for name, p in named_params:
        if p.requires_grad:
            groups.setdefault((is_matrix(name, p), gain(name)), []).append(p)
    split = [[{"params": params, "lr": rate * times} for (matrices, times), params in groups.items() if matrices == wanted]
             for wanted, rate in ((True, muon_lr), (False, adam_lr))]
    optimisers = [Muon(split[0], lr=muon_lr), torch.optim.Adam(split[1], lr=adam_lr, betas=(0.9, 0.98), fused=True)]
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["base_lr"] = group["lr"]
    return optimisers


def set_rate(optimisers, progress: float, step: int, warmup: int = 50, hold: float = 0.4):
    """Warm up over steps, hold, then fall linearly to 2 % at progress 1 (share of the time budget)."""
    factor = min(1.0, (step + 1) / warmup)
    if progress > hold:
        factor *= max(0.02, 1 - (progress - hold) / (1 - hold))
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = group["base_lr"] * factor
