"""The held-out stories that a model is measured on; prompts and truth, nothing generated yet."""
import copy
import dataclasses
import random

from . import captions
from .grammar import describe
from .places import layout
from .staging import make_place
from .story import CURRICULA, Story, alone_in, in_pairs
from .words import NAMES
from .world import make_story

FOLLOW_SEED, RETURN_SEED, RETRIEVAL_SEED, DRIFT_SEED, CODEC_SEED, PAIR_SEED = 300_000, 310_000, 320_000, 330_000, 340_000, 350_000
LENGTHS = (4, 8, 16, 32)  # chunks between leaving a place and coming back
FIRST_VISIT = 1  # the chunk in which the place is first seen; not chunk 0, which the sink would hold
OTHER_LAYOUTS = 5


def follow_story(world: str, index: int, pairs: bool = False) -> Story:
    """Two shots of one character, or of two, each, in ordinary wordings that leave nothing out."""
    cur = (in_pairs if pairs else alone_in)(CURRICULA[world])
    story = make_story((PAIR_SEED if pairs else FOLLOW_SEED) + index, cur, chunks=4, plan="A01 B12" if pairs else "A0 B1")
    rng = random.Random(index)
    alone = Story(story.seed, story.places, story.people, [], story.painted)
    story.shots, story.chunk_shot = story.shots[:2], [0, 1]
    for shot in story.shots:
        shot.chunks, shot.transition = 1, "cut"
        figure, place = shot.figures[0], story.places[shot.place_id]
        if story.painted:
            shot.prompt = describe(rng, alone, shot, False)
        else:
            shot.prompt = captions.caption(rng, place, story.people[figure.who_id], figure, False, False, False)
    return story


def plain_prompt(place: dict, who: dict, action: str, full: bool) -> str:
    """The plainest wording; without `full` it says neither colour nor accessory nor time nor weather."""
    species, kind = captions.SPECIES_WORDS[who["species"]][0], captions.PLACE_WORDS[place["place"]][0]
    where = f"{captions.PLACE_PREPOSITION.get(place['place'], ['in'])[0]} the {kind}"
    verb = captions.ACTION_WORDS[action][0][0]
    if not full:
        return f"the {species} {verb} {where}"
    article, its = ("an " if colour == "orange" else "a " for colour in (who["colour"], who["accessory_colour"]))
    wears = f" with {'' if who['accessory'] == 'glasses' else its}{who['accessory_colour']} {who['accessory']}" if who["accessory"] else ""
    when = {"day": "", "night": " at night", "sunset": " at sunset"}[place["time"]]
    weather = {"rain": " in the rain", "snowfall": " while it snows"}.get(place.get("weather"), "")
    return f"{article}{who['colour']} {species}{wears} {verb} {where}{when}{weather}"


def return_story(world: str, index: int, absence: int) -> Story:
    """C, then A (the first visit), then `absence` chunks elsewhere; the coming back to A is the last chunk.

    Characters stand or wave in the middle, so that backgrounds can be compared. The last prompt leaves out
    what must be remembered. The elsewhere is two other places with another character.
    """
    steps = ["C1", "A0"] + [("B1", "C1")[i % 2] for i in range(absence)] + ["A0"]
    cur = dataclasses.replace(alone_in(CURRICULA[world]), wide_share=0, close_up_share=0, camera_share=0, prop_share=0, name_share=0)
    story = make_story(RETURN_SEED + index, cur, chunks=3 * len(steps), plan=" ".join(steps))
    rng = random.Random(index)
    story.shots = story.shots[:len(steps)]
    story.chunk_shot = list(range(len(steps)))
    for i, shot in enumerate(story.shots):
        figure = shot.figures[0]
        shot.chunks, shot.transition = 1, "cut"
        figure.slot, figure.direction, figure.action = "middle", 1, rng.choice(("stand", "wave"))
        shot.prompt = plain_prompt(story.places[shot.place_id], story.people[figure.who_id], figure.action, full=i < len(steps) - 1)
    return story


def other_layouts(story: Story) -> list[Story]:
    """The first visit of a return story, in other places of the same kind, time and weather."""
    out = []
    first = story.shots[FIRST_VISIT]
    for k in range(OTHER_LAYOUTS):
        rng = random.Random(story.seed * 31 + k)
        place = dict(story.places[first.place_id])
        place["layout"] = make_place(rng, CURRICULA["full"], place["place"])["layout"] if story.painted else layout(place["place"], rng)
        other = copy.deepcopy(story)
        other.places[first.place_id] = place
        other.shots, other.chunk_shot = [copy.deepcopy(first)], [0]
        out.append(other)
    return out


def retrieval_story(world: str, index: int) -> Story:
    """Two places and two characters in turns, so that about half of what came before is the wrong thing to remember."""
    return make_story(RETRIEVAL_SEED + index, CURRICULA[world], chunks=8, plan="A0 B0 C1 B0 C1 B0")


def drift_story(world: str, index: int, chunks: int) -> Story:
    """One long shot with one prompt."""
    story = return_story(world, 1000 + index, 1)
    shot = story.shots[FIRST_VISIT]
    shot.chunks = chunks
    story.shots, story.chunk_shot = [shot], [0] * chunks
    return story


def walking_story(world: str, index: int, chunks: int) -> Story:
    """One long shot through which someone walks, or in every other story runs, turning where the picture ends."""
    story = drift_story(world, 1000 + index, chunks)
    shot = story.shots[0]
    shot.figures[0].action = ("walk", "run")[index % 2]
    shot.prompt = plain_prompt(story.places[shot.place_id], story.people[shot.figures[0].who_id], shot.figures[0].action, full=True)
    return story


def named_story(world: str, index: int) -> Story:
    """Someone else elsewhere, then someone with a name, then on with that shot under a prompt that says the name and what is done alone."""
    story = return_story(world, 3000 + index, 1)
    rng = random.Random(index)
    met, place, who = story.shots[FIRST_VISIT], story.places[story.shots[FIRST_VISIT].place_id], story.people[story.shots[FIRST_VISIT].figures[0].who_id]
    who["name"], onward = rng.choice(NAMES), copy.deepcopy(met)
    _, rest = plain_prompt(place, who, met.figures[0].action, full=True).split(" ", 1)
    met.prompt = f"{who['name']} the {rest}"
    onward.figures[0].action, onward.transition = rng.choice([a for a in ("dance", "jump", "sit", "wave") if a != met.figures[0].action]), "continue"
    onward.prompt = f"{who['name']} {captions.ACTION_WORDS[onward.figures[0].action][0][0]}."
    story.shots, story.chunk_shot = [story.shots[0], met, onward], [0, 1, 2]
    return story
