"""Stage 1: the autoencoder, on crops.

python3 training/train_autoencoder.py --minutes 25
python3 training/train_autoencoder.py --minutes 10 --only decoder
python3 training/train_autoencoder.py --minutes 24 --world hard --noise 0.15 --anchor 0.2
Resumes from training/runs/autoencoder.pt; the learning rate follows the time budget.
"""
import argparse
import json
import multiprocessing
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from throughline.autoencoder import Autoencoder, group_frames
from throughline.config import animatic
from throughline.optim import make_optimisers, set_rate
from throughline.precision import mixed_precision
from throughline.world import CURRICULA, draw_story, make_story

RUNS = Path(__file__).parent / "runs"
FIRST_STORY = 10_000  # seed of the first story that is drawn; a resumed run draws others
ANCHORED = 4  # every so many steps the anchor is looked at, and counts as many times
IN_BOX, MOVING = 1.5, 2.0  # what being in a character's box, or near something that moves, adds to a pixel's weight of one


def drawn(seed: int, world: str):
    """Frames and boxes of a story."""
    return draw_story(make_story(seed, CURRICULA[world]))


def crops(pool, batch: int, latents: int, size: int, rng: random.Random):
    """Clips [B, 4T-3, 3, s, s] in 0..1 and weights [B, 4T-3, 1, s, s], mostly around the character."""
    clips, weights = [], []
    count = 4 * latents - 3
    for _ in range(batch):
        frames, boxes = rng.choice(pool)
        # Offsets of the form 4k keep the groups of four where the stream has them, so that cuts fall between groups.
        start = 4 * rng.randrange((len(frames) - count) // 4 + 1)
        box = rng.choice([b for b in boxes[start + count // 2] if b[2] > b[0]] or [np.array([0, 0, 160, 96])])
        if rng.random() < 0.7:
            x = int(np.clip((box[0] + box[2]) // 2 - size // 2 + rng.randint(-24, 24), 0, 160 - size))
            y = 96 - size if rng.random() < 0.7 else rng.randint(0, 96 - size)
        else:
            x, y = rng.randint(0, 160 - size), rng.randint(0, 96 - size)
        clips.append(frames[start:start + count, y:y + size, x:x + size])
        weight = np.ones((count, size, size), np.float32)
        for k, here in enumerate(boxes[start:start + count]):
            for x0, y0, x1, y1 in here:
                weight[k, max(0, y0 - y):max(0, y1 - y), max(0, x0 + 8 - x):max(0, x1 - 8 - x)] = 1 + IN_BOX
        weights.append(weight)
    clip = torch.from_numpy(np.stack(clips)).permute(0, 1, 4, 2, 3).float() / 255
    return clip, torch.from_numpy(np.stack(weights))[:, :, None] + MOVING * near_motion(clip)


def near_motion(clip):
    """1 within two pixels of what differs from the frame before or after, else 0; clip [B, T, 3, h, w] -> [B, T, 1, h, w]."""
    moved = ((clip[:, 1:] - clip[:, :-1]).abs().amax(2, keepdim=True) > 0.06).float()
    either = torch.maximum(F.pad(moved, (0, 0, 0, 0, 0, 0, 1, 0)), F.pad(moved, (0, 0, 0, 0, 0, 0, 0, 1)))
    return F.max_pool2d(either.flatten(0, 1), 5, 1, 2).unflatten(0, either.shape[:2])


def loss_of(out, clip, weight):
    diff = out - clip
    flat = (weight * (diff.abs() + 24 * diff.square())).mean()
    gx = (diff[..., 1:] - diff[..., :-1]).abs() * weight[..., 1:]
    gy = (diff[..., 1:, :] - diff[..., :-1, :]).abs() * weight[..., 1:, :]
    return flat + gx.mean() + gy.mean()


@torch.no_grad()
def psnr(model, stories):
    """Held-out PSNR in dB, latents as they are trained: (whole frame, character boxes)."""
    model = model.frozen()
    whole, inside = [], []
    device = next(model.parameters()).device
    for frames, boxes in stories:
        clip = torch.from_numpy(frames).to(device).permute(0, 3, 1, 2)[None].float() / 255
        with mixed_precision(device.type):
            out = model.framed(model.decoder(model(group_frames(clip)))[:, 3:].float()).clamp(0, 1)
        error = (out - clip).square().mean(2)[0]
        whole.append(error.mean().item())
        inside.append(np.mean([error[k, b[1]:b[3], b[0]:b[2]].mean().item() for k, here in enumerate(boxes) for b in here if b[2] > b[0]]))
    return [-10 * np.log10(np.mean(v)) for v in (whole, inside)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--stories", type=int, default=500)
    parser.add_argument("--device", help="default: cuda where there is one, else cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--name", default="autoencoder")
    parser.add_argument("--noise", type=float, default=0.25, help="largest noise on the latent, in its standard deviations")
    parser.add_argument("--world", choices=CURRICULA, default="full")
    parser.add_argument("--anchor", type=float, default=0, help="weight of staying near the latents of the checkpoint it starts from, so that a trained generator has little to learn anew")
    parser.add_argument("--rate", type=float, default=1.0, help="learning rates, as a share of those of a run from nothing; what the checkpoint lacks has all of them")
    parser.add_argument("--hold", type=float, default=0.4, help="share of the time at full learning rate")
    parser.add_argument("--only", choices=("decoder", "latents"), help="what alone is trained: the decoder, by which latents hardly change, or what makes latents (encoder and corrector)")
    args = parser.parse_args()
    device = torch.device(args.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    torch.manual_seed(args.seed)
    RUNS.mkdir(exist_ok=True)
    path = RUNS / f"{args.name}.pt"
    fresh: tuple[str, ...] = ()
    model, step = Autoencoder(animatic()["decoder"]["widths"]), 0
    if path.exists():
        state = torch.load(path, map_location="cpu")
        model = Autoencoder.of(state) if args.only == "latents" else model  # a decoder that draws larger is trained by train_decoder.py
        model.take(state)
        step, fresh = state["step"], tuple(part for part in model.state() if part not in state)
    model = model.to(device, memory_format=torch.channels_last)
    torch.manual_seed(args.seed + step)
    rng = random.Random(args.seed + step)
    anchor = model.frozen()
    for part in {"decoder": (model.encoder, model.corrector), "latents": (model.decoder,)}.get(args.only, ()):
        part.requires_grad_(False).eval()

    first_last = ("encoder.frame1.weight", "encoder.pixels.weight", "encoder.out.weight", "corrector.pixels.weight", "corrector.latent.weight", "corrector.out.weight",
                  "decoder.decoder.1.weight", "decoder.decoder.22.weight")
    optimisers = make_optimisers(model.named_parameters(), lambda n, p: p.ndim == 4 and n not in first_last, muon_lr=0.01, adam_lr=2e-3,
                                 gain=lambda name: 1.0 if name.startswith(fresh) else args.rate)

    world = CURRICULA[args.world]
    with multiprocessing.Pool() as workers:
        pool = workers.starmap(drawn, [(FIRST_STORY + 7919 * step + i, args.world) for i in range(args.stories)])
    held_out = [draw_story(make_story(i, world, chunks=3)) for i in range(6)]
    began, log, mean, drift, usual = time.time(), (RUNS / f"{args.name}.jsonl").open("a"), 0.0, 0.0, float("inf")
    start_step = step
    while (progress := (time.time() - began) / (60 * args.minutes)) < 1:
        set_rate(optimisers, progress, step - start_step, hold=args.hold)
        clip, weight = (x.to(device) for x in crops(pool, args.batch, rng.choice((2, 3, 3, 4)), 64, rng))
        # Weights that autocast converted without gradients, for the second look, must not be kept for the pass that needs them.
        with mixed_precision(device.type, cache=False):
            with torch.set_grad_enabled(args.only != "decoder"):
                latent = model(group_frames(clip))
            noise = torch.rand(latent.shape[0], 1, 1, 1, 1, device=device) * args.noise
            out = model.decoder(latent + noise * torch.randn_like(latent))[:, 3:]
        loss = loss_of(model.framed(out.float()), clip, weight)
        if args.anchor and step % ANCHORED == 0:
            with torch.no_grad(), mixed_precision(device.type):
                before = anchor(group_frames(clip))
            moved = (latent.float() - before.float()).square().mean()
            loss, drift = loss + ANCHORED * args.anchor * moved, drift + 0.06 * (moved.item() - drift)
        loss.backward()
        # A single hard batch would steer Muon's momentum for many steps.
        size = torch.nn.utils.clip_grad_norm_(model.parameters(), usual).item()
        usual = size if usual == float("inf") else usual + 0.05 * (min(size, 2 * usual) - usual)
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        step += 1
        mean += (loss.item() - mean) * max(0.02, 1 / (step - start_step))
        if step % 100 == 0:
            row = {"step": step, "minutes": round((time.time() - began) / 60, 2), "loss": round(mean, 5)} | ({"moved": round(drift, 4)} if args.anchor else {})
            if step % 500 == 0:
                row["psnr"], row["psnr_character"] = (round(float(v), 2) for v in psnr(model, held_out))
                torch.save(model.state() | {"step": step}, path)
            print(row, flush=True)
            log.write(json.dumps(row) + "\n")
            log.flush()
    torch.save(model.state() | {"step": step}, path)
    print("held-out PSNR (whole, character):", psnr(model, held_out))


if __name__ == "__main__":
    main()
