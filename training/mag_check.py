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
from train_mag import LOOKING, Remembered, generator_errors, memory_errors, prepared, untouched


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
        if stage == "memory":
            loss = torch.stack(memory_errors(engine, film, 4, random.Random(3))).mean()
        else:
            kept = Remembered.of(engine, film)
            errors, missed = generator_errors(engine, [(kept, index, index % (len(sigmas) - 1), index != 2) for index in range(4)], [[]] * 4, sigmas)
            loss = errors.mean() + LOOKING * missed.mean()
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
    print(f"{stage}: error {losses[0]:.3f} -> {losses[-1]:.3f} in {len(losses)} steps")
    if losses[-1] > 0.8 * losses[0]:
        return f"thirty steps of the stage {stage} took the error from {losses[0]} to {losses[-1]}"
    moved = [name for name, tensor in other.state_dict().items() if not torch.equal(tensor, before[name])]
    return f"the stage {stage} also moved {moved}" if moved else None


@torch.no_grad()
def as_inference() -> str | None:
    """The generator's batch finds the errors that inference makes, one chunk after another; entries of other films change them."""
    engine, _, film = setting("generator")
    sigmas, now = [sigma_of(1000 - n, 5) for n in engine.config["sampler"]["steps"]] + [0.0], engine.memory["positions"]["current"]
    kept, entries = Remembered.of(engine, film), Entries()
    asked = [(kept, index, index % (len(sigmas) - 1), index != 2) for index in range(len(film["prompts"]))]
    got, _ = generator_errors(engine, asked, [[]] * len(asked), sigmas)
    for (_, index, step, told), error in zip(asked, got):
        x = film["noise"][index]
        for i in range(step):
            x = x + (sigmas[i + 1] - sigmas[i]) * film["velocity"][index, i]
        context = engine.context_of(entries, film["cut"][index])
        velocity, _, _ = engine._velocity(x, 1000 * sigmas[step], engine.prompt(film["prompts"][index] if told else ""), now, *context)
        want = (velocity - film["velocity"][index, step]).square().mean()
        if abs(error - want) > 1e-4 * want:
            return f"chunk {index}: training finds an error of {float(error)}, the model makes one of {float(want)}"
        engine.commit(entries, film["latents"][index], index, film["cut"][index])
    mixed, _ = generator_errors(engine, asked[-1:], [kept.entries[:1]], sigmas)
    return "entries of other films are not seen" if torch.equal(mixed, got[-1:]) else None


@torch.no_grad()
def looked_past() -> str | None:
    """Only a chunk that comes back is led to look at an entry, and the more others there are, the further it looks past it."""
    engine, _, film = setting("generator")
    sigmas = [sigma_of(1000 - n, 5) for n in engine.config["sampler"]["steps"]] + [0.0]
    kept = Remembered.of(engine, film | {"cut": [True] * len(film["prompts"])})
    asked = [(kept, index, 0, True) for index in range(len(film["prompts"]))]
    _, missed = generator_errors(engine, asked, [[]] * len(asked), sigmas)
    _, among = generator_errors(engine, asked[-1:], [kept.entries[:1] * 4], sigmas)
    return None if not missed[:-1].any() and 0 < missed[-1] < among[0] else f"looked past the entry by {missed.tolist()}, among four others by {among.tolist()}"


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
    wrong = [said for said in (fallen("memory"), fallen("generator"), as_inference(), looked_past(), compressed()) if said is not None]
    for said in wrong:
        print(said)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
