"""Memory in the loop: banks that the model itself retrieves, sparse activation, and its own outputs as history.

In sequential inference the history of a chunk is what the model made before. Here all chunks of a batch are made at once,
again and again, each time with the last round's results as history: after n rounds the last n chunks of every history are
the model's own, and rounds enough for all chunks would equal the sequence. A round is also a denoising step, so that
several rounds sample. Started from truth at some noise, the results keep to the story that the targets show: one round is
Direct Forcing (x0 = x - sigma v), several rounds are a rollout.
"""
import dataclasses
import random

import torch

from .dit import CHUNK, nam_scores
from .excerpts import LARGEST_BANK, GatherAttention, Plan, pick

SHOWN = 0.95  # noise level up to which a noised chunk shows what it is


@dataclasses.dataclass(frozen=True)
class MemoryUse:
    """How many frames a bank has at most, how many of them each head activates (None: all), and their time index."""
    size: int
    activated: int | None
    time: int


def drawn_use(memory: dict, rng: random.Random) -> MemoryUse:
    """NAM or NAM and SMA, and now and then a larger bank, as people may choose them."""
    size = memory["bankFrames"] * rng.choice((1, 1, LARGEST_BANK))
    return MemoryUse(size, rng.choice((None, memory["activatedFrames"])), memory["positions"]["bank"])


class StreamingAttention(GatherAttention):
    """As GatherAttention, with per-layer banks chosen by the retrieval score, and sparse activation of them."""

    def __init__(self, plan: Plan, rope, use: MemoryUse, text_keys: list[torch.Tensor], lengths: list[int], device="cpu"):
        """`text_keys` per layer [prompts, L, heads, d]; `lengths` counts each prompt's real tokens."""
        size = use.size
        slots = [min(size, len(e.candidates)) for e in plan.entries]
        open_plan = Plan([dataclasses.replace(e, context=[(e.candidates[j], 0, use.time) for j in range(n)] + e.context) for e, n in zip(plan.entries, slots)])
        super().__init__(open_plan, rope, device)
        self.text_keys, self.lengths, self.activated = text_keys, lengths, use.activated
        self.asked: dict[tuple, list[int]] = {}
        for index, e in enumerate(plan.entries):
            if len(e.candidates) > size:
                self.asked.setdefault((e.asks, tuple(e.candidates)), []).append(index)
        self.slots = slots
        self.size = size

    @torch.no_grad()
    def choose(self, layer, bucket, q_here, k_all):
        members, frames, times, bias = bucket
        row_of = {e: row for row, e in enumerate(members.tolist())}
        frames = frames.clone()
        for (prompt, candidates), entries in self.asked.items():
            rows = [row_of[e] for e in entries if e in row_of]
            if rows:
                source = torch.tensor(candidates, device=frames.device) * CHUNK
                scores = nam_scores(self.text_keys[layer][prompt, :self.lengths[prompt]].float(), k_all.index_select(0, source).float())
                frames[rows, :self.size] = source[scores.topk(self.size).indices]
        slots = torch.tensor([self.slots[e] for e in members.tolist()], device=frames.device)
        bias = None if bias is None else bias[:, None]
        if self.activated and int(slots.max()) > self.activated:
            width = int(slots.max())
            keys = self.rope(pick(k_all, frames[:, :width]), times[:, :width]).float().mean(2)  # [rows, slots, heads, d]
            scores = torch.einsum("rhd,rshd->rhs", q_here.index_select(0, members).float().mean((1, 2)), keys)
            empty = torch.arange(width, device=frames.device) >= slots[:, None]
            scores = scores.masked_fill(empty[:, None], float("-inf"))
            idle = torch.ones_like(scores, dtype=torch.bool).scatter(2, scores.topk(self.activated, 2).indices, False)
            idle &= ~empty[:, None] & (slots > self.activated)[:, None, None]
            sparse = torch.zeros(*scores.shape[:2], frames.shape[1], device=frames.device)
            sparse[..., :width] = idle * -1e4
            bias = sparse if bias is None else bias + sparse
        return frames, bias


def leading(plan: Plan) -> tuple[Plan, list[int]]:
    """The plan without all noisy passes but the first of each chunk that others read, under its own prompt; and which entries were kept."""
    kept, seen, read = [], set(), {e.chunk for e in plan.entries if not e.noisy}
    for index, e in enumerate(plan.entries):
        if e.chunk in read and (not e.noisy or e.chunk not in seen):
            kept.append(index)
            if e.noisy:
                seen.add(e.chunk)
    place = {old: new for new, old in enumerate(kept)}
    entries = [dataclasses.replace(e, prompt=e.asks if e.noisy else e.prompt, context=[(place[s], f, t) for s, f, t in e.context],
                                   candidates=[place[c] for c in e.candidates]) for e in (plan.entries[i] for i in kept)]
    return Plan(entries), kept


def levels(start: float, rounds: int) -> list[float]:
    """Noise levels of `rounds` steps from `start` to 0, evenly spaced before the shift of 5."""
    s = start / (5 - 4 * start)
    return [5 * s * (1 - j / rounds) / (1 + 4 * s * (1 - j / rounds)) for j in range(rounds)] + [0.0]


@torch.no_grad()
def own_history(run, plan: Plan, clean: torch.Tensor, sigmas: list[float], start: tuple[torch.Tensor, torch.Tensor] | None = None,
                path: list[torch.Tensor] | None = None) -> torch.Tensor:
    """What the model makes of every chunk that others read, [chunks, 3, 16, h, w], from truth at the first of `sigmas`, in a step to each of the others; the last is 0.

    Every round reads the results of the one before. Where the first of `sigmas` is 1, the chunks are sampled as the app samples them, after a history
    that stays meanwhile: those that go on with a shot from noise alone, the others from truth at a level that still shows it (SHOWN), since from noise they
    would show another story.
    `start` is a history to go on from and which of its chunks [chunks] stay; without it, the truth, of which none does.
    The chunks that nobody reads stay as they are. `path` takes what every round began with. `run(plan, inputs, sigma)` gives the velocity of every entry.
    """
    lead, _ = leading(plan)
    history, stay = start or (clean, torch.zeros(len(clean), dtype=torch.bool))
    if not lead.entries:
        return history
    wide, device = (slice(None), None, None, None, None), clean.device
    chunk = torch.tensor([e.chunk for e in lead.entries], device=device)
    noisy = torch.tensor([e.noisy for e in lead.entries], device=device, dtype=torch.bool)
    made = torch.zeros(len(clean), dtype=torch.bool, device=device).index_fill(0, chunk, True) & ~stay.to(device)
    free = torch.zeros_like(made).index_fill(0, torch.tensor([e.chunk for e in lead.entries if e.goes_on], device=device, dtype=torch.long), True)
    noise = torch.randn_like(clean)
    x = (1 - sigmas[0]) * clean + sigmas[0] * noise
    for now, after in zip(sigmas, sigmas[1:]):
        if path is not None:
            path.append(x)
        inputs = torch.where(noisy[wide], x[chunk], history[chunk])
        velocity = torch.zeros_like(clean).index_copy(0, chunk[noisy], run(lead, inputs, now * noisy.float())[noisy].float())
        if sigmas[0] < 1 or after == 0:
            history = torch.where(made[wide], x - now * velocity, history)
        x = x + (after - now) * velocity
        if sigmas[0] == 1 and now > SHOWN:
            x = torch.where(free[wide], x, (1 - after) * clean + after * noise)
    return history
