"""Stage 1d: the decoder at a larger output than the frame, from the latents that there are.

python3 training/train_decoder.py --minutes 60
python3 training/train_decoder.py --minutes 0      # measures only

The encoder, and so the latents and the generator, stay as they are: stories are drawn twice as large, what is
encoded is their average down to the frame, and the decoder is to draw them as large as they were. It begins with
the weights of the autoencoder's own decoder and draws what that one drew. Resumes from training/runs/decoder.pt.
"""
import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from throughline.autoencoder import Autoencoder, Decoder, group_frames
from throughline.config import animatic
from throughline.optim import make_optimisers, set_rate
from throughline.precision import mixed_precision
from throughline.world import CURRICULA, draw_story, make_story

RUNS = Path(__file__).parent / "runs"
FIRST_STORY, HELD_OUT = 60_000, 340_500  # seeds
SCALE = 2
COLUMNS = 12  # latent columns of a crop; all rows are in it
LATENTS = 3  # latent frames of a crop that count; one more comes before them, where the film has one
CHUNKS = 3  # of a story that is drawn
IN_BOX, MOVING, EDGE = 1.5, 1.0, 2.0  # what being in a character's box, near something that moves, or on an edge adds to a pixel's weight of one
SLOPES = 1.5  # weight of the difference of slopes, by which lines are lines
AVERAGE = 0.99  # of the weights, a step


def drawn(encoder: Autoencoder, seed: int, world: str):
    """(latents [T, 16, h, w], frames [4T-3, H, W, 3] uint8 at output size, boxes) of a story."""
    frames, boxes = draw_story(make_story(seed, CURRICULA[world], CHUNKS), SCALE)
    clip = F.avg_pool2d(torch.from_numpy(frames).permute(0, 3, 1, 2).float() / 255, SCALE)[None]
    with torch.no_grad(), mixed_precision("cpu"):
        latents = encoder(group_frames(clip))[0].float()
    return latents, frames, boxes


def crops(pool, batch: int, rng: random.Random):
    """Latents [B, L, 16, h, COLUMNS], frames [B, 4L, 3, H, W] in 0..1 and weights [B, 4L, 1, H, W], 0 where what is outside the crop would show."""
    latents, clips, weights = [], [], []
    for _ in range(batch):
        z, frames, boxes = rng.choice(pool)
        start, size = rng.randrange(len(z) - LATENTS), 8 * SCALE
        last = z.shape[-1] - COLUMNS
        box = rng.choice([b for b in boxes[min(len(boxes) - 1, 4 * start + 6)] if b[2] > b[0]] or [np.array([0, 0, 160, 96])])
        middle = round((box[0] + box[2]) / 16 - COLUMNS / 2)
        left = min(last, max(0, middle + rng.randint(-2, 2))) if rng.random() < 0.7 else rng.randint(0, last)
        latents.append(z[start:start + LATENTS + 1, :, :, left:left + COLUMNS])
        # Latent frame 0 shows frame 0 four times, of which a stream keeps the last.
        when = [max(0, 4 * t - 3 + k) for t in range(start, start + LATENTS + 1) for k in range(4)]
        clips.append(frames[when, :, left * size:(left + COLUMNS) * size])
        weight = np.ones((len(when), frames.shape[1], COLUMNS * size), np.float32)
        for k, frame in enumerate(when):
            for x0, y0, x1, y1 in boxes[frame] * SCALE:
                weight[k, y0:y1, max(0, x0 + 8 * SCALE - left * size):max(0, x1 - 8 * SCALE - left * size)] = 1 + IN_BOX
        seen = np.ones((len(when), 1, COLUMNS * size), np.float32)
        seen[:4 if start else 3] = 0
        seen[:, :, :size if left else 0] = 0
        seen[:, :, COLUMNS * size - (size if left < last else 0):] = 0
        weights.append((weight, seen))
    clip = torch.from_numpy(np.stack(clips)).permute(0, 1, 4, 2, 3).float() / 255
    weight, seen = (torch.from_numpy(np.stack(part))[:, :, None] for part in zip(*weights))
    return torch.stack(latents), clip, (weight + MOVING * near_motion(clip) + EDGE * edges(clip)) * seen


def near_motion(clip):
    """1 within four pixels of what differs from the frame before, else 0; [B, T, 3, h, w] -> [B, T, 1, h, w]."""
    moved = F.pad(((clip[:, 1:] - clip[:, :-1]).abs().amax(2, keepdim=True) > 0.06).float(), (0, 0, 0, 0, 0, 0, 1, 0))
    return F.max_pool2d(moved.flatten(0, 1), 9, 1, 4).unflatten(0, moved.shape[:2])


def edges(clip):
    """1 within a pixel of an edge, else 0; [B, T, 3, h, w] -> [B, T, 1, h, w]."""
    flat = clip.flatten(0, 1)
    spread = F.max_pool2d(flat, 3, 1, 1) + F.max_pool2d(-flat, 3, 1, 1)
    return (spread.amax(1, keepdim=True) > 0.12).float().unflatten(0, clip.shape[:2])


def loss_of(out, clip, weight):
    diff = out - clip
    total = weight.sum().clamp_min(1.0)
    flat = (weight * (diff.abs() + 6 * diff.square())).sum() / total
    gx = ((diff[..., 1:] - diff[..., :-1]).abs() * torch.minimum(weight[..., 1:], weight[..., :-1])).sum() / total
    gy = ((diff[..., 1:, :] - diff[..., :-1, :]).abs() * weight[..., 1:, :]).sum() / total
    return flat + SLOPES * (gx + gy)


@torch.no_grad()
def measured(decoder: Decoder, stories) -> dict[str, float]:
    """Of held-out stories: PSNR in dB of whole pictures, of characters' boxes and of what lies on edges; and how steep edges are, as a share of the truth's."""
    squares: dict[str, list[float]] = {"whole": [], "characters": [], "edges": []}
    steep, true = 0.0, 0.0
    for latents, frames, boxes in stories:
        clip = torch.from_numpy(frames).permute(0, 3, 1, 2)[None].float() / 255
        with mixed_precision("cpu"):
            out = decoder(latents[None])[:, 3:].float()
        if out.shape[-1] < clip.shape[-1]:  # a decoder of scale 1 is enlarged as a player would
            out = F.interpolate(out[0], scale_factor=SCALE, mode="bicubic", align_corners=False)[None]
        out = out.clamp(0, 1)
        error, line = (out - clip).square().mean(2)[0], edges(clip)[0, :, 0] > 0
        squares["whole"].append(error.mean().item())
        squares["edges"].append(error[line].mean().item())
        squares["characters"].append(np.mean([error[k, y0:y1, x0:x1].mean().item() for k, here in enumerate(boxes * SCALE) for x0, y0, x1, y1 in here if x1 > x0 and y1 > y0]))
        slope, true_slope = ((x[..., :, 1:] - x[..., :, :-1]).abs().mean(2)[0][:, :, :][line[..., 1:]].mean().item() for x in (out, clip))
        steep, true = steep + slope, true + true_slope
    return {name: round(float(-10 * np.log10(np.mean(values))), 2) for name, values in squares.items()} | {"steepness": round(steep / true, 3)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--stories", type=int, default=48, help="stories at hand; one of them is drawn anew every few steps")
    parser.add_argument("--renew", type=int, default=12, help="every so many steps a story is drawn anew")
    parser.add_argument("--worlds", nargs="+", choices=[name for name, cur in CURRICULA.items() if cur.painted], default=["full", "everyday"])
    parser.add_argument("--autoencoder", default="autoencoder", help="name of the checkpoint that encodes, and with whose decoder this one begins")
    parser.add_argument("--name", default="decoder")
    parser.add_argument("--noise", type=float, default=0.2, help="largest noise on the latent, in its standard deviations")
    parser.add_argument("--muon-lr", type=float, default=0.008)
    parser.add_argument("--adam-lr", type=float, default=2e-3)
    parser.add_argument("--hold", type=float, default=0.4, help="share of the time at full learning rate")
    args = parser.parse_args()
    widths = animatic()["decoder"]["widths"]
    source = torch.load(RUNS / f"{args.autoencoder}.pt", map_location="cpu")
    encoder = Autoencoder(widths)
    encoder.take(source)
    encoder = encoder.to(memory_format=torch.channels_last).frozen()
    decoder, step, path = Decoder(widths, SCALE).to(memory_format=torch.channels_last), 0, RUNS / f"{args.name}.pt"
    decoder.take(source["decoder"])
    if path.exists():
        state = torch.load(path, map_location="cpu")
        decoder.take(state["decoder"])
        step = state["step"]
    average = {name: value.clone() for name, value in decoder.state_dict().items()}
    torch.manual_seed(step)
    rng, start_step = random.Random(step), step
    held_out = [drawn(encoder, HELD_OUT + i, args.worlds[0]) for i in range(4)]
    print("enlarged:", measured(encoder.decoder, held_out), "\nthis one:", measured(decoder, held_out), flush=True)
    if args.minutes == 0:
        return
    ends = ("decoder.1.weight", "decoder.23.weight")
    optimisers = make_optimisers(decoder.named_parameters(), lambda n, p: p.ndim == 4 and n not in ends, muon_lr=args.muon_lr, adam_lr=args.adam_lr)
    pool, next_seed = [], FIRST_STORY + 7919 * step
    began, log, mean, usual = time.time(), (RUNS / f"{args.name}.jsonl").open("a"), 0.0, float("inf")

    def save():
        torch.save({"decoder": average, "step": step}, path)

    while (progress := (time.time() - began) / (60 * args.minutes)) < 1:
        if len(pool) < 8 or step % args.renew == 0 or len(pool) < args.stories and step % 3 == 0:
            one = drawn(encoder, next_seed, args.worlds[next_seed % len(args.worlds)])
            next_seed += 1
            if len(pool) < args.stories:
                pool.append(one)
            else:
                pool[rng.randrange(len(pool))] = one
            if len(pool) < 8:
                continue
        set_rate(optimisers, progress, step - start_step, hold=args.hold)
        latent, clip, weight = crops(pool, args.batch, rng)
        noise = torch.rand(latent.shape[0], 1, 1, 1, 1) * args.noise
        with mixed_precision("cpu"):
            out = decoder(latent + noise * torch.randn_like(latent))
        loss = loss_of(out.float(), clip, weight)
        loss.backward()
        size = torch.nn.utils.clip_grad_norm_(decoder.parameters(), usual).item()  # a single hard batch would steer Muon's momentum for many steps
        usual = size if usual == float("inf") else usual + 0.05 * (min(size, 2 * usual) - usual)
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        step += 1
        for name, value in decoder.state_dict().items():
            average[name].lerp_(value, max(1 - AVERAGE, 1 / (step - start_step + 1)))
        mean += (loss.item() - mean) * max(0.02, 1 / (step - start_step))
        if (step - start_step) % 25 == 0:
            row = {"step": step, "minutes": round((time.time() - began) / 60, 2), "loss": round(mean, 5)}
            if (step - start_step) % 200 == 0:
                now = Decoder(widths, SCALE).to(memory_format=torch.channels_last)
                now.load_state_dict(average)
                row |= measured(now, held_out)
                save()
            print(row, flush=True)
            log.write(json.dumps(row) + "\n")
            log.flush()
    save()
    decoder.load_state_dict(average)
    print("this one:", measured(decoder, held_out))


if __name__ == "__main__":
    main()
