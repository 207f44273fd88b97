"""Writes the encoder that the app looks at pictures with, beside a model's decoder: encoder.safetensors, in four bits.

python3 training/export_encoder.py [--model resources/models/animatic]     # and prints how well pictures come back through it

Takes the encoder and the corrector of training/runs/autoencoder.pt; layout: docs/model-format.md, "Encoder".
"""
import argparse
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).parent))
from start import RUNS, SHIPPED, belongs_to
from throughline import safetensors_io
from throughline.autoencoder import Autoencoder
from throughline.world import CURRICULA, draw_story, make_story

BLOCK, MOST = 32, 7  # numbers that share a scale; the largest of four bits
SMALLEST = 4096  # numbers of a weight that is worth packing
CORRECTIONS = 4  # the app's: more than training takes, since a picture is looked at once
HELD_OUT = 2_000_000  # seed of the first story to look at


def blocks_of(weight: torch.Tensor) -> torch.Tensor:
    """[out, ...] -> [out, blocks, BLOCK], filled up with zeros."""
    rows = weight.flatten(1)
    return F.pad(rows, (0, -rows.shape[1] % BLOCK)).unflatten(1, (-1, BLOCK))


def packed(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """A weight in four bits: U8 [out, blocks, BLOCK/2], two to a byte, the first in the low half, and F32 scales [out, blocks]."""
    blocks = blocks_of(weight)
    scales = blocks.abs().amax(2) / MOST
    numbers = (blocks / scales.clamp_min(1e-12)[..., None]).round().clamp(-MOST, MOST).int() + 8
    return (numbers[..., 0::2] + 16 * numbers[..., 1::2]).to(torch.uint8), scales


def unpacked(numbers: torch.Tensor, scales: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    """What `packed` stands for."""
    both = torch.stack([numbers & 15, numbers >> 4], -1).flatten(2).float() - 8
    rows = (both * scales[..., None]).flatten(1)
    return rows[:, : shape[1:].numel()].reshape(shape)


def tensors_of(weights: dict[str, torch.Tensor], prefix: str) -> tuple[dict, dict]:
    """What the file holds of a part, and the weights that this stands for."""
    stored, meant = {}, {}
    for name, weight in weights.items():
        if weight.ndim == 4 and weight.numel() >= SMALLEST:
            numbers, scales = packed(weight.float())
            stored |= {f"{prefix}.{name}": numbers, f"{prefix}.{name}.scales": scales}
            meant[name] = unpacked(numbers, scales, weight.shape)
        else:
            stored[f"{prefix}.{name}"] = weight.half()
            meant[name] = weight.half().float()
    return stored, meant


def encoder_file(model: Autoencoder) -> dict[str, torch.Tensor]:
    """What encoder.safetensors holds; `model` gets the weights that it stands for."""
    first, first_meant = tensors_of(model.encoder.folded(), "encoder")
    second, second_meant = tensors_of(model.corrector.state_dict(), "corrector")
    model.encoder.norm = torch.nn.Identity()
    model.encoder.load_state_dict(first_meant)
    model.corrector.load_state_dict(second_meant)
    return first | second


@torch.no_grad()
def quality(model: Autoencoder, world: str, count: int) -> torch.Tensor:
    """Peak signal to noise, in dB, of held-out stories' first pictures as the decoder draws them again."""
    pictures = [torch.from_numpy(draw_story(make_story(HELD_OUT + i, CURRICULA[world], 1))[0][0]) for i in range(count)]
    frames = (torch.stack(pictures).permute(0, 3, 1, 2).float() / 255)[:, None, None].repeat(1, 1, 4, 1, 1, 1)
    drawn = model.drawn(model.looked(frames, CORRECTIONS)).clamp(0, 1)
    return -10 * (drawn - frames).square().mean((1, 2, 3, 4, 5)).log10()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default=str(SHIPPED))
    parser.add_argument("--autoencoder", default="autoencoder", help="name of the checkpoint in training/runs")
    parser.add_argument("--pictures", type=int, default=16, help="how many of each world are looked at")
    args = parser.parse_args()
    state = torch.load(RUNS / f"{args.autoencoder}.pt", map_location="cpu")
    if not belongs_to(state, Path(args.model)):
        raise SystemExit(f"the decoder of {args.autoencoder}.pt is not that of {args.model}: its encoder does not fit")
    model = Autoencoder.of(state).eval()
    before = {world: quality(model, world, args.pictures) for world in ("full", "everyday")}
    path = Path(args.model) / "encoder.safetensors"
    safetensors_io.save(path, encoder_file(model))
    for world, was in before.items():
        now = quality(model, world, args.pictures)
        print(f"{world}: {now.mean():.2f} dB (worst {now.min():.2f}); in full precision {was.mean():.2f}")
    print(path, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
