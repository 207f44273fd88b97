"""FramePack for the built-in model (Zhang and Agrawala 2025; docs/model-format.md, "Packed history").

What a chunk sees of the past: the frame before it and the story's first as they are, the two frames before that as one with patches of (2, 4, 4), and the sixteen
before those in fours with patches of (4, 8, 8). The packed history goes through the transformer by itself, at timestep 0 and under the chunk's prompt; its keys
and values are the chunk's context. So it is made once a chunk, and does not see the chunk.
"""
from dataclasses import dataclass

import torch
import torch.nn as nn

from .config import sigma_of
from .dit import CausalDiT, Rope, softmax_attention, turned
from .inference import Engine, Segment
from .lora import merge

NOW = 20  # time index of a chunk's first frame; what is so many frames before it has an index so much smaller
START = 0  # time index of the story's first frame
RATES = ((4, 4), (2, 1))  # how many frames become one, and how many such packs there are, the furthest first; then one whole frame
PUBLISHED = {1: 1, 2: 2, 4: 4}  # by rate, how many rows, and columns, of tokens become one; an adapter's kernels say its own


@dataclass(frozen=True)
class Pack:
    """`rate` latent frames as one, or a whole one (rate 1), and the time index of the first."""
    rate: int
    frames: tuple[int, ...]
    time: int


def packs_before(frames: int, cut: bool) -> list[Pack]:
    """What a chunk sees that comes after `frames` frames.

    A cut hides the three frames just before, from which a shot would go on; they are seen again, packed, when they lie further back. A pack of frames
    before the story is left out; one that reaches beyond its beginning repeats the first frame.
    """
    if frames == 0:
        return []
    packs, back = [], 1 + sum(rate * count for rate, count in RATES)
    for rate, count in RATES:
        for _ in range(count):
            members = [frames - back + i for i in range(rate)]
            if members[-1] >= 0 and not (cut and rate == 2):
                packs.append(Pack(rate, tuple(max(0, f) for f in members), NOW - back))
            back -= rate
    return packs + [Pack(1, (0,), START)] + ([] if cut else [Pack(1, (frames - 1,), NOW - 1)])


def repeated_to(size: int, multiple: int):
    """Indices 0, 1, .. size - 1, the last repeated until their number is a multiple."""
    return torch.arange(-(-size // multiple) * multiple).clamp(max=size - 1)


def padded(x, multiple: int):
    """x [..., h, w] with its last row and column repeated until both are multiples."""
    return x[..., repeated_to(x.shape[-2], multiple), :][..., repeated_to(x.shape[-1], multiple)]


def pooled_factors(rope: Rope, rows: int, columns: int, pack: Pack, side: int):
    """Complex RoPE factors of a pack's tokens [tokens, pairs], of `side` x `side` of the whole frames' tokens each: the mean of those in it."""
    place = rope.place.view(rows, columns, -1)
    place = place[repeated_to(rows, side)][:, repeated_to(columns, side)]
    place = place.unflatten(1, (-1, side)).unflatten(0, (-1, side)).mean((1, 3)).flatten(0, 1)  # [tokens, row and column pairs]
    return torch.cat([rope.time[pack.time:pack.time + pack.rate].mean(0).expand(len(place), -1), place], 1)


class PackEmbeddings(nn.Module):
    """The two further patch embeddings, under the published names; `sides` as PUBLISHED."""

    def __init__(self, channels: int, dim: int, sides: dict[int, int] = PUBLISHED):
        super().__init__()
        self.sides = sides
        self.proj_2x, self.proj_4x = (nn.Conv3d(channels, dim, patch, stride=patch) for patch in ((rate, 2 * sides[rate], 2 * sides[rate]) for rate in (2, 4)))

    @classmethod
    def tiled(cls, patch_embedding: nn.Conv3d, sides: dict[int, int] = PUBLISHED) -> "PackEmbeddings":
        """As training begins: the full-rate kernel repeated, divided by how often. A pack's token is then the mean of the tokens in it."""
        made = cls(patch_embedding.in_channels, patch_embedding.out_channels, sides)
        with torch.no_grad():
            for rate, proj in ((2, made.proj_2x), (4, made.proj_4x)):
                proj.weight.copy_(patch_embedding.weight.repeat(1, 1, rate, sides[rate], sides[rate]) / (rate * sides[rate] ** 2))
                proj.bias.copy_(patch_embedding.bias)
        return made

    @classmethod
    def of_adapter(cls, adapter: dict[str, torch.Tensor]) -> "PackEmbeddings":
        """The embeddings in an adapter's file, whose kernels say their sides."""
        prefix = "clean_x_embedder."
        own = {k.removeprefix(prefix): v.float() for k, v in adapter.items() if k.startswith(prefix)}
        made = cls(own["proj_2x.weight"].shape[1], own["proj_2x.weight"].shape[0], {1: 1} | {rate: own[f"proj_{rate}x.weight"].shape[-1] // 2 for rate in (2, 4)})
        made.load_state_dict(own)
        return made

    def forward(self, dit: CausalDiT, packs: list[Pack], latents):
        """Tokens [tokens, dim] of packs; latents [frames, C, h, w] are of all frames from the story's first on."""
        return torch.cat([self.of(dit, pack.rate, latents[list(pack.frames)][None])[0] for pack in packs])

    def of(self, dit: CausalDiT, rate: int, frames):
        """Tokens [E, tokens, dim] of packs of one rate; frames [E, rate, C, h, w]."""
        if rate == 1:
            return dit.embed(frames)[:, 0]
        proj = self.proj_2x if rate == 2 else self.proj_4x
        x = proj(padded(frames.transpose(1, 2), 2 * self.sides[rate]))  # [E, dim, 1, rows, columns]
        return x.flatten(2).transpose(1, 2)


@dataclass
class Packed:
    """A packed history as the transformer's context: keys, roped, and values per layer [tokens, heads, d]."""
    keys: list[torch.Tensor]
    values: list[torch.Tensor]


class PackedEngine(Engine):
    """The model with an adapter (its LoRA, `clean_x_embedder.proj_2x` and `.proj_4x`), going by a packed history."""

    def __init__(self, *args, adapter: dict[str, torch.Tensor], **kwargs):
        super().__init__(*args, **kwargs)
        merge(self.dit, adapter)
        self.embeddings = PackEmbeddings.of_adapter(adapter)

    @classmethod
    def around(cls, engine: Engine, **parts: nn.Module):
        """An engine as it is, with `embeddings` and whatever else the class has beside the transformer; all may still be in training."""
        made = cls.__new__(cls)
        made.__dict__ |= engine.__dict__ | parts
        return made

    def packed(self, packs: list[Pack], latents, context) -> Packed:
        """The pass over the history by itself, at timestep 0; `context` [1, L, dim] of the prompt."""
        out = Packed([], [])
        if not packs:
            return out
        factors = torch.cat([pooled_factors(self.rope, self.dit.rows, self.dit.columns, pack, self.embeddings.sides[pack.rate]) for pack in packs])

        def attend(layer, q, k, v):
            q, k = turned(q[0], factors), turned(k[0], factors)
            out.keys.append(k[0])
            out.values.append(v[0, 0])
            return softmax_attention(q, k, v[0])

        self.dit.blocks_over(self.embeddings(self.dit, packs, latents)[None, None], torch.zeros(1, 1), context, torch.tensor([0]), attend)
        return out

    def velocity_after(self, history: Packed, latents, timestep: float, context):
        """The velocity of a chunk [F, C, h, w]."""
        times = torch.arange(NOW, NOW + len(latents))[None]

        def attend(layer, q, k, v):
            q, k, v = self.rope(q, times).flatten(1, 2), self.rope(k, times).flatten(1, 2), v.flatten(1, 2)
            if history.keys:
                k, v = torch.cat([history.keys[layer][None], k], 1), torch.cat([history.values[layer][None], v], 1)
            return softmax_attention(q, k, v)

        return self.dit(latents[None], torch.full((1, len(latents)), float(timestep)), context, torch.tensor([0]), attend)[0]

    @torch.no_grad()
    def run(self, segments: list[Segment], seed: int = 0, noise=None, trace: list | None = None, given: list[torch.Tensor] | None = None):
        """Latents [3*chunks, C, h, w] of a story; `noise`, `trace` and `given` as of `Engine.run`."""
        generator = torch.Generator().manual_seed(seed)
        c, v, sampler = self.config["latent"], self.config["video"], self.config["sampler"]
        shape = (self.chunk_frames, c["channels"], v["height"] // c["spatialStride"], v["width"] // c["spatialStride"])
        sigmas = [sigma_of(1000 - n, sampler["shift"]) for n in sampler["steps"]] + [0.0]
        latents = torch.empty(0, *shape[1:])
        for segment in segments:
            context = self.prompt(segment.prompt).context
            for k in range(segment.chunks):
                index = len(latents) // self.chunk_frames
                draw = (lambda step: noise(index, step)) if noise else (lambda step: torch.randn(shape, generator=generator))
                packs = packs_before(len(latents), k == 0 and segment.transition == "cut")
                if trace is not None:
                    trace.append({"packs": [vars(pack) for pack in packs]})
                x = draw(0)
                if given is not None and index < len(given):
                    latents = torch.cat([latents, given[index]])
                    continue
                history = self.packed(packs, latents, context)
                for step, (now, then) in enumerate(zip(sigmas, sigmas[1:])):
                    velocity = self.velocity_after(history, x, 1000 * now, context)
                    fresh = sampler["kind"] == "renoise" and then > 0
                    x = (1 - then) * (x - now * velocity) + then * draw(step + 1) if fresh else x + (then - now) * velocity
                latents = torch.cat([latents, x])
        return latents
