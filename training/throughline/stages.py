"""What the later stages of training change about a step: the history (rollout) or the target (distil)."""
import dataclasses
import random

import torch

from .config import sigma_of
from .dit import CHUNK
from .excerpts import GatherAttention, Plan
from .precision import mixed_precision
from .streaming import MemoryUse, StreamingAttention, levels, own_history
from .text import PAD

STAGES = ("teacher", "rollout", "distil")
KEPT = 0.6  # of what the scenery of a history that went on itself differs from the truth by, the share that the next chunk's target keeps; the rest it corrects
STILL = 0.01  # mean difference of the latents of two chunks below which a shot repeats itself


def per_chunk(plan: Plan, noisy: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Values of noisy passes [noisy passes, ...] by chunk [chunks, ...]; of passes over one chunk the last counts."""
    chunk = torch.tensor([e.chunk for e in plan.entries], device=values.device)[noisy]
    out = values.new_zeros(int(chunk.max()) + 1, *values.shape[1:])
    out[chunk] = values
    return out


def wide(sigma: torch.Tensor) -> torch.Tensor:
    return sigma[:, None, None, None, None]


class Passes:
    """Runs all passes of a plan through a generator."""

    def __init__(self, model, ids: torch.Tensor):
        self.model, self.dit = model, model.dit
        self.context = self.dit.text_context(model.text(ids))
        self.text_keys = [self.dit.text_keys(i, self.context) for i in range(len(self.dit.blocks))]
        self.lengths = (ids != PAD).sum(1).tolist()

    def gather(self, plan: Plan) -> GatherAttention:
        return GatherAttention(plan, self.dit.rope, self.context.device)

    def stream(self, plan: Plan, use: MemoryUse) -> StreamingAttention:
        """With the banks that the model retrieves."""
        keys = [k.detach() for k in self.text_keys]
        return StreamingAttention(plan, self.dit.rope, use, keys, self.lengths, self.context.device)

    def __call__(self, plan: Plan, inputs, sigma, attend, tap=None):
        """The velocity of every pass."""
        prompt_of = torch.tensor([e.prompt for e in plan.entries], device=inputs.device)
        return self.dit(inputs, (1000 * sigma)[:, None].expand(-1, CHUNK), self.context, prompt_of, attend, tap)


def kept_scenery(plan: Plan, own, clean, inside, noisy):
    """What is added to the truth of every noisy pass so that its scenery goes on from its history's, [noisy passes, 3, 16, h, w].

    Zero but in steady shots that go on, where no character is: KEPT of what the history differs by, or all of it where that began the shot,
    which may look as it likes. `own` and `clean` [chunks, 3, 16, h, w] are the history and the truth,
    `inside` [noisy passes, 3, characters, tokens] the characters' shares of tokens of 2x2.
    """
    entries = [e for e in plan.entries if e.noisy]
    chunk, steady = (torch.tensor(values, device=own.device) for values in ([e.chunk for e in entries], [e.steady for e in entries]))
    before = chunk - steady.long()
    shown = per_chunk(plan, noisy, inside.amax(2))
    empty = (torch.cat([shown[before, -1:], shown[chunk]], 1).amax(1) == 0) & steady[:, None]  # [noisy passes, tokens]
    empty = empty.unflatten(1, (own.shape[-2] // 2, -1)).repeat_interleave(2, 1).repeat_interleave(2, 2)
    going = {e.chunk for e in entries if e.goes_on}
    kept = torch.tensor([KEPT if c in going else 1.0 for c in before.tolist()], device=own.device)[:, None, None, None]
    return (kept * (own[before, -1] - clean[before, -1]) * empty[:, None])[:, None].expand(-1, CHUNK, -1, -1, -1)


def carried(plan: Plan, own, clean):
    """Where shots that repeat themselves go on from after a history `own` [chunks, 3, 16, h, w]: a history, and which of its chunks [chunks] stay.

    The second chunk of such a shot takes what the last that others read differs from the truth by, so that step after step a short shot
    becomes a long one. The first stays as it was: the sink and the bank of a long shot hold it too.
    """
    history, stay = own.clone(), torch.zeros(len(own), dtype=torch.bool)
    going, read = {e.chunk for e in plan.entries if e.goes_on}, {e.chunk for e in plan.entries if not e.noisy}
    for second in sorted(going):
        last = second
        while last + 1 in going and last + 1 in read:
            last += 1
        if second - 1 not in going and last > second and float((clean[last] - clean[last - 1]).abs().mean()) < STILL:
            history[second] = clean[second] + own[last] - clean[last]
            stay[second - 1:second + 1] = True
    return history, stay


def rollout_inputs(maker: Passes, plan: Plan, inputs, sigma, target, inside, noisy, use: MemoryUse, sigmas: list[float], before=None):
    """The inputs and targets of a step whose history `maker` made, from truth at the first of `sigmas` down to the last; and that history.

    `before`, the history that the last step over the same stories made, is gone on from. A target that were the truth alone would have
    every chunk correct its history's scenery at once, at the border.
    """
    clean = per_chunk(plan, noisy, inputs[noisy] - wide(sigma[noisy]) * target)
    start = None if before is None else carried(plan, before, clean)
    # Weights that autocast converted without gradients must not be kept for the pass that needs them.
    with mixed_precision(inputs.device.type, cache=False):
        own = own_history(lambda p, x, s: maker(p, x, s, maker.stream(p, use)), plan, clean, sigmas, start)
    chunk = torch.tensor([e.chunk for e in plan.entries], device=inputs.device)
    added = kept_scenery(plan, own, clean, inside, noisy)
    inputs = torch.where(wide(noisy), inputs, own[chunk])
    inputs[noisy] += (1 - wide(sigma[noisy])) * added
    return inputs, target - added, own


def rollout_curriculum(progress: float, most_rounds: int, rng: random.Random) -> list[float]:
    """Noise levels of a step's history: from single estimates close to truth to rollouts of `most_rounds` from almost nothing."""
    rounds = 1 + int(min(0.999, 1.5 * progress) * most_rounds)
    rounds = rng.randint(max(1, rounds - 1), rounds)
    return levels(rng.uniform(0.5, 0.65 + 0.3 * min(1.0, 1.5 * progress)), rounds)


def with_blanks(plan: Plan) -> tuple[Plan, torch.Tensor]:
    """The plan with every noisy pass that begins a shot once more under the empty prompt (index 0), and where those passes come from."""
    source = [index for index, e in enumerate(plan.entries) if e.noisy and not e.goes_on]
    return Plan(plan.entries + [dataclasses.replace(plan.entries[i], prompt=0) for i in source]), torch.tensor(source, dtype=torch.long)


@torch.no_grad()
def guided(teacher: Passes, plan: Plan, inputs, sigma, noisy, use: MemoryUse, guidance: float):
    """The noisy passes' velocity with classifier-free guidance (Ho and Salimans 2022): v0 + g (v - v0), v0 under the empty prompt.

    Only where a shot begins: guidance sharpens, and chunks that go on from sharpened ones would sharpen them again.
    """
    if guidance == 1:
        return teacher(plan, inputs, sigma, teacher.stream(plan, use))[noisy].float()
    both, source = with_blanks(plan)
    source = source.to(inputs.device)
    velocity = teacher(both, torch.cat([inputs, inputs[source]]), torch.cat([sigma, sigma[source]]), teacher.stream(both, use)).float()
    velocity, blank = velocity[:len(plan.entries)], velocity[len(plan.entries):]
    velocity[source] = blank + guidance * (velocity[source] - blank)
    return velocity[noisy]


@torch.no_grad()
def distilled(teacher: Passes, plan: Plan, inputs, sigma, target, noisy, use: MemoryUse, steps: list[int], substeps: int, shift: float, guidance: float):
    """Inputs, levels and targets of a step that learns to go in one step where the teacher goes in `substeps`, guided.

    `steps` are the nominal steps of the student; every noisy pass gets one of them.
    """
    nominal = torch.tensor([*steps, 0], dtype=torch.float64)
    index = torch.randperm(int(noisy.sum())) % len(steps)
    high, low = nominal[index], nominal[index + 1]
    grid = [(high + (low - high) * j / substeps) for j in range(substeps + 1)]
    levels = [sigma_of(1000 - n, shift).to(inputs) for n in grid]
    x = inputs[noisy] + wide(levels[0] - sigma[noisy]) * target
    begin = x
    for now, after in zip(levels, levels[1:]):
        inputs, sigma = inputs.clone(), sigma.clone()
        inputs[noisy], sigma[noisy] = x, now
        x = x + wide(after - now) * guided(teacher, plan, inputs, sigma, noisy, use, guidance)
    inputs, sigma = inputs.clone(), sigma.clone()
    inputs[noisy], sigma[noisy] = begin, levels[0]
    return inputs, sigma, (x - begin) / wide(levels[-1] - levels[0])
