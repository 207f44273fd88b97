"""MemoryPack's adapter for the model that ships: FramePack's, and the long memory (throughline/memorypack.py), by Direct Forcing.

python3 training/train_framepack.py --films 150 [--back|--long]  # films of the shipped model, which is its own teacher
python3 training/train_memorypack.py --minutes 180
python3 training/train_memorypack.py --export /tmp/m            # a model folder with the adapter, to look at: throughline compare --memories memorypack
First recall is learned (two thirds of the time): psi goes over the true chunks of a film, or over the student's own of a long shot, which costs little, and one later chunk is predicted at one of the model's
steps, mostly the film's last, which comes back to a place; gradients go through psi all the way. Then Direct Forcing: a story's chunks are trained in order, and what a prediction says the
clean chunk is, x0 = x_sigma - sigma v, is the history and the memory of the next: so the student meets its own mistakes at the price of one pass a chunk. Gradients of a story's chunks come
together before a step of the optimiser, not through the estimates. Stories grow: short ones at first, whole films at the end.
Training resumes from training/runs/memorypack.pt; it may begin from an adapter's file (--start), FramePack's too.
"""
import argparse
import random
from pathlib import Path

import torch

from throughline.adapter_run import SHIPPED, AdapterRun, Films, export
from throughline.coming_back import comes_back, weighed
from throughline.config import sigma_of
from throughline.inference import Engine
from throughline.long_shots import OwnShots, as_made_by, begun, is_long_shot
from throughline.memorypack import PREFIX, LongMemoryEngine, SemanticPack
from throughline.packs import packs_before
from throughline.precision import mixed_precision
from train_framepack import LOOKING, PLACES, SIDES, Student, noisy_of, visited


class LongStudent(Student):
    """FramePack's student with a long memory."""

    def __init__(self, engine: Engine, rank: int, sides: dict[int, int] = SIDES):
        super().__init__(engine, rank, sides)
        self.pack = SemanticPack(engine.dit.dim, engine.dit.heads)
        torch.nn.init.normal_(self.pack.read[1].weight, std=0.02)

    def trained(self) -> dict[str, torch.nn.Parameter]:
        return super().trained() | {f"pack.{k}": p for k, p in self.pack.named_parameters()}

    def adapter(self) -> dict[str, torch.Tensor]:
        return super().adapter() | {PREFIX + k: v.detach() for k, v in self.pack.state_dict().items()}

    def chunk(self, psi, history, cut: bool, noisy, timestep: float, context):
        """The velocity [F, C, h, w] of one chunk after clean or estimated latents `history` [frames, C, h, w]; psi [1, M, dim], context [1, L, dim]."""
        packs, shown = packed_places(history if len(history) else torch.zeros(0, *noisy.shape[1:]), cut)
        return self([p[None] for p in packs], shown[None], noisy[None], torch.tensor([timestep]), context, torch.tensor([0]), self.pack.read(psi))[0]

    def psi_after(self, features, chunks):
        """psi [1, M, dim] after clean chunks [n, F, C, h, w] of a story whose first prompt has features [1, tokens, dim]."""
        psi = self.pack.begun(self.dit, features)
        for latents in chunks:
            psi, _ = self.pack.after(self.dit, psi, latents[None])
        return psi


def packed_places(history, cut: bool):
    """(per place its frames [rate, C, h, w], which places there are [places]) before a chunk that comes after latents `history` [frames, C, h, w]."""
    there = {pack.time: pack for pack in packs_before(len(history), cut)}
    frames = history if len(history) else torch.zeros(1, *history.shape[1:])
    return ([frames[list(there[place.time].frames if place.time in there else [0] * place.rate)] for place in PLACES],
            torch.tensor([place.time in there for place in PLACES]))


def recall_errors(student: LongStudent, prompt_of, films: list[dict], sigmas: list[float], rng: random.Random, last: float = 0.7):
    """Errors [E] of the velocities of a chunk of each film, at one of the model's steps, after histories that are given, and how far those that come back looked past the packs that show it
    (`Student.forward`) [E]; `last`: share of films of which it is the last one, but of long shots it is any."""
    asked = [len(film["prompts"]) - 1 if rng.random() < last and not is_long_shot(film) else rng.randrange(1, len(film["prompts"])) for film in films]
    steps = [rng.randrange(len(sigmas) - 1) for _ in films]
    before = [film["latents"][:index].float() for film, index in zip(films, asked)]
    contexts = [prompt_of(film["prompts"][index])[0] for film, index in zip(films, asked)]
    first = [prompt_of(film["prompts"][0]) for film in films]
    psi = torch.cat([student.psi_after(context[:, :real], chunks) for (context, real), chunks in zip(first, before)])
    packs, shown = zip(*(packed_places(chunks.flatten(0, 1), film["cut"][index]) for film, index, chunks in zip(films, asked, before)))
    noisy = torch.stack([noisy_of(film, index, step, sigmas) for film, index, step in zip(films, asked, steps)])
    wanted = torch.stack([film["velocity"][index, step].float() for film, index, step in zip(films, asked, steps)])
    visit = torch.tensor([visited(film, index) for film, index in zip(films, asked)])
    velocity, missed = student([torch.stack(p) for p in zip(*packs)], torch.stack(shown), noisy, torch.tensor([1000 * sigmas[step] for step in steps]),
                               torch.cat(contexts), torch.arange(len(films)), student.pack.read(psi), visit)
    back = torch.tensor([comes_back(film, index) for film, index in zip(films, asked)])
    return weighed(velocity, wanted, back), missed


def story_errors(student: LongStudent, prompt_of, film: dict, chunks: int, sigmas: list[float], rng: random.Random, forced: bool = True) -> list[torch.Tensor]:
    """Errors of the velocities of a film's first chunks, each at one of the model's steps, by Direct Forcing; `prompt_of(text)` gives (context [1, L, dim], real tokens).

    Without `forced` the next chunk is given the film's own chunk, not the student's estimate.
    """
    errors, history, psi = [], torch.empty(0, *film["latents"].shape[2:]), None
    for index in range(chunks):
        context, real = prompt_of(film["prompts"][index])
        psi = student.pack.begun(student.dit, context[:, :real]) if psi is None else psi
        step = rng.randrange(len(sigmas) - 1)
        x = noisy_of(film, index, step, sigmas)
        velocity = student.chunk(psi, history, film["cut"][index], x, 1000 * sigmas[step], context)
        errors.append((velocity.float() - film["velocity"][index, step].float()).square().mean())
        clean = (x - sigmas[step] * velocity.detach().float()) if forced else film["latents"][index].float()
        history = torch.cat([history, clean])
        psi, _ = student.pack.after(student.dit, psi, clean[None])
    return errors


LONG = 16  # chunks of the long shots that recall goes on with: psi is made of all that came before
RECALL = 2 / 3  # of the time, before Direct Forcing


def length_at(progress: float, longest: int) -> int:
    """Chunks of a story of Direct Forcing at a share of the time: two at first, all of them at the end."""
    return max(2, min(longest, int(2 + (progress - RECALL) / (1 - RECALL) * longest * 1.2)))


def train(args):
    torch.manual_seed(0)
    engine = Engine(SHIPPED)
    sampler = engine.config["sampler"]
    sigmas = [sigma_of(1000 - n, sampler["shift"]) for n in sampler["steps"]] + [0.0]
    student = LongStudent(engine, args.rank)
    run, films, known = AdapterRun("memorypack", student.trained(), student.adapter, args.lr, args.minutes, args.start), Films(), {}

    def prompt_of(text: str):
        if text not in known:
            prompt = engine.prompt(text)
            known[text] = prompt.context, prompt.text_keys[0].shape[0]
        return known[text]

    drawing = LongMemoryEngine.around(engine, embeddings=student.embeddings, pack=student.pack)
    own = OwnShots([begun(film, LONG) for film in films if is_long_shot(film)], lambda film: as_made_by(drawing, film))
    for progress in run.steps():
        if progress < RECALL and run.rng.random() < 7 / 8:
            run.also = {"stage": "recall"}
            with mixed_precision("cpu"):
                if args.onward:
                    own.step()
                asked = [run.rng.choice(own.shots if run.rng.random() < args.onward else films) for _ in range(args.batch)]
                error, missed = recall_errors(student, prompt_of, asked, sigmas, run.rng)
            (error.mean() + LOOKING * missed.mean()).backward()
            run.note(recall=error.mean().item(), **({"away": own.away} if args.onward else {}))
            continue
        for _ in range(args.stories):
            film = run.rng.choice(films)
            with mixed_precision("cpu"):
                errors = story_errors(student, prompt_of, film, min(len(film["prompts"]), length_at(progress, len(films[-1]["prompts"]))), sigmas, run.rng)
            error = torch.stack(errors).mean()
            (error / args.stories).backward()
            run.note(story=error.item())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--export", help="write a model folder with the adapter there, and train nothing")
    parser.add_argument("--minutes", type=float, default=180, help="of all runs together")
    parser.add_argument("--stories", type=int, default=2, help="to a step of the optimiser")
    parser.add_argument("--batch", type=int, default=8, help="chunks to a step of recall")
    parser.add_argument("--onward", type=float, default=0.3, help="share of recall's chunks of long shots, after chunks that the student made itself")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--start", help="an adapter's file that a new run begins with, of the same --rank: its own, or FramePack's")
    args = parser.parse_args()
    if args.export:
        export(Path(args.export), {"memorypack": "memorypack"})
    else:
        train(args)


if __name__ == "__main__":
    main()
