"""Gives a generator as many layers as config.py names; the new ones change nothing until they are trained.

python3 training/grow.py --name generator
Layers are split into as many groups as there are new ones, and after each group stands a copy of its last layer whose output projections are
zero (block expansion, LLaMA Pro, Wu et al. 2024): it computes the same, and what it projects to keys already answers prompts. The checkpoint of
training/runs is replaced, without its optimisers' state; a student and its teacher grow alike.
"""
import argparse

import torch

from make_latents import RUNS
from throughline.config import animatic

LAYER = "dit.blocks."
OUTPUTS = "self_attn.o.", "cross_attn.o.", "ffn.2."


def origins(had: int, wanted: int) -> list[tuple[int, bool]]:
    """For every layer of `wanted`, which of `had` it is, and whether it is new; `had` must split evenly among the new ones."""
    new = wanted - had
    if new < 1:
        raise ValueError(f"it has {had} layers already, and config.py names {wanted}")
    if had % new:
        raise ValueError(f"{had} layers can't grow to {wanted}: the {had} must split evenly among new ones, such as 6 to 7, 8, 9 or 12")
    size = had // new
    return [(layer, copy) for layer in range(had) for copy in ((False, True) if (layer + 1) % size == 0 else (False,))]


def grown(weights: dict[str, torch.Tensor], wanted: int) -> dict[str, torch.Tensor]:
    """Weights of a generator with `wanted` layers that computes what the one of `weights` does."""
    had = 1 + max(int(k[len(LAYER):].split(".")[0]) for k in weights if k.startswith(LAYER))
    out = {k: w for k, w in weights.items() if not k.startswith(LAYER)}
    for layer, (origin, new) in enumerate(origins(had, wanted)):
        prefix = f"{LAYER}{origin}."
        for k, w in weights.items():
            if k.startswith(prefix):
                name = k[len(prefix):]
                out[f"{LAYER}{layer}.{name}"] = torch.zeros_like(w) if new and name.startswith(OUTPUTS) else w.clone()
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    args = parser.parse_args()
    path, wanted = RUNS / f"{args.name}.pt", animatic()["dit"]["layers"]
    state = torch.load(path, map_location="cpu")
    try:
        state |= {kind: grown(state[kind], wanted) for kind in ("model", "average")}
    except ValueError as error:
        parser.error(f"{path}: {error}")
    state.pop("optimisers", None)
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)
    print(f"{path}: {wanted} layers")


if __name__ == "__main__":
    main()
