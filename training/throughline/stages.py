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
SAME = 0.05  # mean difference of two latents below which they show the same
LIKE = 0.2  # the same of two latents that show the same part of a figure before other scenery
TRAVELS = 2, 3, 4  # latent cells a chunk: who walks, runs in a wide shot and runs; under a pan what is near moves as the second
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


def moved(latents, cells: int):
    """Latents [..., w] so many cells further right; what comes in from outside is unknown (nan)."""
    out, width = torch.full_like(latents, torch.nan), latents.shape[-1] - abs(cells)
    if width > 0:
        out[..., max(0, cells):max(0, cells) + width] = latents[..., max(0, -cells):max(0, -cells) + width]
    return out


def begun(plan: Plan, history, clean):
    """What makes the truth of every chunk that follows what its scene showed before in `history` [chunks, 3, 16, h, w]: to be added to it, and what of it
    is settled [chunks, 3, 1, h, w], since it stands where it stood at the beginning.

    Where the truth shows the same as at the beginning, the target is what the model made of it there; where it shows what came to light later or has
    come along a way (TRAVELS), what the model made of that when it was first seen so. That stands in the window, the bank or the sink; the truth stands nowhere, and a
    target that cannot be seen is learned as doubt.
    """
    added, settled = torch.zeros_like(clean), torch.zeros_like(clean[:, :, :1], dtype=torch.bool)
    following = {e.chunk for e in plan.entries if e.follows}
    for chunk in following:
        first = chunk
        while first in following:
            first -= 1
        same = (clean[first] - clean[chunk]).abs().mean(1, keepdim=True) < SAME
        added[chunk], settled[chunk] = (history[first] - clean[first]) * same, same
        for before in range(first, chunk):
            alike, like = torch.full_like(same, LIKE, dtype=clean.dtype), same.clone()
            for cells in (0, *(sign * travel * (chunk - before) for travel in TRAVELS for sign in (-1, 1))):
                apart = (moved(clean[before], cells) - clean[chunk]).abs().mean(1, keepdim=True)
                closer = (apart < alike) & ~same
                added[chunk] = torch.where(closer, moved(history[before] - clean[before], cells), added[chunk])
                alike, like = torch.where(closer, apart, alike), like | closer
            same = like
    return added, settled


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


def truth_of(plan: Plan, inputs, sigma, target, noisy):
    """The chunks [chunks, 3, 16, h, w] that a batch's noisy passes were made from."""
    return per_chunk(plan, noisy, inputs[noisy] - wide(sigma[noisy]) * target)


def made_by(maker: Passes, plan: Plan, clean, use: MemoryUse, sigmas: list[float], start=None, path=None):
    """`own_history` of a model."""
    # Weights that autocast converted without gradients must not be kept for the pass that needs them.
    with mixed_precision(clean.device.type, cache=False):
        return own_history(lambda p, x, s: maker(p, x, s, maker.stream(p, use)), plan, clean, sigmas, start, path)


def after(history, plan: Plan, clean, inputs, sigma, target, noisy):
    """The inputs and targets of a step whose history is `history` [chunks, 3, 16, h, w], and what of the noisy passes is settled (`begun`)."""
    chunk = torch.tensor([e.chunk for e in plan.entries], device=inputs.device)
    added, settled = (values[chunk[noisy]] for values in begun(plan, history, clean))
    inputs = torch.where(wide(noisy), inputs, history[chunk])
    inputs[noisy] += (1 - wide(sigma[noisy])) * added
    return inputs, target - added, settled


def rollout_inputs(maker: Passes, plan: Plan, inputs, sigma, target, noisy, use: MemoryUse, sigmas: list[float], before=None):
    """The inputs and targets of a step whose history `maker` made, from truth at the first of `sigmas` down to the last; and that history.

    `before`, the history that the last step over the same stories made, is gone on from.
    """
    clean = truth_of(plan, inputs, sigma, target, noisy)
    own = made_by(maker, plan, clean, use, sigmas, None if before is None else carried(plan, before, clean))
    inputs, target, _ = after(own, plan, clean, inputs, sigma, target, noisy)
    return inputs, target, own


@dataclasses.dataclass
class Way:
    """How a student went on with shots: `levels`, all its chunks [chunks, 3, 16, h, w] at each of its noise levels; what of the noisy passes is `settled` [passes, 3, 1, h, w]."""
    levels: list[torch.Tensor]
    settled: torch.Tensor


def onward_inputs(maker: Passes, plan: Plan, inputs, sigma, target, noisy, use: MemoryUse, sigmas: list[float], before=None):
    """As `rollout_inputs`, but with the history that `maker` went on from; besides, what it made of that, and on what way."""
    clean, levels = truth_of(plan, inputs, sigma, target, noisy), []
    if before is None:
        before = made_by(maker, plan, clean, use, sigmas)
    history, stay = carried(plan, before, clean)
    own = made_by(maker, plan, clean, use, sigmas, (history, stay), levels)
    inputs, target, settled = after(history, plan, clean, inputs, sigma, target, noisy)
    return inputs, target, own, Way(levels, settled)


def rollout_curriculum(progress: float, most_rounds: int, rng: random.Random) -> list[float]:
    """Noise levels of a step's history: from single estimates close to truth to rollouts of `most_rounds` from almost nothing."""
    rounds = 1 + int(min(0.999, 1.5 * progress) * most_rounds)
    rounds = rng.randint(max(1, rounds - 1), rounds)
    return levels(rng.uniform(0.5, 0.65 + 0.3 * min(1.0, 1.5 * progress)), rounds)


def with_blanks(plan: Plan) -> tuple[Plan, torch.Tensor]:
    """The plan with every noisy pass that begins a scene once more under the empty prompt (index 0), and where those passes come from."""
    source = [index for index, e in enumerate(plan.entries) if e.noisy and not e.follows]
    return Plan(plan.entries + [dataclasses.replace(plan.entries[i], prompt=0) for i in source]), torch.tensor(source, dtype=torch.long)


@torch.no_grad()
def guided(teacher: Passes, plan: Plan, inputs, sigma, noisy, use: MemoryUse, guidance: float):
    """The noisy passes' velocity with classifier-free guidance (Ho and Salimans 2022): v0 + g (v - v0), v0 under the empty prompt.

    Only where a scene begins: guidance sharpens, and chunks that follow sharpened ones would sharpen them again. It also heeds the prompt more
    than memory, where a prompt that goes on says the least.
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
def distilled(teacher: Passes, plan: Plan, inputs, sigma, target, noisy, use: MemoryUse, steps: list[int], substeps: int, shift: float, guidance: float, way: Way | None = None):
    """Inputs, levels and targets of a step that learns to go in one step where the teacher goes in `substeps`, guided.

    `steps` are the nominal steps of the student; every noisy pass gets one of them. What is settled on the student's `way` learns to go
    straight to its target instead, from where the student itself has come to: there is nothing to choose, and the teacher errs as well. What moves
    is not: the student may have it elsewhere than the truth, and halfway between the two is a blur.
    """
    nominal = torch.tensor([*steps, 0], dtype=torch.float64)
    index = torch.randperm(int(noisy.sum())) % len(steps)
    high, low = nominal[index], nominal[index + 1]
    grid = [(high + (low - high) * j / substeps) for j in range(substeps + 1)]
    levels = [sigma_of(1000 - n, shift).to(inputs) for n in grid]
    end = inputs[noisy] - wide(sigma[noisy]) * target
    x = end + wide(levels[0]) * target
    if way:
        chunk, read = [e.chunk for e in plan.entries if e.noisy], {e.chunk for e in plan.entries if not e.noisy}
        made = way.settled & wide(torch.tensor([c in read for c in chunk], device=x.device))
        x = torch.where(made, torch.stack(way.levels)[index, chunk], x)
    begin = x
    for now, then in zip(levels, levels[1:]):
        inputs, sigma = inputs.clone(), sigma.clone()
        inputs[noisy], sigma[noisy] = x, now
        x = x + wide(then - now) * guided(teacher, plan, inputs, sigma, noisy, use, guidance)
    inputs, sigma = inputs.clone(), sigma.clone()
    inputs[noisy], sigma[noisy] = begin, levels[0]
    taught = (x - begin) / wide(levels[-1] - levels[0])
    return inputs, sigma, torch.where(way.settled, (begin - end) / wide(levels[0]), taught) if way else taught
