"""FramePack's adapter for the model that ships: LoRA on its matrices and two further patch embeddings (throughline/packs.py).

python3 training/train_framepack.py --films 60                  # films of the shipped model, which is its own teacher
python3 training/train_framepack.py --minutes 120
python3 training/train_framepack.py --export /tmp/m             # a model folder with the adapter, to look at: throughline render, compare
The shipped few-step model makes films with its own memory; the student, which sees only a packed history of the same films, learns to give the same
velocities from the same noise at each of the model's steps. So it stays a model of few steps. Films are drawn into training/runs/framepack, a file
each, and more can be drawn at any time; training resumes from training/runs/framepack.pt, and the learning rate follows the time budget.
"""
import argparse
import json
import random
import shutil
import time
from pathlib import Path

import torch

from throughline import safetensors_io
from throughline.config import sigma_of
from throughline.dit import CHUNK, softmax_attention, turned
from throughline.inference import Engine, Segment
from throughline.lora import adapter_tensors, attach
from throughline.packs import NOW, PackEmbeddings, packs_before, pooled_factors
from throughline.precision import mixed_precision
from throughline.world import CURRICULA, make_story

RUNS, SHIPPED = Path(__file__).parent / "runs", Path(__file__).parent.parent / "resources/models/animatic"
FILMS, STATE, LOG = RUNS / "framepack", RUNS / "framepack.pt", RUNS / "framepack.jsonl"
WORLDS = "full", "everyday"
FIRST_FILM = 7_000_000  # seed of the first film's story
PLACES = packs_before(30, False)  # every pack that a history can have; those that it has not are hidden
LONGEST_STEP_SEC = 60  # a process that was paused does not count the pause


class Recorder(Engine):
    """Keeps what it predicts of noisy chunks."""

    def _velocity(self, latents, timestep, *rest):
        out = super()._velocity(latents, timestep, *rest)
        if timestep > 0:
            self.seen.append((latents, out[0]))
        return out


def draw_films(count: int, chunks: int):
    """Films of stories that come back to their places; per chunk its prompt, whether it begins with a cut, its noise, the velocity of every step, and what came of it."""
    engine = Recorder(SHIPPED)
    steps = len(engine.config["sampler"]["steps"])
    assert engine.config["sampler"]["kind"] == "euler", "the chunk before a step is put together again from noise and velocities"
    FILMS.mkdir(parents=True, exist_ok=True)
    drawn = 0
    for index in range(1_000_000):
        path = FILMS / f"{index:05}.pt"
        if path.exists():
            continue
        story, engine.seen = make_story(FIRST_FILM + index, CURRICULA[WORLDS[index % 2]], chunks), []
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

    def __init__(self, engine: Engine, rank: int):
        super().__init__()
        self.dit, self.layers = engine.dit, engine.layers
        self.embeddings = PackEmbeddings.tiled(engine.dit.patch_embedding)
        self.changes = attach(engine.dit, rank)
        self.embeddings.requires_grad_(True)
        self.factors = [pooled_factors(self.dit.rope, self.dit.rows, self.dit.columns, pack) for pack in PLACES]

    def trained(self) -> dict[str, torch.nn.Parameter]:
        return {f"{n}.{k}": p for n, change in self.changes.items() for k, p in change.named_parameters()} | dict(self.embeddings.named_parameters())

    def adapter(self) -> dict[str, torch.Tensor]:
        return adapter_tensors(self.changes) | {f"clean_x_embedder.{k}": v for k, v in self.embeddings.state_dict().items()}

    def forward(self, packs, shown, noisy, timesteps, context, prompt_of, further=None):
        """Velocities [E, F, C, h, w] of noisy chunks.

        packs: for each of PLACES the frames [E, rate, C, h, w]; shown [E, places], which of them there are; timesteps [E]; context [P, L, dim]; prompt_of [E]; what the
        chunks, not their histories, read beside their prompts: further [E, M, dim].
        """
        tokens = torch.cat([self.embeddings.of(self.dit, place.rate, frames) for place, frames in zip(PLACES, packs)], 1)  # [E, N, dim]
        counts = torch.tensor([len(f) for f in self.factors])
        hidden = torch.where(shown.repeat_interleave(counts, 1), 0.0, -10_000.0)[:, None, None]  # [E, 1, 1, N]
        factors, keys, values = torch.cat(self.factors), [], []

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
            return softmax_attention(q, torch.cat([keys[layer], k], 1), torch.cat([values[layer], v], 1), own.to(q.dtype))

        if further is not None:
            context, prompt_of = torch.cat([context[prompt_of], further], 1), torch.arange(len(noisy))
        return self.dit(noisy, timesteps[:, None].expand(-1, CHUNK), context, prompt_of, attend)


def batch_of(films: list[dict], sigmas: list[float], count: int, noise: float, rng: random.Random):
    """(packs, shown, noisy chunks, timesteps, prompts, velocities) of chunks at one of the model's steps; one in eight is a story's first."""
    packs, shown, noisy, timesteps, prompts, wanted = [[] for _ in PLACES], [], [], [], [], []
    for _ in range(count):
        film = rng.choice(films)
        chunk, step = 0 if rng.random() < 1 / 8 else rng.randrange(1, len(film["prompts"])), rng.randrange(len(sigmas) - 1)
        there = {pack.time: pack for pack in packs_before(chunk * CHUNK, film["cut"][chunk])}
        history = film["latents"][:max(1, chunk)].float().flatten(0, 1)
        history = history + noise * rng.random() * torch.randn_like(history)
        for place, into in zip(PLACES, packs):
            into.append(history[list(there[place.time].frames if place.time in there else [0] * place.rate)])
        shown.append([place.time in there for place in PLACES])
        x = film["noise"][chunk].float()
        for i in range(step):
            x = x + (sigmas[i + 1] - sigmas[i]) * film["velocity"][chunk, i].float()
        noisy.append(x)
        timesteps.append(1000 * sigmas[step])
        prompts.append(film["prompts"][chunk])
        wanted.append(film["velocity"][chunk, step].float())
    return [torch.stack(p) for p in packs], torch.tensor(shown), torch.stack(noisy), torch.tensor(timesteps), prompts, torch.stack(wanted)


def train(args):
    torch.manual_seed(0)
    engine = Engine(SHIPPED)
    sampler = engine.config["sampler"]
    sigmas = [sigma_of(1000 - n, sampler["shift"]) for n in sampler["steps"]] + [0.0]
    student = Student(engine, args.rank)
    parameters = student.trained()
    optimiser = torch.optim.Adam(parameters.values(), lr=args.lr, betas=(0.9, 0.98))
    step, spent = 0, 0.0
    if STATE.exists():
        state = torch.load(STATE)
        for name, p in parameters.items():
            p.data.copy_(state["trained"][name])
        optimiser.load_state_dict(state["optimiser"])
        step, spent = state["step"], state["spent"]
    torch.manual_seed(step)
    rng, contexts, means, log = random.Random(step), {}, {}, LOG.open("a")
    begun, last, films, seen = time.time(), time.time(), [], set()
    while (progress := spent / (60 * args.minutes)) < 1:
        if step % 50 == 0 or not films:
            fresh = [path for path in sorted(FILMS.glob("*.pt")) if path.name not in seen]
            seen |= {path.name for path in fresh}
            films += [torch.load(path) for path in fresh]
            if not films:
                raise SystemExit(f"{FILMS} holds no films: draw some with --films")
        for group in optimiser.param_groups:
            group["lr"] = args.lr * min(1.0, (step + 1) / 20) * (1 if progress < 0.5 else max(0.02, 2 - 2 * progress))
        packs, shown, noisy, timesteps, prompts, wanted = batch_of(films, sigmas, args.batch, args.context_noise, rng)
        for prompt in {*prompts} - contexts.keys():
            contexts[prompt] = engine.prompt(prompt).context[0]
        named = sorted({*prompts})
        with mixed_precision("cpu"):
            velocity = student(packs, shown, noisy, timesteps, torch.stack([contexts[p] for p in named]), torch.tensor([named.index(p) for p in prompts]))
        error = (velocity.float() - wanted).square().mean((1, 2, 3, 4))
        error.mean().backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        step += 1
        spent, last = spent + min(time.time() - last, LONGEST_STEP_SEC), time.time()
        kinds = {"first": ~shown.any(1), "cut": shown.any(1) & ~shown[:, -1], "onward": shown[:, -1]}
        for name, which in kinds.items():
            if which.any():
                value = error[which].mean().item()
                means[name] = means.get(name, value) * 0.95 + 0.05 * value
        if step % 10 == 0:
            line = {"step": step, "minutes": round(spent / 60, 2), "films": len(films), **{k: round(v, 4) for k, v in means.items()}}
            print(line, flush=True)
            log.write(json.dumps(line) + "\n")
            log.flush()
        if step % 20 == 0 or time.time() - begun > 60 * args.minutes:
            save(student, parameters, optimiser, step, spent)
    save(student, parameters, optimiser, step, spent)


def save(student: Student, parameters, optimiser, step: int, spent: float, path: Path = STATE):
    state = {"trained": {k: p.detach() for k, p in parameters.items()}, "adapter": student.adapter(), "optimiser": optimiser.state_dict(), "step": step, "spent": spent}
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)


def export(folder: Path, state: Path = STATE):
    """The shipped model with the adapter as it is now, in halves."""
    if folder.resolve() != SHIPPED.resolve():
        shutil.copytree(SHIPPED, folder, dirs_exist_ok=True)
    (folder / "adapters").mkdir(exist_ok=True)
    adapter = {k: v.half() for k, v in torch.load(state)["adapter"].items()}
    safetensors_io.save(folder / "adapters" / f"{state.stem}.safetensors", adapter)
    print(folder, sum(v.numel() * 2 for v in adapter.values()), "bytes of adapter")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--films", type=int, default=0, help="draw so many more films, and train nothing")
    parser.add_argument("--chunks", type=int, default=8, help="of a film")
    parser.add_argument("--export", help="write a model folder with the adapter there, and train nothing")
    parser.add_argument("--minutes", type=float, default=120, help="of all runs together")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--context-noise", type=float, default=0.15, help="most noise on the history, so that the student bears with its own")
    args = parser.parse_args()
    if args.films:
        draw_films(args.films, args.chunks)
    elif args.export:
        export(Path(args.export))
    else:
        train(args)


if __name__ == "__main__":
    main()
