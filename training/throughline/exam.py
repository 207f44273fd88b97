"""The exam's prompts and stories: written by hand, by people's habits, and never trained on (training/exam/).

A line is `prompt | shot | character; character | prop`, words in any order within a part:
  shot: a place, a time (day, night, sunset), a weather (rain, snowfall), a size (wide, close-up)
  character: a species, a colour, an action (two with a slash where either will do), an accessory, with its colour as hat=red
  prop: one of the props, with its colour as ball=red
What a part does not say: place, time, colour and action are not asked for; weather is clear, the size medium, no accessory
and no prop is worn or stands there. `?` in place of a prop: one may stand there. A line of a story that begins with `+`
goes on without a cut, one with `=` follows a cut; `# name` begins a story. Blank lines and lines that begin with // are passed over.
"""
from dataclasses import dataclass
from pathlib import Path

from .characters import COLOURS
from .places import DAY, NIGHT, SUNSET
from .story import ACCESSORIES, ACTIONS, CLEAR, PLACES, PROPS, RAIN, SNOWFALL, SPECIES

FOLDER = Path(__file__).parent.parent / "exam"
SIZES = ("wide", "close-up")


class ExamError(ValueError):
    """A line of the exam that says something the world does not have."""


@dataclass(frozen=True)
class Character:
    species: str
    colour: str | None = None
    actions: tuple[str, ...] = ()
    accessory: str = "none"
    accessory_colour: str | None = None

    def wanted(self) -> dict[str, tuple[str, ...]]:
        """What may be read of it, by attribute."""
        out: dict[str, tuple[str, ...]] = {"species": (self.species,), "accessory": (self.accessory,)}
        if self.colour:
            out["colour"] = (self.colour,)
        if self.actions:
            out["action"] = self.actions
        if self.accessory_colour:
            out["accessory_colour"] = (self.accessory_colour,)
        return out


@dataclass(frozen=True)
class Asked:
    """A prompt and what a picture of it has to show."""
    prompt: str
    place: str | None
    time: str | None
    weather: str
    size: str
    characters: tuple[Character, ...]
    prop: str | None = "none"
    prop_colour: str | None = None
    transition: str = "cut"

    def of_the_shot(self) -> dict[str, str | None]:
        return {"place": self.place, "time": self.time, "weather": self.weather, "size": self.size, "prop": self.prop, "prop_colour": self.prop_colour, "count": str(len(self.characters))}

    @classmethod
    def of(cls, truth: dict) -> "Asked":
        """All that a drawn chunk shows (examiner.told)."""
        people = tuple(Character(f["species"], f["colour"], (f["action"],), f["accessory"] or "none", f["accessory_colour"]) for f in truth["figures"])
        hidden = truth["prop"] == "hidden"
        return cls("", truth["place"], truth["time"], truth["weather"], truth["size"], people, None if hidden else truth["prop"], None if hidden or truth["prop"] == "none" else truth["prop_colour"])


def _one(words: list[str], options, line: str) -> str | None:
    found = [word for word in words if word in options]
    if len(found) > 1:
        raise ExamError(f"{found} cannot all be: {line}")
    return found[0] if found else None


def _thing(words: list[str], options, line: str) -> tuple[str | None, str | None]:
    """A thing that may have a colour: "hat=red"."""
    found = [word.partition("=") for word in words if word.partition("=")[0] in options]
    if len(found) > 1 or found and found[0][2] and found[0][2] not in COLOURS:
        raise ExamError(f"{found}: {line}")
    return (found[0][0], found[0][2] or None) if found else (None, None)


def _character(part: str, line: str) -> Character:
    words = part.split()
    accessory, accessory_colour = _thing(words, ACCESSORIES, line)
    actions = tuple(action for word in words for action in word.split("/") if action in ACTIONS)
    plain = [w for w in words if w in SPECIES or w in COLOURS]
    if len(plain) + len([w for w in words if w.split("/")[0] in ACTIONS]) + bool(accessory) != len(words):
        raise ExamError(f"{part!r} has words that say nothing: {line}")
    species = _one(words, SPECIES, line)
    if species is None:
        raise ExamError(f"{part!r} names no species: {line}")
    return Character(species, _one(words, COLOURS, line), actions, accessory or "none", accessory_colour)


def asked_of(line: str) -> Asked:
    """A line of the exam. Raises ExamError."""
    transition = {"+": "continue", "=": "cut"}.get(line[0])
    prompt, *rest = (part.strip() for part in (line[1:] if transition else line).split("|"))
    if not 2 <= len(rest) <= 3:
        raise ExamError(f"a line has three or four parts: {line}")
    words = rest[0].split()
    known = (*PLACES, DAY, NIGHT, SUNSET, RAIN, SNOWFALL, *SIZES)
    if any(word not in known for word in words):
        raise ExamError(f"{[w for w in words if w not in known]} say nothing: {line}")
    prop, prop_colour = (None, None) if rest[2:] == ["?"] else _thing(rest[2].split(), PROPS, line) if rest[2:] else ("none", None)
    if rest[2:] and rest[2] != "?" and prop is None:
        raise ExamError(f"{rest[2]!r} is no prop: {line}")
    people = tuple(_character(part, line) for part in rest[1].split(";"))
    return Asked(prompt, _one(words, PLACES, line), _one(words, (DAY, NIGHT, SUNSET), line), _one(words, (RAIN, SNOWFALL), line) or CLEAR, _one(words, SIZES, line) or "medium",
                 people, prop, prop_colour, transition or "cut")


def _lines(name: str) -> list[str]:
    return [line.strip() for line in (FOLDER / name).read_text().splitlines() if line.strip() and not line.startswith("//")]


def prompts() -> list[Asked]:
    """The exam's single prompts."""
    return [asked_of(line) for line in _lines("prompts.txt")]


def stories(name: str = "stories.txt") -> dict[str, list[Asked]]:
    """The stories of a file of the exam by name, each a list of shots: its own, or those of MemFlow in the model's words (memflow.txt)."""
    out: dict[str, list[Asked]] = {}
    for line in _lines(name):
        if line.startswith("#"):
            out[line[1:].strip()] = now = []
        else:
            now.append(asked_of(line))
    return out
