"""Low-rank changes of a transformer's matrices (LoRA): attached for training, kept as an adapter, merged for use.

Kept under the published names: `blocks.N.self_attn.q.lora_A.weight` [rank, in] and `.lora_B.weight` [out, rank]; W' = W + B A.
"""
import math
import re

import torch
import torch.nn as nn
from torch.nn.utils import parametrize

LINEARS = re.compile(r"blocks\.\d+\.(?:(?:self|cross)_attn\.[qkvo]|ffn\.[02])$")


class LowRank(nn.Module):
    """W + B A; B begins as nothing."""

    def __init__(self, out: int, inside: int, rank: int):
        super().__init__()
        self.A, self.B = nn.Parameter(torch.randn(rank, inside) / math.sqrt(inside)), nn.Parameter(torch.zeros(out, rank))

    def forward(self, weight):
        return weight + self.B @ self.A


def linears(dit: nn.Module) -> dict[str, nn.Linear]:
    """The matrices that an adapter changes, by name: those of every block's attention and feed-forward layers."""
    return {name: module for name, module in dit.named_modules() if LINEARS.match(name)}


def attach(dit: nn.Module, rank: int) -> dict[str, LowRank]:
    """Freezes a transformer and lets low-rank changes of its matrices be trained; by the matrices' names."""
    dit.requires_grad_(False)
    changes = {}
    for name, module in linears(dit).items():
        changes[name] = LowRank(*module.weight.shape, rank)
        parametrize.register_parametrization(module, "weight", changes[name], unsafe=True)
        module.parametrizations.weight.original.requires_grad_(False)
    return changes


def adapter_tensors(changes: dict[str, LowRank]) -> dict[str, torch.Tensor]:
    return {f"{name}.lora_{part}.weight": getattr(change, part).detach() for name, change in changes.items() for part in "AB"}


@torch.no_grad()
def merge(dit: nn.Module, adapter: dict[str, torch.Tensor]):
    """Adds an adapter's changes to a transformer's matrices, in place."""
    for name, module in linears(dit).items():
        module.weight += adapter[f"{name}.lora_B.weight"].float() @ adapter[f"{name}.lora_A.weight"].float()
