"""Stories of the procedural world, with the truth of every frame.

A story is a list of shots over two or three places and two or three characters,
with returns, drawn at 8 frames a second. How much of the world it uses is said by a
`Curriculum` (story.py). This file makes and draws the flat stories of `FIRST`;
staging.py and painting.py do it for the others.
"""
import random

import numpy as np

from . import captions
from .characters import draw_character, pose_at
from .painting import camera_track, draw_painted
from .pen import HEIGHT, WIDTH, Pen, canvas, finish
from .places import draw_place, layout, tint_for
from .staging import stage_story
from .story import (ACTIONS, CURRICULA, FIRST, FULL, PLACES, SECOND, SPECIES, THIRD, Curriculum, Figure, Shot, Story, chunk_length)
from .tales import tell_story

__all__ = ["ACTIONS", "CURRICULA", "FIRST", "FULL", "PLACES", "SECOND", "SPECIES", "THIRD", "draw_story", "make_story", "zooms"]

SLOTS = {"left": 40, "middle": 80, "right": 120}
WALK_SPEED = {"walk": 1.5, "run": 3.0}  # frame units a pixel frame
FEET = 86

# Which place each shot visits (letters) and with which character (digits); "+" continues the shot before.
PLANS = ["A0 B0 A0 B0 A0 B0", "A0 B0 C0 A0 B0 C0", "A0 B1 A0 B1 A1 B0", "A0 A0+ B0 A0 A0+ B0", "A0 B0 A0 C0 B0 A0",
         "A0 B0 B0+ A0 A0+ C0", "A0 B1 A1 B0 A0 B1", "A0 B0 B0+ C1 A0 B1", "A0 A1 B1 A0 B0 A1"]


def _person(rng: random.Random, cur: Curriculum, others: list[dict]) -> dict:
    species = rng.choice([s for s in cur.species if s not in [o["species"] for o in others]])
    who = {"species": species, "colour": rng.choice(cur.colours), "accessory": None, "accessory_colour": None}
    rng.random()  # part of the sequence of draws that seeds stand for
    return who


def _place(rng: random.Random, cur: Curriculum, kind: str) -> dict:
    return {"place": kind, "time": cur.times[0] if rng.random() < 0.7 else rng.choice(cur.times[1:]), "layout": layout(kind, rng)}


def make_story(seed: int, cur: Curriculum = FIRST, chunks: int = 6, plan: str | None = None) -> Story:
    """Draws a story of `chunks` chunks. Same seed, same story."""
    rng = random.Random(seed)
    if cur.everyday:
        return tell_story(rng, seed, cur, chunks, plan)
    if cur.painted:
        return stage_story(rng, seed, cur, chunks, plan, PLANS)
    steps = (plan or rng.choice(PLANS)).split()
    kinds = rng.sample(cur.places, 3)
    places = [_place(rng, cur, kind) for kind in kinds]
    people: list[dict] = []
    for _ in range(2):
        people.append(_person(rng, cur, people))
    story, total, i = Story(seed, places, people, []), 0, 0
    while total < chunks:
        step = steps[i % len(steps)]
        follows = step.endswith("+") and i > 0
        length = min(chunks - total, 2 if rng.random() < 0.2 else 1)
        previous = story.shots[-1].figures[0] if story.shots else None
        action = rng.choice([a for a in cur.actions if not (follows and a == previous.action)])
        slot = previous.slot if follows else rng.choice(("middle", "middle", "left", "right"))
        figure = Figure(int(step[1]), action, slot, rng.choice((1, 1, -1)))
        if not follows:
            rng.random()  # as in _person
        shot = Shot("ABC".index(step[0]), [figure], length, "continue" if follows else "cut")
        seen_place = any(s.place_id == shot.place_id for s in story.shots)
        seen_who = any(s.figures[0].who_id == figure.who_id for s in story.shots)
        shot.prompt = captions.caption(rng, places[shot.place_id], people[figure.who_id], figure, seen_place, seen_who, follows)
        story.shots.append(shot)
        story.chunk_shot += [len(story.shots) - 1] * length
        total += length
        i += 1
    return story


def _track(story: Story) -> list[tuple[float, int]]:
    """(x, action frame) of the character at every pixel frame."""
    track, x, heading = [], 80.0, 1
    for index, shot in enumerate(story.shots):
        figure = shot.figures[0]
        if shot.transition == "cut":
            x = float(SLOTS[figure.slot])
        heading = figure.direction
        for chunk in [c for c, s in enumerate(story.chunk_shot) if s == index]:
            count = chunk_length(chunk)
            for k in range(12 - count, 12):
                speed = WALK_SPEED.get(figure.action, 0.0)
                if not 28 <= x + heading * speed <= 132:
                    heading = -heading
                x += heading * speed
                track.append((x, k))
    return track


def draw_story(story: Story, scale: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Frames [F, 96 * scale, 160 * scale, 3] uint8 and character boxes [F, characters, 4] (x0, y0, x1, y1, frame units; empty if absent).

    Raises ValueError for a flat story at another scale than 1.
    """
    if not story.painted and scale != 1:
        raise ValueError("flat stories are drawn at scale 1 only: take a painted curriculum")
    if story.painted:
        film = draw_painted(story, scale)
        return film.frames, film.boxes
    track, frames, boxes = _track(story), [], []
    backgrounds: dict[int, object] = {}
    for chunk, shot_index in enumerate(story.chunk_shot):
        shot = story.shots[shot_index]
        figure, place = shot.figures[0], story.places[shot.place_id]
        if shot.place_id not in backgrounds:
            backgrounds[shot.place_id] = draw_place(place["layout"], place["time"])
        for _ in range(chunk_length(chunk)):
            x, k = track[len(frames)]
            box = [max(0, round(x - 30)), 18, min(WIDTH, round(x + 30)), min(HEIGHT, 92)]
            image = backgrounds[shot.place_id].copy()
            patch = canvas(box[2] - box[0], box[3] - box[1])
            patch.paste(image.crop(box).resize(patch.size, 0))
            pen = Pen(patch, box[0], box[1], 1.0, tint_for(place["time"], character=True))
            draw_character(pen, story.people[figure.who_id], x, FEET, pose_at(figure.action, k))
            image.paste(finish(patch), box[:2])
            frames.append(np.asarray(image))
            boxes.append([box])
    return np.stack(frames), np.array(boxes, np.int16)


def zooms(story: Story) -> list[float]:
    """How many pixels a frame unit fills at every pixel frame."""
    return [camera.zoom for camera in camera_track(story)] if story.painted else [1.0] * sum(chunk_length(c) for c in range(len(story.chunk_shot)))
