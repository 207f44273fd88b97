"""Teacher forcing over whole stories: every pass of a story as one batch of entries.

Sequential inference runs, chunk by chunk, noisy passes, a clean commit pass and at
prompt switches a recache pass; each reads K/V that earlier clean passes left at the
same layer. Here all these passes are entries of one batch, run layer by layer
together, and each gathers its context from the other entries. That equals the
sequential computation exactly, and every chunk of a story is a target.
"""
import random
from dataclasses import dataclass, field

import torch

from .dit import CHUNK, softmax_attention

POLICIES = ("nam", "sink", "window")
LARGEST_BANK = 3  # times the model's own size: people may choose larger banks
LIKENESSES = 12  # the most that a batch asks for; each is asked of all other passes, in every layer
LITTLE_NOISE = 0.65  # sigma below which a pass's keys are much like those of a finished frame
BUCKETS = ((0, 0), (1, 2), (3, 4), (5, 7), (8, 100))  # context frames, least and most, of the passes that attend together


@dataclass
class Entry:
    """One pass over one chunk. `context` lists (entry, frame of that entry, time index).

    With `candidates` (entries), the pass also attends to those of their first frames that the prompt `asks` retrieves.
    It `goes_on` where the chunk before is of the same shot, and `follows` where that shows the same scene, perhaps under another prompt; a shot that goes on into another place does not.
    """
    chunk: int
    prompt: int
    noisy: bool
    first_time: int
    context: list[tuple[int, int, int]]
    candidates: list[int] = field(default_factory=list)
    asks: int = 0
    goes_on: bool = False
    follows: bool = False


Case = tuple[int, list[int], list[list[bool]]]  # a prompt, candidate entries, and for every aspect whether each of them shows it


@dataclass
class Plan:
    entries: list[Entry] = field(default_factory=list)
    retrievals: list[Case] = field(default_factory=list)


def case(prompt: int, candidates: list[int], aspects: list[list[bool]]) -> list[Case]:
    """The case of a prompt without the aspects that all candidates show or none does; none if nothing is left to choose."""
    telling = [shown for shown in aspects if any(shown) and not all(shown)]
    return [(prompt, candidates, telling)] if telling else []


def add_story(plan: Plan, story: dict, chunk_offset: int, prompt_offset: int, empty_prompt: int, memory: dict, copies: int, rng: random.Random,
              retrieve: bool = False):
    """Appends a story's passes. `story`: chunk_shot, prompts, continues and fresh (per shot), place_id and who_ids (per chunk).

    With `retrieve` the model itself will choose the banks (streaming.py), else they are the right ones with mistakes.
    """
    positions, count = memory["positions"], len(story["chunk_shot"])
    assert memory["windowFrames"] == CHUNK and memory["sinkFrames"] == 1, "the trainer knows a window of one chunk and a sink of one frame"
    policy = rng.choices(POLICIES, (0.8, 0.1, 0.1))[0]
    shots, commits = story["chunk_shot"], []
    who = [set(ids) for ids in story["who_ids"]]
    for chunk, shot in enumerate(shots):
        new_shot = chunk > 0 and shot != shots[chunk - 1]
        windowed = chunk > 0 and (not new_shot or story["continues"][shot])
        prompt = prompt_offset + shot
        far: list[tuple[int, int, int]] = []
        if chunk > 0 and not (windowed and chunk == 1) and policy != "window":
            far.append((commits[0], 0, positions["sink"]))
        candidates = [c for c in range(1, chunk) if not (windowed and c == chunk - 1)]
        pool = [commits[c] for c in candidates] if policy == "nam" and retrieve else []
        if policy == "nam":
            # Its place, and each of its characters: what a bank of a few frames should hold all of.
            aspects = [[story["place_id"][c] == story["place_id"][chunk] for c in candidates], *([w in who[c] for c in candidates] for w in sorted(who[chunk]))]
            plan.retrievals += case(prompt, [commits[c] for c in candidates], aspects)
        if policy == "nam" and not retrieve:
            dice, bank = rng.random(), memory["bankFrames"]
            size = bank if dice < 0.6 else rng.randint(1, bank) if dice < 0.75 else rng.randint(bank + 1, LARGEST_BANK * bank)
            # The right ones first, with mistakes, as retrieval will make them.
            noise = 1.0 if rng.random() < 0.85 else 4.0
            rank = {c: (story["place_id"][c] == story["place_id"][chunk]) + noise * rng.random() for c in candidates}
            remembered = sorted(candidates, key=rank.get, reverse=True)[:size]
            far += [(commits[c], 0, positions["bank"]) for c in remembered]
        context = list(far)
        if windowed:
            source = commits[chunk - 1]
            if new_shot and story["prompts"][shot] != story["prompts"][shots[chunk - 1]]:
                source = len(plan.entries)
                plan.entries.append(Entry(chunk_offset + chunk - 1, prompt, False, positions["current"] - CHUNK, far, pool, prompt))
            context += [(source, f, positions["current"] - CHUNK + f) for f in range(CHUNK)]
        commits.append(len(plan.entries))
        if chunk < count - 1:
            plan.entries.append(Entry(chunk_offset + chunk, prompt, False, positions["current"], context, pool, prompt))
        for _ in range(copies):
            seen = empty_prompt if rng.random() < 0.1 else prompt
            plan.entries.append(Entry(chunk_offset + chunk, seen, True, positions["current"], context, pool, prompt, windowed and not new_shot, windowed and not (new_shot and story["fresh"][shot])))


def likenesses(plan: Plan, sigma: torch.Tensor, noisy: torch.Tensor, kinds: list[int], species: list[set[int]]) -> list[Case]:
    """Cases among passes of little noise under other prompts: which of them show the prompt's kind of place and its species.

    A batch has few returns to a place but many of these. `sigma` and `noisy` [entries]; `kinds` and `species` of each noisy pass, in order.
    """
    entries = noisy.nonzero()[:, 0].tolist()
    near = [i for i, e in enumerate(entries) if sigma[e] < LITTLE_NOISE]
    cases: list[Case] = []
    for i in torch.randperm(len(entries)).tolist():
        if len(cases) == LIKENESSES:
            break
        e = entries[i]
        others = [j for j in near if plan.entries[entries[j]].asks != plan.entries[e].asks]
        aspects = [[kinds[j] == kinds[i] for j in others], *([one in species[j] for j in others] for one in sorted(species[i]))]
        cases += case(plan.entries[e].asks, [entries[j] for j in others], aspects)
    return cases


def pick(x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """x[index]; index_select has the faster backward pass on CPUs."""
    return x.index_select(0, index.flatten()).unflatten(0, index.shape)


class Permuted(torch.autograd.Function):
    """x[order], where `back` is the inverse of the permutation `order`: its backward pass gathers as well, which is faster than adding up."""

    @staticmethod
    def forward(ctx, x, order, back):
        ctx.back = back
        return x.index_select(0, order)

    @staticmethod
    def backward(ctx, grad):
        return grad.index_select(0, ctx.back), None, None


class GatherAttention:
    """The `attend` callable of a plan; buckets entries by context length and keeps retrieval losses."""

    def __init__(self, plan: Plan, rope, device="cpu"):
        self.rope, self.buckets = rope, []
        entries = plan.entries
        order = sorted(range(len(entries)), key=lambda e: len(entries[e].context))
        for low, high in BUCKETS:
            members = [e for e in order if low <= len(entries[e].context) <= high]
            if not members:
                continue
            width = max(len(entries[e].context) for e in members)
            rows = [[(source * CHUNK + frame, time, 0) for source, frame, time in entries[e].context] for e in members]
            padded = torch.tensor([row + [(0, 0, -10_000)] * (width - len(row)) for row in rows], dtype=torch.long).view(len(members), width, 3)
            frames, times, bias = padded[..., 0], padded[..., 1], padded[..., 2].float()
            self.buckets.append((torch.tensor(members, device=device), frames.to(device), times.to(device), bias.to(device) if bool((bias < 0).any()) else None))
        self.times = (torch.tensor([e.first_time for e in entries])[:, None] + torch.arange(CHUNK)).to(device)
        self.order = torch.cat([b[0] for b in self.buckets])
        self.position = torch.argsort(self.order)
        self.keys: list[torch.Tensor] = []  # per layer, un-roped first frames of every entry

    def choose(self, layer, bucket, q_here, k_all):
        """The context frames of a bucket's entries at a layer, [entries, width], and their bias [entries, 1 or heads, width] or None."""
        _, frames, _, bias = bucket
        return frames, None if bias is None else bias[:, None]

    def __call__(self, layer, q, k, v):
        tokens = k.shape[2]
        self.keys.append(k[:, 0])
        q_here, k_here = self.rope(q, self.times), self.rope(k, self.times)
        k_all, v_all = k.flatten(0, 1), v.flatten(0, 1)
        outputs, sizes = [], [len(bucket[0]) for bucket in self.buckets]
        sorted_ones = (Permuted.apply(x, self.order, self.position).flatten(1, 2).split(sizes) for x in (q_here, k_here, v))
        for bucket, queries, keys, values in zip(self.buckets, *sorted_ones):
            _, _, times, _ = bucket
            frames, bias = self.choose(layer, bucket, q_here, k_all)
            if frames.shape[1]:
                keys = torch.cat([self.rope(pick(k_all, frames), times).flatten(1, 2), keys], 1)
                values = torch.cat([pick(v_all, frames).flatten(1, 2), values], 1)
            if bias is not None:
                bias = torch.cat([bias.repeat_interleave(tokens, 2), bias.new_zeros(*bias.shape[:2], CHUNK * tokens)], 2)[:, :, None].to(q.dtype)
            outputs.append(softmax_attention(queries, keys, values, bias))
        return Permuted.apply(torch.cat(outputs), self.position, self.order)


def retrieval_loss(cases: list[Case], keys: list[torch.Tensor], text_keys: list[torch.Tensor], lengths: list[int]):
    """-log of the score's share that frames showing an aspect get, mean over layers and aspects; and per layer [layers] how often the best frame shows one.

    Aspects are asked for one by one, so that a frame of two characters does not satisfy a prompt that names one of them elsewhere.
    """
    if not cases:
        return None, None
    frames = sorted({c for _, candidates, _ in cases for c in candidates})
    place = {frame: column for column, frame in enumerate(frames)}
    rows, most, longest = len(cases), max(len(aspects) for *_, aspects in cases), max(lengths[prompt] for prompt, *_ in cases)
    foreign, shows, asked = torch.ones(rows, len(frames), dtype=torch.bool), torch.zeros(rows, most, len(frames)), torch.zeros(rows, most)
    words = torch.zeros(rows, longest)
    for row, (prompt, candidates, aspects) in enumerate(cases):
        columns = [place[c] for c in candidates]
        foreign[row, columns] = False
        for aspect, shown in enumerate(aspects):
            shows[row, aspect, columns] = torch.tensor(shown).float()
        asked[row, :len(aspects)] = 1
        words[row, :lengths[prompt]] = 1
    prompts = torch.tensor([p for p, _, _ in cases])
    index = torch.tensor(frames)
    index, foreign, shows, asked, words, prompts = (x.to(keys[0].device) for x in (index, foreign, shows, asked, words, prompts))
    losses, hits = [], []
    for k, t in zip(keys, text_keys):
        query = t[prompts, :longest].flatten(0, 1).transpose(0, 1).float()  # [H, rows*words, d]
        key = k.index_select(0, index).flatten(0, 1).permute(1, 2, 0).float()  # [H, d, frames*tokens]
        logits = (query @ key * query.shape[-1] ** -0.5).view(-1, rows, longest, len(frames), k.shape[1])
        # A frame's share of the softmax over all tokens of all candidates.
        share = logits.logsumexp(-1).masked_fill(foreign[:, None], float("-inf")).softmax(-1).mean(0)  # [rows, words, frames]
        share = (share * words[:, :, None]).sum(1) / words.sum(1, keepdim=True)
        missed = -torch.log((share[:, None] * shows).sum(2) + 1e-6)  # [rows, aspects]
        losses.append((missed * asked).sum() / asked.sum())
        hits.append(shows.amax(1).gather(1, share.argmax(1, keepdim=True)).mean().detach())
    return torch.stack(losses).mean(), torch.stack(hits)
