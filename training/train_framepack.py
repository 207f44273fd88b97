"""FramePack's adapter for the model that ships: LoRA on its matrices and two further patch embeddings (throughline/packs.py).

python3 training/train_framepack.py --films 150                 # films of the shipped model, which is its own teacher
python3 training/train_framepack.py --films 120 --back          # and of someone who leaves a place and comes back
python3 training/train_framepack.py --films 24 --long           # and shots of 32 chunks, which the student learns to go on with after chunks of its own
python3 training/train_framepack.py --minutes 60
python3 training/train_framepack.py --export /tmp/m             # a model folder with the adapter, to look at: throughline render, compare
The shipped few-step model makes films with its own memory; the student, which sees only a packed history of the same films, learns to give the same
velocities from the same noise at each of the model's steps. So it stays a model of few steps. Films are drawn into training/runs/framepack, a file
each, and more can be drawn at any time; training resumes from training/runs/framepack.pt, and the learning rate follows the time budget.
"""
import argparse
import random
from collections.abc import Callable
from pathlib import Path

import torch

from throughline.adapter_run import FILMS, HELD_OUT, SHIPPED, AdapterRun, Films, export
from throughline.coming_back import HIDDEN, comes_back, looked_past, weighed
from throughline.config import sigma_of
from throughline.dit import CHUNK, softmax_attention, turned
from throughline.exams import FIRST_VISIT, return_story
from throughline.inference import Engine, Segment
from throughline.long_shots import CHUNKS, OwnShots, as_made_by, long_shot
from throughline.lora import adapter_tensors, attach
from throughline.packs import NOW, PackedEngine, PackEmbeddings, packs_before, pooled_factors
from throughline.precision import mixed_precision
from throughline.story import Story
from throughline.world import CURRICULA, make_story

WORLDS = "full", "everyday"
FIRST_FILM = 7_000_000  # seed of the first film's story
FIRST_HELD_OUT = 500_000  # index of the first film that no training sees
ABSENCES = 1, 2, 3, 4, 4, 4, 5, 6, 8, 8, 12, 16
SIDES = {1: 1, 2: 2, 4: 1}  # of the packs' patches: in a frame of 6 x 10 tokens the published ones would leave 2 x 3 of four frames
LOOKING = 0.05  # weight of looking past the pack that a chunk comes back to
PLACES = packs_before(30, False)  # every pack that a history can have; those that it has not are hidden


class Recorder(Engine):
    """Keeps what it predicts of noisy chunks."""

    def _velocity(self, latents, timestep, *rest):
        out = super()._velocity(latents, timestep, *rest)
        if timestep > 0:
            self.seen.append((latents, out[0]))
        return out


def leaving_and_coming_back(index: int) -> Story:
    """A story that ends where it was one to sixteen chunks before, told by the exam's own plan; never one of the exam's."""
    return return_story(WORLDS[index % 2], 20_000 + index, random.Random(index).choice(ABSENCES))


def draw_films(count: int, chunks: int, kind: str, held_out: bool):
    """Films of stories that come back to their places, of leaving one and coming back (`kind` "back"), or of one long shot ("long"); per chunk its prompt, whether it begins with a cut, its noise, the velocity of every step, and what came of it."""
    engine = Recorder(SHIPPED)
    steps = len(engine.config["sampler"]["steps"])
    assert engine.config["sampler"]["kind"] == "euler", "the chunk before a step is put together again from noise and velocities"
    folder, first = (HELD_OUT, FIRST_HELD_OUT) if held_out else (FILMS, 0)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = 0
    for index in range(first, first + FIRST_HELD_OUT):
        path = folder / f"{kind or f'{chunks:02}'}-{index:05}.pt"
        if path.exists():
            continue
        world, engine.seen = WORLDS[index % 2], []
        story = leaving_and_coming_back(index) if kind == "back" else long_shot(world, index) if kind == "long" else make_story(FIRST_FILM + index, CURRICULA[world], chunks)
        segments = [Segment(shot.prompt, shot.transition, shot.chunks) for shot in story.shots]
        latents = engine.run(segments, seed=index).unflatten(0, (-1, CHUNK))
        pairs = [engine.seen[i:i + steps] for i in range(0, len(engine.seen), steps)]
        film = {"prompts": [s.prompt for s in segments for _ in range(s.chunks)],
                "cut": [k == 0 and s.transition == "cut" for s in segments for k in range(s.chunks)],
                "noise": torch.stack([p[0][0] for p in pairs]).half(), "velocity": torch.stack([torch.stack([v for _, v in p]) for p in pairs]).half(),
                "latents": latents.half()}
        torch.save(film, path.with_suffix(".part"))
        path.with_suffix(".part").rename(path)
        print(path.name, len(film["prompts"]), "chunks", flush=True)
        drawn += 1
        if drawn == count:
            return


class Student(torch.nn.Module):
    """The shipped transformer with changes that are trained, and the embeddings of packs."""

    def __init__(self, engine: Engine, rank: int, sides: dict[int, int] = SIDES):
        super().__init__()
        self.dit, self.layers = engine.dit, engine.layers
        self.embeddings = PackEmbeddings.tiled(engine.dit.patch_embedding, sides)
        self.changes = attach(engine.dit, rank)
        self.embeddings.requires_grad_(True)
        self.factors = [pooled_factors(self.dit.rope, self.dit.rows, self.dit.columns, pack, self.embeddings.sides[pack.rate]) for pack in PLACES]

    def trained(self) -> dict[str, torch.nn.Parameter]:
        return {f"{n}.{k}": p for n, change in self.changes.items() for k, p in change.named_parameters()} | dict(self.embeddings.named_parameters())

    def adapter(self) -> dict[str, torch.Tensor]:
        return adapter_tensors(self.changes) | {f"clean_x_embedder.{k}": v for k, v in self.embeddings.state_dict().items()}

    def forward(self, packs, shown, noisy, timesteps, context, prompt_of, further=None, visit=None):
        """Velocities [E, F, C, h, w] of noisy chunks; with `visit` [E, places], which packs hold what a chunk comes back to, also how far the chunks that have such packs looked past
        them (`looked_past`, mean of layers) [E], 0 for all others.

        packs: for each of PLACES the frames [E, rate, C, h, w]; shown [E, places], which of them there are; timesteps [E]; context [P, L, dim]; prompt_of [E]; what the
        chunks, not their histories, read beside their prompts: further [E, M, dim].
        """
        tokens = torch.cat([self.embeddings.of(self.dit, place.rate, frames) for place, frames in zip(PLACES, packs)], 1)  # [E, N, dim]
        counts = torch.tensor([len(f) for f in self.factors])
        hidden = torch.where(shown.repeat_interleave(counts, 1), 0.0, HIDDEN)[:, None, None]  # [E, 1, 1, N]
        factors, keys, values, past = torch.cat(self.factors), [], [], []
        back = torch.zeros(len(noisy), dtype=torch.bool) if visit is None else visit.any(1)

        def look_back(layer, q, k, v):
            q, k, v = turned(q[:, 0], factors), turned(k[:, 0], factors), v[:, 0]
            keys.append(k)
            values.append(v)
            return softmax_attention(q, k, v, hidden.to(q.dtype))

        self.dit.blocks_over(tokens[:, None], torch.zeros(len(noisy), 1), context, prompt_of, look_back)
        times = torch.arange(NOW, NOW + CHUNK).expand(len(noisy), -1)
        own = torch.cat([hidden, hidden.new_zeros(*hidden.shape[:3], CHUNK * self.dit.rows * self.dit.columns)], -1)

        def attend(layer, q, k, v):
            q, k, v = self.dit.rope(q, times).flatten(1, 2), self.dit.rope(k, times).flatten(1, 2), v.flatten(1, 2)
            if back.any():
                past.append(looked_past(q[back], keys[layer][back], hidden[back], visit[back].repeat_interleave(counts, 1)))
            return softmax_attention(q, torch.cat([keys[layer], k], 1), torch.cat([values[layer], v], 1), own.to(q.dtype))

        if further is not None:
            context, prompt_of = torch.cat([context[prompt_of], further], 1), torch.arange(len(noisy))
        velocity = self.dit(noisy, timesteps[:, None].expand(-1, CHUNK), context, prompt_of, attend)
        if visit is None:
            return velocity
        missed = torch.zeros(len(noisy))
        missed[back] = torch.stack(past).mean(0) if past else 0.0
        return velocity, missed


def noisy_of(film: dict, index: int, step: int, sigmas: list[float]):
    """A film's chunk as it stood before one of the model's steps."""
    x = film["noise"][index].float()
    for i in range(step):
        x = x + (sigmas[i + 1] - sigmas[i]) * film["velocity"][index, i].float()
    return x


def visited(film: dict, index: int) -> list[bool]:
    """Which of PLACES hold what a chunk comes back to, most of it at least; none if it comes back to nothing, or no longer sees it."""
    there = {pack.time: pack for pack in packs_before(index * CHUNK, film["cut"][index])} if comes_back(film, index) else {}
    return [place.time in there and 2 * sum(f // CHUNK == FIRST_VISIT for f in there[place.time].frames) >= place.rate for place in PLACES]


def asked_of(films: list[dict], own: OwnShots, rng: random.Random, last: float, onward: float) -> tuple[dict, int]:
    """A film and one of its chunks to learn from; `onward`: share of those that go on after the student's own; of the others one in eight is a story's first, `last` of the rest come back
    to a place that is seen in a pack."""
    if rng.random() < onward:
        return rng.choice(own.shots), rng.randrange(1, CHUNKS)
    while True:
        film = rng.choice(films)
        end = len(film["prompts"]) - 1
        if rng.random() < 1 / 8:
            return film, 0
        if rng.random() >= last:
            return film, rng.randrange(1, end + 1)
        if any(visited(film, end)):
            return film, end


def batch_of(draw: Callable[[], tuple[dict, int]], sigmas: list[float], count: int, noise: float, rng: random.Random):
    """(packs, shown, visited, noisy chunks, timesteps, prompts, velocities) of chunks that `draw` gives, at one of the model's steps."""
    packs, shown, visit, noisy, timesteps, prompts, wanted = [[] for _ in PLACES], [], [], [], [], [], []
    for _ in range(count):
        (film, chunk), step = draw(), rng.randrange(len(sigmas) - 1)
        there = {pack.time: pack for pack in packs_before(chunk * CHUNK, film["cut"][chunk])}
        history = film["latents"][:max(1, chunk)].float().flatten(0, 1)
        history = history + noise * rng.random() * torch.randn_like(history)
        for place, into in zip(PLACES, packs):
            into.append(history[list(there[place.time].frames if place.time in there else [0] * place.rate)])
        shown.append([place.time in there for place in PLACES])
        visit.append(visited(film, chunk))
        noisy.append(noisy_of(film, chunk, step, sigmas))
        timesteps.append(1000 * sigmas[step])
        prompts.append(film["prompts"][chunk])
        wanted.append(film["velocity"][chunk, step].float())
    return [torch.stack(p) for p in packs], torch.tensor(shown), torch.tensor(visit), torch.stack(noisy), torch.tensor(timesteps), prompts, torch.stack(wanted)


def train(args):
    torch.manual_seed(0)
    engine = Engine(SHIPPED)
    sampler = engine.config["sampler"]
    sigmas = [sigma_of(1000 - n, sampler["shift"]) for n in sampler["steps"]] + [0.0]
    student = Student(engine, args.rank)
    run, films, contexts = AdapterRun("framepack", student.trained(), student.adapter, args.lr, args.minutes, args.start), Films(), {}
    drawing = PackedEngine.around(engine, embeddings=student.embeddings)
    own = OwnShots(films, lambda film: as_made_by(drawing, film))
    for _ in run.steps():
        if run.step % 50 == 0:
            films.refresh()
        if args.onward:
            with mixed_precision("cpu"):
                own.step()
        run.also = {"films": len(films)}
        packs, shown, visit, noisy, timesteps, prompts, wanted = batch_of(lambda: asked_of(films, own, run.rng, args.last, args.onward), sigmas, args.batch, args.context_noise, run.rng)
        for prompt in {*prompts} - contexts.keys():
            contexts[prompt] = engine.prompt(prompt).context[0]
        named = sorted({*prompts})
        with mixed_precision("cpu"):
            velocity, missed = student(packs, shown, noisy, timesteps, torch.stack([contexts[p] for p in named]), torch.tensor([named.index(p) for p in prompts]), visit=visit)
        back = visit.any(1)
        error = weighed(velocity, wanted, back)
        (error.mean() + LOOKING * missed.mean()).backward()
        kinds = {"first": ~shown.any(1), "back": back, "cut": shown.any(1) & ~shown[:, -1] & ~back, "onward": shown[:, -1]}
        run.note(**({"away": own.away} if args.onward else {}), **{name: error[which].mean().item() for name, which in kinds.items() if which.any()}, **({"past": missed[back].mean().item()} if back.any() else {}))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--films", type=int, default=0, help="draw so many more films, and train nothing")
    parser.add_argument("--chunks", type=int, default=8, help="of a film")
    parser.add_argument("--back", action="store_true", help="films of leaving a place and coming back, as long as that takes")
    parser.add_argument("--long", action="store_true", help="films of one long shot")
    parser.add_argument("--held-out", action="store_true", help="such films, but for held_out.py and not for training")
    parser.add_argument("--export", help="write a model folder with the adapter there, and train nothing")
    parser.add_argument("--minutes", type=float, default=120, help="of all runs together")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--last", type=float, default=0.6, help="share of chunks that come back to a place which a pack shows")
    parser.add_argument("--onward", type=float, default=0.3, help="share of chunks of long shots, after chunks that the student made itself")
    parser.add_argument("--start", help="an adapter's file that a new run begins with, of the same --rank")
    parser.add_argument("--context-noise", type=float, default=0.15, help="most noise on the history, so that the student bears with its own")
    args = parser.parse_args()
    if args.films:
        draw_films(args.films, args.chunks, "back" if args.back or args.held_out else "long" if args.long else "", args.held_out)
    elif args.export:
        export(Path(args.export), {"framepack": "framepack"})
    else:
        train(args)


if __name__ == "__main__":
    main()
