"""Stories of the procedural world, with the truth of every frame.

A story is a list of shots over two or three places and one or two characters,
with returns; it is drawn at 8 frames a second, one background a shot and one
character a frame (about 0.3 ms a frame). `Curriculum` says how much of the world
is used; the full world is in the tables, the first training uses `FIRST`.
"""
import random
from dataclasses import dataclass, field

import numpy as np

from . import captions
from .characters import COLOURS, draw_character, pose_at
from .pen import HEIGHT, WIDTH, Pen, canvas, finish
from .places import DAY, NIGHT, SUNSET, draw_place, layout, tint_for

FIRST_CHUNK_FRAMES, CHUNK_FRAMES = 9, 12  # pixel frames: latent frame 0 holds one, every other four
PLACES = ["meadow", "forest", "beach", "desert", "snow", "city", "room", "moon", "kitchen", "farm"]
SPECIES = ["cat", "dog", "rabbit", "bear", "robot", "duck", "frog", "fox"]
ACTIONS = ["stand", "walk", "jump", "wave", "run", "sit", "sleep", "dance"]
ACCESSORIES = ["hat", "scarf", "crown", "glasses"]
SLOTS = {"left": 40, "middle": 80, "right": 120}
WALK_SPEED = {"walk": 1.5, "run": 3.0}  # frame units a pixel frame
FEET = 86


@dataclass(frozen=True)
class Curriculum:
    """How much of the world is in use."""
    places: tuple[str, ...] = tuple(PLACES)
    species: tuple[str, ...] = tuple(SPECIES)
    colours: tuple[str, ...] = tuple(COLOURS)
    actions: tuple[str, ...] = tuple(ACTIONS)
    times: tuple[str, ...] = (DAY, NIGHT, SUNSET)
    accessory_share: float = 0.4
    close_up_share: float = 0.15


FULL = Curriculum()
FIRST = Curriculum(places=tuple(PLACES[:8]), species=tuple(SPECIES[:6]),
                   colours=("red", "orange", "yellow", "green", "blue", "pink", "white", "black"),
                   actions=tuple(ACTIONS[:4]), times=(DAY, NIGHT), accessory_share=0.0, close_up_share=0.0)


@dataclass
class Shot:
    """One shot. `place_id`/`who_id` index the story's places and characters; `transition` is "cut" or "continue"."""
    place_id: int
    who_id: int
    action: str
    slot: str
    direction: int
    chunks: int
    transition: str
    close_up: bool = False
    prompt: str = ""


@dataclass
class Story:
    """`places` and `people` hold the truth that prompts may leave out."""
    seed: int
    places: list[dict]
    people: list[dict]
    shots: list[Shot]
    chunk_shot: list[int] = field(default_factory=list)  # shot index of every chunk

    def truth(self, chunk: int) -> dict:
        """Attributes of a chunk: place kind, time, layout, character, action."""
        shot = self.shots[self.chunk_shot[chunk]]
        return {"place_id": shot.place_id, "who_id": shot.who_id, "action": shot.action,
                **{k: self.places[shot.place_id][k] for k in ("place", "time")}, **self.people[shot.who_id]}


def _person(rng: random.Random, cur: Curriculum, others: list[dict]) -> dict:
    species = rng.choice([s for s in cur.species if s not in [o["species"] for o in others]])
    who = {"species": species, "colour": rng.choice(cur.colours), "accessory": None, "accessory_colour": None}
    if rng.random() < cur.accessory_share:
        who["accessory"] = rng.choice(ACCESSORIES)
        who["accessory_colour"] = rng.choice([c for c in cur.colours if c != who["colour"]])
    return who


def make_place(rng: random.Random, cur: Curriculum, kind: str) -> dict:
    return {"place": kind, "time": cur.times[0] if rng.random() < 0.7 else rng.choice(cur.times[1:]), "layout": layout(kind, rng)}


# Which place each shot visits (letters) and with which character (digits); "+" continues the shot before.
PLANS = ["A0 B0 A0 B0 A0 B0", "A0 B0 C0 A0 B0 C0", "A0 B1 A0 B1 A1 B0", "A0 A0+ B0 A0 A0+ B0", "A0 B0 A0 C0 B0 A0",
         "A0 B0 B0+ A0 A0+ C0", "A0 B1 A1 B0 A0 B1", "A0 B0 B0+ C1 A0 B1", "A0 A1 B1 A0 B0 A1"]


def make_story(seed: int, cur: Curriculum = FIRST, chunks: int = 6, plan: str | None = None) -> Story:
    """Draws a story of `chunks` chunks. Same seed, same story."""
    rng = random.Random(seed)
    steps = (plan or rng.choice(PLANS)).split()
    kinds = rng.sample(cur.places, 3)
    places = [make_place(rng, cur, kind) for kind in kinds]
    people: list[dict] = []
    for _ in range(2):
        people.append(_person(rng, cur, people))
    story, total, i = Story(seed, places, people, []), 0, 0
    while total < chunks:
        step = steps[i % len(steps)]
        follows = step.endswith("+") and i > 0
        length = min(chunks - total, 2 if rng.random() < 0.2 else 1)
        previous = story.shots[-1] if story.shots else None
        action = rng.choice([a for a in cur.actions if not (follows and a == previous.action)])
        slot = previous.slot if follows else rng.choice(("middle", "middle", "left", "right"))
        shot = Shot("ABC".index(step[0]), int(step[1]), action, slot, rng.choice((1, 1, -1)), length,
                    "continue" if follows else "cut", close_up=(previous.close_up if follows else rng.random() < cur.close_up_share))
        seen_place = any(s.place_id == shot.place_id for s in story.shots)
        seen_who = any(s.who_id == shot.who_id for s in story.shots)
        shot.prompt = captions.caption(rng, places[shot.place_id], people[shot.who_id], shot, seen_place, seen_who, follows)
        story.shots.append(shot)
        story.chunk_shot += [len(story.shots) - 1] * length
        total += length
        i += 1
    return story


def _track(story: Story) -> list[tuple[float, int]]:
    """(x, action frame) of the character at every pixel frame."""
    track, x, heading = [], 80.0, 1
    for index, shot in enumerate(story.shots):
        if shot.transition == "cut":
            x = float(SLOTS[shot.slot])
        heading = shot.direction
        for chunk in [c for c, s in enumerate(story.chunk_shot) if s == index]:
            count = FIRST_CHUNK_FRAMES if chunk == 0 else CHUNK_FRAMES
            for k in range(CHUNK_FRAMES - count, CHUNK_FRAMES):
                speed = WALK_SPEED.get(shot.action, 0.0)
                if not 28 <= x + heading * speed <= 132:
                    heading = -heading
                x += heading * speed
                track.append((x, k))
    return track


def draw_story(story: Story) -> tuple[np.ndarray, np.ndarray]:
    """Frames [F, 96, 160, 3] uint8 and character boxes [F, 4] (x0, y0, x1, y1, frame units)."""
    track, frames, boxes = _track(story), [], []
    backgrounds: dict[tuple, object] = {}
    frame = 0
    for chunk, shot_index in enumerate(story.chunk_shot):
        shot = story.shots[shot_index]
        place, who = story.places[shot.place_id], story.people[shot.who_id]
        zoom, left, top = (1.0, 0.0, 0.0) if not shot.close_up else (1.6, SLOTS[shot.slot] - 50.0, 30.0)
        key = (shot.place_id, zoom, left)
        if key not in backgrounds:
            backgrounds[key] = draw_place(place["layout"], place["time"], zoom, left, top)
        for _ in range(FIRST_CHUNK_FRAMES if chunk == 0 else CHUNK_FRAMES):
            x, k = track[frame]
            box = [round((x - 30 - left) * zoom), round((18 - top) * zoom), round((x + 30 - left) * zoom), round((92 - top) * zoom)]
            box = [max(0, box[0]), max(0, box[1]), min(WIDTH, box[2]), min(HEIGHT, box[3])]
            image = backgrounds[key].copy()
            patch = canvas(box[2] - box[0], box[3] - box[1])
            patch.paste(image.crop(box).resize(patch.size, 0))
            pen = Pen(patch, left + box[0] / zoom, top + box[1] / zoom, zoom, tint_for(place["time"], character=True))
            draw_character(pen, who, x, FEET, pose_at(shot.action, k))
            image.paste(finish(patch), box[:2])
            frames.append(np.asarray(image))
            boxes.append(box)
            frame += 1
    return np.stack(frames), np.array(boxes, np.int16)
