"""Captions of flat stories: a paraphrase grammar with synonyms. grammar.py has that of the painted ones.

A first visit names place, character, colour and time; a return often leaves out
what a viewer would remember. Filler words are drawn from a list outside the
vocabulary, so that the model learns to ignore what it does not know.
"""
import random

# word -> (part of speech, group, synonyms); group names an attribute of the world
PLACE_WORDS = {
    "meadow": ["meadow", "field", "grassland"], "forest": ["forest", "woods"], "beach": ["beach", "seaside", "shore"],
    "desert": ["desert", "dunes"], "snow": ["snow", "mountains"], "city": ["city", "street", "town"],
    "room": ["room", "lounge"], "moon": ["moon"], "kitchen": ["kitchen"], "farm": ["farm", "farmyard"],
}
PLACE_PREPOSITION = {"beach": ["on", "at"], "moon": ["on"], "farm": ["on", "at"]}
SPECIES_WORDS = {
    "cat": ["cat", "kitten", "kitty"], "dog": ["dog", "puppy"], "rabbit": ["rabbit", "bunny", "hare"], "bear": ["bear", "teddy"],
    "robot": ["robot", "android"], "duck": ["duck", "duckling"], "frog": ["frog", "toad"], "fox": ["fox"],
}
COLOUR_WORDS = {
    "red": ["red", "crimson", "scarlet"], "orange": ["orange"], "yellow": ["yellow", "golden"], "green": ["green"], "blue": ["blue"],
    "purple": ["purple", "violet"], "pink": ["pink"], "white": ["white"], "black": ["black", "dark"],
}
ACTION_WORDS = {
    "stand": [["stands", "standing"], ["waits", "waiting"], ["rests", "resting"]], "walk": [["walks", "walking"], ["strolls", "strolling"]],
    "jump": [["jumps", "jumping"], ["hops", "hopping"], ["leaps", "leaping"]], "wave": [["waves", "waving"], ["greets", "greeting"]],
    "run": [["runs", "running"], ["races", "racing"]], "sit": [["sits", "sitting"]],
    "sleep": [["sleeps", "sleeping"], ["naps", "napping"]], "dance": [["dances", "dancing"]],
}
TIME_WORDS = {"day": [["by", "day"], ["in", "daylight"]], "night": [["at", "night"], ["in", "the", "moonlight"]],
              "sunset": [["at", "sunset"], ["in", "the", "evening"]]}
ACCESSORY_WORDS = {"hat": "hat", "scarf": "scarf", "crown": "crown", "glasses": "glasses"}
GLUE = ("a an the in on at is with wearing and to left right middle center centre side of , . back again there here now then he she it "
        "by while still same returns its his her").split()
NAMES = "mia tom lila ben zoe max nora sam".split()
FILLERS = ("happily quietly suddenly gently cheerful little big small lovely bright sunny peaceful slowly quickly once more cartoon animation "
           "scene shot camera beautiful very cute friendly our hero for moment while under sky calm").split()


def _fill(rng: random.Random, words: list[str], share: float) -> list[str]:
    out: list[str] = []
    for word in words:
        if rng.random() < share:
            out.append(rng.choice(FILLERS))
        out.append(word)
    return out


def caption(rng: random.Random, place: dict, who: dict, shot, seen_place: bool, seen_who: bool, follows: bool) -> str:
    """One prompt for a shot. On a return, colour, time and even the place may be left out."""
    species = rng.choice(SPECIES_WORDS[who["species"]][:1] * 2 + SPECIES_WORDS[who["species"]])
    naming = [rng.choice(["the", "the", "a"] if seen_who else ["a", "a", "the"])]
    if not (seen_who and rng.random() < 0.5):
        naming.append(rng.choice(COLOUR_WORDS[who["colour"]][:1] * 2 + COLOUR_WORDS[who["colour"]]))
    naming.append(species)
    if follows and rng.random() < 0.2:
        naming = [rng.choice(["he", "she", "it"])]
    if who["accessory"] and not (seen_who and rng.random() < 0.5):
        naming += [rng.choice(["with", "wearing"]), "a", who["accessory_colour"], ACCESSORY_WORDS[who["accessory"]]]
    finite, progressive = rng.choice(ACTION_WORDS[shot.action])
    acting = [finite] if rng.random() < 0.6 else ["is", progressive]
    if shot.action in ("walk", "run") and shot.direction < 0:
        acting += ["to", "the", "left"]
    elif shot.action in ("walk", "run") and rng.random() < 0.3:
        acting += ["to", "the", "right"]
    where: list[str] = []
    if not (follows and rng.random() < 0.5):
        words = PLACE_WORDS[place["place"]]
        where = [rng.choice(PLACE_PREPOSITION.get(place["place"], ["in"])), "the" if rng.random() < 0.75 else "a", rng.choice(words[:1] * 2 + words)]
    when: list[str] = []
    if place["time"] != "day" and not (seen_place and rng.random() < 0.6):
        when = rng.choice(TIME_WORDS[place["time"]])
    elif place["time"] == "day" and rng.random() < 0.12:
        when = rng.choice(TIME_WORDS["day"])
    spot: list[str] = []
    if not follows and (shot.slot != "middle" or rng.random() < 0.15):
        spot = ["on", "the", shot.slot] if shot.slot != "middle" else ["in", "the", rng.choice(["middle", "center", "centre"])]
    orders = [naming + acting + where + when + spot, where + when + [","] + naming + acting + spot,
              when + where + [","] + naming + acting + spot, naming + spot + acting + where + when]
    words = rng.choice(orders if where else orders[:1])
    if words[0] == ",":
        words = words[1:]
    if seen_place and where and rng.random() < 0.25:
        words = ["back"] + words if words[0] in ("in", "on", "at") else words + ["again"]
    words = _fill(rng, words, 0.06)
    words = ["an" if word == "a" and after[0] in "aeiou" else word for word, after in zip(words, words[1:] + ["."])]
    text = " ".join(words).replace(" ,", ",") + ("." if rng.random() < 0.4 else "")
    return text if rng.random() < 0.4 else text[0].upper() + text[1:]
