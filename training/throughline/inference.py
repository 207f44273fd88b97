"""Chunk-by-chunk inference of docs/model-format.md, paper mode: the numbers the app must reproduce."""
import json
from dataclasses import dataclass, field
from pathlib import Path

import torch

from . import safetensors_io
from .autoencoder import Decoder
from .config import sigma_of
from .dit import CausalDiT, nam_scores, softmax_attention
from .text import PAD, TextEncoder, Tokenizer


@dataclass(eq=False)
class Frame:
    """A committed latent frame: K (un-roped) and V per layer [tokens, heads, d], as fp16 would hold them."""
    index: int
    keys: list[torch.Tensor]
    values: list[torch.Tensor]
    last_used: int = -1  # chunk at which it last sat in a bank


@dataclass
class Prompt:
    ids: list[int]
    embedding: torch.Tensor  # [L, text dim]
    context: torch.Tensor  # [1, L, dim]
    text_keys: list[torch.Tensor]  # per layer [real tokens, heads, d]


@dataclass
class Segment:
    """Consecutive chunks under one prompt. `transition` is "cut" or "continue"."""
    prompt: str
    transition: str = "cut"
    chunks: int = 1


@dataclass
class Story:
    """What memory holds between chunks."""
    frame_count: int = 0
    chunk_count: int = 0
    window: list[Frame] = field(default_factory=list)
    sink: list[Frame] = field(default_factory=list)
    prototypes: list[Frame] = field(default_factory=list)
    decoder_memory: list | None = None


class Engine:
    kind = ("paper", "relative")  # memory mode and positions that it computes

    def __init__(self, folder: str | Path | None = None, config: dict | None = None, modules=None, tokenizer: dict | None = None):
        """From a model folder, or from a config with (text encoder, DiT, decoder) modules and a tokenizer description."""
        folder = Path(folder) if folder else None
        self.config = config or json.loads((folder / "config.json").read_text())
        self.tokenizer = Tokenizer.of(tokenizer or json.loads((folder / "tokenizer.json").read_text()), self.config["text"])
        if modules is None:
            modules = TextEncoder(self.config["text"]), CausalDiT(self.config), Decoder.of(self.config)
            for module, name in zip(modules, ("text_encoder", "dit", "decoder")):
                module.load_state_dict({k: v.float() for k, v in safetensors_io.load(folder / f"{name}.safetensors").items()})
        self.text, self.dit, self.decoder = (m.eval() for m in modules)
        self.memory, self.rope = self.config["memory"], self.dit.rope
        self.layers = self.config["dit"]["layers"]
        self.chunk_frames = self.config["sampler"]["chunkFrames"]
        self.autocast = False
        self.halves = True  # K and V of committed frames are rounded as the app stores them
        assert (self.memory["mode"], self.memory["positions"]["kind"]) == self.kind

    @torch.no_grad()
    def prompt(self, text: str) -> Prompt:
        ids = self.tokenizer(text)
        embedding = self.text(torch.tensor([ids]))
        context = self.dit.text_context(embedding)
        real = len(ids) - ids.count(PAD)
        return Prompt(ids, embedding[0], context, [self.dit.text_keys(i, context)[0, :real] for i in range(self.layers)])

    def _velocity(self, latents, timestep: float, prompt: Prompt, first_time: int, sink, banks, window):
        """One pass over F frames at time indices first_time...; returns (velocity [F, ...], K and V per layer [F, tokens, heads, d])."""
        positions, use_sma = self.memory["positions"], self.memory["policy"] == "nam+sma"
        count = latents.shape[0]
        own_times = torch.arange(first_time, first_time + count)[None]
        keys_out, values_out = [], []

        def attend(layer, q, k, v):
            keys_out.append(k[0])
            values_out.append(v[0])
            bank = banks[layer]
            near = [(f, positions["sink"] + f.index) for f in sink] + [(f, first_time - len(window) + j) for j, f in enumerate(window)]
            keys, values = [self.rope(k, own_times)[0]], [v[0]]  # [frames, tokens, heads, d]
            if near:
                keys.insert(0, self.rope(torch.stack([f.keys[layer] for f, _ in near]).to(k.dtype), torch.tensor([t for _, t in near])))
                values.insert(0, torch.stack([f.values[layer] for f, _ in near]).to(v.dtype))
            query = self.rope(q, own_times).flatten(1, 2)  # [1, F*tokens, heads, d]
            k_all, v_all = torch.cat(keys).flatten(0, 1), torch.cat(values).flatten(0, 1)  # [keys, heads, d]
            if bank:
                bank_k = self.rope(torch.stack([f.keys[layer] for f in bank]).to(k.dtype), torch.full((len(bank),), positions["bank"]))
                bank_v = torch.stack([f.values[layer] for f in bank]).to(v.dtype)  # [frames, tokens, heads, d]
                if use_sma and len(bank) > self.memory["activatedFrames"]:
                    scores = torch.einsum("hd,fhd->hf", query[0].float().mean(0), bank_k.float().mean(1))
                    chosen = scores.topk(self.memory["activatedFrames"], dim=1).indices.sort(1).values  # [heads, activated]
                    heads = torch.arange(chosen.shape[0])[:, None]
                    bank_k, bank_v = (x.permute(2, 0, 1, 3)[heads, chosen].permute(1, 2, 0, 3) for x in (bank_k, bank_v))
                k_all, v_all = torch.cat([bank_k.flatten(0, 1), k_all]), torch.cat([bank_v.flatten(0, 1), v_all])
            return softmax_attention(query, k_all[None], v_all[None])

        timesteps = torch.full((1, count), float(timestep))
        with torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
            velocity = self.dit(latents[None], timesteps, prompt.context, torch.tensor([0]), attend)[0].float()
        return velocity, keys_out, values_out

    def _frames(self, first_index: int, keys, values) -> list[Frame]:
        """K and V per layer [F, ...] as frames, rounded through fp16 unless `halves` is off."""
        kept = lambda x: x.half().float() if self.halves else x  # noqa: E731
        return [Frame(first_index + f, [kept(k[f]) for k in keys], [kept(v[f]) for v in values]) for f in range(keys[0].shape[0])]

    def retrieve(self, story: Story, prompt: Prompt):
        """Bank frames per layer, and (candidate frame indices, scores per layer [candidates])."""
        blocked = {f.index for f in story.window}
        candidates = [f for f in story.prototypes if f.index not in blocked and f.index >= self.memory["sinkFrames"]]
        if not candidates or self.memory["policy"] not in ("nam", "nam+sma"):
            return [[] for _ in range(self.layers)], ([], [])
        banks, scores = [], []
        for layer in range(self.layers):
            score = nam_scores(prompt.text_keys[layer], torch.stack([f.keys[layer] for f in candidates]))
            best = score.topk(min(self.memory["bankFrames"], len(candidates))).indices.tolist()
            banks.append([candidates[i] for i in best])
            scores.append(score)
        for frame in {id(f): f for bank in banks for f in bank}.values():
            frame.last_used = story.chunk_count
        return banks, ([f.index for f in candidates], scores)

    @torch.no_grad()
    def chunk(self, story: Story, prompt: Prompt, noises, starts_shot: bool, transition: str, changed: bool, trace: dict | None = None):
        """Generates and commits one chunk [3, C, h, w]. noises(step) gives fresh noise (step 0: the start)."""
        positions, steps = self.memory["positions"], self.config["sampler"]["steps"]
        if starts_shot and transition == "cut":
            story.window = []
        in_window = {f.index for f in story.window}
        sink = [f for f in story.sink if f.index not in in_window] if self.memory["policy"] != "window" else []
        banks, (ids, scores) = self.retrieve(story, prompt)
        if starts_shot and changed and story.window:
            latents = torch.stack([self.latents[f.index] for f in story.window])
            _, keys, values = self._velocity(latents, 0, prompt, positions["current"] - len(story.window), sink, banks, [])
            story.window = self._frames(story.window[0].index, keys, values)
        sigmas = [sigma_of(1000 - n, self.config["sampler"]["shift"]) for n in steps]
        x = noises(0)
        for i, sigma in enumerate(sigmas):
            velocity, _, _ = self._velocity(x, 1000 * sigma, prompt, positions["current"], sink, banks, story.window)
            x0 = x - sigma * velocity
            if i + 1 < len(sigmas):
                after = sigmas[i + 1]
                x = (1 - after) * x0 + after * noises(i + 1) if self.config["sampler"]["kind"] == "renoise" else x + (after - sigma) * velocity
        self._commit(story, x0, prompt, sink, banks)
        if trace is not None:
            trace |= {"candidates": ids, "scores": scores, "bank": [[f.index for f in bank] for bank in banks],
                      "window": sorted(in_window), "sink": [f.index for f in sink]}
        return x0

    def _commit(self, story: Story, x0, prompt: Prompt, sink, banks):
        _, keys, values = self._velocity(x0, 0, prompt, self.memory["positions"]["current"], sink, banks, story.window)
        frames = self._frames(story.frame_count, keys, values)
        for frame, latent in zip(frames, x0):
            self.latents[frame.index] = latent
        story.sink += [f for f in frames if f.index < self.memory["sinkFrames"]]
        if story.chunk_count % self.memory["recordInterval"] == 0:
            frames[0].last_used = story.chunk_count
            story.prototypes.append(frames[0])
            while len(story.prototypes) > self.memory["capacity"]:
                story.prototypes.remove(min(story.prototypes[:-1], key=lambda f: (f.last_used, f.index)))
        story.window = (story.window + frames)[-self.memory["windowFrames"]:]
        story.frame_count += len(frames)
        story.chunk_count += 1

    @torch.no_grad()
    def run(self, segments: list[Segment], seed: int = 0, noise=None, trace: list | None = None, given: list[torch.Tensor] | None = None):
        """Latents [3*chunks, C, h, w] of a story. `noise(chunk, step)` overrides the seeded noise; `given` chunks are committed, not generated."""
        generator = torch.Generator().manual_seed(seed)
        c, v = self.config["latent"], self.config["video"]
        shape = (self.chunk_frames, c["channels"], v["height"] // c["spatialStride"], v["width"] // c["spatialStride"])
        story, out, previous = Story(), [], None
        self.latents: dict[int, torch.Tensor] = {}
        for segment in segments:
            prompt = self.prompt(segment.prompt)
            for k in range(segment.chunks):
                index = story.chunk_count
                draw = (lambda step: noise(index, step)) if noise else (lambda step: torch.randn(shape, generator=generator))
                record: dict = {}
                if given is not None and index < len(given):
                    draw(0)
                    self._give(story, prompt, given[index], k == 0, segment.transition, record)
                    out.append(given[index])
                else:
                    out.append(self.chunk(story, prompt, draw, k == 0, segment.transition, segment.prompt != previous, record))
                if trace is not None:
                    trace.append(record)
                previous = segment.prompt
        return torch.cat(out)

    def _give(self, story: Story, prompt: Prompt, latents, starts_shot: bool, transition: str, trace: dict):
        """Commits a chunk that was not generated; no recache."""
        if starts_shot and transition == "cut":
            story.window = []
        in_window = {f.index for f in story.window}
        sink = [f for f in story.sink if f.index not in in_window] if self.memory["policy"] != "window" else []
        banks, (ids, scores) = self.retrieve(story, prompt)
        trace |= {"candidates": ids, "scores": scores}
        self._commit(story, latents, prompt, sink, banks)

    @torch.no_grad()
    def decode(self, latents) -> torch.Tensor:
        """Latents [T, C, h, w] -> frames [4T-3, 3, H * outputScale, W * outputScale] in 0..1, streamed chunk by chunk."""
        memory, out = [None] * 9, []
        for start in range(0, latents.shape[0], self.chunk_frames):
            with torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
                out.append(self.decoder(latents[None, start:start + self.chunk_frames], memory)[0].float())
        return torch.cat(out)[3:].clamp(0, 1)
