"""Checks MemoryPack's training at a tiny size: exits with 1 and says what differs.

python3 training/memorypack_check.py
"""
import copy
import random
import sys

import torch

from throughline.config import sigma_of
from throughline.dit import CHUNK
from throughline.inference import Segment
from throughline.memorypack import LongMemoryEngine
from throughline.packs import packs_before
from make_fixtures import LONG, STORY, random_long_adapter, random_model
from train_memorypack import RECALL, LongStudent, length_at, recall_errors, story_errors


def setting():
    """(engine with a random adapter, a student with the same adapter not merged)."""
    config, tokenizer, modules = random_model(LONG)
    adapter = random_long_adapter(config, modules[1], 4, torch.Generator().manual_seed(5))
    engine = LongMemoryEngine(config=config, modules=copy.deepcopy(modules), tokenizer=tokenizer, adapter=adapter)
    plain = LongMemoryEngine(config=config, modules=modules, tokenizer=tokenizer, adapter={k: v * ("lora" not in k) for k, v in adapter.items()})
    student = LongStudent(plain, 4)
    for name, change in student.changes.items():
        change.A.data.copy_(adapter[f"{name}.lora_A.weight"])
        change.B.data.copy_(adapter[f"{name}.lora_B.weight"])
    student.embeddings.load_state_dict(plain.embeddings.state_dict())
    student.pack.load_state_dict(plain.pack.state_dict())
    student.pack.requires_grad_(True)
    return engine, student


def film_of(engine: LongMemoryEngine, segments: list[Segment]) -> dict:
    """A film as train_framepack.py draws them, of random velocities: what there is to learn does not matter here."""
    generator = torch.Generator().manual_seed(1)
    chunks, steps = sum(s.chunks for s in segments), len(engine.config["sampler"]["steps"])
    shape = (CHUNK, 16, 2 * engine.dit.rows, 2 * engine.dit.columns)
    draw = lambda *first: torch.randn(*first, *shape, generator=generator)
    return {"prompts": [s.prompt for s in segments for _ in range(s.chunks)], "cut": [k == 0 and s.transition == "cut" for s in segments for k in range(s.chunks)],
            "noise": draw(chunks), "velocity": draw(chunks, steps), "latents": draw(chunks)}


def prompts(engine: LongMemoryEngine):
    def of(text: str):
        prompt = engine.prompt(text)
        return prompt.context, prompt.text_keys[0].shape[0]
    return of


@torch.no_grad()
def as_inference() -> str | None:
    """Training, chunk by chunk on a film's own latents, computes what the model does."""
    engine, student = setting()
    film, of = film_of(engine, STORY[:3]), prompts(engine)
    sigmas = [sigma_of(1000 - n, 5) for n in engine.config["sampler"]["steps"]] + [0.0]
    errors = story_errors(student, of, film, len(film["prompts"]), sigmas, random.Random(3), forced=False)
    rng, psi, latents = random.Random(3), None, film["latents"].flatten(0, 1)
    for index, error in enumerate(errors):
        context, real = of(film["prompts"][index])
        psi = engine.pack.begun(engine.dit, context[:, :real]) if psi is None else psi
        step, x = rng.randrange(len(sigmas) - 1), film["noise"][index]
        for i in range(step):
            x = x + (sigmas[i + 1] - sigmas[i]) * film["velocity"][index, i]
        history = engine.packed(packs_before(CHUNK * index, film["cut"][index]), latents, context)
        velocity = engine.velocity_after(history, x, 1000 * sigmas[step], torch.cat([context, engine.pack.read(psi)], 1))
        want = (velocity - film["velocity"][index, step]).square().mean()
        if abs(error - want) > 1e-4 * want:
            return f"chunk {index}: training finds an error of {float(error)}, the model makes one of {float(want)}"
        psi, _ = engine.pack.after(engine.dit, psi, latents[None, CHUNK * index:CHUNK * (index + 1)])
    return None


def falls() -> str | None:
    """Thirty steps on one story bring its error down, and what brought it is in every part of the adapter."""
    engine, student = setting()
    film, of = film_of(engine, STORY[:2]), prompts(engine)
    sigmas = [sigma_of(1000 - n, 5) for n in engine.config["sampler"]["steps"]] + [0.0]
    parameters = student.trained()
    before = {k: p.detach().clone() for k, p in parameters.items()}
    optimiser, losses = torch.optim.Adam(parameters.values(), lr=3e-3), []
    for _ in range(30):
        loss = torch.stack(story_errors(student, of, film, 4, sigmas, random.Random(3))).mean()
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
    if losses[-1] > 0.7 * losses[0]:
        return f"thirty steps of Direct Forcing took the error from {losses[0]} to {losses[-1]}"
    # The last layer's changes of what nobody reads do not move: there is none here; keys' biases cancel in the softmax.
    still = [k for k, p in parameters.items() if torch.equal(p, before[k]) and not k.endswith("k.bias")]
    print(f"error {losses[0]:.3f} -> {losses[-1]:.3f} in {len(losses)} steps")
    return f"these are not trained: {', '.join(still)}" if still else None


def lengths() -> str | None:
    got = [length_at(p, 8) for p in (RECALL, 0.75, 0.9, 1.0)]
    return None if got == [2, 4, 8, 8] else f"stories grow as {got}"


class Second(random.Random):
    """Always the film's last chunk, at the second of the model's steps."""

    def random(self):
        return 0.0

    def randrange(self, *_):
        return 1


@torch.no_grad()
def recalls() -> str | None:
    """Recall of films of different lengths, in one batch, is what going through each film chunk by chunk gives at its end."""
    engine, student = setting()
    of, sigmas = prompts(engine), [sigma_of(1000 - n, 5) for n in engine.config["sampler"]["steps"]] + [0.0]
    films = [film_of(engine, STORY[:3]), film_of(engine, STORY[:2])]
    got, _ = recall_errors(student, of, films, sigmas, Second())
    want = torch.stack([story_errors(student, of, film, len(film["prompts"]), sigmas, Second(), forced=False)[-1] for film in films])
    return None if (got - want).abs().max() <= 1e-4 * want.max() else f"recall finds errors of {got.tolist()}, the films have {want.tolist()}"


def main():
    torch.manual_seed(0)
    wrong = [said for check in (as_inference, falls, lengths, recalls) if (said := check()) is not None]
    for said in wrong:
        print(said)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
