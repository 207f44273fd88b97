"""MAG for the built-in model by adapters (docs/model-format.md, "Memories"): one transformer draws, a second one remembers; both are the shipped one with low-rank changes.

Of every chunk the second transformer, under the empty prompt, keeps the last frame's keys and values; of the first chunk also the sink. Both attend to [sink | entries | own].
Time is counted from the chunk at work: the newest entry stands just before it, but after a cut; all others stand where the bank does.
"""
import copy
from dataclasses import dataclass, field

import torch

from .config import sigma_of
from .inference import Engine, Frame, Segment
from .lora import merge


@dataclass
class Entries:
    """What is remembered: the story's first frames, and the last frame of every chunk, oldest first."""
    sink: list[Frame] = field(default_factory=list)
    entries: list[Frame] = field(default_factory=list)


class MagEngine(Engine):
    """`adapter` and `memory_adapter` are the low-rank changes of the transformer that draws and of the one that remembers."""

    def __init__(self, *args, adapter: dict[str, torch.Tensor], memory_adapter: dict[str, torch.Tensor], **kwargs):
        super().__init__(*args, **kwargs)
        self.memory_dit = copy.deepcopy(self.dit)
        merge(self.dit, adapter)
        merge(self.memory_dit, memory_adapter)
        self.memory["policy"] = "nam"  # entries are read as a bank is, all of them

    def remembering(self) -> "MagEngine":
        """The same with the transformer that remembers in the place of the one that draws."""
        other = copy.copy(self)
        other.dit = self.memory_dit
        return other

    def context_of(self, kept: Entries, cut: bool):
        """(sink, banks of all layers, window) for a chunk."""
        near = [] if cut or not kept.entries else kept.entries[-1:]
        far = kept.entries[:len(kept.entries) - len(near)]
        return kept.sink, [far] * self.layers, near

    def commit(self, kept: Entries, latents, index: int, cut: bool):
        """`index`: of the chunk."""
        other = self.remembering()
        _, keys, values = other._velocity(latents, 0, other.prompt(""), self.memory["positions"]["current"], *self.context_of(kept, cut))
        frames = self._frames(index * self.chunk_frames, keys, values)
        if index == 0:
            kept.sink = frames[:self.memory["sinkFrames"]]
        kept.entries = (kept.entries + frames[-1:])[-self.memory["capacity"]:]

    @torch.no_grad()
    def run(self, segments: list[Segment], seed: int = 0, noise=None, trace: list | None = None):
        """Latents [3*chunks, C, h, w] of a story; `noise` and `trace` as of `Engine.run`."""
        generator = torch.Generator().manual_seed(seed)
        c, v, sampler = self.config["latent"], self.config["video"], self.config["sampler"]
        shape = (self.chunk_frames, c["channels"], v["height"] // c["spatialStride"], v["width"] // c["spatialStride"])
        sigmas = [sigma_of(1000 - n, sampler["shift"]) for n in sampler["steps"]] + [0.0]
        kept, made = Entries(), []
        for segment in segments:
            prompt = self.prompt(segment.prompt)
            for k in range(segment.chunks):
                index, cut = len(made), k == 0 and segment.transition == "cut"
                draw = (lambda step: noise(index, step)) if noise else (lambda step: torch.randn(shape, generator=generator))
                context = self.context_of(kept, cut)
                if trace is not None:
                    trace.append({"sink": [f.index for f in context[0]], "bank": [f.index for f in context[1][0]], "window": [f.index for f in context[2]]})
                x = draw(0)
                for step, (now, then) in enumerate(zip(sigmas, sigmas[1:])):
                    velocity, _, _ = self._velocity(x, 1000 * now, prompt, self.memory["positions"]["current"], *context)
                    fresh = sampler["kind"] == "renoise" and then > 0
                    x = (1 - then) * (x - now * velocity) + then * draw(step + 1) if fresh else x + (then - now) * velocity
                made.append(x)
                self.commit(kept, x, index, cut)
        return torch.cat(made)
