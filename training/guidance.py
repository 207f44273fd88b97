"""What classifier-free guidance buys a generator, and what distillation kept of it: a Markdown table of what the probe reads in first chunks.

python3 training/guidance.py --name rolled --guidance 1 2.5 4                          # the teacher, in eight even steps
python3 training/guidance.py --name fewstep --guidance 1 --steps 1000 750 450 150      # its student, which needs none
Checkpoints of training/runs with their autoencoder and probe; prompts that evaluate.py does not ask. About a minute for each strength.
"""
import argparse

import torch

from make_latents import RUNS
from throughline.autoencoder import LATENT_CHANNELS, Decoder
from throughline.config import NominalSteps, animatic, sigma_of
from throughline.dit import CHUNK
from throughline.excerpts import Entry, Plan
from throughline.exams import follow_story
from throughline.measures import interval
from throughline.precision import mixed_precision
from throughline.probe import load_probe, look
from throughline.stages import Passes, guided
from throughline.streaming import MemoryUse
from throughline.text import END, PAD, Tokenizer
from throughline.vocabulary import tokenizer_json
from train_generator import Generator, load

FIRST_STORY = 500  # of exams.follow_story; evaluate.py asks those before it
BATCH = 20


@torch.no_grad()
def first_chunks(model: Generator, decoder: Decoder, ids: torch.Tensor, noise: torch.Tensor, nominal: list[int], guidance: float) -> torch.Tensor:
    """Frames [N, 9, 3, 96, 160] in 0..1 of the prompts `ids` [1 + N, L], the first of which is empty, from `noise` [N, 3, 16, 12, 20]."""
    config = model.config
    plan = Plan([Entry(i, i + 1, True, config["memory"]["positions"]["current"], []) for i in range(len(noise))])
    noisy, use = torch.ones(len(noise), dtype=torch.bool), MemoryUse(config["memory"]["bankFrames"], None, config["memory"]["positions"]["bank"])
    sigmas = [sigma_of(1000 - n, config["sampler"]["shift"]) for n in nominal] + [0.0]
    x = noise
    with mixed_precision(noise.device.type):
        passes = Passes(model, ids)
        for now, after in zip(sigmas, sigmas[1:]):
            x = x + (after - now) * guided(passes, plan, x, torch.full((len(x),), now), noisy, use, guidance)
        return decoder(x)[:, 3:].float().clamp(0, 1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default="rolled")
    parser.add_argument("--autoencoder", default="autoencoder")
    parser.add_argument("--guidance", nargs="+", type=float, default=[1.0, 2.5, 4.0])
    parser.add_argument("--steps", nargs="+", type=int, action=NominalSteps, default=animatic()["sampler"]["steps"], help="nominal steps, of 1000")
    parser.add_argument("--stories", type=int, default=100)
    args = parser.parse_args()
    config = animatic()
    model, decoder, weights = Generator(config).eval(), Decoder.of(config).eval(), {}
    state = load(RUNS / f"{args.name}.pt", model, weights, "cpu")
    decoder.take(torch.load(RUNS / f"{args.autoencoder}.pt", map_location="cpu")["decoder"])
    probe, ceiling, _ = load_probe("full", RUNS)
    read = Tokenizer.of(tokenizer_json(), config["text"])
    stories = [follow_story("full", FIRST_STORY + i) for i in range(args.stories)]
    noise = torch.randn(len(stories), CHUNK, LATENT_CHANNELS, 2 * model.dit.rows, 2 * model.dit.columns, generator=torch.Generator().manual_seed(0))
    print(f"`{args.name}`, step {state['step']}, {len(stories)} first chunks, {len(args.steps)} steps\n")
    print("| guidance | " + " | ".join(probe.keys) + " |\n|---|" + "---|" * len(probe.keys))
    print("| drawn | " + " | ".join(interval(ceiling[key], True) for key in probe.keys) + " |")
    for strength in args.guidance:
        hits: dict[str, list[bool]] = {key: [] for key in probe.keys}
        for some in range(0, len(stories), BATCH):
            part = stories[some:some + BATCH]
            ids = torch.tensor([[END] + [PAD] * (config["text"]["textLength"] - 1)] + [read(story.shots[0].prompt) for story in part])
            frames = (first_chunks(model, decoder, ids, noise[some:some + BATCH], args.steps, strength) * 255).byte().permute(0, 1, 3, 4, 2).numpy()
            for story, named in zip(part, probe.names([look(film) for film in frames])):
                for key in probe.keys:
                    hits[key].append(named[key] == (story.truth(0)[key] or "none"))
        print(f"| {strength:g} | " + " | ".join(interval(hits[key], True) for key in probe.keys) + " |", flush=True)


if __name__ == "__main__":
    main()
