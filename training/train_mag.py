"""MAG's two adapters for the model that ships (throughline/mag.py): first what remembers, then what draws.

python3 training/train_framepack.py --films 150 [--back|--long] # films of the shipped model, which is its own teacher
python3 training/train_mag.py --stage memory --minutes 0 --rank 1    # what remembers is the shipped transformer as it is; --minutes 20 trains it
python3 training/train_mag.py --stage generator --minutes 90
python3 training/train_mag.py --export /tmp/m                  # a model folder with both, to look at: throughline compare --memories mag
The memory model learns to keep a chunk in one frame's keys and values: under the empty prompt it draws noisy chunks of a film, seeing of every clean chunk only the entry
it made, its own chunk's too, where a later chunk would find it; the loss is on the clean latents. The generator learns, over the entries of the frozen memory model, to give the
velocities of the film from its noise: in most cases of the film's last chunk, which comes back to a place; of others three in ten have no prompt, so that what comes next must be read in the
entries (history reinforcement), but never a story's first; and in half of the cases entries of other films are among them, so that it learns to choose. A chunk that comes back is also led
to look at the entry it comes back to, since among many entries those of other characters outweigh it and lend their colours. Each stage resumes from training/runs/mag-<stage>.pt.
"""
import argparse
import functools
import random
from dataclasses import dataclass
from pathlib import Path

import torch

from throughline.adapter_run import RUNS, SHIPPED, AdapterRun, Films, export
from throughline.coming_back import HIDDEN, comes_back, looked_past, weighed
from throughline.config import sigma_of
from throughline.dit import softmax_attention
from throughline.exams import FIRST_VISIT
from throughline.inference import Engine, Frame
from throughline.lora import adapter_tensors, attach, linears
from throughline.long_shots import OwnShots, as_made_by, begun, is_long_shot
from throughline.mag import Entries, MagEngine
from throughline.precision import bfloat16_is_fast
from train_framepack import noisy_of

STAGES = {"memory": "mag-memory", "generator": "mag"}  # files of adapters

LOOKING = 0.05  # weight of looking past the entry that a chunk comes back to
AT_FIRST = 24  # films that the generator's training begins with; one more comes at every second step
LONG, LONG_SHOTS = 16, 10  # chunks of the long shots that the generator goes on with, and how many; its work grows with the square of their length


def state_of(stage: str) -> Path:
    return RUNS / f"mag-{stage}.pt"


def untouched(dit) -> dict[str, torch.Tensor]:
    """An adapter that changes nothing."""
    return {f"{n}.lora_{part}.weight": torch.zeros(size) for n, m in linears(dit).items() for part, size in (("A", (1, m.weight.shape[1])), ("B", (m.weight.shape[0], 1)))}


def memory_errors(engine: MagEngine, film: dict, chunks: int, rng: random.Random, kept: Entries | None = None, last: int = 6) -> list[torch.Tensor]:
    """Errors of the clean latents of the `last` of a film's first chunks, each noisy at random and seen by the memory model under the empty prompt.

    Entries are added to `kept`; gradients go through those of the same chunks, not through what was there before.
    """
    memory, kept, errors = engine.remembering(), kept or Entries(), []
    prompt, now = memory.prompt(""), engine.memory["positions"]["current"]
    for index in range(chunks):
        cut, clean = film["cut"][index], film["latents"][index].float()
        if index < chunks - last:
            with torch.no_grad():
                engine.commit(kept, clean, index, cut)
            continue
        sink, banks, window = engine.context_of(kept, cut)
        engine.commit(kept, clean, index, cut)
        sigma = rng.uniform(0.05, 1.0)
        x = (1 - sigma) * clean + sigma * torch.randn(clean.shape)
        velocity, _, _ = memory._velocity(x, 1000 * sigma, prompt, now, sink, [bank + kept.entries[-1:] for bank in banks], window)
        errors.append((x - sigma * velocity - clean).square().mean())
    return errors


@dataclass
class Remembered:
    """A film and what the frozen memory model keeps of it: the story's first frames, and the last frame of every chunk."""
    film: dict
    sink: list[Frame]
    entries: list[Frame]
    capacity: int

    @classmethod
    @torch.no_grad()
    def of(cls, engine: MagEngine, film: dict) -> "Remembered":
        kept, entries = Entries(), []
        for index, cut in enumerate(film["cut"]):
            engine.commit(kept, film["latents"][index].float(), index, cut)
            entries.append(kept.entries[-1])
        return cls(film, kept.sink, entries, engine.memory["capacity"])

    def before(self, index: int, others: list[Frame]) -> list[tuple[Frame, int]]:
        """The frames that a chunk attends to, and the chunks' distance: 0 for the sink, 1 for the newest entry unless it begins with a cut, 2 for all others.

        `others`: entries of other films among them, as a longer story would have.
        """
        if index == 0:
            return []
        entries, near = self.entries[max(0, index - self.capacity):index], 0 if self.film["cut"][index] else 1
        far = [*entries[:len(entries) - near], *others]
        return [*((f, 0) for f in self.sink), *((f, 2) for f in far), *((f, 1) for f in entries[len(entries) - near:])]


def generator_errors(engine: MagEngine, asked: list[tuple[Remembered, int, int, bool]], others: list[list[Frame]], sigmas: list[float]):
    """Of chunks, each (film, chunk, step of the model, whether its prompt is told), over entries of the frozen memory model, in one batch: errors [E] of velocities, and how far those
    that come back looked past the entry they come back to: the mean of -log(share of what is attended to in memory) over layers, heads and some tokens, [E], 0 for all others.

    Where somebody comes back they stand in the middle; there errors count MIDDLE times.
    """
    now, sink_time, bank = (engine.memory["positions"][k] for k in ("current", "sink", "bank"))
    frames = [film.before(index, more) for (film, index, _, _), more in zip(asked, others)]
    most, tokens = max(1, *map(len, frames)), engine.dit.rows * engine.dit.columns
    time_of = lambda frame, near: {0: sink_time + frame.index, 1: now - 1, 2: bank}[near]
    times = torch.tensor([[time_of(*entry) for entry in row] + [0] * (most - len(row)) for row in frames])
    nothing = torch.zeros_like(asked[0][0].sink[0].keys[0])
    there = torch.tensor([[True] * len(row) + [False] * (most - len(row)) for row in frames])
    hidden = torch.where(there, 0.0, HIDDEN).repeat_interleave(tokens, 1)
    hidden = torch.cat([hidden, torch.zeros(len(asked), engine.chunk_frames * tokens)], 1)[:, None, None]  # [E, 1, 1, keys]
    own_times = torch.arange(now, now + engine.chunk_frames).expand(len(asked), -1)

    came_from = lambda film, index: film.entries[FIRST_VISIT] if comes_back(film.film, index) else None  # noqa: E731
    visit = torch.tensor([[frame is came_from(film, index) for frame, _ in row] + [False] * (most - len(row)) for row, (film, index, _, _) in zip(frames, asked)])  # [E, frames]
    back, past = visit.any(1), []

    def attend(layer, q, k, v):
        kept = lambda part: torch.stack([torch.stack([getattr(f, part)[layer] for f, _ in row] + [nothing] * (most - len(row))) for row in frames]).to(k.dtype)  # noqa: E731
        keys = torch.cat([engine.rope(kept("keys"), times).flatten(1, 2), engine.rope(k, own_times).flatten(1, 2)], 1)
        values = torch.cat([kept("values").flatten(1, 2), v.flatten(1, 2)], 1)
        q = engine.rope(q, own_times).flatten(1, 2)
        if back.any():
            past.append(looked_past(q[back], keys[back, :most * tokens], hidden[back, :, :, :most * tokens], visit[back].repeat_interleave(tokens, 1)))
        return softmax_attention(q, keys, values, hidden.to(q.dtype))

    prompts = [engine.prompt(film.film["prompts"][index] if told else "") for film, index, _, told in asked]
    noisy = torch.stack([noisy_of(film.film, index, step, sigmas) for film, index, step, _ in asked])
    timesteps = torch.tensor([1000 * sigmas[step] for _, _, step, _ in asked])[:, None].expand(-1, engine.chunk_frames)
    wanted = torch.stack([film.film["velocity"][index, step].float() for film, index, step, _ in asked])
    with torch.autocast("cpu", torch.bfloat16, enabled=engine.autocast):
        velocity = engine.dit(noisy, timesteps, torch.cat([p.context for p in prompts]), torch.arange(len(asked)), attend)
    missed = torch.zeros(len(asked))
    missed[back] = torch.stack(past).mean(0) if past else 0.0
    return weighed(velocity, wanted, back), missed


def drawn(films: list[Remembered], own: list[Remembered], count: int, steps: int, rng: random.Random, empty: float = 0.3, last: float = 0.6, onward: float = 0.3, strangers: int = 30):
    """Chunks to learn from. `onward`: share of those of long shots, after what the student made itself (`own`); of the others mostly a film's last, which comes back to a place.
    `empty`: share of those that are no film's last nor its first, whose prompt is not told; `strangers`: most entries that are mixed in, in half of them: of other films, or of what lay between leaving and coming back, as after a longer absence."""
    asked, others = [], []
    for _ in range(count):
        goes_on = rng.random() < onward
        film = rng.choice(own if goes_on else films)
        index = rng.randrange(1, len(film.entries)) if goes_on else len(film.entries) - 1 if rng.random() < last else rng.randrange(len(film.entries))
        told = goes_on or index == 0 or index == len(film.entries) - 1 or rng.random() >= empty
        asked.append((film, index, rng.randrange(steps), told))
        between = film.entries[FIRST_VISIT + 1:index] if comes_back(film.film, index) and rng.random() < 0.5 else []
        others.append([rng.choice(between or rng.choice(films).entries) for _ in range(rng.randint(1, strangers) if rng.random() < 0.5 else 0)])
    return asked, others


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
    engine.autocast = bfloat16_is_fast("cpu")
    return engine, prepared(engine, stage, rank)


def train(args):
    torch.manual_seed(0)
    engine, changes = opened(args.stage, args.rank)
    sampler = engine.config["sampler"]
    sigmas = [sigma_of(1000 - n, sampler["shift"]) for n in sampler["steps"]] + [0.0]
    parameters = {f"{n}.{k}": p for n, change in changes.items() for k, p in change.named_parameters()}
    run, films = AdapterRun(f"mag-{args.stage}", parameters, lambda: adapter_tensors(changes), args.lr, args.minutes, args.start), Films()
    if args.stage == "generator":
        run.rng.shuffle(films)
        kept = [Remembered.of(engine, film) for film in films[:AT_FIRST]]
        engine.prompt = functools.cache(engine.prompt)
        own = OwnShots([begun(film, LONG) for film in films if is_long_shot(film)][:LONG_SHOTS], lambda film: as_made_by(engine, film), lambda film: Remembered.of(engine, film))
    for _ in run.steps():
        run.also = {"films": len(kept) if args.stage == "generator" else len(films)}
        if args.stage == "generator":
            if len(kept) < len(films) and run.step % 2 == 0:
                kept.append(Remembered.of(engine, films[len(kept)]))
            if args.onward:
                own.step()
            asked, others = drawn(kept, own.shots, args.batch, len(sigmas) - 1, run.rng, onward=args.onward)
            errors, missed = generator_errors(engine, asked, others, sigmas)
            (errors.mean() + LOOKING * missed.mean()).backward()
            onward = torch.tensor([is_long_shot(film.film) for film, _, _, _ in asked])
            back = torch.tensor([index == len(film.entries) - 1 for film, index, _, _ in asked]) & ~onward
            run.note(**({"away": own.away} if args.onward else {}), **{name: errors[which].mean().item() for name, which in (("last", back), ("onward", onward), ("others", ~back & ~onward)) if which.any()}, **({"past": missed[missed > 0].mean().item()} if missed.any() else {}))
            continue
        for _ in range(args.stories):
            film = run.rng.choice(films)
            chunks = run.rng.randint(min(3, len(film["prompts"])), len(film["prompts"]))
            error = torch.stack(memory_errors(engine, film, chunks, run.rng)).mean()
            (error / args.stories).backward()
            run.note(error=error.item())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stage", choices=list(STAGES))
    parser.add_argument("--export", help="write a model folder with both adapters there, and train nothing")
    parser.add_argument("--minutes", type=float, default=90, help="of all runs of the stage together")
    parser.add_argument("--stories", type=int, default=1, help="to a step of the memory model")
    parser.add_argument("--batch", type=int, default=8, help="chunks to a step of the generator")
    parser.add_argument("--onward", type=float, default=0.3, help="share of the generator's chunks of long shots, after chunks that it made itself")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--start", help="an adapter's file that a new run of the stage begins with, of the same --rank")
    args = parser.parse_args()
    if args.export:
        export(Path(args.export), {f"mag-{stage}": name for stage, name in STAGES.items()})
    elif args.stage:
        train(args)
    else:
        parser.error("--stage or --export is needed")


if __name__ == "__main__":
    main()
