"""What chunks are taught that come back to a place: to look at what they saw of it, and to draw who stands there as they were."""
import torch

from .exams import FIRST_VISIT

MIDDLE = 3  # so many times errors count where somebody stands who comes back
LOOKED_AT = 6  # of every so many tokens of a chunk one is asked where it looks
HIDDEN = -10_000.0  # added to what must not be attended to


def comes_back(film: dict, index: int) -> bool:
    """Whether a chunk is the end of a film of leaving and coming back (`leaving_and_coming_back`), which alone begins every chunk with a cut."""
    return index > FIRST_VISIT and index == len(film["cut"]) - 1 and all(film["cut"])


def weighed(velocity, wanted, back):
    """Mean squared errors [E] of velocities [E, F, C, h, w]; of chunks that come back, `back` [E], the middle third counts MIDDLE times: somebody stands there."""
    weight = torch.ones_like(wanted)
    third = wanted.shape[-1] // 3
    weight[back, ..., third:-third] = MIDDLE
    return ((velocity.float() - wanted).square() * weight).mean((1, 2, 3, 4)) / weight.mean((1, 2, 3, 4))


def looked_past(q, keys, hidden, right):
    """How far chunks look past what they come back to: the mean of -log(its share of what they attend to in memory) over heads and some tokens, [E].

    q [E, tokens, heads, d], keys [E, N, heads, d], `hidden` [E, 1, 1, N] is HIDDEN where a chunk has no such key; `right` [E, N], which keys are of the visit, one at least.
    """
    logits = torch.einsum("eqhd,ekhd->ehqk", q[:, ::LOOKED_AT], keys).float() * q.shape[-1] ** -0.5 + hidden
    wrong = torch.where(right, 0.0, HIDDEN)[:, None, None]
    return (logits.logsumexp(-1) - (logits + wrong).logsumexp(-1)).mean((1, 2))
