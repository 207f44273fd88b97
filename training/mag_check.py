"""Checks the training of MAG's adapters at a tiny size: exits with 1 and says what differs.

python3 training/mag_check.py
"""
import copy
import random
import sys

import torch

from throughline.config import sigma_of
from throughline.mag import Entries, MagEngine
from make_fixtures import MAG, STORY, random_changes, random_model
from memorypack_check import film_of
from train_mag import generator_errors, memory_errors, prepared, untouched


def setting(stage: str):
    """(engine, its low-rank changes that are trained, a film of random velocities)."""
    config, tokenizer, modules = random_model(MAG)
    nothing = untouched(modules[1])
    trained = random_changes(modules[1], 4, torch.Generator().manual_seed(2)) if stage == "generator" else nothing
    engine = MagEngine(config=config, modules=copy.deepcopy(modules), tokenizer=tokenizer, adapter=nothing, memory_adapter=trained)
    return engine, prepared(engine, stage, 4), film_of(engine, STORY[:3])


def fallen(stage: str) -> str | None:
    """Thirty steps on one story bring the error down, and only the stage's own transformer learns."""
    engine, changes, film = setting(stage)
    sigmas = [sigma_of(1000 - n, 5) for n in engine.config["sampler"]["steps"]] + [0.0]
    other = engine.dit if stage == "memory" else engine.memory_dit
    before = copy.deepcopy(other.state_dict())
    parameters = [p for change in changes.values() for p in change.parameters()]
    optimiser, losses = torch.optim.Adam(parameters, lr=3e-3), []
    for _ in range(30):
        torch.manual_seed(4)
        errors = memory_errors(engine, film, 4, random.Random(3)) if stage == "memory" else generator_errors(engine, film, 4, sigmas, random.Random(3))
        loss = torch.stack(errors).mean()
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
    print(f"{stage}: error {losses[0]:.3f} -> {losses[-1]:.3f} in {len(losses)} steps")
    if losses[-1] > 0.8 * losses[0]:
        return f"thirty steps of the stage {stage} took the error from {losses[0]} to {losses[-1]}"
    moved = [name for name, tensor in other.state_dict().items() if not torch.equal(tensor, before[name])]
    return f"the stage {stage} also moved {moved}" if moved else None


def compressed() -> str | None:
    """What a later chunk sees of an earlier one is its last frame, and its error is a lesson for the pass that made that."""
    engine, _, film = setting("memory")
    kept = Entries()
    errors = memory_errors(engine, film, 3, random.Random(3), kept)
    if [entry.index for entry in kept.entries] != [2, 5, 8]:
        return f"the entries are the frames {[entry.index for entry in kept.entries]}"
    (lesson,) = torch.autograd.grad(errors[2], kept.entries[0].keys[0], allow_unused=True)
    return None if lesson is not None and lesson.abs().sum() > 0 else "the memory model does not learn from what later chunks read"


def main():
    torch.manual_seed(0)
    wrong = [said for said in (fallen("memory"), fallen("generator"), compressed()) if said is not None]
    for said in wrong:
        print(said)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
