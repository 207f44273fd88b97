"""MemoryPack for the built-in model ("Pack and Force Your Memory"; docs/model-format.md, "Long memory").

Beside FramePack's packed history (packs.py) a chunk sees psi, a memory whose size never changes. It begins as the features of the story's first prompt and, where
the film's first frame was given, of that picture; after every chunk psi' = Squeeze(psi, Memorize(x)): Memorize is self-attention within the chunk, Squeeze
cross-attention that asks with what was memorized and reads psi. The transformer reads psi as further tokens of the prompt.
"""
from dataclasses import dataclass

import torch
import torch.nn as nn

from .config import sigma_of
from .dit import EPS, Attention, CausalDiT
from .inference import Segment
from .packs import PackedEngine, packs_before

PREFIX = "semantic_pack."


class Normed(Attention):
    """Attention over what is normed first."""

    def __init__(self, dim: int):
        super().__init__(dim)
        self.norm = nn.LayerNorm(dim, eps=EPS)


def weights_of(q, k):
    """Attention's weights [B, heads, queries, keys] of q [B, queries, heads, d] and k [B, keys, heads, d]."""
    return (torch.einsum("bqhd,bkhd->bhqk", q, k) * q.shape[-1] ** -0.5).softmax(-1)


@dataclass
class Taken:
    """What Squeeze took from where, for the record: `shares` [B, F, keys], of each frame's attention, mean of heads and tokens; `norms` [B, F, 2], mean lengths of what
    was memorized and of what came from psi."""
    shares: torch.Tensor
    norms: torch.Tensor


class SemanticPack(nn.Module):
    """Memorize, Squeeze, and what psi is to the transformer."""

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.heads = heads
        self.memorize, self.squeeze = Normed(dim), Normed(dim)
        self.squeeze.norm_psi = nn.LayerNorm(dim, eps=EPS)
        self.read = nn.Sequential(nn.LayerNorm(dim, eps=EPS), nn.Linear(dim, dim))

    def begun(self, dit: CausalDiT, features, reference=None):
        """psi before the first chunk [B, tokens, dim]: `features` [B, real tokens, dim] of the prompt, and the patches of a picture [B, C, h, w]."""
        return features if reference is None else torch.cat([features, dit.embed(reference[:, None])[:, 0]], 1)

    def after(self, dit: CausalDiT, psi, latents) -> tuple[torch.Tensor, Taken]:
        """psi' [B, F*tokens, dim] once a chunk [B, F, C, h, w] is done."""
        split = lambda x: x.unflatten(-1, (self.heads, -1))
        tokens, a = dit.embed(latents), self.memorize  # [B, F, tokens, dim]
        batch, frames = tokens.shape[:2]
        times = torch.arange(frames).expand(batch, -1)
        y = a.norm(tokens)
        q, k = (dit.rope(split(norm(part(y))), times).flatten(1, 2) for norm, part in ((a.norm_q, a.q), (a.norm_k, a.k)))
        mixed = torch.einsum("bhqk,bkhd->bqhd", weights_of(q, k), split(a.v(y)).flatten(1, 2))
        memorized = tokens.flatten(1, 2) + a.o(mixed.flatten(2))
        a, old = self.squeeze, self.squeeze.norm_psi(psi)
        weights = weights_of(split(a.norm_q(a.q(a.norm(memorized)))), split(a.norm_k(a.k(old))))
        recalled = a.o(torch.einsum("bhqk,bkhd->bqhd", weights, split(a.v(old))).flatten(2))
        with torch.no_grad():
            shares = weights.mean(1).unflatten(1, (frames, -1)).mean(2)
            norms = torch.stack([x.norm(dim=-1).unflatten(1, (frames, -1)).mean(2) for x in (memorized, recalled)], -1)
        return memorized + recalled, Taken(shares, norms)


class LongMemoryEngine(PackedEngine):
    """The model with MemoryPack's adapter: FramePack's (packs.py), and `semantic_pack.*`."""

    def __init__(self, *args, adapter: dict[str, torch.Tensor], **kwargs):
        super().__init__(*args, adapter=adapter, **kwargs)
        self.pack = SemanticPack(self.dit.dim, self.dit.heads)
        self.pack.load_state_dict({k.removeprefix(PREFIX): v.float() for k, v in adapter.items() if k.startswith(PREFIX)})
        self.pack.requires_grad_(False)

    @torch.no_grad()
    def run(self, segments: list[Segment], seed: int = 0, noise=None, trace: list | None = None, reference=None):
        """Latents [3*chunks, C, h, w] of a story; `noise` and `trace` as of `Engine.run`; `reference` [C, h, w] is the film's first frame, and is given to it."""
        generator = torch.Generator().manual_seed(seed)
        c, v, sampler = self.config["latent"], self.config["video"], self.config["sampler"]
        shape = (self.chunk_frames, c["channels"], v["height"] // c["spatialStride"], v["width"] // c["spatialStride"])
        sigmas = [sigma_of(1000 - n, sampler["shift"]) for n in sampler["steps"]] + [0.0]
        latents, psi = torch.empty(0, *shape[1:]), None
        for segment in segments:
            prompt = self.prompt(segment.prompt)
            for k in range(segment.chunks):
                index = len(latents) // self.chunk_frames
                draw = (lambda step: noise(index, step)) if noise else (lambda step: torch.randn(shape, generator=generator))
                if psi is None:
                    real = prompt.text_keys[0].shape[0]
                    psi = self.pack.begun(self.dit, prompt.context[:, :real], None if reference is None else reference[None])
                packs = packs_before(len(latents), k == 0 and segment.transition == "cut")
                history = self.packed(packs, latents, prompt.context)
                context = torch.cat([prompt.context, self.pack.read(psi)], 1)
                x = draw(0)
                given = (lambda x, sigma, fresh: x) if reference is None or index > 0 else \
                    (lambda x, sigma, fresh: torch.cat([((1 - sigma) * reference + sigma * fresh[0])[None], x[1:]]))
                x, start = given(x, sigmas[0], x), x
                for step, (now, then) in enumerate(zip(sigmas, sigmas[1:])):
                    velocity = self.velocity_after(history, x, 1000 * now, context)
                    anew = sampler["kind"] == "renoise" and then > 0
                    fresh = draw(step + 1) if anew else start
                    x = (1 - then) * (x - now * velocity) + then * fresh if anew else x + (then - now) * velocity
                    x = given(x, then, fresh)
                latents = torch.cat([latents, x])
                psi, taken = self.pack.after(self.dit, psi, x[None])
                if trace is not None:
                    trace.append({"packs": [vars(pack) for pack in packs], "psi": list(psi.shape[1:]), "shares": taken.shares[0], "norms": taken.norms[0]})
        self.psi = psi[0]
        return latents
