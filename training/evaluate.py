"""Measures the model and prints a Markdown table; held-out seeds; about four minutes on two free cores.

python3 training/evaluate.py --model resources/models/animatic --out docs/training/evaluation.md
"""
import argparse
import random
from pathlib import Path

import numpy as np
import torch

from make_latents import load_encoder
from throughline import captions
from throughline.autoencoder import group_frames
from throughline.dit import CausalDiT
from throughline.inference import Engine, Segment
from throughline.places import draw_place, layout
from throughline.probe import Probe, centred
from throughline.text import TextEncoder
from throughline.world import FIRST, draw_story, make_story
from train_autoencoder import psnr

RETURN_PLAN = "C0 A0 B0 A0"  # the place returned to is not the story's first, which the sink would hold
POLICIES = ("window", "sink", "nam", "nam+sma")


def interval(values, rng=np.random.default_rng(0)) -> str:
    """Mean and 95 % bootstrap interval."""
    values = np.asarray(values, float)
    means = rng.choice(values, (2000, len(values))).mean(1)
    return f"{values.mean():.3f} ({np.quantile(means, 0.025):.3f} to {np.quantile(means, 0.975):.3f})"


def background(frames: torch.Tensor) -> torch.Tensor:
    """Mean picture of some frames without the middle, where the character is; [3, 96, 96]."""
    mean = frames.mean(0)
    return torch.cat([mean[:, :, :48], mean[:, :, 112:]], 2)


def as_video(frames: np.ndarray) -> torch.Tensor:
    """[F, H, W, 3] uint8 -> [F, 3, H, W] in 0..1."""
    return torch.from_numpy(np.array(frames)).permute(0, 3, 1, 2).float() / 255


def chunk_frames(video: torch.Tensor, chunk: int) -> torch.Tensor:
    last = 9 + 12 * chunk
    return video[last - 8:last]


def return_story(seed: int):
    """A story with a return, prompts rewritten for centred characters; the return leaves the layout and often the colour unsaid."""
    story = centred(make_story(seed, FIRST, chunks=8, plan=RETURN_PLAN))
    rng = random.Random(seed)
    del story.shots[4:]
    story.chunk_shot = [0, 1, 2, 3]
    for shot in story.shots:
        shot.chunks = 1
    for i, shot in enumerate(story.shots):
        seen = any(s.place_id == shot.place_id for s in story.shots[:i])
        shot.prompt = captions.caption(rng, story.places[shot.place_id], story.people[shot.figures[0].who_id], shot.figures[0], seen, i > 0, False)
    return story


def returns(engine: Engine, probe: Probe, seeds) -> list[str]:
    """Leave-and-return distances per policy, and what the probe sees."""
    stories = [return_story(seed) for seed in seeds]
    real: dict[str, list[float]] = {"same": [], "other": []}
    for story in stories:
        video = as_video(draw_story(story)[0])
        real["same"].append((background(chunk_frames(video, 3)) - background(chunk_frames(video, 1))).abs().mean().item())
        place = story.places[story.shots[1].place_id]
        pair = [place["layout"], layout(place["place"], random.Random(story.seed))]
        looks = [background(as_video(np.asarray(draw_place(lay, place["time"]))[None])) for lay in pair]
        real["other"].append((looks[0] - looks[1]).abs().mean().item())
    rows = [f"| background change on return: drawn world, same place | {interval(real['same'])} |",
            f"| background change: drawn world, another place of that kind | {interval(real['other'])} |"]
    for policy in POLICIES:
        engine.memory["policy"] = policy
        change, seen = [], {"place": [], "species": [], "colour": []}
        for story in stories:
            video = engine.decode(engine.run([Segment(s.prompt, s.transition, s.chunks) for s in story.shots], seed=story.seed))
            change.append((background(chunk_frames(video, 3)) - background(chunk_frames(video, 1))).abs().mean().item())
            frames = torch.stack([chunk_frames(video, c)[5] for c in range(4)])
            for key, hit in probe.hits(frames, [story.truth(c) for c in range(4)]).items():
                seen[key] += hit
        rows.append(f"| background change on return: `{policy}` ({len(stories)} stories) | {interval(change)} |")
        if policy in ("window", "nam+sma"):
            rows += [f"| probe names the {key}: `{policy}` | {interval(hit)} |" for key, hit in seen.items()]
    return rows


def retrieval(engine: Engine, encoder, seeds) -> tuple[list[float], float]:
    """Precision@1 per layer with drawn (not generated) histories, and the chance level."""
    hits, chance = [[] for _ in range(engine.layers)], []
    engine.memory["policy"] = "nam"
    for seed in seeds:
        story = make_story(seed, FIRST, chunks=8, plan="A0 B0 C1 B0 C1 B0")
        with torch.no_grad():
            latents = encoder(group_frames(as_video(draw_story(story)[0])[None]))[0]
        given = list(latents.unflatten(0, (8, 3)))
        records: list[dict] = []
        engine.run([Segment(s.prompt, s.transition, s.chunks) for s in story.shots], given=given, trace=records)
        for chunk, record in enumerate(records):
            now = story.truth(chunk)
            candidates = [story.truth(frame // 3) for frame in record["candidates"]]
            good = [c["place_id"] == now["place_id"] or c["who_id"] == now["who_id"] for c in candidates]
            if not any(good) or all(good):
                continue
            chance.append(np.mean(good))
            for layer, scores in enumerate(record["scores"]):
                hits[layer].append(good[int(scores.argmax())])
    return [float(np.mean(h)) for h in hits], float(np.mean(chance))


def drift(engine: Engine, seeds, chunks: int = 10) -> list[float]:
    """Background change between chunk 1 and the last of one long continued shot."""
    engine.memory["policy"], out = "nam+sma", []
    for seed in seeds:
        story = return_story(seed)
        video = engine.decode(engine.run([Segment(story.shots[0].prompt, "cut", chunks)], seed=seed))
        out.append((background(chunk_frames(video, chunks - 1)) - background(chunk_frames(video, 1))).abs().mean().item())
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="resources/models/animatic")
    parser.add_argument("--out")
    parser.add_argument("--stories", type=int, default=16)
    args = parser.parse_args()
    engine, encoder, probe = Engine(args.model), load_encoder(), Probe()
    engine.autocast = True
    rows = ["| measure | value |", "|---|---|"]
    whole, figure = psnr(encoder, engine.decoder, [draw_story(make_story(seed, FIRST, chunks=3)) for seed in range(100, 112)])
    encoder.eval()
    rows.append(f"| autoencoder PSNR, whole frame / character box (dB) | {whole:.1f} / {figure:.1f} |")
    real = probe.fit()
    rows.append("| probe on drawn frames (its ceiling): place / species / colour | " + " / ".join(f"{v:.2f}" for v in real.values()) + " |")
    trained, chance = retrieval(engine, encoder, range(200, 200 + args.stories))
    torch.manual_seed(0)
    fresh = Engine(config=engine.config, modules=(TextEncoder(engine.config["text"]), CausalDiT(engine.config), engine.decoder),
                   tokenizer={"model": {"vocab": engine.tokenizer.vocab}})
    untrained, _ = retrieval(fresh, encoder, range(200, 200 + args.stories))
    rows.append("| retrieval precision@1 by layer, trained | " + " ".join(f"{v:.2f}" for v in trained) + f" (chance {chance:.2f}) |")
    rows.append("| retrieval precision@1 by layer, untrained | " + " ".join(f"{v:.2f}" for v in untrained) + " |")
    rows += returns(engine, probe, range(300, 300 + args.stories))
    rows.append(f"| drift: background change over a shot of 10 chunks | {interval(drift(engine, range(400, 400 + max(1, args.stories // 4))))} |")
    sampler = engine.config["sampler"]
    rows.append(f"| sampler | {sampler['kind']}, {len(sampler['steps'])} steps |")
    text = "\n".join(rows) + "\n"
    print(text)
    if args.out:
        Path(args.out).parent.mkdir(parents=True, exist_ok=True)
        Path(args.out).write_text(text)


if __name__ == "__main__":
    main()
