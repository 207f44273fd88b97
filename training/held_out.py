"""How near memories' adapters come to the shipped model's own films, on films that no training saw: a look that takes three minutes, where the exam takes a quarter of an hour.

python3 training/train_framepack.py --films 30 --held-out      # of leaving a place and coming back, once
python3 training/train_mag.py --export /tmp/m                  # and the other memories that are to be looked at
python3 training/held_out.py /tmp/m
Every memory is shown a film's own history, and predicts the velocity of its last chunk, which comes back to a place, and of the middle one, at each of the model's steps: mean squared
errors (after so many chunks elsewhere, too) against the velocity that made the film. Beside them stand what the shipped transformer predicts of the story's first frames alone, and over MAG's entries without MAG's adapters.
"""
import argparse
import json
from collections.abc import Callable
from pathlib import Path

import torch

from throughline import safetensors_io
from throughline.adapter_run import HELD_OUT, SHIPPED
from throughline.config import sigma_of
from throughline.inference import Engine
from throughline.mag import Entries, MagEngine
from throughline.memorypack import LongMemoryEngine
from throughline.packs import PackedEngine, packs_before
from train_framepack import noisy_of
from train_mag import untouched

Predict = Callable[[int, torch.Tensor, float], torch.Tensor]  # (chunk, the chunk as it stands, timestep) -> velocity


def by_entries(engine: MagEngine, film: dict, far: bool = True) -> Predict:
    """MAG; without `far` it sees no entry but the sink and, where a shot goes on, the newest."""
    kept, contexts, now = Entries(), [], engine.memory["positions"]["current"]
    for index, cut in enumerate(film["cut"]):
        sink, banks, near = engine.context_of(kept, cut)
        contexts.append((sink, banks if far else [[]] * engine.layers, near))
        engine.commit(kept, film["latents"][index].float(), index, cut)
    return lambda index, x, timestep: engine._velocity(x, timestep, engine.prompt(film["prompts"][index]), now, *contexts[index])[0]


def by_packs(engine: PackedEngine, film: dict) -> Predict:
    """FramePack, and MemoryPack where the engine has a long memory."""
    psis, first = [], engine.prompt(film["prompts"][0])
    if isinstance(engine, LongMemoryEngine):
        psis.append(engine.pack.begun(engine.dit, first.context[:, :first.text_keys[0].shape[0]]))
        for latents in film["latents"][:-1]:
            psis.append(engine.pack.after(engine.dit, psis[-1], latents[None].float())[0])

    def predict(index: int, x, timestep: float):
        context, latents = engine.prompt(film["prompts"][index]).context, film["latents"][:index].float().flatten(0, 1)
        history = engine.packed(packs_before(len(latents), film["cut"][index]), latents, context)
        return engine.velocity_after(history, x, timestep, torch.cat([context, engine.pack.read(psis[index])], 1) if psis else context)

    return predict


def ways_of(model: Path) -> dict[str, Callable[[dict], Predict]]:
    """What can be looked at, by name; what is missing beside the model is left out."""
    adapter = lambda name: safetensors_io.load(model / f"adapters/{name}.safetensors")  # noqa: E731
    has = lambda *names: all((model / f"adapters/{name}.safetensors").exists() for name in names)  # noqa: E731
    nothing = untouched(Engine(SHIPPED).dit)
    shipped = MagEngine(SHIPPED, adapter=nothing, memory_adapter=nothing)
    ways = {"first frames alone": lambda film: by_entries(shipped, film, far=False), "entries, no adapters": lambda film: by_entries(shipped, film)}
    if has("mag", "mag-memory"):
        mag = MagEngine(SHIPPED, adapter=adapter("mag"), memory_adapter=adapter("mag-memory"))
        ways["MAG"] = lambda film: by_entries(mag, film)
    if has("framepack"):
        framepack = PackedEngine(SHIPPED, adapter=adapter("framepack"))
        ways["FramePack"] = lambda film: by_packs(framepack, film)
    if has("memorypack"):
        memorypack = LongMemoryEngine(SHIPPED, adapter=adapter("memorypack"))
        ways["MemoryPack"] = lambda film: by_packs(memorypack, film)
    return ways


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path, help="a model folder with adapters")
    args = parser.parse_args()
    films = [torch.load(path) for path in sorted(HELD_OUT.glob("*.pt"))]
    if not films:
        raise SystemExit(f"{HELD_OUT} holds no films: draw some with train_framepack.py --films 30 --held-out")
    sampler = json.loads((SHIPPED / "config.json").read_text())["sampler"]
    sigmas = [sigma_of(1000 - n, sampler["shift"]) for n in sampler["steps"]] + [0.0]
    far = torch.tensor([len(film["prompts"]) - 3 > 5 for film in films])  # chunks between leaving and coming back; FramePack sees a place for five
    print(len(films), "films; error at the model's steps", sampler["steps"])
    for name, of in ways_of(args.model).items():
        predictions = [of(film) for film in films]
        for part in (1.0, 0.5):
            errors = torch.zeros(len(films), len(sampler["steps"]))
            for film, predict, row in zip(films, predictions, errors):
                index = int(part * (len(film["prompts"]) - 1))
                for step in range(len(row)):
                    velocity = predict(index, noisy_of(film, index, step, sigmas), 1000 * sigmas[step])
                    row[step] = (velocity - film["velocity"][index, step].float()).square().mean()
            everywhere = torch.ones(len(films), dtype=torch.bool)
            for which, chosen in {"coming back": everywhere, "after 1 to 5": ~far, "after 6 to 16": far}.items() if part == 1.0 else [("in the middle", everywhere)]:
                print(f"{name:22} {which:14} {errors[chosen].mean():.4f}   {' '.join(f'{e:.4f}' for e in errors[chosen].mean(0))}", flush=True)


if __name__ == "__main__":
    main()
