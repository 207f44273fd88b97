"""More ways to say what captions.py says, for the painted world; flat stories do not use them.

Their tokens stand behind those of captions.py in the vocabulary, so that what was tokenised before stays valid.
"""
from . import captions
from .story import CLEAR, RAIN, SNOWFALL


def _more(table: dict[str, list[str]], extra: dict[str, str]) -> dict[str, list[str]]:
    return {key: words + [w for w in extra.get(key, "").split() if w not in words] for key, words in table.items()}


PLACES = _more(captions.PLACE_WORDS, {
    "meadow": "pasture grass", "forest": "woodland wood", "beach": "coast seashore sand", "desert": "wasteland", "snow": "",
    "city": "village", "room": "parlour", "moon": "", "kitchen": "", "farm": "barnyard ranch"})
PREPOSITIONS = {"beach": ["on", "at", "by"], "moon": ["on"], "farm": ["on", "at"], "desert": ["in", "across"], "meadow": ["in", "through"],
                "forest": ["in", "through"], "city": ["in", "through"]}
# Words that want their own preposition, and whole phrases.
PLACE_PHRASES = {
    "beach": ["by the sea", "along the seaside", "along the shore", "on the sand", "at the coast"], "meadow": ["on the grass", "across the field"],
    "forest": ["among the trees", "through the woods"], "desert": ["among the dunes", "across the dunes"], "snow": ["in the snow", "in the snowy mountains", "up in the mountains", "on the mountain"],
    "city": ["on the street", "in town", "downtown", "in a small town"], "room": ["in the living room", "at home", "indoors"], "moon": ["on the moon", "in space"],
    "kitchen": ["in the kitchen"], "farm": ["by the barn", "in the farmyard"],
}
SPECIES = _more(captions.SPECIES_WORDS, {"dog": "pup hound", "rabbit": "hare", "bear": "cub", "robot": "bot droid", "duck": "drake", "frog": "froggy", "fox": "vixen"})
COLOURS = _more(captions.COLOUR_WORDS, {"red": "ruby", "orange": "ginger amber", "yellow": "lemon", "green": "emerald", "blue": "navy azure", "purple": "lilac",
                                        "pink": "rosy", "white": "ivory", "black": "ebony"})
# (plain, third person, participle)
ACTIONS: dict[str, list[str]] = {
    "stand": ["stand stands standing", "wait waits waiting", "rest rests resting", "pause pauses pausing"],
    "walk": ["walk walks walking", "stroll strolls strolling", "wander wanders wandering", "march marches marching"],
    "jump": ["jump jumps jumping", "hop hops hopping", "leap leaps leaping", "bounce bounces bouncing"],
    "wave": ["wave waves waving", "greet greets greeting"],
    "run": ["run runs running", "race races racing", "dash dashes dashing", "sprint sprints sprinting", "rush rushes rushing"],
    "sit": ["sit sits sitting", "relax relaxes relaxing"],
    "sleep": ["sleep sleeps sleeping", "nap naps napping", "snooze snoozes snoozing", "doze dozes dozing"],
    "dance": ["dance dances dancing", "twirl twirls twirling", "groove grooves grooving"],
}
AFTER_VERB = {"sit": ["down"], "wave": ["hello"], "jump": ["up", "and", "down"], "stand": ["still"]}
TIMES = {"day": ["by day", "in daylight", "in the sunshine", "in the morning", "in the afternoon"],
         "night": ["at night", "in the moonlight", "at midnight", "under the stars"],
         "sunset": ["at sunset", "in the evening", "at dusk", "as the sun sets"]}
WEATHER = {CLEAR: [], RAIN: ["in the rain", "in the rain", "while it rains", "as rain falls", "in rainy weather", "in a rainstorm", "while it is raining"],
           SNOWFALL: ["while it snows", "as snowflakes fall", "in falling snow", "in a snowstorm", "in snowy weather", "while it is snowing", "in the snowfall"]}
SIZE_PREFIX = {"wide": ["wide shot of", "a wide shot of", "a long shot of", "a distant view of"],
               "close-up": ["close up of", "a close - up of", "a closeup of", "a close shot of"]}
SIZE_SUFFIX = {"wide": ["in a wide shot", "seen from afar", "from far away"], "close-up": ["in close - up", "in a close shot", "seen up close"]}
CAMERA = {"still": [], "pan left": ["the camera pans left", "pan left", "the camera pans to the left", "panning left"],
          "pan right": ["the camera pans right", "pan right", "the camera pans to the right", "panning right"],
          "zoom in": ["the camera zooms in", "zoom in", "zooming in", "the camera moves closer"]}
PROPS = {"ball": ["ball"], "balloon": ["balloon"], "umbrella": ["umbrella", "parasol"], "box": ["box", "crate"], "lantern": ["lantern", "lamp"],
         "flower": ["flower", "flowerpot"]}
BESIDE = ["next to", "beside", "near", "by", "close to"]
NAMES = [*captions.NAMES, *"ella finn leo ivy luna otto milo daisy".split()]
# Not in the vocabulary: what the model learns to pass over.
ADJECTIVES = "cheerful little big small lovely happy beautiful cute friendly fluffy tiny sweet young adorable cozy lonely curious playful proud smiling old silly".split()
ADVERBS = "happily quietly suddenly gently slowly quickly merrily calmly peacefully proudly lazily".split()


def vocabulary() -> list[tuple[str, str, str, list[str]]]:
    """(word, part of speech, group, synonyms) of every word used here."""
    out: list[tuple[str, str, str, list[str]]] = []
    for table, part, group in ((PLACES, "noun", "place"), (SPECIES, "noun", "character"), (COLOURS, "adjective", "colour"), (PROPS, "noun", "prop")):
        out += [(word, part, group, words) for words in table.values() for word in words]
    for forms in ACTIONS.values():
        words = " ".join(forms).split()
        out += [(word, "verb", "action", words) for word in words]
    for table, group in ((TIMES, "time"), (WEATHER, "weather"), (SIZE_PREFIX, "size"), (SIZE_SUFFIX, "size"), (CAMERA, "camera"), (PLACE_PHRASES, "place")):
        for phrases in table.values():
            words = sorted({word for phrase in phrases for word in phrase.split()})
            out += [(word, "other", group if len(word) > 3 else "grammar", []) for word in words]
    out += [(name, "name", "name", []) for name in NAMES]
    for words in (*AFTER_VERB.values(), *(b.split() for b in BESIDE), "are they towards".split()):
        out += [(word, "other", "grammar", []) for word in words]
    return out
