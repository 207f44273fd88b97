"""Draws a contact sheet of random frames of the world.

python3 training/world_sheet.py --out docs/training/world.png [--world full --rows 10 --columns 10 --prompts]
"""
import argparse
import random
from pathlib import Path

import numpy as np
from PIL import Image

from throughline.world import CURRICULA, draw_story, make_story

GAP = 2  # pixels between frames


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default="docs/training/world.png")
    parser.add_argument("--world", choices=CURRICULA, default="full")
    parser.add_argument("--rows", type=int, default=10)
    parser.add_argument("--columns", type=int, default=10)
    parser.add_argument("--seed", type=int, default=4_000_000)
    parser.add_argument("--prompts", action="store_true", help="print the prompt of every frame")
    args = parser.parse_args()
    sheet = Image.new("RGB", (args.columns * (160 + GAP) + GAP, args.rows * (96 + GAP) + GAP), (24, 24, 30))
    for index in range(args.rows * args.columns):
        rng = random.Random(args.seed + index)
        story = make_story(args.seed + index, CURRICULA[args.world], chunks=3)
        frames, _ = draw_story(story)
        frame = rng.randrange(len(frames))
        if args.prompts:
            print(story.shots[story.chunk_shot[(frame + 3) // 12]].prompt)
        corner = GAP + (index % args.columns) * (160 + GAP), GAP + (index // args.columns) * (96 + GAP)
        sheet.paste(Image.fromarray(np.ascontiguousarray(frames[frame])), corner)
    Path(args.out).parent.mkdir(parents=True, exist_ok=True)
    # 256 colours keep the file small and do not show.
    sheet.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(args.out, optimize=True)


if __name__ == "__main__":
    main()
