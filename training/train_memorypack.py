"""MemoryPack's adapter for the model that ships: FramePack's, and the long memory (throughline/memorypack.py), by Direct Forcing.

python3 training/train_framepack.py --films 150 --chunks 8      # films of the shipped model, which is its own teacher; more and longer ones teach more memory
python3 training/train_memorypack.py --minutes 180
python3 training/train_memorypack.py --export /tmp/m            # a model folder with the adapter, to look at: throughline compare --memories memorypack
A story's chunks are trained in order. Each is predicted once, at one of the model's steps, and what the prediction says the clean chunk is, x0 = x_sigma - sigma v,
is the history and the memory of the next: so the student meets its own mistakes at the price of one pass a chunk. Gradients of a story's chunks come together before
a step of the optimiser, through psi from chunk to chunk, not through the estimates. Stories grow: one chunk at first, whole films in the second half of the time.
Training resumes from training/runs/memorypack.pt; it may begin from FramePack's adapter (--start framepack).
"""
import argparse
import random
from pathlib import Path

import torch

from throughline.adapter_run import RUNS, SHIPPED, AdapterRun, Films, export
from throughline.config import sigma_of
from throughline.inference import Engine
from throughline.memorypack import PREFIX, SemanticPack
from throughline.packs import packs_before
from throughline.precision import mixed_precision
from train_framepack import PLACES, Student


class LongStudent(Student):
    """FramePack's student with a long memory."""

    def __init__(self, engine: Engine, rank: int):
        super().__init__(engine, rank)
        self.pack = SemanticPack(engine.dit.dim, engine.dit.heads)
        torch.nn.init.normal_(self.pack.read[1].weight, std=0.02)

    def trained(self) -> dict[str, torch.nn.Parameter]:
        return super().trained() | {f"pack.{k}": p for k, p in self.pack.named_parameters()}

    def adapter(self) -> dict[str, torch.Tensor]:
        return super().adapter() | {PREFIX + k: v.detach() for k, v in self.pack.state_dict().items()}

    def chunk(self, psi, history, cut: bool, noisy, timestep: float, context):
        """The velocity [F, C, h, w] of one chunk after clean or estimated latents `history` [frames, C, h, w]; psi [1, M, dim], context [1, L, dim]."""
        there = {pack.time: pack for pack in packs_before(len(history), cut)}
        frames = history if len(history) else torch.zeros(1, *noisy.shape[1:])
        packs = [frames[list(there[place.time].frames if place.time in there else [0] * place.rate)][None] for place in PLACES]
        shown = torch.tensor([[place.time in there for place in PLACES]])
        return self(packs, shown, noisy[None], torch.tensor([timestep]), context, torch.tensor([0]), self.pack.read(psi))[0]


def story_errors(student: LongStudent, prompt_of, film: dict, chunks: int, sigmas: list[float], rng: random.Random, forced: bool = True) -> list[torch.Tensor]:
    """Errors of the velocities of a film's first chunks, each at one of the model's steps, by Direct Forcing; `prompt_of(text)` gives (context [1, L, dim], real tokens).

    Without `forced` the next chunk is given the film's own chunk, not the student's estimate.
    """
    errors, history, psi = [], torch.empty(0, *film["latents"].shape[2:]), None
    for index in range(chunks):
        context, real = prompt_of(film["prompts"][index])
        psi = student.pack.begun(student.dit, context[:, :real]) if psi is None else psi
        step, x = rng.randrange(len(sigmas) - 1), film["noise"][index].float()
        for i in range(step):
            x = x + (sigmas[i + 1] - sigmas[i]) * film["velocity"][index, i].float()
        velocity = student.chunk(psi, history, film["cut"][index], x, 1000 * sigmas[step], context)
        errors.append((velocity.float() - film["velocity"][index, step].float()).square().mean())
        clean = (x - sigmas[step] * velocity.detach().float()) if forced else film["latents"][index].float()
        history = torch.cat([history, clean])
        psi, _ = student.pack.after(student.dit, psi, clean[None])
    return errors


def length_at(progress: float, longest: int) -> int:
    """Chunks of a story at a share of the time: one at first, all of them from half of it on."""
    return max(1, min(longest, 1 + int(2 * progress * longest)))


def train(args):
    torch.manual_seed(0)
    engine = Engine(SHIPPED)
    sampler = engine.config["sampler"]
    sigmas = [sigma_of(1000 - n, sampler["shift"]) for n in sampler["steps"]] + [0.0]
    student = LongStudent(engine, args.rank)
    run, films, known = AdapterRun("memorypack", student.trained(), student.adapter, args.lr, args.minutes), Films(), {}
    if run.is_new and args.start:
        run.take(torch.load(RUNS / f"{args.start}.pt"))

    def prompt_of(text: str):
        if text not in known:
            prompt = engine.prompt(text)
            known[text] = prompt.context, prompt.text_keys[0].shape[0]
        return known[text]

    for progress in run.steps():
        run.also = {"chunks": length_at(progress, len(films[-1]["prompts"]))}
        for _ in range(args.stories):
            film = run.rng.choice(films)
            with mixed_precision("cpu"):
                errors = story_errors(student, prompt_of, film, length_at(progress, len(film["prompts"])), sigmas, run.rng)
            error = torch.stack(errors).mean()
            (error / args.stories).backward()
            run.note(error=error.item())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--export", help="write a model folder with the adapter there, and train nothing")
    parser.add_argument("--minutes", type=float, default=180, help="of all runs together")
    parser.add_argument("--stories", type=int, default=2, help="to a step of the optimiser")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--start", help="a state of train_framepack.py to begin from: framepack")
    args = parser.parse_args()
    if args.export:
        export(Path(args.export), {"memorypack": "memorypack"})
    else:
        train(args)


if __name__ == "__main__":
    main()
