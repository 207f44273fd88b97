"""MAG's two adapters for the model that ships (throughline/mag.py): first what remembers, then what draws.

python3 training/train_framepack.py --films 150 --chunks 8     # films of the shipped model, which is its own teacher
python3 training/train_mag.py --stage memory --minutes 90
python3 training/train_mag.py --stage generator --minutes 120
python3 training/train_mag.py --export /tmp/m                  # a model folder with both, to look at: throughline compare --memories mag
The memory model learns to keep a chunk in one frame's keys and values: under the empty prompt it draws noisy chunks of a film, seeing of every clean chunk only the entry
it made, its own chunk's too, where a later chunk would find it; the loss is on the clean latents. The generator learns, over the entries of the frozen memory model, to give the
velocities of the film from its noise; four times in five the prompt is empty, so that what comes next must be read in the entries (history reinforcement), but
never in a story's first chunk; and in half of the stories the entries are of chunks that it made itself. Each stage resumes from training/runs/mag-<stage>.pt.
"""
import argparse
import random
from pathlib import Path

import torch

from throughline.adapter_run import RUNS, SHIPPED, AdapterRun, Films, export
from throughline.config import sigma_of
from throughline.inference import Engine
from throughline.lora import adapter_tensors, attach, linears
from throughline.mag import Entries, MagEngine

STAGES = {"memory": "mag-memory", "generator": "mag"}  # files of adapters


def state_of(stage: str) -> Path:
    return RUNS / f"mag-{stage}.pt"


def untouched(dit) -> dict[str, torch.Tensor]:
    """An adapter that changes nothing."""
    return {f"{n}.lora_{part}.weight": torch.zeros(size) for n, m in linears(dit).items() for part, size in (("A", (1, m.weight.shape[1])), ("B", (m.weight.shape[0], 1)))}


def memory_errors(engine: MagEngine, film: dict, chunks: int, rng: random.Random, kept: Entries | None = None) -> list[torch.Tensor]:
    """Errors of the clean latents of a film's first chunks, each noisy at random and seen by the memory model under the empty prompt. Entries are added to `kept`."""
    memory, kept, errors = engine.remembering(), kept or Entries(), []
    prompt, now = memory.prompt(""), engine.memory["positions"]["current"]
    for index in range(chunks):
        cut, clean = film["cut"][index], film["latents"][index].float()
        sink, banks, window = engine.context_of(kept, cut)
        engine.commit(kept, clean, index, cut)
        sigma = rng.uniform(0.05, 1.0)
        x = (1 - sigma) * clean + sigma * torch.randn(clean.shape)
        velocity, _, _ = memory._velocity(x, 1000 * sigma, prompt, now, sink, [bank + kept.entries[-1:] for bank in banks], window)
        errors.append((x - sigma * velocity - clean).square().mean())
    return errors


def generator_errors(engine: MagEngine, film: dict, chunks: int, sigmas: list[float], rng: random.Random, empty: float = 0.8, own: float = 0.5) -> list[torch.Tensor]:
    """Errors of the velocities of a film's first chunks, each at one of the model's steps, over entries of the frozen memory model.

    `empty`: share of chunks under the empty prompt; `own`: share of stories whose entries are of the generator's own chunks.
    """
    kept, errors, mine = Entries(), [], rng.random() < own
    now = engine.memory["positions"]["current"]
    for index in range(chunks):
        context = engine.context_of(kept, film["cut"][index])
        prompt = engine.prompt("" if index > 0 and rng.random() < empty else film["prompts"][index])
        step, x = rng.randrange(len(sigmas) - 1), film["noise"][index].float()
        for i in range(step):
            x = x + (sigmas[i + 1] - sigmas[i]) * film["velocity"][index, i].float()
        velocity, _, _ = engine._velocity(x, 1000 * sigmas[step], prompt, now, *context)
        errors.append((velocity - film["velocity"][index, step].float()).square().mean())
        with torch.no_grad():
            clean = film["latents"][index].float()
            if mine:
                clean, asked = film["noise"][index].float(), engine.prompt(film["prompts"][index])
                for sigma, then in zip(sigmas, sigmas[1:]):
                    clean = clean + (then - sigma) * engine._velocity(clean, 1000 * sigma, asked, now, *context)[0]
            engine.commit(kept, clean, index, film["cut"][index])
    return errors


def prepared(engine: MagEngine, stage: str, rank: int) -> dict:
    """Lets the low-rank changes of one of the two transformers be trained, and nothing else."""
    engine.dit.requires_grad_(False)
    engine.memory_dit.requires_grad_(False)
    return attach(engine.memory_dit if stage == "memory" else engine.dit, rank)


def opened(stage: str, rank: int) -> tuple[MagEngine, dict]:
    """The shipped model, with the memory model that was trained where the generator is."""
    shipped = Engine(SHIPPED)
    nothing = untouched(shipped.dit)
    trained = nothing
    if stage == "generator":
        if not state_of("memory").exists():
            raise SystemExit("train what remembers first: --stage memory")
        trained = torch.load(state_of("memory"))["adapter"]
    engine = MagEngine(SHIPPED, adapter=nothing, memory_adapter=trained)
    return engine, prepared(engine, stage, rank)


def train(args):
    torch.manual_seed(0)
    engine, changes = opened(args.stage, args.rank)
    sampler = engine.config["sampler"]
    sigmas = [sigma_of(1000 - n, sampler["shift"]) for n in sampler["steps"]] + [0.0]
    parameters = {f"{n}.{k}": p for n, change in changes.items() for k, p in change.named_parameters()}
    run, films = AdapterRun(f"mag-{args.stage}", parameters, lambda: adapter_tensors(changes), args.lr, args.minutes), Films()
    for _ in run.steps():
        run.also = {"films": len(films)}
        for _ in range(args.stories):
            film = run.rng.choice(films)
            chunks = len(film["prompts"])
            errors = memory_errors(engine, film, chunks, run.rng) if args.stage == "memory" else generator_errors(engine, film, chunks, sigmas, run.rng)
            error = torch.stack(errors).mean()
            (error / args.stories).backward()
            run.note(error=error.item())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stage", choices=list(STAGES))
    parser.add_argument("--export", help="write a model folder with both adapters there, and train nothing")
    parser.add_argument("--minutes", type=float, default=90, help="of all runs of the stage together")
    parser.add_argument("--stories", type=int, default=2, help="to a step of the optimiser")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--lr", type=float, default=1e-3)
    args = parser.parse_args()
    if args.export:
        export(Path(args.export), {f"mag-{stage}": name for stage, name in STAGES.items()})
    elif args.stage:
        train(args)
    else:
        parser.error("--stage or --export is needed")


if __name__ == "__main__":
    main()
