"""How far a shot drifts from how it began, chunk after chunk: a Markdown table for a checkpoint of training/runs, in its own steps.

python3 training/drift.py --name rolled                                    # a teacher, in eight even steps
python3 training/drift.py --name fewstep --steps 1000 750 450 150          # its student
Held-out shots that repeat themselves, begun from noised truth (as in rollouts). Latents alone, no decoder and no probe: a minute or two.
"""
import argparse
import random

import torch

from make_latents import RUNS, encode_story, load_encoder
from throughline import exams
from throughline.config import NominalSteps, animatic, sigma_of
from throughline.excerpts import Plan, add_story
from throughline.measures import interval
from throughline.precision import mixed_precision
from throughline.stages import Passes, carried
from throughline.streaming import MemoryUse, own_history
from throughline.text import END, PAD, Tokenizer
from throughline.vocabulary import tokenizer_json
from train_generator import frozen

FIRST_STORY = 500  # of exams.drift_story; evaluate.py asks those before it
CHUNKS = 4  # of a shot: its first, the one that is carried on, the one made anew, and one that has it read


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default="rolled")
    parser.add_argument("--autoencoder", default="autoencoder")
    parser.add_argument("--steps", nargs="+", type=int, action=NominalSteps, default=animatic()["sampler"]["steps"], help="nominal steps, of 1000")
    parser.add_argument("--stories", type=int, default=12)
    parser.add_argument("--after", nargs="+", type=int, default=[1, 2, 4, 8, 16, 32], help="chunks after which to look")
    args = parser.parse_args()
    config, encoder = animatic(), load_encoder(args.autoencoder)
    model, tokenizer = frozen(args.name, config, "cpu"), Tokenizer(tokenizer_json(), config["text"]["textLength"])
    stories = [encode_story(encoder, tokenizer, exams.drift_story("full", FIRST_STORY + i, CHUNKS)) for i in range(args.stories)]
    plan, prompts, rng = Plan(), [[END] + [PAD] * (config["text"]["textLength"] - 1)], random.Random(0)
    rng.choices = lambda options, weights: ["nam"]
    for i, story in enumerate(stories):
        add_story(plan, story, CHUNKS * i, len(prompts), 0, config["memory"], 1, rng, retrieve=True)
        prompts += story["prompts"]
    clean = torch.cat([story["latents"].float().unflatten(0, (CHUNKS, -1)) for story in stories])
    inside = torch.cat([story["insides"].float().amax(1).unflatten(0, (CHUNKS, -1)) for story in stories]) > 0  # [chunks, 3, tokens]
    inside = inside.unflatten(-1, (clean.shape[-2] // 2, -1)).repeat_interleave(2, -2).repeat_interleave(2, -1)[:, :, None].expand_as(clean)
    memory, made = config["memory"], torch.arange(CHUNKS - 2, len(clean), CHUNKS)
    use = MemoryUse(memory["bankFrames"], memory["activatedFrames"], memory["positions"]["bank"])
    sigmas = [sigma_of(1000 - n, config["sampler"]["shift"]) for n in args.steps] + [0.0]
    torch.manual_seed(0)
    start = None
    print(f"`{args.name}`, {len(stories)} shots, {len(args.steps)} steps\n\n| chunks | scenery differs by | characters differ by | contrast of scenery | of characters |\n|---|---|---|---|---|")
    with torch.no_grad(), mixed_precision("cpu"):
        passes = Passes(model, torch.tensor(prompts))
        for count in range(1, max(args.after) + 1):
            own = own_history(lambda p, x, s: passes(p, x, s, passes.stream(p, use)), plan, clean, sigmas, start)
            start = carried(plan, own, clean)
            if count in args.after:
                rows = [(own[c, 1:], own[c - 2, 1:], inside[c, 1:]) for c in made.tolist()]  # the first latent frame of a film shows one frame, not four
                away = [[float((a - b)[where].square().mean().sqrt()) for a, b, where in ((a, b, w if there else ~w) for a, b, w in rows)] for there in (False, True)]
                contrast = [[float(a[where].std() / b[where].std()) for a, b, where in ((a, b, w if there else ~w) for a, b, w in rows)] for there in (False, True)]
                print(f"| {count} | " + " | ".join(interval(values) for values in away + contrast) + " |", flush=True)


if __name__ == "__main__":
    main()
