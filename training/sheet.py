"""Draws a sheet of generated stories: one row a story and policy, two columns a chunk.

python3 training/sheet.py --model resources/models/animatic --out sheet.png [--policies nam window] [--sampler euler --steps 1000 750 450 150]
"""
import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from throughline.config import NominalSteps
from throughline.inference import Engine, Segment
from throughline.precision import bfloat16_is_fast
from throughline.world import CURRICULA, make_story

PLANS = ("A0 B0 A0", "A0 B1 B1+ A0", "A0 B0 C0 B0")


def segments_of(story) -> list[Segment]:
    return [Segment(s.prompt, s.transition, s.chunks) for s in story.shots]


def strip(frames: torch.Tensor, chunks: int, per_chunk: int = 2) -> np.ndarray:
    """Some frames of every chunk side by side, [H, W*n, 3] uint8."""
    picked = []
    for chunk in range(chunks):
        first = 0 if chunk == 0 else 9 + 12 * (chunk - 1)
        length = 9 if chunk == 0 else 12
        picked += [frames[first + round((k + 0.5) * length / per_chunk)] for k in range(per_chunk)]
    return (torch.cat(picked, 2).permute(1, 2, 0).numpy() * 255).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="resources/models/animatic")
    parser.add_argument("--out", default="training/runs/sheet.png")
    parser.add_argument("--policies", nargs="+", default=["nam+sma", "window"])
    parser.add_argument("--stories", type=int, default=3)
    parser.add_argument("--chunks", type=int, default=4)
    parser.add_argument("--seed", type=int, default=500)
    parser.add_argument("--world", choices=CURRICULA, default="full")
    parser.add_argument("--sampler", choices=("renoise", "euler"))
    parser.add_argument("--steps", nargs="+", type=int, action=NominalSteps, help="nominal steps, of 1000")
    args = parser.parse_args()
    engine = Engine(args.model)
    engine.autocast = bfloat16_is_fast("cpu")
    if args.sampler:
        engine.config["sampler"]["kind"] = args.sampler
    if args.steps:
        engine.config["sampler"]["steps"] = args.steps
    rows = []
    for i in range(args.stories):
        story = make_story(args.seed + i, CURRICULA[args.world], args.chunks, PLANS[i % len(PLANS)])
        print("; ".join(f"[{s.transition}] {s.prompt}" for s in story.shots))
        for policy in args.policies:
            engine.memory["policy"] = policy
            rows.append(strip(engine.decode(engine.run(segments_of(story), seed=i)), args.chunks))
    Path(args.out).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(rows)).save(args.out)


if __name__ == "__main__":
    main()
