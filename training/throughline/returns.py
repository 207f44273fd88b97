"""Leave and return, looked at: what of the first visit is there again; and how a long shot drifts."""
from dataclasses import dataclass

import numpy as np

from . import exams
from .measures import change, chunks_of, saturation, seam, sharpness
from .probe import Probe, look, of_chunk
from .story import Story
from .world import draw_story


@dataclass(frozen=True)
class FirstVisit:
    """A place and someone in it, as a film first showed them. `limit`: half of what another layout of that kind and light differs by."""
    probe: Probe
    keys: list[str]  # the probe's attributes that are looked at
    frames: np.ndarray
    limit: float
    truth: dict
    named: dict[str, str]

    @classmethod
    def of(cls, probe: Probe, keys: list[str], story: Story, drawn: np.ndarray, made: np.ndarray) -> "FirstVisit":
        """`drawn` and `made` are the frames of a return story as drawn and as a model made it."""
        seen, first = of_chunk(drawn, exams.FIRST_VISIT), of_chunk(made, exams.FIRST_VISIT)
        limit = 0.5 * float(np.median([change(seen, draw_story(other)[0]) for other in exams.other_layouts(story)]))
        return cls(probe, keys, first, limit, story.truth(exams.FIRST_VISIT), probe.names([look(first)])[0])

    def kept_in(self, back: np.ndarray) -> dict[str, float | bool]:
        """Of the chunk that comes back: how far the background moved, whether the layout was kept, and each attribute against the truth and (`same ...`) against the first visit."""
        moved, named = change(self.frames, back), self.probe.names([look(back)])[0]
        out: dict[str, float | bool] = {"change": moved, "layout": moved < self.limit}
        for key in self.keys:
            out[key] = named[key] == (self.truth[key] or "none")
            out[f"same {key}"] = named[key] == self.named[key]
        return out


def drift_of(probe: Probe, frames: np.ndarray, chunks: int) -> dict[str, float]:
    """Of one long shot: the first against the last 15 %, and one chunk against the next."""
    part, pieces = max(1, round(0.15 * chunks)), chunks_of(frames, chunks)
    ends = pieces[1:1 + part], pieces[-part:]
    first, last = map(np.concatenate, ends)
    named = probe.names([look(pieces[k]) for k in (1, chunks - 1)])
    return {"background change, first to last 15 %": change(*(np.stack([x[-8:].mean(0) for x in end]) for end in ends)),
            "sharpness, last over first": sharpness(last) / sharpness(first), "saturation, last over first": saturation(last) / saturation(first),
            "background change from chunk to chunk": float(np.mean([change(a, b) for a, b in zip(pieces[1:], pieces[2:])])),
            "change across chunk borders over change within": seam(frames, range(1, chunks - 1)),
            **{f"{key} named as at the start": float(named[0][key] == named[1][key]) for key in ("place", "species", "colour")}}
