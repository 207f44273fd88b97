"""What a story of the procedural world is, and how much of the world a curriculum uses."""
from dataclasses import dataclass, field, replace

from .characters import COLOURS, NINE
from .places import DAY, NIGHT, SUNSET

FIRST_CHUNK_FRAMES, CHUNK_FRAMES = 9, 12  # pixel frames: latent frame 0 holds one, every other four
PLACES = ["meadow", "forest", "beach", "desert", "snow", "city", "room", "moon", "kitchen", "farm"]
INDOORS = ("room", "kitchen")
WEATHERLESS = (*INDOORS, "moon")
SPECIES = ["cat", "dog", "rabbit", "bear", "robot", "duck", "frog", "fox"]
ACTIONS = ["stand", "walk", "jump", "wave", "run", "sit", "sleep", "dance"]
CLOSE_UP_ACTIONS = ("stand", "wave", "sit", "sleep", "dance")  # those that keep the head in a close-up
ACCESSORIES = ["hat", "scarf", "crown", "glasses"]
CLEAR, RAIN, SNOWFALL = "clear", "rain", "snowfall"
SIZES = ["medium", "wide", "close-up"]
CAMERAS = ["still", "pan left", "pan right", "zoom in"]
PROPS = ["ball", "balloon", "umbrella", "box", "lantern", "flower"]


@dataclass(frozen=True)
class Curriculum:
    """How much of the world is in use. `painted` stories have the full look and grammar, the others the flat ones; `everyday` ones are of the second world."""
    places: tuple[str, ...] = tuple(PLACES)
    species: tuple[str, ...] = tuple(SPECIES)
    colours: tuple[str, ...] = NINE
    actions: tuple[str, ...] = tuple(ACTIONS)
    times: tuple[str, ...] = (DAY, NIGHT, SUNSET)
    painted: bool = True
    accessory_share: float = 0.4
    name_share: float = 0.3
    pair_share: float = 0.5  # stories in which two characters meet
    weather_share: float = 0.35  # outdoor places
    wide_share: float = 0.15
    close_up_share: float = 0.15
    camera_share: float = 0.3
    prop_share: float = 0.35
    everyday: bool = False


FULL = Curriculum()
HARD = Curriculum(species=(*SPECIES, *["cat"] * 6, *["bear"] * 2, "dog", "frog", "rabbit"), actions=(*ACTIONS, *["jump"] * 6, *["wave"] * 3, "walk", "run", "dance"), accessory_share=0.6, wide_share=0.55, camera_share=0.5)  # the same world with more of what is learned last, to train on
MOVING = Curriculum(actions=(*ACTIONS, *["walk"] * 4, *["run"] * 8), close_up_share=0)  # the same, and two thirds walk or run
THIRD = Curriculum(wide_share=0, close_up_share=0, camera_share=0, prop_share=0)
SECOND = Curriculum(accessory_share=0, name_share=0, pair_share=0, weather_share=0, wide_share=0, close_up_share=0, camera_share=0, prop_share=0)
FIRST = Curriculum(places=tuple(PLACES[:8]), species=tuple(SPECIES[:6]),
                   colours=("red", "orange", "yellow", "green", "blue", "pink", "white", "black"),
                   actions=tuple(ACTIONS[:4]), times=(DAY, NIGHT), painted=False, accessory_share=0, name_share=0, pair_share=0,
                   weather_share=0, wide_share=0, close_up_share=0, camera_share=0, prop_share=0)
EVERYDAY = Curriculum(colours=tuple(COLOURS), accessory_share=0.45, name_share=0.4, pair_share=0.4, weather_share=0.3, wide_share=0.12, close_up_share=0.12,
                      camera_share=0.2, prop_share=0.45, everyday=True)
SPOKEN = replace(EVERYDAY, colours=NINE)  # the same without what a generator of the first world cannot draw: to teach it words
CURRICULA = {"everyday": EVERYDAY, "spoken": SPOKEN, "first": FIRST, "second": SECOND, "third": THIRD, "full": FULL, "hard": HARD, "moving": MOVING}


def alone_in(cur: Curriculum) -> Curriculum:
    """The same world with one character in every shot."""
    return replace(cur, pair_share=0)


def in_pairs(cur: Curriculum) -> Curriculum:
    """The same world with two characters in every shot, each in its half of the picture."""
    return replace(cur, pair_share=1, wide_share=0, close_up_share=0, camera_share=0)


@dataclass
class Figure:
    """What one character does in a shot; `who_id` indexes the story's people, `direction` is -1 (left) or 1, `also` is what it does besides ("wave")."""
    who_id: int
    action: str
    slot: str
    direction: int
    also: str | None = None


@dataclass
class Shot:
    """One shot; `place_id` indexes the story's places, `transition` is "cut" or "continue".

    A `fresh` shot shows another place, time or size than the one before, whatever its transition; the first is not. `relation`: what the first of
    two figures does to or with the second, of tales.RELATIONS.
    """
    place_id: int
    figures: list[Figure]
    chunks: int
    transition: str
    size: str = "medium"
    camera: str = "still"
    prompt: str = ""
    plain: str = ""  # of the second world: the same in the plainest words
    fresh: bool = False
    relation: str | None = None


@dataclass
class Story:
    """`places` and `people` hold the truth that prompts may leave out."""
    seed: int
    places: list[dict]
    people: list[dict]
    shots: list[Shot]
    painted: bool = False
    everyday: bool = False
    chunk_shot: list[int] = field(default_factory=list)  # shot index of every chunk

    def truth(self, chunk: int) -> dict:
        """Attributes of a chunk. The flat keys are those of the first character; `figures` has each one's own."""
        shot = self.shots[self.chunk_shot[chunk]]
        place = self.places[shot.place_id]
        figures = [{"who_id": f.who_id, "action": f.action, "slot": f.slot, "direction": f.direction, **self.people[f.who_id]} for f in shot.figures]
        return {"place_id": shot.place_id, "place": place["place"], "time": place["time"], "layout": place["layout"],
                "weather": place.get("weather", CLEAR), "prop": place.get("prop"), "size": shot.size, "camera": shot.camera,
                "figures": figures, **figures[0]}


def chunk_length(chunk: int) -> int:
    """Pixel frames of a story's chunk."""
    return FIRST_CHUNK_FRAMES if chunk == 0 else CHUNK_FRAMES
