"""Stage 1d: the decoder at a larger output than the frame, from the latents that there are.

python3 training/train_decoder.py --minutes 30                 # what follows the last MemBlock: quick, and most of the gain
python3 training/train_decoder.py --minutes 60 --part all      # all of it, on crops through time
python3 training/train_decoder.py --minutes 0                  # measures only
python3 training/train_decoder.py --minutes 0 --adopt          # makes it the autoencoder's own, so that export.py takes it

The encoder, and so the latents and the generator, stay as they are: stories are drawn twice as large, what is
encoded is their average down to the frame, and the decoder is to draw them as large as they were. It begins with
the weights of the autoencoder's own decoder and draws what that one drew. Resumes from training/runs/decoder.pt.
"""
import argparse
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from throughline.autoencoder import LAST_STAGE, Autoencoder, Decoder, group_frames
from throughline.checkpoints import with_todays_words
from throughline.config import FEW_STEPS, animatic, sigma_of
from throughline.dit import CHUNK, CausalDiT, softmax_attention
from throughline.optim import make_optimisers, set_rate
from throughline.precision import mixed_precision
from throughline.text import TextEncoder, Tokenizer
from throughline.vocabulary import tokenizer_json
from throughline.world import CURRICULA, draw_story, make_story

RUNS = Path(__file__).parent / "runs"
FIRST_STORY, HELD_OUT = 60_000, 340_500  # seeds
SCALE = 2
COLUMNS = 12  # --part all: latent columns of a crop; all rows are in it
LATENTS = 3  # --part all: latent frames of a crop that count; one more comes before them, where the film has one
CELLS = 32  # --part end: cells of features, of 2 x 2 frame pixels, that a crop is wide and high
AT_BORDER = 12  # --part end: by how many cells a crop may be drawn beyond the picture, and is moved back to its border
CHUNKS = 3  # of a story that is drawn
IN_BOX, MOVING, EDGE = 1.5, 1.0, 2.0  # what being in a character's box, near something that moves, or on an edge adds to a pixel's weight of one
SLOPES = 1.5  # weight of the difference of slopes, by which lines are lines
STEEPEST, AROUND = 1.5, 5  # weight of the difference of the steepest slopes within so many pixels: a line that stands a little beside its place is still a line
AVERAGE = 0.995  # of the weights, a step
KEEP_SEC = 120  # what was learned is kept so often
LEAST = 6  # stories at hand to begin with


@dataclass
class Drawn:
    """A story: latents [T, 16, h, w], frames [4T-3, H, W, 3] uint8 at output size, boxes in frame units."""
    latents: torch.Tensor
    frames: np.ndarray
    boxes: np.ndarray
    features: torch.Tensor | None = None

    def pixels(self, when, top: int, left: int, height: int, width: int) -> np.ndarray:
        return self.frames[when, top:top + height, left:left + width]

    def weight(self, when, top: int, left: int, height: int, width: int) -> np.ndarray:
        """What being in a character's box makes pixels weigh, [frames, height, width]; a box's empty margin left out."""
        out = np.ones((len(when), height, width), np.float32)
        for k, frame in enumerate(when):
            for x0, y0, x1, y1 in self.boxes[frame] * SCALE:
                out[k, max(0, y0 - top):max(0, y1 - top), max(0, x0 + 8 * SCALE - left):max(0, x1 - 8 * SCALE - left)] = 1 + IN_BOX
        return out


class Student:
    """The few-step generator's last step, so that the decoder learns on latents such as it will be given."""

    def __init__(self, name: str):
        config = animatic()
        state = torch.load(RUNS / f"{name}.pt", map_location="cpu")
        weights = with_todays_words(state["average"], state)
        self.text, self.dit, self.tokenizer = TextEncoder(config["text"]), CausalDiT(config), Tokenizer.of(tokenizer_json(), config["text"])
        for part, module in (("text.", self.text), ("dit.", self.dit)):
            module.load_state_dict({k[len(part):]: w for k, w in weights.items() if k.startswith(part)})
        self.sigma, self.start = sigma_of(1000 - FEW_STEPS[-1], config["sampler"]["shift"]), config["memory"]["positions"]["current"]

    @torch.no_grad()
    def ends(self, latents, prompts: list[str]):
        """Latents [chunks * 3, 16, h, w], each chunk as it comes out of the last step under its prompt, by itself."""
        x, count = latents.unflatten(0, (-1, CHUNK)), len(prompts)
        x = (1 - self.sigma) * x + self.sigma * torch.randn_like(x)
        times = (self.start + torch.arange(CHUNK)).expand(count, -1)

        def attend(layer, q, k, v):
            return softmax_attention(self.dit.rope(q, times).flatten(1, 2), self.dit.rope(k, times).flatten(1, 2), v.flatten(1, 2))

        with mixed_precision("cpu"):
            context = self.dit.text_context(self.text(torch.tensor([self.tokenizer(p) for p in prompts])))
            return (x - self.sigma * self.dit(x, torch.full((count, CHUNK), 1000 * self.sigma), context, torch.arange(count), attend).float()).flatten(0, 1)


def drawn(encoder: Autoencoder, seed: int, world: str, student: Student | None = None) -> Drawn:
    story = make_story(seed, CURRICULA[world], CHUNKS)
    frames, boxes = draw_story(story, SCALE)
    clip = F.avg_pool2d(torch.from_numpy(frames).permute(0, 3, 1, 2).float() / 255, SCALE)[None]
    with torch.no_grad(), mixed_precision("cpu"):
        latents = encoder(group_frames(clip))[0].float()
    if student:
        latents = student.ends(latents, [story.shots[shot].plain or story.shots[shot].prompt for shot in story.chunk_shot])
    return Drawn(latents, frames, boxes)


def noisy(latents, most: float):
    """Latents [B, T, ...] with noise of up to `most` of their standard deviation, as a generator's are not quite right either."""
    return latents + torch.rand(latents.shape[0], *[1] * (latents.ndim - 1)) * most * torch.randn_like(latents)


def somebody(story: Drawn, frame: int, rng: random.Random):
    """The middle (x, y), in frame units, of a character that is there, or of the picture."""
    box = rng.choice([b for b in story.boxes[frame] if b[2] > b[0]] or [np.array([0, 0, 160, 96])])
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def tensors(clips, weights, seen=None):
    """Clips [B, T, 3, H, W] in 0..1 and weights [B, T, 1, H, W] of arrays."""
    clip = torch.from_numpy(np.stack(clips)).permute(0, 1, 4, 2, 3).float() / 255
    weight = torch.from_numpy(np.stack(weights))[:, :, None] + EDGE * edges(clip) + (MOVING * near_motion(clip) if clip.shape[1] > 2 else 0)
    return clip, weight if seen is None else weight * torch.from_numpy(np.stack(seen))[:, :, None]


def end_crops(pool: list[Drawn], batch: int, rng: random.Random):
    """Features [B, c, CELLS, CELLS], and the two frames that each is of. Borders that are of the crop, not of the picture, weigh nothing."""
    features, clips, weights, masks, cell = [], [], [], [], 2 * SCALE
    for _ in range(batch):
        story = rng.choice(pool)
        at = rng.randrange(2, len(story.features))  # the first two show what a stream drops
        when, (rows, columns) = [2 * at - 3, 2 * at - 2], story.features.shape[-2:]
        top, left = (min(most - CELLS, max(0, rng.randint(-AT_BORDER, most - CELLS + AT_BORDER))) for most in (rows, columns))
        if rng.random() < 0.65:
            x, y = somebody(story, when[0], rng)
            left, top = (min(most - CELLS, max(0, round(v / 2 - CELLS / 2) + rng.randint(-8, 8))) for v, most in ((x, columns), (y, rows)))
        place = top * cell, left * cell, CELLS * cell, CELLS * cell
        features.append(story.features[at, :, top:top + CELLS, left:left + CELLS])
        clips.append(story.pixels(when, *place))
        weights.append(story.weight(when, *place))
        seen = np.zeros((len(when), CELLS * cell, CELLS * cell), np.float32)
        inner = [6 if start else 0 for start in (top, left)], [CELLS * cell - (6 if start + CELLS < most else 0) for start, most in ((top, rows), (left, columns))]
        seen[:, inner[0][0]:inner[1][0], inner[0][1]:inner[1][1]] = 1
        masks.append(seen)
    return torch.stack(features).float(), *tensors(clips, weights, masks)


def film_crops(pool: list[Drawn], batch: int, rng: random.Random):
    """Latents [B, L, 16, h, COLUMNS], and the frames [B, 4L, 3, H, W] that they are of; what lies at a crop's border, or before it, weighs nothing."""
    latents, clips, weights, masks, size = [], [], [], [], 8 * SCALE
    for _ in range(batch):
        story = rng.choice(pool)
        z, start = story.latents, rng.randrange(len(story.latents) - LATENTS)
        last = z.shape[-1] - COLUMNS
        middle = round(somebody(story, min(len(story.frames) - 1, 4 * start + 6), rng)[0] / 8 - COLUMNS / 2)
        left = min(last, max(0, middle + rng.randint(-2, 2))) if rng.random() < 0.7 else rng.randint(0, last)
        latents.append(z[start:start + LATENTS + 1, :, :, left:left + COLUMNS])
        # Latent frame 0 shows frame 0 four times, of which a stream keeps the last.
        when = [max(0, 4 * t - 3 + k) for t in range(start, start + LATENTS + 1) for k in range(4)]
        place = 0, left * size, story.frames.shape[1], COLUMNS * size
        clips.append(story.pixels(when, *place))
        weights.append(story.weight(when, *place))
        seen = np.ones((len(when), 1, COLUMNS * size), np.float32)
        seen[:4 if start else 3] = 0
        seen[:, :, :size if left else 0] = 0
        seen[:, :, COLUMNS * size - (size if left < last else 0):] = 0
        masks.append(seen)
    return torch.stack(latents), *tensors(clips, weights, masks)


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
    gy = ((diff[..., 1:, :] - diff[..., :-1, :]).abs() * torch.minimum(weight[..., 1:, :], weight[..., :-1, :])).sum() / total
    near = F.max_pool2d(weight.flatten(0, 1), AROUND, 2)[..., :-1, :-1]
    steep = sum((steepest(out, axis) - steepest(clip, axis)).abs()[..., :near.shape[-2], :near.shape[-1]].mean(1, keepdim=True).mul(near).sum() for axis in (-1, -2)) / near.sum().clamp_min(1.0)
    return flat + SLOPES * (gx + gy) + STEEPEST * steep


def steepest(clip, axis: int):
    """The steepest slope along an axis within AROUND pixels, of every other pixel: [B, T, 3, H, W] -> [B * T, 3, ...]."""
    return F.max_pool2d(clip.flatten(0, 1).diff(dim=axis).abs(), AROUND, 2)


@torch.no_grad()
def measured(decoder: Decoder, stories: list[Drawn]) -> dict[str, float]:
    """Of held-out stories: PSNR in dB of whole pictures, of characters' boxes and of what lies on edges; and how steep edges are, as a share of the truth's."""
    squares: dict[str, list[float]] = {"whole": [], "characters": [], "edges": []}
    steep, true = 0.0, 0.0
    for story in stories:
        clip = torch.from_numpy(story.frames).permute(0, 3, 1, 2)[None].float() / 255
        with mixed_precision("cpu"):
            out = decoder(story.latents[None])[:, 3:].float()
        if out.shape[-1] < clip.shape[-1]:  # a decoder of scale 1 is enlarged as a player would
            out = F.interpolate(out[0], scale_factor=SCALE, mode="bicubic", align_corners=False)[None]
        out = out.clamp(0, 1)
        error, line = (out - clip).square().mean(2)[0], edges(clip)[0, :, 0] > 0
        squares["whole"].append(error.mean().item())
        squares["edges"].append(error[line].mean().item())
        squares["characters"].append(np.mean([error[k, y0:y1, x0:x1].mean().item() for k, here in enumerate(story.boxes * SCALE) for x0, y0, x1, y1 in here if x1 > x0 and y1 > y0]))
        slope, true_slope = ((x[..., :, 1:] - x[..., :, :-1]).abs().mean(2)[0][line[..., 1:]].mean().item() for x in (out, clip))
        steep, true = steep + slope, true + true_slope
    return {name: round(float(-10 * np.log10(np.mean(values))), 2) for name, values in squares.items()} | {"steepness": round(steep / true, 3)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30, help="of a processor's time, all threads together")
    parser.add_argument("--part", choices=("end", "all"), default="end", help="what is trained: what follows the last MemBlock, or all")
    parser.add_argument("--batch", type=int, help="crops a step; default 16 of the end, 2 of all")
    parser.add_argument("--stories", type=int, default=48, help="stories at hand")
    parser.add_argument("--renew", type=int, default=25, help="every so many steps a story is drawn anew")
    parser.add_argument("--worlds", nargs="+", choices=[name for name, cur in CURRICULA.items() if cur.painted], default=["full", "everyday"])
    parser.add_argument("--autoencoder", default="autoencoder", help="name of the checkpoint that encodes, and with whose decoder this one begins")
    parser.add_argument("--name", default="decoder")
    parser.add_argument("--student", default="student", help="the few-step generator through whose last step every other story goes")
    parser.add_argument("--noise", type=float, default=0.2, help="largest noise on the latent, in its standard deviations")
    parser.add_argument("--muon-lr", type=float, default=0.005)
    parser.add_argument("--adam-lr", type=float, default=2e-3)
    parser.add_argument("--hold", type=float, default=0.5, help="share of the time at full learning rate")
    parser.add_argument("--adopt", action="store_true", help="at the end, puts it in place of the autoencoder's own decoder")
    args = parser.parse_args()
    widths, batch = animatic()["decoder"]["widths"], args.batch or {"end": 16, "all": 2}[args.part]
    source = torch.load(RUNS / f"{args.autoencoder}.pt", map_location="cpu")
    encoder = Autoencoder.of(source).to(memory_format=torch.channels_last).frozen()
    decoder, step, path = Decoder(widths, SCALE).to(memory_format=torch.channels_last), 0, RUNS / f"{args.name}.pt"
    decoder.take(source["decoder"])
    if path.exists():
        state = torch.load(path, map_location="cpu")
        decoder.take(state["decoder"])
        step = state["step"]
    average = {name: value.clone() for name, value in decoder.state_dict().items()}
    torch.manual_seed(step)
    rng, start_step = random.Random(step), step
    student = Student(args.student)
    held_out, made_held_out = ([drawn(encoder, HELD_OUT + i, args.worlds[0], through) for i in range(4)] for through in (None, student))

    def tell(name: str, one: Decoder):
        print(f"{name}: {measured(one, held_out)}; latents of the student's last step: {measured(one, made_held_out)}", flush=True)

    tell("enlarged", encoder.decoder)
    tell("this one", decoder)
    if args.part == "end":
        decoder.decoder[:LAST_STAGE].requires_grad_(False)
    ends = ("decoder.1.weight", "decoder.23.weight")
    optimisers = make_optimisers(decoder.named_parameters(), lambda n, p: p.ndim == 4 and n not in ends, muon_lr=args.muon_lr, adam_lr=args.adam_lr)
    pool, next_seed = [], FIRST_STORY + 7919 * step
    began, kept_at, log, mean, usual = time.process_time(), time.time(), (RUNS / f"{args.name}.jsonl").open("a"), 0.0, float("inf")

    def another() -> Drawn:
        nonlocal next_seed
        made = next_seed // len(args.worlds) % 2 == 1
        story = drawn(encoder, next_seed, args.worlds[next_seed % len(args.worlds)], student if made else None)
        next_seed += 1
        if args.part == "end":
            with torch.no_grad(), mixed_precision("cpu"):
                story.features = decoder.features(noisy(story.latents[None], args.noise)).bfloat16()
        return story

    def save():
        torch.save({"decoder": average, "step": step}, path)

    while args.minutes and (progress := (time.process_time() - began) / (60 * args.minutes)) < 1:
        while len(pool) < LEAST:
            pool.append(another())
        if step % args.renew == 0:
            if len(pool) == args.stories:
                pool.pop(0)
            pool.append(another())
        set_rate(optimisers, progress, step - start_step, hold=args.hold)
        seen, clip, weight = (end_crops if args.part == "end" else film_crops)(pool, batch, rng)
        with mixed_precision("cpu"):
            out = decoder.end(seen).unflatten(0, (len(seen), 2)) if args.part == "end" else decoder(noisy(seen, args.noise))
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
        if (step - start_step) % 50 == 0:
            row = {"step": step, "minutes": round((time.process_time() - began) / 60, 2), "loss": round(mean, 5)}
            if (step - start_step) % 1000 == 0:
                now = Decoder(widths, SCALE).to(memory_format=torch.channels_last)
                now.load_state_dict(average)
                row |= measured(now, made_held_out)
            if time.time() > kept_at + KEEP_SEC:
                save()
                kept_at = time.time()
            print(row, flush=True)
            log.write(json.dumps(row) + "\n")
            log.flush()
    if args.minutes:
        save()
        decoder.load_state_dict(average)
        tell("this one", decoder)
    if args.adopt:
        torch.save(source | {"decoder": decoder.state_dict()}, RUNS / f"{args.autoencoder}.pt")
        print(f"{args.autoencoder}.pt now draws with it")


if __name__ == "__main__":
    main()
