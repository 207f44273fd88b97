"""Long shots as the student itself makes them: what it sees of itself must not carry it off.

A film's velocities say what follows a history of the teacher's own chunks. Where a student sees its own, small mistakes are its history, grow from chunk to chunk, and a long shot drifts. So of
long shots the student is shown what it makes of them, from the film's own noise, and asked for the velocities of the film, which lead back to it.
"""
from collections.abc import Callable
from typing import Any

import torch
from torch.nn.utils import parametrize

from .dit import CHUNK
from .exams import drift_story, walking_story
from .inference import Engine, Segment
from .story import Story

CHUNKS = 32  # of a long shot
FIRST_SHOT = 25_000  # of exams.drift_story; no exam asks for those
MADE_EVERY = 12  # steps of training, after which one shot more is made, or made anew


def long_shot(world: str, index: int) -> Story:
    """A shot of CHUNKS chunks in which someone stands or waves, or in every third someone walks or runs."""
    return (walking_story if index % 3 == 2 else drift_story)(world, FIRST_SHOT + index, CHUNKS)


def is_long_shot(film: dict) -> bool:
    return len(film["cut"]) > 12 and not any(film["cut"][1:])


def begun(film: dict, chunks: int) -> dict:
    """A film's first chunks."""
    return {name: of_all[:chunks] for name, of_all in film.items()}


@torch.no_grad()
def as_made_by(engine: Engine, film: dict) -> dict:
    """The film with the chunks that an engine makes of its prompts and its noise, and the velocities as they were."""
    segments = [Segment(prompt, "cut" if cut else "continue") for prompt, cut in zip(film["prompts"], film["cut"])]
    with parametrize.cached():
        latents = engine.run(segments, noise=lambda index, step: film["noise"][index].float())
    return film | {"latents": latents.unflatten(0, (-1, CHUNK)).half()}


class OwnShots:
    """All long shots among films, as they are at first; call `step` before each step of training that learns from them: it makes one after another anew."""

    def __init__(self, films: list[dict], made_of: Callable[[dict], dict], kept_of: Callable[[dict], Any] = lambda film: film):
        """`made_of(film)`: the film as the student makes it now; `kept_of(film)`: what is kept of it in `shots`."""
        self.films, self.made_of, self.kept_of, self.steps = [film for film in films if is_long_shot(film)], made_of, kept_of, 0
        self.away = float("nan")  # mean squared difference of the shot made last from its film, in the last chunk's latents
        self.shots = [kept_of(film) for film in self.films]

    def step(self):
        if not self.films:
            raise SystemExit("there are no long shots to learn from: draw some with train_framepack.py --films 24 --long, or say --onward 0")
        if self.steps % MADE_EVERY == 0:
            place = self.steps // MADE_EVERY % len(self.films)
            film, made = self.films[place], self.made_of(self.films[place])
            self.shots[place] = self.kept_of(made)
            self.away = (made["latents"][-1].float() - film["latents"][-1].float()).square().mean().item()
        self.steps += 1
