"""How far a shot drifts from how it began, chunk after chunk: a Markdown table for a checkpoint of training/runs, in its own steps.

python3 training/drift.py --name rolled                                    # a teacher, in eight even steps
python3 training/drift.py --name fewstep --steps 1000 750 450 150          # its student
Held-out shots in which someone stands or waves in the middle, made by the sequential reference. Latents alone, no decoder and no probe: two minutes.
"""
import argparse

import torch

from throughline import exams
from throughline.autoencoder import Decoder
from throughline.config import NominalSteps, animatic
from throughline.inference import Engine, Segment
from throughline.measures import interval
from throughline.precision import bfloat16_is_fast
from throughline.vocabulary import tokenizer_json
from train_generator import frozen

FIRST_STORY = 500  # of exams.drift_story; evaluate.py asks those before it
MIDDLE = slice(6, 14)  # columns of latents in which the character is; a hand reaches no further


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default="rolled")
    parser.add_argument("--steps", nargs="+", type=int, action=NominalSteps, default=animatic()["sampler"]["steps"], help="nominal steps, of 1000")
    parser.add_argument("--stories", type=int, default=12)
    parser.add_argument("--after", nargs="+", type=int, default=[1, 2, 4, 8, 16, 32], help="chunks after the first at which to look")
    args = parser.parse_args()
    config = animatic()
    config["sampler"] |= {"kind": "euler", "steps": args.steps}
    model = frozen(args.name, config, "cpu")
    engine = Engine(config=config, modules=(model.text, model.dit, Decoder.of(config)), tokenizer=tokenizer_json())
    engine.autocast = bfloat16_is_fast("cpu")
    films = [engine.run([Segment(exams.drift_story("full", FIRST_STORY + i, 1).shots[0].prompt, chunks=max(args.after) + 1)], seed=i).unflatten(0, (-1, 3)) for i in range(args.stories)]
    around = torch.ones(films[0].shape[-1], dtype=torch.bool)
    around[MIDDLE] = False
    print(f"`{args.name}`, {args.stories} shots, {len(args.steps)} steps\n\n| chunks | scenery differs by | characters differ by | contrast of scenery | of characters |\n|---|---|---|---|---|")
    for count in args.after:
        # The first latent frame of a film shows one frame, not four.
        pairs = [[(film[count, 1:][..., where], film[0, 1:][..., where]) for film in films] for where in (around, ~around)]
        away = [[float((a - b).square().mean().sqrt()) for a, b in rows] for rows in pairs]
        contrast = [[float(a.std() / b.std()) for a, b in rows] for rows in pairs]
        print(f"| {count} | " + " | ".join(interval(values) for values in away + contrast) + " |")


if __name__ == "__main__":
    main()
