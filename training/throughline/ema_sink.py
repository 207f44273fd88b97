"""Reward Forcing's EMA sink (arXiv 2512.04678), laid out as the authors run it: one row of frames [sink | local], keys without RoPE, time counted along the row.

A pass over a new chunk makes room at first: the oldest frames behind the sink go, and are fused into it, slot by slot, before anything attends to it. The published code has no cuts;
here a cut takes what is behind the sink out of sight, and it is fused when the chunk after the cut has been committed.
"""
from dataclasses import dataclass, field

import torch

from .config import sigma_of
from .dit import softmax_attention
from .inference import Engine, Frame, Segment


@dataclass
class Row:
    """The row of frames. `sink` is exact; what is attended to are its halves."""
    sink: list[Frame] = field(default_factory=list)
    local: list[Frame] = field(default_factory=list)
    fused: int = 0


def halved(frame: Frame) -> Frame:
    return Frame(frame.index, [k.half().float() for k in frame.keys], [v.half().float() for v in frame.values])


class EmaSinkEngine(Engine):
    kind = ("ema-sink", "slots")

    def _pass(self, latents, timestep: float, prompt, context: list[Frame]):
        """As `Engine._velocity`, after a row of frames."""
        count, before = latents.shape[0], len(context)
        own_times = torch.arange(before, before + count)[None]
        keys_out, values_out = [], []

        def attend(layer, q, k, v):
            keys_out.append(k[0])
            values_out.append(v[0])
            keys = torch.stack([*(f.keys[layer] for f in context), *k[0]])  # [frames, tokens, heads, d]
            values = torch.stack([*(f.values[layer] for f in context), *v[0]])
            keys = self.rope(keys, torch.arange(before + count))
            return softmax_attention(self.rope(q, own_times).flatten(1, 2), keys.flatten(0, 1)[None], values.flatten(0, 1)[None])

        timesteps = torch.full((1, count), float(timestep))
        velocity = self.dit(latents[None], timesteps, prompt.context, torch.tensor([0]), attend)[0]
        return velocity, keys_out, values_out

    def _fuse(self, row: Row, frames: list[Frame]):
        """S <- alpha S + (1 - alpha) K, as many frames at a time as the sink has."""
        alpha, slots = self.memory["sinkAlpha"], self.memory["sinkFrames"]
        for start in range(0, len(frames), slots):
            row.sink = [Frame(s.index, [alpha * a + (1 - alpha) * b for a, b in zip(s.keys, f.keys)], [alpha * a + (1 - alpha) * b for a, b in zip(s.values, f.values)])
                        for s, f in zip(row.sink, frames[start:start + slots], strict=True)]
            row.fused += 1

    @torch.no_grad()
    def run(self, segments: list[Segment], seed: int = 0, noise=None, trace: list | None = None):
        """Latents [3*chunks, C, h, w] of a story; `noise` as of `Engine.run`. `trace` gets what each chunk attends to, and how often was fused before."""
        generator = torch.Generator().manual_seed(seed)
        c, v, sampler = self.config["latent"], self.config["video"], self.config["sampler"]
        shape = (self.chunk_frames, c["channels"], v["height"] // c["spatialStride"], v["width"] // c["spatialStride"])
        sigmas = [sigma_of(1000 - n, sampler["shift"]) for n in sampler["steps"]] + [0.0]
        row, made, room = Row(), [], self.memory["windowFrames"]
        for segment in segments:
            prompt = self.prompt(segment.prompt)
            for k in range(segment.chunks):
                index = len(made)
                draw = (lambda step: noise(index, step)) if noise else (lambda step: torch.randn(shape, generator=generator))
                if len(row.local) > room:  # the first pass of a chunk makes room for it
                    self._fuse(row, row.local[:-room])
                    row.local = row.local[-room:]
                cut = k == 0 and segment.transition == "cut"
                hidden, row.local = (row.local, []) if cut else ([], row.local)
                context = [halved(f) for f in row.sink] + row.local
                if trace is not None:
                    trace.append({"sink": [f.index for f in row.sink], "window": [f.index for f in row.local], "fused": row.fused})
                x = draw(0)
                for step, (now, then) in enumerate(zip(sigmas, sigmas[1:])):
                    velocity, _, _ = self._pass(x, 1000 * now, prompt, context)
                    fresh = sampler["kind"] == "renoise" and then > 0
                    x = (1 - then) * (x - now * velocity) + then * draw(step + 1) if fresh else x + (then - now) * velocity
                made.append(x)
                _, keys, values = self._pass(x, 0, prompt, context)
                frames = self._frames(index * self.chunk_frames, keys, values)
                if index == 0:
                    row.sink = frames
                else:
                    row.local = row.local + frames
                self._fuse(row, hidden)
        return torch.cat(made)
