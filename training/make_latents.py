"""Stage 2a: draws stories and stores their latents as shards that the trainer picks up.

python3 training/make_latents.py --shards 6 --stories 250
python3 training/make_latents.py --shards 2 --stories 100 --chunks 8 --take 4 --seed 1100000     # long shots
python3 training/make_latents.py --shards 8 --stories 750 --clips     # first chunks alone, everything said: what --clips of the trainer draws from
"""
import argparse
import dataclasses
from pathlib import Path

import numpy as np
import torch

from throughline.autoencoder import Autoencoder, group_frames
from throughline.vocabulary import tokenizer_json
from throughline.config import animatic
from throughline.labels import SHARD_FORMAT, label_row
from throughline.precision import mixed_precision
from throughline.staging import CLIP_PLANS, ONWARD_PLANS
from throughline.story import Story
from throughline.text import Tokenizer
from throughline.world import CURRICULA, draw_story, make_story, zooms

RUNS = Path(__file__).parent / "runs"
REACH = 6  # pixels at the left and right of a character's box that no hand reaches (a waving one comes to within 8)


def token_shares(boxes: np.ndarray, zooms: list[float], rows: int, columns: int) -> np.ndarray:
    """Share of every token [T, characters, rows*columns] that lies inside each character's box, its empty margin left out, a raised hand not."""
    last = np.concatenate([boxes[:1], boxes[4::4]])  # the last pixel frame of every latent frame
    scale = np.concatenate([zooms[:1], zooms[4::4]])
    out = np.zeros((len(last), boxes.shape[1], rows, columns), np.float32)
    for t, (here, zoom) in enumerate(zip(last, scale)):
        for who, (x0, y0, x1, y1) in enumerate(here):
            inside = np.zeros((rows * 16, columns * 16), np.float32)
            inside[y0 + round(8 * zoom):y1, x0 + round(REACH * zoom):max(0, x1 - round(REACH * zoom))] = 1
            out[t, who] = inside.reshape(rows, 16, columns, 16).mean((1, 3))
    return out.reshape(len(last), boxes.shape[1], -1)


@torch.no_grad()
def encode_story(encoder, tokenizer, story) -> dict:
    """A story as the trainer wants it; latents [T, 16, h, w] fp16, `insides` [T, characters, tokens] and `figures` each character's box and labels."""
    frames, boxes = draw_story(story)
    clip = torch.from_numpy(frames).permute(0, 3, 1, 2)[None].float() / 255
    device = next(encoder.parameters()).device
    with mixed_precision(device.type):
        latents = encoder(group_frames(clip.to(device)))[0].cpu()
    truths = [story.truth(c) for c in range(len(story.chunk_shot))]
    insides = token_shares(boxes, zooms(story), 6, 10)
    return {
        "format": SHARD_FORMAT, "seed": story.seed, "latents": latents.half(),
        "insides": torch.from_numpy(insides).half(),
        "chunk_shot": story.chunk_shot, "continues": [s.transition == "continue" for s in story.shots], "fresh": [s.fresh for s in story.shots],
        "texts": [s.prompt for s in story.shots], "prompts": [tokenizer(s.prompt) for s in story.shots],
        "place_id": [t["place_id"] for t in truths],
        "who_ids": [[f["who_id"] for f in t["figures"]] for t in truths],
        "figures": [[label_row({**t, **f}) for f in t["figures"]] for t in truths],
    }


def long_takes(story: Story, chunks: int) -> Story:
    """The first shots of a story, each `chunks` long: what keeps long shots from drifting is learned on them."""
    count = len(story.chunk_shot) // chunks
    story.shots, story.chunk_shot = story.shots[:count], [shot for shot in range(count) for _ in range(chunks)]
    for shot in story.shots:
        shot.chunks = chunks
    return story


def load_encoder(name: str) -> Autoencoder:
    """Encodes as training/runs/<name>.pt does."""
    return Autoencoder.of(torch.load(RUNS / f"{name}.pt", map_location="cpu")).to(memory_format=torch.channels_last).frozen()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shards", type=int, default=6)
    parser.add_argument("--stories", type=int, default=250)
    parser.add_argument("--chunks", type=int, default=6)
    parser.add_argument("--world", choices=CURRICULA, default="full")
    parser.add_argument("--autoencoder", default="autoencoder", help="name of its checkpoint in training/runs")
    parser.add_argument("--clips", action="store_true", help="first chunks alone")
    parser.add_argument("--take", type=int, default=0, help="chunks of every shot, all of them with a still camera; default: one, now and then two")
    parser.add_argument("--onward", action="store_true", help="stories of shots that others go on with, about somebody else than the first frame shows")
    parser.add_argument("--seed", type=int, default=1_000_000)
    args = parser.parse_args()
    if (args.clips or args.onward) and not CURRICULA[args.world].painted:
        parser.error("--clips and --onward need a painted world: second, third, full, hard or moving")
    if args.clips + args.onward + bool(args.take) > 1:
        parser.error("--clips, --onward and --take are three kinds of stories: name one of them")
    encoder, config = load_encoder(args.autoencoder).to("cuda" if torch.cuda.is_available() else "cpu"), animatic()
    tokenizer = Tokenizer.of(tokenizer_json(), config["text"])
    folder = RUNS / ("clips" if args.clips else "latents")
    folder.mkdir(parents=True, exist_ok=True)
    for shard in range(args.shards):
        first = args.seed + shard * args.stories
        path = folder / f"{args.world}-{first}-{args.stories}.pt"
        if path.exists():
            continue
        cur = dataclasses.replace(CURRICULA[args.world], camera_share=0) if args.take else CURRICULA[args.world]
        plans: list[str | None] = [None] * args.stories
        if args.clips:
            plans = [CLIP_PLANS[bool(cur.pair_share) and (first + i) % 3 == 0] for i in range(args.stories)]
        elif args.onward:
            plans = [ONWARD_PLANS[(first + i) % len(ONWARD_PLANS)] for i in range(args.stories)]
        drawn = [make_story(first + i, cur, 1 if args.clips else args.chunks, plan) for i, plan in enumerate(plans)]
        stories = [encode_story(encoder, tokenizer, long_takes(story, args.take) if args.take else story) for story in drawn]
        torch.save(stories, path.with_suffix(".part"))
        path.with_suffix(".part").rename(path)
        print(path.name, flush=True)


if __name__ == "__main__":
    main()
