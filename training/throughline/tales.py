"""Makes the stories of the second world: shots as people write them down, one after another, mostly without cuts.

A shot may go on into another place, time or shot size without a cut (`Shot.fresh`): the model then takes a new
prompt in mid-flow, keeps its window, and the next chunk has to show the new place, clean.
"""
import random
from dataclasses import dataclass

from .places import DAY, NIGHT, SUNSET, THING_KINDS, layout
from .speech import describe
from .story import ACCESSORIES, CAMERAS, CLEAR, CLOSE_UP_ACTIONS, PROPS, RAIN, SNOWFALL, WEATHERLESS, Curriculum, Figure, Shot, Story
from .words import NAMES

STAY, BACK = 0.45, 0.25  # how often a shot is where the one before was, and how often it is where an earlier one was
CONTINUE = 0.65  # how often a shot goes on without a cut
CHANGES = 0.22  # of shots that stay: time or weather of the place change
PROP_SPOTS, PROP_SIZE = {"left": 20, "right": 140}, 1.35
# Colours that a viewer takes for each other on something small.
ALIKE = [{"red", "orange", "brown"}, {"red", "pink"}, {"orange", "yellow"}, {"blue", "purple"}, {"purple", "pink"}, {"white", "grey"}, {"black", "grey"}, {"brown", "black"},
         {"white", "yellow"}]


@dataclass(frozen=True)
class Relation:
    """What one of two does to or with the other: their actions, whether they go the same way, and how often it is chosen."""
    actions: tuple[str, str]
    together: bool = False
    share: int = 1


RELATIONS = {
    "greet": Relation(("wave", "stand"), share=2), "meet": Relation(("wave", "wave")), "dance": Relation(("dance", "dance"), share=2), "walk": Relation(("walk", "walk"), True, 2),
    "chase": Relation(("run", "run"), True, 2), "play": Relation(("jump", "jump")), "sit": Relation(("sit", "sit"), share=2), "stand": Relation(("stand", "stand"), share=2),
    "sleep": Relation(("sleep", "sleep")), "watch": Relation(("sit", "dance")),
}


def unlike(colour: str, colours) -> list[str]:
    """Those of `colours` that nobody takes for `colour`."""
    return [c for c in colours if c != colour and not any({c, colour} <= group for group in ALIKE)]


def make_person(rng: random.Random, cur: Curriculum, others: list[dict]) -> dict:
    """A character unlike `others` in colour and name, and mostly in species."""
    taken = [o["species"] for o in others]
    who = {"species": rng.choice(taken) if taken and rng.random() < 0.2 else rng.choice([s for s in cur.species if s not in taken]),
           "colour": rng.choice([c for c in cur.colours if c not in [o["colour"] for o in others]]), "accessory": None, "accessory_colour": None, "name": None, "large": True,
           "pronoun": rng.choice(("he", "she", "it", "it"))}
    if rng.random() < cur.accessory_share:
        who["accessory"] = rng.choice(ACCESSORIES)
        who["accessory_colour"] = rng.choice(unlike(who["colour"], cur.colours))
    if rng.random() < cur.name_share:
        who["name"] = rng.choice([n for n in NAMES if n not in [o["name"] for o in others]])
    return who


def make_place(rng: random.Random, cur: Curriculum, kind: str) -> dict:
    """A place with its time, weather, prop and layout; the layout reaches beyond the frame."""
    lay = layout(kind, rng)
    # A parasol or a lamp of the scenery would be one that nobody asked for.
    lay["things"] = [(x, {"umbrella": "palm", "lamp": "picture"}.get(thing, thing)) for x, thing in lay["things"]]
    lay["seed"], lay["one_sun"] = rng.randrange(1 << 30), True
    beyond = [k for k in THING_KINDS[kind] if k not in ("earth", "boat", "umbrella", "lamp")]
    spots = (-62, -32, 190, 222) if kind != "city" else (-62, -24, 182, 222)
    lay["wide"] = [(x + rng.randint(-4, 4), rng.choice(beyond)) for x in spots]
    place = {"place": kind, "time": DAY if rng.random() < 0.6 else rng.choice((NIGHT, SUNSET)), "layout": lay, "weather": CLEAR, "prop": None}
    if kind not in WEATHERLESS and rng.random() < cur.weather_share:
        place["weather"] = rng.choice((RAIN, SNOWFALL))
    if rng.random() < cur.prop_share:
        colours = [c for c in cur.colours if c not in ("white", "black", "grey", "brown")]
        place["prop"] = {"kind": rng.choice(PROPS), "colour": rng.choice(colours), "x": rng.choice([*PROP_SPOTS.values()]), "k": PROP_SIZE}
    return place


def changed(rng: random.Random, place: dict) -> dict:
    """The same place at another time, or in other weather."""
    if place["place"] not in WEATHERLESS and rng.random() < 0.5:
        return place | {"weather": CLEAR if place["weather"] != CLEAR else rng.choice((RAIN, SNOWFALL))}
    return place | {"time": rng.choice([t for t in (DAY, NIGHT, SUNSET) if t != place["time"]])}


def _figures(rng: random.Random, cur: Curriculum, who_ids: list[int], before: dict[int, Figure], near: bool, prop: dict | None) -> tuple[list[Figure], str | None]:
    """What each character does, and what the first does with the second; who stays in the picture keeps its side."""
    allowed = [a for a in cur.actions if not near or a in CLOSE_UP_ACTIONS]
    if len(who_ids) == 1:
        free = [s for s in ("middle", "middle", "middle", "left", "right") if not prop or PROP_SPOTS.get(s) != prop["x"]]
        action = rng.choice(allowed)
        slot = before[who_ids[0]].slot if who_ids[0] in before else rng.choice(free)
        also = "wave" if action in ("walk", "run", "sit", "jump") and rng.random() < 0.12 else None
        return [Figure(who_ids[0], action, slot, rng.choice((1, 1, -1)), also)], None
    slots = ["left", "right"]
    if any(before[w].slot == slot for w, slot in zip(who_ids, ("right", "left")) if w in before):
        slots.reverse()
    if rng.random() < 0.5 and not near and slots == ["left", "right"]:
        name = rng.choices([*RELATIONS], [r.share for r in RELATIONS.values()])[0]
        relation, way = RELATIONS[name], rng.choice((1, 1, -1))
        return [Figure(w, action, slot, way) for w, action, slot in zip(who_ids, relation.actions, slots)], name
    if rng.random() < 0.5:
        action, way = rng.choice(allowed), rng.choice((1, 1, -1))
        return [Figure(w, action, slot, way) for w, slot in zip(who_ids, slots)], None
    return [Figure(w, rng.choice(allowed), slot, rng.choice((1, 1, -1))) for w, slot in zip(who_ids, slots)], None


def _looks(rng: random.Random, cur: Curriculum, pair: bool) -> tuple[str, str]:
    dice = rng.random()
    size = "wide" if dice < cur.wide_share else "close-up" if not pair and dice < cur.wide_share + cur.close_up_share else "medium"
    camera = rng.choice(CAMERAS[1:]) if rng.random() < cur.camera_share else "still"
    if camera == "zoom in" and size == "close-up" or camera.startswith("pan") and pair and size != "wide":
        camera = "still"
    return size, camera


@dataclass
class _Step:
    place_id: int
    who_ids: list[int]
    transition: str


def _next(rng: random.Random, cur: Curriculum, story: Story) -> _Step:
    """Where the next shot is, with whom, and whether there is a cut before it."""
    last, first_places = (story.shots[-1] if story.shots else None), 3
    seen = sorted({shot.place_id for shot in story.shots})
    dice = rng.random()
    if last is None:
        place = rng.randrange(first_places)
    elif dice < STAY:
        place = last.place_id
        if rng.random() < CHANGES:
            story.places.append(changed(rng, story.places[place]))
            place = len(story.places) - 1
    elif dice < STAY + BACK:
        place = rng.choice(seen)
    else:
        place = rng.choice([p for p in range(first_places) if p != last.place_id])
    met = sorted({f.who_id for shot in story.shots for f in shot.figures})
    lead = rng.choice([f.who_id for f in last.figures]) if last and rng.random() < 0.6 else rng.choice(met) if met and rng.random() < 0.5 else rng.randrange(3)
    who_ids = [lead]
    if last and place == last.place_id and rng.random() < 0.55:
        who_ids = [f.who_id for f in last.figures]
    elif rng.random() < cur.pair_share:
        who_ids = sorted([lead, rng.choice([w for w in range(3) if w != lead])], key=lambda _: rng.random())
    return _Step(place, who_ids, "continue" if last and rng.random() < CONTINUE else "cut")


def tell_story(rng: random.Random, seed: int, cur: Curriculum, chunks: int, plan: str | None) -> Story:
    """Draws a story of `chunks` chunks. A `plan` is kept to as staging.py keeps to it, with a cut before every shot."""
    places = [make_place(rng, cur, kind) for kind in rng.sample(cur.places, 3)]
    people: list[dict] = []
    for _ in range(3):
        people.append(make_person(rng, cur, people))
    story, steps = Story(seed, places, people, [], painted=True, everyday=True), plan.split() if plan else []
    while len(story.chunk_shot) < chunks:
        index = len(story.shots)
        if steps:
            said = steps[index % len(steps)]
            step = _Step("ABC".index(said[0]), [int(digit) for digit in said.strip("+")[1:]], "continue" if said.endswith("+") and index else "cut")
        else:
            step = _next(rng, cur, story)
        last = story.shots[-1] if story.shots else None
        size, camera = _looks(rng, cur, len(step.who_ids) > 1)
        onward = last is not None and step.transition == "continue" and step.place_id == last.place_id
        if onward and (size == last.size or rng.random() < 0.7):
            size, camera = last.size, "still"
        if len(step.who_ids) > 1 and size == "close-up":
            size = "medium"
        others = last is not None and {f.who_id for f in last.figures} != {*step.who_ids}
        fresh = last is not None and step.transition == "continue" and (not onward or size != last.size or others)
        near = size == "close-up" or camera == "zoom in" or bool(onward and not fresh and last.camera == "zoom in")
        before = {f.who_id: f for f in last.figures} if onward and not fresh else {}
        figures, relation = _figures(rng, cur, step.who_ids, before, near, story.places[step.place_id]["prop"])
        left = chunks - len(story.chunk_shot)
        length = min(left, 1 if camera == "zoom in" else rng.choices((1, 2, 3), (0.75, 0.15, 0.1))[0])
        shot = Shot(step.place_id, figures, length, step.transition, size, camera, fresh=fresh, relation=relation)
        shot.prompt, shot.plain = describe(rng, story, shot)
        story.shots.append(shot)
        story.chunk_shot += [len(story.shots) - 1] * length
    return story
