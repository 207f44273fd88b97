"""Captions of painted stories: ordinary English about a shot, in many wordings.

A first visit names what is to be seen; a return often leaves out what a viewer would
remember. Two characters are named from left to right unless their sides are said.
What does not fit into the model's text is left out, the least important first.
"""
import random
import re

from . import captions, words
from .story import Figure, Shot, Story

MAX_TOKENS = 30  # words and punctuation; with the end token one less than the text encoder reads, so that there is padding
UNSAID = ("fillers", "prop", "spots", "remembered", "when", "accessories", "turns")  # the order in which a long caption is shortened


def _say(rng: random.Random, options: list[str]) -> list[str]:
    """One of some wordings; the first, the plainest, twice as often."""
    return rng.choice(options[:1] + options).split()


class _Speaker:
    """One way of saying a shot; `without` names what is to be left out."""

    def __init__(self, seed: int, story: Story, shot: Shot, follows: bool, without: tuple[str, ...]):
        self.rng, self.story, self.shot, self.follows, self.without = random.Random(seed), story, shot, follows, without
        before = story.shots
        self.place = story.places[shot.place_id]
        self.seen_place = any(s.place_id == shot.place_id for s in before)
        self.seen_who = {f.who_id for s in before for f in s.figures}
        self.filler = 0.0 if "fillers" in without else 0.25

    def subject(self, figure: Figure, spot: bool) -> list[str]:
        rng, who, seen = self.rng, self.story.people[figure.who_id], figure.who_id in self.seen_who
        species = _say(rng, words.SPECIES[who["species"]])
        colour = _say(rng, words.COLOURS[who["colour"]]) if not (seen and rng.random() < 0.5) else []
        accessory = ["with", "a"] if rng.random() < 0.5 else ["wearing", "a"]
        accessory = accessory[:1] if who["accessory"] == "glasses" else accessory
        accessory += [*(_say(rng, words.COLOURS[who["accessory_colour"]])), captions.ACCESSORY_WORDS[who["accessory"]]] if who["accessory"] else []
        unsaid = not who["accessory"] or "accessories" in self.without or seen and ("remembered" in self.without or rng.random() < 0.6)
        adjective = [rng.choice(words.ADJECTIVES)] if rng.random() < self.filler else []
        named, alone = rng.random() < 0.75, rng.random() < 0.35
        if who["name"] and named:
            out = [who["name"]] if seen and alone else [who["name"], "the", *adjective, *colour, *species]
        else:
            article = rng.choice(["the", "the", "a"] if seen else ["a", "a", "the"])
            out = [article, *adjective, *colour, *species]
        out += [] if unsaid else accessory
        return out + (["on", "the", figure.slot] if spot else [])

    def verb(self, figure: Figure, form: int) -> list[str]:
        """`form`: 0 plain, 1 third person, 2 participle."""
        rng = self.rng
        said = rng.choice(words.ACTIONS[figure.action][:1] * 2 + words.ACTIONS[figure.action]).split()
        out, tail = [said[form]], words.AFTER_VERB.get(said[0])
        if tail and rng.random() < 0.15:
            out += tail
        elif rng.random() < self.filler:
            out.insert(rng.randrange(2) if form else 1, rng.choice(words.ADVERBS))
        short = "turns" in self.without
        if figure.action in ("walk", "run") and (figure.direction < 0 or rng.random() < 0.3) and not short:
            side = "left" if figure.direction < 0 else "right"
            out += _say(rng, [f"to the {side}", side, f"towards the {side}"])
        return out

    def people(self, participle: bool) -> list[str]:
        """Who does what; as a noun phrase where `participle` ("a red cat dancing and a blue dog waving")."""
        rng, figures = self.rng, self.shot.figures
        if len(figures) == 1:
            figure = figures[0]
            pronoun = self.follows and not participle and rng.random() < 0.25
            spot = "spots" not in self.without and not self.follows and (figure.slot != "middle" or rng.random() < 0.08)
            middle = figure.slot == "middle"
            subject = [rng.choice(["he", "she", "it"])] if pronoun else self.subject(figure, spot and not middle)
            tail = ["in", "the", rng.choice(["middle", "center", "centre"])] if spot and middle else []
            form = "participle" if participle else rng.choice(["third", "third", "is"])
            return subject + {"participle": [], "third": [], "is": ["is"]}[form] + self.verb(figure, 1 if form == "third" else 2) + tail
        ordered = [f.slot for f in figures] == ["left", "right"]
        spots = not ordered or "spots" not in self.without and rng.random() < 0.15
        one, two = (self.subject(f, spots) for f in figures)
        same = figures[0].action == figures[1].action and (figures[0].action not in ("walk", "run") or figures[0].direction == figures[1].direction)
        if same:
            both = [*one, "and", *two] if not (self.follows and rng.random() < 0.4) else ["they"]
            if participle and both != ["they"]:
                return both + self.verb(figures[0], 2)
            return both + (self.verb(figures[0], 0) if rng.random() < 0.6 else ["are", *self.verb(figures[0], 2)])
        form = 2 if participle else 1
        return [*one, *self.verb(figures[0], form), rng.choice(["and", "and", "while"]), *two, *self.verb(figures[1], form)]

    def where(self) -> list[str]:
        rng, kind = self.rng, self.place["place"]
        if self.follows and rng.random() < 0.5:
            return []
        if rng.random() < 0.3:
            return _say(rng, words.PLACE_PHRASES[kind])
        preposition = rng.choice(words.PREPOSITIONS.get(kind, ["in"]))
        return [preposition, "the" if rng.random() < 0.75 or kind == "snow" else "a", *_say(rng, words.PLACES[kind])]

    def prop(self) -> list[str]:
        rng, prop = self.rng, self.place["prop"]
        if not prop or "prop" in self.without or self.shot.size == "close-up" or rng.random() < (0.6 if self.seen_place else 0.3):
            return []
        colour = _say(rng, words.COLOURS[prop["colour"]]) if rng.random() < 0.85 else []
        return [*_say(rng, words.BESIDE), "a" if not self.seen_place else "the", *colour, *_say(rng, words.PROPS[prop["kind"]])]

    def sky(self) -> tuple[list[str], list[str]]:
        """Words for the time and for the weather."""
        rng, place = self.rng, self.place
        silent = "when" in self.without
        when: list[str] = []
        if place["time"] != "day" and not silent and not (self.seen_place and rng.random() < 0.6) or place["time"] == "day" and not silent and rng.random() < 0.1:
            when = _say(rng, words.TIMES[place["time"]])
            if when[-1] == "sunshine" and place["weather"] != "clear":
                when = ["by", "day"]
        weather = _say(rng, words.WEATHER[place["weather"]]) if words.WEATHER[place["weather"]] and not (self.seen_place and rng.random() < 0.5) else []
        return when, weather

    def sentence(self) -> list[str]:
        rng, shot = self.rng, self.shot
        framed = shot.size != "medium" and not (self.follows and rng.random() < 0.5)
        prefix = _say(rng, words.SIZE_PREFIX[shot.size]) if framed and rng.random() < 0.6 else []
        suffix = _say(rng, words.SIZE_SUFFIX[shot.size]) if framed and not prefix else []
        people, where, prop, (when, weather) = self.people(bool(prefix)), self.where(), self.prop(), self.sky()
        if where and self.seen_place and rng.random() < 0.2:
            where = ["back", *where] if rng.random() < 0.5 else [*where, "again"]
        setting = [where, when, weather]
        if rng.random() < 0.3:
            rng.shuffle(setting)
        late = [w for part in (prop, *setting) for w in part]
        front = [w for part in setting for w in part]
        if prefix or not front or rng.random() < 0.7:
            out = prefix + people + late
        else:
            out = [*front, ",", *people, *prop]
        out += suffix
        camera = words.CAMERA[shot.camera][1 if "turns" in self.without else rng.choice((0, 0, 1, 2, 3))].split() if shot.camera != "still" else []
        if camera:
            join = rng.choice([["as"], ["while"], [","]]) if camera[0] == "the" else [","]
            out = [*out, *join, *camera] if rng.random() < 0.75 else [*camera, ",", *out]
        return out


def _text(rng: random.Random, out: list[str], names: list[str]) -> str:
    out = ["an" if word == "a" and after[0] in "aeiou" else word for word, after in zip(out, [*out[1:], "."])]
    if rng.random() < 0.6:
        out = [word.capitalize() if word in names else word for word in out]
        out[0] = out[0][0].upper() + out[0][1:]
    return " ".join(out).replace(" ,", ",").replace(" - ", "-")


def token_count(text: str) -> int:
    return len(re.findall(r"\w+|[^\w\s]+", text))


def describe(rng: random.Random, story: Story, shot: Shot, follows: bool) -> str:
    """One prompt for `shot`, which comes after the story's shots so far."""
    seed, names = rng.randrange(1 << 30), [p["name"] for p in story.people if p["name"]]
    for level in range(len(UNSAID) + 1):
        text = _text(random.Random(seed), _Speaker(seed, story, shot, follows, UNSAID[:level]).sentence(), names)
        if token_count(text) < MAX_TOKENS:
            return text + ("." if rng.random() < 0.4 else "")
    return text
