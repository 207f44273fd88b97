"""Makes the stories of the painted curricula: who meets whom where, seen how."""
import random

from .grammar import describe
from .places import THING_KINDS, layout
from .story import (ACCESSORIES, CAMERAS, CLEAR, CLOSE_UP_ACTIONS, PROPS, RAIN, SNOWFALL, WEATHERLESS, Curriculum, Figure, Shot, Story)
from .words import NAMES

# As world.PLANS; two digits are two characters in one shot.
PAIR_PLANS = ["A0 B1 A01 B0 A01 B1", "A01 B0 A01 B1 A0 B01", "A0 A01 B1 B01 A01 B0", "A01 A01+ B0 A1 B01 A0", "A01 B12 A01 B12 A0 B2",
              "A0 B12 A0 A01 B12 C2", "A01 B0 C1 A01 B0 C1", "A0 B01 B01+ A0 C1 B01"]
# Shots that others go on with, about somebody else than the film's first frame shows.
ONWARD_PLANS = ["C1 A0 A0+ B1 B1+ A0 A0+ C2", "A0 B1 B1+ C2 C2+ B1 A0 A0+", "A0 C1 C1+ C1+ B2 B2+ B2+ A1", "B2 A0 A0+ A1 A1+ B0 B0+ A2"]
CLIP_PLANS = "A0 B1 C2", "A01 B2"  # nothing returns, so that captions leave nothing out; without and with a pair
PAIR_SLOTS = ("left", "right")


def make_person(rng: random.Random, cur: Curriculum, others: list[dict]) -> dict:
    """A character unlike `others` in species, colour and name."""
    who = {"species": rng.choice([s for s in cur.species if s not in [o["species"] for o in others]]),
           "colour": rng.choice([c for c in cur.colours if c not in [o["colour"] for o in others]]), "accessory": None, "accessory_colour": None, "name": None}
    if rng.random() < cur.accessory_share:
        who["accessory"] = rng.choice(ACCESSORIES)
        who["accessory_colour"] = rng.choice([c for c in cur.colours if c != who["colour"]])
    if rng.random() < cur.name_share:
        who["name"] = rng.choice([n for n in NAMES if n not in [o["name"] for o in others]])
    return who


def make_place(rng: random.Random, cur: Curriculum, kind: str) -> dict:
    """A place with its time, weather, prop and layout; the layout reaches beyond the frame."""
    lay = layout(kind, rng)
    lay["seed"] = rng.randrange(1 << 30)
    beyond = [k for k in THING_KINDS[kind] if k not in ("earth", "boat")]
    spots = (-62, -32, 190, 222) if kind != "city" else (-62, -24, 182, 222)
    lay["wide"] = [(x + rng.randint(-4, 4), rng.choice(beyond)) for x in spots]
    place = {"place": kind, "time": cur.times[0] if rng.random() < 0.6 else rng.choice(cur.times[1:]), "layout": lay, "weather": CLEAR, "prop": None}
    if kind not in WEATHERLESS and rng.random() < cur.weather_share:
        place["weather"] = rng.choice((RAIN, SNOWFALL))
    if rng.random() < cur.prop_share:
        place["prop"] = {"kind": rng.choice(PROPS), "colour": rng.choice([c for c in cur.colours if c not in ("white", "black")]),
                         "x": rng.choice((20, 60, 100, 140))}
    return place


def _figures(rng: random.Random, cur: Curriculum, who_ids: list[int], previous: Shot | None, held_close: bool) -> list[Figure]:
    """What each character does; who stays in the picture keeps the side."""
    before = {f.who_id: f for f in previous.figures} if previous else {}
    slots = list(PAIR_SLOTS) if len(who_ids) > 1 else [rng.choice(("middle", "middle", "left", "right"))]
    if len(who_ids) > 1 and rng.random() < 0.25:
        slots.reverse()
    together = rng.random() < 0.5
    shared = rng.choice(cur.actions), rng.choice((1, 1, -1))
    out = []
    for who_id, slot in zip(who_ids, slots):
        allowed = [a for a in cur.actions if not (held_close and a not in CLOSE_UP_ACTIONS) and not (who_id in before and a == before[who_id].action)]
        action, direction = shared if together and len(who_ids) > 1 and shared[0] in allowed else (rng.choice(allowed), rng.choice((1, 1, -1)))
        out.append(Figure(who_id, action, before[who_id].slot if who_id in before else slot, direction))
    return out


def _looks(rng: random.Random, cur: Curriculum, pair: bool) -> tuple[str, str]:
    """Size and camera of a shot that starts with a cut."""
    dice = rng.random()
    size = "wide" if dice < cur.wide_share else "close-up" if not pair and dice < cur.wide_share + cur.close_up_share else "medium"
    camera = rng.choice(CAMERAS[1:]) if rng.random() < cur.camera_share else "still"
    if camera == "zoom in" and size == "close-up" or camera.startswith("pan") and pair and size != "wide":
        camera = "still"
    return size, camera


def stage_story(rng: random.Random, seed: int, cur: Curriculum, chunks: int, plan: str | None, plans: list[str]) -> Story:
    """Draws a story of `chunks` chunks; `plans` are those with one character a shot."""
    steps = (plan or rng.choice(PAIR_PLANS if rng.random() < cur.pair_share else plans)).split()
    places = [make_place(rng, cur, kind) for kind in rng.sample(cur.places, 3)]
    people: list[dict] = []
    for _ in range(3):
        people.append(make_person(rng, cur, people))
    story, total, i = Story(seed, places, people, [], painted=True), 0, 0
    while total < chunks:
        step = steps[i % len(steps)]
        follows = step.endswith("+") and i > 0
        who_ids = [int(digit) for digit in step.strip("+")[1:]]
        previous = story.shots[-1] if follows else None
        size, camera = (previous.size, "still") if follows else _looks(rng, cur, len(who_ids) > 1)
        near = size == "close-up" or bool(previous and previous.camera == "zoom in") or camera == "zoom in"
        length = min(chunks - total, 2 if rng.random() < 0.2 and camera != "zoom in" else 1)
        shot = Shot("ABC".index(step[0]), _figures(rng, cur, who_ids, previous, near), length, "continue" if follows else "cut", size, camera)
        shot.prompt = describe(rng, story, shot, follows)
        story.shots.append(shot)
        story.chunk_shot += [len(story.shots) - 1] * length
        total += length
        i += 1
    return story
