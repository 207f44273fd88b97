"""More ways to say what words.py says, for the second world; the first does not use them.

Their tokens stand behind those of words.py in the vocabulary, so that what was tokenised before stays valid. `LIKE` says which older
word a new one is nearest to: its embedding begins as that one's.
"""
from . import words
from .story import RAIN, SNOWFALL
from .words import _more

PLACES = _more(words.PLACES, {"meadow": "park garden", "forest": "woods jungle", "beach": "", "desert": "", "snow": "", "city": "",
                              "room": "bedroom house", "moon": "", "kitchen": "", "farm": ""})
PLACE_PHRASES = {kind: phrases + extra for (kind, phrases), extra in zip(words.PLACE_PHRASES.items(), (
    ["at the beach", "by the ocean", "at the seaside", "at the sea"], ["in the park", "in the garden", "on the lawn", "in a green field", "on a hillside", "on the green hills"], ["in the woods", "between the trees", "deep in the forest"],
    ["in the hot desert"], ["in a snowy field", "on the ice", "in the snowy hills"], ["on the road", "in the big city", "on a street in the city"],
    ["inside the house", "in a bedroom", "in the room"], ["on the surface of the moon"], ["inside the kitchen"], ["on a farm", "in front of the barn"]))}
SPECIES = _more(words.SPECIES, {"cat": "kitty", "dog": "doggy", "duck": "ducky"})
PLURALS = {"cat": ["cats", "kittens"], "dog": ["dogs", "puppies"], "rabbit": ["rabbits", "bunnies"], "bear": ["bears"], "robot": ["robots"], "duck": ["ducks", "ducklings"],
           "frog": ["frogs"], "fox": ["foxes"]}
COLOURS = words.COLOURS | {"brown": ["brown", "chestnut"], "grey": ["grey", "gray", "silver"]}
# plain/third person/participle
ACTIONS: dict[str, list[str]] = {
    "stand": ["stand/stands/standing", "wait/waits/waiting", "stand still/stands still/standing still", "rest/rests/resting", "look around/looks around/looking around", "stop/stops/stopping"],
    "walk": ["walk/walks/walking", "stroll/strolls/strolling", "take a walk/takes a walk/taking a walk", "go for a walk/goes for a walk/going for a walk", "walk along/walks along/walking along",
             "wander/wanders/wandering", "march/marches/marching"],
    "jump": ["jump/jumps/jumping", "hop/hops/hopping", "leap/leaps/leaping", "bounce/bounces/bouncing", "jump up and down/jumps up and down/jumping up and down", "skip/skips/skipping"],
    "wave": ["wave/waves/waving", "wave hello/waves hello/waving hello", "say hello/says hello/saying hello", "say hi/says hi/saying hi", "wave goodbye/waves goodbye/waving goodbye", "greet us/greets us/greeting us"],
    "run": ["run/runs/running", "run away/runs away/running away", "race/races/racing", "dash/dashes/dashing", "jog/jogs/jogging", "sprint/sprints/sprinting", "rush/rushes/rushing"],
    "sit": ["sit/sits/sitting", "sit down/sits down/sitting down", "sit there/sits there/sitting there", "relax/relaxes/relaxing", "have a seat/has a seat/sitting down"],
    "sleep": ["sleep/sleeps/sleeping", "fall asleep/falls asleep/falling asleep", "take a nap/takes a nap/taking a nap", "nap/naps/napping", "go to sleep/goes to sleep/sleeping",
              "sleep/is asleep/asleep", "snooze/snoozes/snoozing", "doze/dozes/dozing"],
    "dance": ["dance/dances/dancing", "dance around/dances around/dancing around", "twirl/twirls/twirling", "groove/grooves/grooving"],
}
# What comes first where two doings are told of one character: the shot shows the second. plain/third person
AT_FIRST = {"any": ["stop/stops", "turn around/turns around", "look around/looks around", "smile/smiles", "laugh/laughs", "arrive/arrives", "come in/comes in", "get up/gets up", "stand up/stands up",
                    "wake up/wakes up", "wake/wakes", "stretch/stretches"],
            "sleep": ["sit down/sits down", "lie down/lies down", "yawn/yawns", "come home/comes home"], "sit": ["stop/stops", "come home/comes home"],
            "wave": ["wake/wakes", "wake up/wakes up", "smile/smiles", "turn around/turns around", "stop/stops"], "dance": ["laugh/laughs", "get up/gets up"]}
# third person/participle, of the first towards the second
RELATIONS: dict[str, list[str]] = {
    "greet": ["greets/greeting", "greets/greeting", "waves to/waving to", "waves at/waving at", "says hello to/saying hello to", "says hi to/saying hi to"], "meet": ["meets/meeting", "meets/meeting", "visits/visiting"],
    "dance": ["dances with/dancing with"], "walk": ["walks with/walking with", "walks beside/walking beside", "follows/following", "walks behind/walking behind", "strolls with/strolling with"],
    "chase": ["chases/chasing", "runs after/running after", "runs with/running with", "races with/racing with"], "play": ["plays with/playing with", "jumps with/jumping with"],
    "sit": ["sits with/sitting with", "sits beside/sitting beside", "sits next to/sitting next to"],
    "stand": ["stands beside/standing beside", "stands next to/standing next to", "talks to/talking to", "waits with/waiting with", "is with/standing with", "next to/next to", "beside/beside", "with/with"],
    "sleep": ["sleeps beside/sleeping beside", "sleeps next to/sleeping next to", "naps with/napping with"], "watch": ["watches/watching", "looks at/looking at"],
}
TIMES = {"day": ["by day", "in daylight", "in the sunshine", "in the morning", "in the afternoon", "on a sunny day", "at noon", "during the day", "one morning"],
         "night": ["at night", "in the moonlight", "at midnight", "under the stars", "in the dark", "during the night", "late at night", ". it is night"],
         "sunset": ["at sunset", "in the evening", "at dusk", "as the sun sets", "as the sun goes down", ". it is evening"]}
NOW = {"day": [". it is day now", ". it is morning", "in the morning", "the next morning", "by day"], "night": [". now it is night", "at night", ". night falls", "as night falls", "now at night"],
       "sunset": ["at sunset", ". the sun sets", "in the evening", ". now it is evening", "now at sunset"]}
WEATHER = {RAIN: [*words.WEATHER[RAIN], ". it rains", ". it is raining", ". it ' s raining", "on a rainy day", "in the pouring rain", ". it starts to rain"],
           SNOWFALL: [*words.WEATHER[SNOWFALL], ". it snows", ". it is snowing", ". it ' s snowing", "on a snowy day", ". it starts to snow", ". snow is falling"]}
OVER = {RAIN: [". it is no longer raining", ". the rain has stopped", ". it stopped raining", "after the rain"],
        SNOWFALL: [". it is no longer snowing", ". the snow has stopped", ". it stopped snowing", "after the snowfall"]}
SIZE_PREFIX = {size: phrases + extra for (size, phrases), extra in zip(words.SIZE_PREFIX.items(), (["far away ,", "from far away we see"], ["close on", "a close - up shot of"]))}
NORMAL_AGAIN = ["in a medium shot", "from a little further away", ". medium shot"]
PROPS = words.PROPS | {"flower": ["flower", "flowerpot", "plant"], "box": ["box", "crate", "present"], "lantern": ["lantern", "lamp", "light"]}
BESIDE = ["next to", "beside", "near", "by", "close to", "with", "with"]
LEADS = "then now later next suddenly meanwhile".split()
NAMES = words.NAMES
OTHERS = ("wears two both together friends one ones who has have this meet named called our that there us we see is lies longer no keep keeps begin begins start starts to after "
          "with in not medium shot : him them from little further").split()
LATER = ["hi", "my", "'", "s"]  # came last of all: ids never change
LIKE = {
    "hi": "hello", "my": "the",
    "park": "meadow", "garden": "meadow", "lawn": "meadow", "hillside": "meadow", "hills": "meadow", "woods": "woods", "jungle": "forest", "sea": "beach", "ocean": "beach", "ice": "snow", "road": "city",
    "bedroom": "room", "house": "room", "barn": "farm", "doggy": "dog", "ducky": "duck", "brown": "orange", "chestnut": "orange", "grey": "white", "gray": "white", "silver": "white",
    "skip": "jump", "skips": "jumps", "skipping": "jumping", "jog": "run", "jogs": "runs", "jogging": "running", "asleep": "sleeping", "stop": "stand", "stops": "stands", "stopping": "standing",
    "light": "lantern", "plant": "flower", "present": "box", "greeting": "waving", "meets": "waves", "meeting": "waving", "visits": "waves", "visiting": "waving", "plays": "jumps", "playing": "jumping",
    "chases": "runs", "chasing": "running", "follows": "walks", "following": "walking", "talks": "stands", "talking": "standing", "goodbye": "hello", "says": "waves", "say": "wave", "saying": "waving",
    "wears": "wearing", "one": "a", "two": "and", "both": "they", "named": "the", "called": "the", "together": "and", "morning": "day", "noon": "day", "dark": "night", "falls": "falls", "rainy": "rainy", "pouring": "rain",
    "this": "the", "our": "the", "that": "the", "his": "its", "her": "its",
} | {plural: plurals for singular, forms in PLURALS.items() for plural in forms for plurals in (singular,)}


def vocabulary() -> list[tuple[str, str, str, list[str]]]:
    """(word, part of speech, group, synonyms) of every word used here."""
    out: list[tuple[str, str, str, list[str]]] = []
    for table, part, group in ((PLACES, "noun", "place"), (SPECIES, "noun", "character"), (PLURALS, "noun", "character"), (COLOURS, "adjective", "colour"), (PROPS, "noun", "prop")):
        out += [(word, part, group, names) for names in table.values() for word in names]
    for forms in ACTIONS.values():
        verbs = [form for one in forms for form in one.split("/")]
        single = [verb for verb in verbs if " " not in verb]
        out += [(word, "verb", "action", [v for v in single if v != word]) for word in single]
        out += [(word, "other", "grammar", []) for verb in verbs for word in verb.split()]
    for table, group in ((TIMES, "time"), (NOW, "time"), (WEATHER, "weather"), (OVER, "weather"), (SIZE_PREFIX, "size"), (PLACE_PHRASES, "place")):
        for phrases in table.values():
            used = sorted({word for phrase in phrases for word in phrase.split() if word not in (".", ",")})
            out += [(word, "other", group if len(word) > 3 else "grammar", []) for word in used]
    pieces = [form for table in (RELATIONS, AT_FIRST) for forms in table.values() for one in forms for form in one.split("/")]
    out += [(word, "other", "grammar", []) for phrase in (*pieces, *BESIDE, *NORMAL_AGAIN, *LEADS) for word in phrase.split() if word not in (".", ",")]
    out += [(word, "other", "grammar", []) for word in OTHERS]
    return [row for row in out if row[0] not in LATER] + [(word, "other", "grammar", []) for word in LATER]
