"""Prompts of the second world: how people write down what happens, one shot after another.

Beyond what grammar.py says: two doings of one character, two characters joined by any verb or preposition, two of a kind,
possessives, pronouns, plurals, names that are introduced in many ways and then bind for the whole story, and words
that look back (again, still, back, no longer). What does not fit into the model's text is left out, the least important first.
Every prompt comes with the plainest wording of the same, as grammar.py has it, from which `train_words.py` teaches what the others mean.
"""
import random

from . import captions, idioms, words
from .grammar import MAX_TOKENS, token_count
from .story import CLEAR, Figure, Shot, Story

UNSAID = ("colour last", "fillers", "lead", "back", "spots", "prop", "remembered", "turns", "when", "accessories")  # the order in which a long prompt is shortened


def _say(rng: random.Random, options: list[str]) -> list[str]:
    """One of some wordings; the first, the plainest, twice as often."""
    return rng.choice(options[:1] + options).split()


class _Speaker:
    """One way of saying a shot; `without` names what is to be left out."""

    def __init__(self, seed: int, story: Story, shot: Shot, without: tuple[str, ...]):
        self.rng, self.story, self.shot, self.without = random.Random(seed), story, shot, without
        self.before, self.last = story.shots, story.shots[-1] if story.shots else None
        self.place = story.places[shot.place_id]
        self.seen_place = any(story.places[s.place_id]["layout"] is self.place["layout"] for s in self.before)
        self.stays = self.last is not None and story.places[self.last.place_id]["layout"] is self.place["layout"]
        self.seen_who = {f.who_id for s in self.before for f in s.figures}
        self.last_done = {f.who_id: f.action for f in self.last.figures} if self.last else {}
        self.last_who = [f.who_id for f in self.last.figures] if self.last else []
        self.filler = 0.0 if "fillers" in without else 0.15
        self.introduction: list[str] = []  # a sentence that says who somebody is
        self.afterwards: list[str] = []  # one that says of which colour
        # The same in plain words, part by part: characters in order, then what is said of the shot.
        self.plain_who: list[list[str]] = []
        self.plain: dict[str, list[str]] = {}
        self.plain_sides: dict[int, list[str]] = {}

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    # Who

    def _shade(self, colour: str) -> list[str]:
        """The plain word two times in three: nobody says azure."""
        return [colour] if self.chance(0.6) else _say(self.rng, idioms.COLOURS[colour])

    def _colour(self, who: dict) -> list[str]:
        return self._shade(who["colour"])

    def _kind(self, species: str) -> list[str]:
        return [species] if self.chance(0.5) else _say(self.rng, idioms.SPECIES[species])

    def _wears(self, who: dict, seen: bool, may_own: bool = True) -> list[str]:
        if not who["accessory"] or "accessories" in self.without or seen and ("remembered" in self.without or self.chance(0.65)):
            return []
        kind = captions.ACCESSORY_WORDS[who["accessory"]]
        colour = self._shade(who["accessory_colour"]) if not (seen and self.chance(0.4)) else []
        self.plain_wears = ["with", *(["a"] if kind != "glasses" else []), *([who["accessory_colour"]] if colour else []), kind]
        own = {"he": "his", "she": "her", "it": "its"}[who["pronoun"]]
        article = [] if kind == "glasses" and not seen else [own] if may_own and self.chance(0.5 if seen else 0.08) else ["a"] if not seen and kind != "glasses" else ["the"]
        if self.chance(0.08) and not seen:
            return ["who" if who["name"] else "that", "wears", *article, *colour, kind]
        return [*self.rng.choice((["with"], ["with"], ["wearing"], ["in"], ["who", "has"]) if not seen else (["with"], ["in"], ["wearing"])), *article, *colour, kind]

    def _noun(self, who: dict, bare: bool) -> list[str]:
        """"small red cat", or on a return perhaps only "cat"."""
        adjective = [self.rng.choice(words.ADJECTIVES)] if self.chance(self.filler) else []
        twin = sum(other["species"] == who["species"] for other in self.story.people) > 1
        colour = [] if bare and not twin and self.chance(0.5) else self._colour(who)
        self.plain_noun = [*([who["colour"]] if colour else []), who["species"]]
        return [*adjective, *colour, *self._kind(who["species"])]

    def subject(self, figure: Figure, spot: list[str] = (), sole: bool = True, object_of: bool = False) -> list[str]:
        """A noun phrase for a character: a name once it has one, a pronoun where nobody else can be meant."""
        who, seen = self.story.people[figure.who_id], figure.who_id in self.seen_who
        self.plain_noun, self.plain_wears = [], []
        said = self._subject(figure, spot, sole, object_of)
        article = ["the" if seen else "a"]
        plain = [*([who["name"]] if who["name"] and who["name"] in said + self.introduction else []), *([*(["the"] if who["name"] else article), *self.plain_noun] if self.plain_noun else [])]
        self.plain_who.append([*(plain or [who["pronoun"]]), *self.plain_wears, *spot])
        return said

    def _subject(self, figure: Figure, spot: list[str], sole: bool, object_of: bool) -> list[str]:
        rng, who, seen = self.rng, self.story.people[figure.who_id], figure.who_id in self.seen_who
        named = who["name"]
        if seen:
            if sole and self.last_who == [figure.who_id] and not spot and self.chance(0.35):
                return [who["pronoun"] if not object_of else {"he": "him", "she": "her", "it": "it"}[who["pronoun"]]]
            if named and self.chance(0.75):
                return [named, *self._wears(who, True), *spot]
            return [rng.choice(("the", "the", "the", "the", "our", "that", "a") if not named else ("the",)), *self._noun(who, True), *self._wears(who, True), *spot]
        noun, wears = self._noun(who, False), self._wears(who, False)
        if sole and not wears and "colour last" not in self.without and self.chance(0.08):
            noun, colour = [self.rng.choice(("a", "a", "my")), *self._kind(who["species"])], self._colour(who)
            self.afterwards = [".", *rng.choice(([who["pronoun"]], [who["pronoun"]], ["the", who["species"]])), "is", *colour]
            return [*noun, *([named] if named else []), *spot]
        if not named:
            return [rng.choice(("a", "a", "a", "the", "one")), *noun, *wears, *spot]
        way = rng.random()
        if way < 0.35 or spot:
            return [named, "the", *noun, *wears, *spot]
        if way < 0.55:
            return ["a", *noun, rng.choice(("named", "called")), named, *wears]
        if way < 0.75 or not sole:
            return [named, ",", "a", *noun, *wears, ","]
        self.introduction = [*rng.choice((["this", "is", named, ","], [named, "is"], ["meet", named, ","])), "a", *noun, *wears, "."]
        return [rng.choice((named, named, who["pronoun"]))]

    # What

    def _sides(self, figure: Figure) -> list[str]:
        if figure.action not in ("walk", "run") or "turns" in self.without or figure.direction > 0 and self.chance(0.7):
            return []
        side = "left" if figure.direction < 0 else "right"
        self.plain_sides[figure.who_id] = ["to", "the", side]
        return _say(self.rng, [f"to the {side}", side, f"towards the {side}"])

    def _forms(self, action: str) -> list[str]:
        """Plain, third person, participle."""
        options = idioms.ACTIONS[action]
        return self.rng.choice(options[:1] * 3 + options).split("/")

    def predicate(self, figure: Figure, plural: bool = False, participle: bool = False) -> list[str]:
        """What a character does, or several: "is dancing", "wakes up and waves", "starts to run"."""
        rng = self.rng
        plain, third, ing = (form.split() for form in self._forms(figure.action))
        finite, be = (plain if plural else third), ["are" if plural else "is"]
        going = ["sleeping"] if ing == ["asleep"] else ing  # nobody keeps asleep
        adverb = [rng.choice(words.ADVERBS)] if self.chance(self.filler) else []
        tail = [*self._sides(figure)]
        waving = ["and", "waving" if participle else "wave" if plural else "waves"] if figure.also else []
        if participle:
            return [*adverb, *ing, *tail, *waving]
        did = self.last_done.get(figure.who_id)
        if did == figure.action and self.chance(0.35) and not waving:
            return rng.choice(([*be, "still", *ing], ["keep" if plural else "keeps", *going], ["still", *finite], [*finite, "again"])) + tail
        if did and did != figure.action and self.chance(0.06):
            return [*be, "no", "longer", *idioms.ACTIONS[did][0].split("/")[2].split(), "and", *finite, *tail, *waving]
        dice = rng.random()
        if dice < 0.18 and not waving:
            first = rng.choice(idioms.AT_FIRST[figure.action] if figure.action == "sleep" or figure.action in idioms.AT_FIRST and self.chance(0.5) else idioms.AT_FIRST["any"]).split("/")
            return [*first[0 if plural else 1].split(), *rng.choice((["and"], ["and"], ["and", "then"], [",", "then"])), *finite, *tail]
        if dice < 0.26 and not waving:
            return rng.choice((["begin" if plural else "begins", "to", *plain], ["start" if plural else "starts", *going], ["start" if plural else "starts", "to", *plain])) + tail
        if dice < 0.5:
            return [*be, *adverb, *ing, *tail, *(["and", "waving"] if waving else [])]
        if figure.also and self.chance(0.4):
            return [*finite, *tail, "while", "waving"] if self.chance(0.5) else ["wave" if plural else "waves", "while", *ing, *tail]
        return [*adverb, *finite, *tail, *waving] if self.chance(0.5) else [*finite, *tail, *adverb, *waving]

    # Both

    def _two_of_a_kind(self, one: Figure, two: Figure, same: bool, participle: bool) -> list[str]:
        """Two of one species: "two ducks, one yellow and one green, dance"."""
        rng, (a, b) = self.rng, (self.story.people[f.who_id] for f in (one, two))
        many = _say(rng, idioms.PLURALS[a["species"]])
        self.plain_who += [["a", who["colour"], who["species"]] for who in (a, b)]
        left, right = self._colour(a), self._colour(b)
        if same:
            doing = self.predicate(one, True, participle)
            together = ["together"] if self.chance(0.15) else []
            return rng.choice(([*["two"], *many, ",", "one", *left, "and", "one", *right, ",", *doing], ["two", *many, ",", "one", *left, ",", "one", *right, ",", *doing],
                               ["two", *many, ",", "a", *left, "one", "and", "a", *right, "one", ",", *doing],
                               ["a", *left, "and", "a", *right, *self._kind(a["species"]), *doing])) + together
        joined = rng.choice(([":"], [","], ["."]))
        return ["two", *many, *joined, "the", *left, "one", *self.predicate(one), rng.choice(("and", "while")), "the", *right, "one", *self.predicate(two)]

    def _pair(self, participle: bool) -> list[str]:
        rng, shot = self.rng, self.shot
        one, two = shot.figures
        same = one.action == two.action and (one.action not in ("walk", "run") or one.direction == two.direction) and one.also == two.also
        new = not {one.who_id, two.who_id} & self.seen_who
        ordered = [one.slot, two.slot] == ["left", "right"]
        a, b = (self.story.people[f.who_id] for f in (one, two))
        if {*self.last_who} == {one.who_id, two.who_id} and same and not participle and self.chance(0.4):
            self.plain_who = [["they"]]
            return [rng.choice(("they", "they", "both")), *self.predicate(one, True)]
        if a["species"] == b["species"] and new and not shot.relation and ordered and self.chance(0.75):
            return self._two_of_a_kind(one, two, same, participle)
        spots = [[], []]
        if not ordered or "spots" not in self.without and self.chance(0.12) and not shot.relation:
            spots = [["on", "the", f.slot] for f in (one, two)]
        first, second = self.subject(one, spots[0], False), self.subject(two, spots[1], False)
        if second[-1] == ",":
            second = second[:-1]
        if spots[0] and not participle and self.chance(0.3):
            first, second = (["on", "the", f.slot, *said[:-3]] for f, said in zip((one, two), (first, second)))
            if same:
                return [*first, ",", *second, ",", "both", *self.predicate(one, True, True)]
            return [*first, *self.predicate(one), rng.choice((",", "and")), *second, *self.predicate(two)]
        if shot.relation:
            verb = rng.choice(idioms.RELATIONS[shot.relation]).split("/")
            doing = ["is", *verb[1].split()] if self.chance(0.3) else verb[0].split()
            doing = verb[1].split() if participle else doing
            if self.chance(0.25) and same:
                return [*first, "and", *second, *(self.predicate(one, True, participle)), *(["together"] if self.chance(0.4) else [])]
            if shot.relation == "watch":
                return [*first, *doing, *second, rng.choice(("dance", "dancing"))]
            return [*first, *doing, *second, *self._sides(one)]
        if same:
            friends = ["two", "friends", ","] if new and self.chance(0.08) and "fillers" not in self.without else []
            if not friends and self.chance(0.12):
                return [*first, *self.predicate(one, participle=participle), "with", *second]
            both = [*friends, *first, "and", *second]
            together = ["together"] if self.chance(0.12) else []
            return [*both, *(["both"] if self.chance(0.08) and not participle else []), *self.predicate(one, True, participle), *together]
        return [*first, *self.predicate(one, participle=participle), rng.choice(("and", "and", "while", ", and", "as")), *second, *self.predicate(two, participle=participle)]

    def people(self, participle: bool) -> list[str]:
        if len(self.shot.figures) == 2:
            return self._pair(participle)
        figure = self.shot.figures[0]
        spot: list[str] = []
        if "spots" not in self.without and self.shot.transition == "cut" and (figure.slot != "middle" and self.chance(0.7) or self.chance(0.03)):
            spot = ["on", "the", figure.slot] if figure.slot != "middle" else ["in", "the", self.rng.choice(("middle", "center", "centre"))]
        after = bool(spot) and self.chance(0.5)
        return [*self.subject(figure, [] if after else spot, object_of=participle), *self.predicate(figure, participle=participle), *(spot if after else [])]

    # Where and when

    def where(self) -> list[str]:
        rng, kind = self.rng, self.place["place"]
        if self.stays:
            if self.chance(0.65):
                return []
            return rng.choice((["there"], ["here"], self._at(kind)))
        if self.last and self.shot.transition == "continue" and self.chance(0.2):
            return ["now", *self._at(kind)]
        if self.seen_place and "back" not in self.without and self.chance(0.35):
            self.plain["back"] = ["back"]
            return rng.choice((["back", *self._at(kind)], [*self._at(kind), "again"]))
        return self._at(kind)

    def _at(self, kind: str) -> list[str]:
        rng = self.rng
        self.plain["where"] = [words.PREPOSITIONS.get(kind, ["in"])[0], "the", kind]
        if self.chance(0.35):
            return _say(rng, idioms.PLACE_PHRASES[kind])
        return [rng.choice(words.PREPOSITIONS.get(kind, ["in"])), "the" if self.chance(0.8) or kind in ("snow", "moon") else "a", *_say(rng, idioms.PLACES[kind])]

    def prop(self) -> list[str]:
        """Beside whom it stands, or a sentence of its own; never where the camera does not show it."""
        rng, prop = self.rng, self.place["prop"]
        if not prop or "prop" in self.without or self.shot.size == "close-up" or self.shot.camera != "still" or self.chance(0.6 if self.seen_place else 0.1):
            return []
        colour = self._shade(prop["colour"]) if self.chance(0.9) else []
        self.plain["prop"] = ["next", "to", "a", *([prop["colour"]] if colour else []), prop["kind"]]
        thing = ["the" if self.seen_place and self.chance(0.7) else "a", *colour, *_say(rng, idioms.PROPS[prop["kind"]])]
        if self.chance(0.2):
            return [".", *rng.choice((["there", "is"], ["we", "see"])), *thing]
        if self.chance(0.06):
            return ["and", *thing, "stands" if prop["kind"] != "ball" else "lies", "there"]
        return [*_say(rng, idioms.BESIDE), *thing]

    def sky(self) -> tuple[list[str], list[str]]:
        """Words for the time and for the weather; of a place that has changed they are always said."""
        rng, place = self.rng, self.place
        was = self.story.places[self.last.place_id] if self.stays else None
        when: list[str] = []
        turned = was is not None and was["time"] != place["time"]
        if turned:
            when = _say(rng, idioms.NOW[place["time"]])
        elif "when" not in self.without and (place["time"] != "day" and not (self.seen_place and self.chance(0.65)) or place["time"] == "day" and self.chance(0.1)):
            when = _say(rng, idioms.TIMES[place["time"]])
        weather: list[str] = []
        if was is not None and was["weather"] != place["weather"]:
            weather = _say(rng, idioms.OVER[was["weather"]] if place["weather"] == CLEAR else idioms.WEATHER[place["weather"]])
        elif place["weather"] != CLEAR and not (self.seen_place and self.chance(0.55)):
            weather = _say(rng, idioms.WEATHER[place["weather"]])
        self.plain["when"] = {"day": ["by", "day"], "night": ["at", "night"], "sunset": ["at", "sunset"]}[place["time"]] if when else []
        self.plain["weather"] = {"rain": ["in", "the", "rain"], "snowfall": ["while", "it", "snows"]}.get(place["weather"], []) if weather else []
        return when, weather

    # All of it

    def plainly(self) -> list[str]:
        """The last sentence in the plainest words, all that it said and nothing else."""
        figures, parts, size = self.shot.figures, self.plain, self.shot.size
        forms = [words.ACTIONS[f.action][0].split() for f in figures]
        sides = [self.plain_sides.get(f.who_id, []) for f in figures]
        if len(figures) == 2 and forms[0] == forms[1] and figures[0].direction == figures[1].direction:
            sides = [sides[0] or sides[1]] * 2  # of both, though it is said once
        if len(self.plain_who) == 2 and (forms[0] != forms[1] or sides[0] != sides[1]):
            people = [*self.plain_who[0], forms[0][1], *sides[0], "and", *self.plain_who[1], forms[1][1], *sides[1]]
        elif len(self.plain_who) == 2:
            people = [*self.plain_who[0], "and", *self.plain_who[1], forms[0][0], *sides[0]]
        else:
            people = [*self.plain_who[0], forms[0][0 if self.plain_who[0] == ["they"] else 1], *sides[0]]
        framed = {"wide": ["in", "a", "wide", "shot"], "close-up": ["in", "a", "close", "shot"]}.get(size, []) if self.framed else []
        camera = [",", *words.CAMERA[self.shot.camera][0].split()] if self.shot.camera != "still" else []
        return [*people, *parts.get("prop", []), *(parts.get("back", []) if "where" in parts else []), *parts.get("where", []), *parts["when"], *parts["weather"], *framed, *camera]

    def sentence(self) -> list[str]:
        rng, shot = self.rng, self.shot
        framed = shot.size != "medium" and not (self.stays and self.last.size == shot.size and self.chance(0.6)) or self.stays and self.last.size != shot.size
        prefix = suffix = []
        colon = False
        self.framed = framed
        if framed and shot.size != "medium":
            if self.chance(0.6):
                prefix, colon = _say(rng, idioms.SIZE_PREFIX[shot.size]), self.chance(0.25)
            else:
                suffix = _say(rng, words.SIZE_SUFFIX[shot.size])
        elif framed:
            suffix = _say(rng, idioms.NORMAL_AGAIN)
        people = self.people(bool(prefix) and not colon)
        if prefix and self.introduction:
            prefix, suffix, colon = [], _say(rng, words.SIZE_SUFFIX[shot.size]), False
        where, prop, (when, weather) = self.where(), self.prop(), self.sky()
        sentences = [part for part in (when, weather) if part and part[0] == "."]  # those that stand alone
        when, weather = ([] if part in sentences else part for part in (when, weather))
        setting = [where, when, weather]
        if self.chance(0.3):
            rng.shuffle(setting)
        flat = [w for part in setting for w in part]
        lead = [rng.choice(idioms.LEADS)] if self.last and "lead" not in self.without and flat[:1] != ["now"] and self.chance(0.12) else []
        split = prop and prop[0] == "."
        skies = [part for part in sentences if where and not self.stays and not self.introduction and not prefix and self.chance(0.3)][:1]
        sentences = [part for part in sentences if part not in skies]
        if self.introduction and len(self.introduction) + len(people) + len(flat) < MAX_TOKENS - 3:
            out = [*self.introduction, *people, *([] if split else prop), *flat]
        elif skies:  # "it is snowing in the meadow and a rabbit jumps"
            out = [*skies[0][1:], *where, rng.choice(("and", "and", ",")), *people, *([] if split else prop), *when, *weather]
        elif prefix:
            out = [*prefix, *([":"] if colon else []), *people, *([] if split else prop), *flat]
        elif flat and self.chance(0.3) and flat[0] not in ("there", "here"):
            out = [*flat, ",", *people, *([] if split else prop)]
        elif self.chance(0.06) and where and not self.stays and len(shot.figures) == 1 and self.last is None:
            out = [*where, *when, "there", "is", *people, *weather]
            out = out if people[0] in ("a", "an", "one") else [*people, *flat]
        else:
            out = [*lead, *([","] if lead and self.chance(0.3) else []), *people, *([] if split else prop), *flat]
        out += suffix + self.afterwards
        for alone in sentences:
            out = [*out, *alone] if self.chance(0.6) else [*alone[1:], ".", *out]
        out += prop if split else []
        camera = words.CAMERA[shot.camera][1 if "turns" in self.without else rng.choice((0, 0, 1, 2, 3))].split() if shot.camera != "still" else []
        if camera:
            out = [*out, *(["as"] if camera[0] == "the" and self.chance(0.4) else [rng.choice((",", "."))]), *camera]
        return out


def _text(rng: random.Random, out: list[str], names: list[str]) -> str:
    """The words as people type them: commas where they belong, capitals or none."""
    flat: list[str] = [piece for word in out for piece in word.split()]
    clean: list[str] = []
    for word in flat:
        if word in (",", ".", ":") and (not clean or clean[-1] in (",", ".", ":")):
            if clean and word != ",":
                clean[-1] = word
            continue
        clean.append(word)
    while clean and clean[-1] in (",", ".", ":"):
        clean.pop()
    clean = ["an" if word == "a" and after[0] in "aeiou" else word for word, after in zip(clean, [*clean[1:], "."])]
    if rng.random() < 0.75:
        clean = [word.capitalize() if word in names or before == "." else word for word, before in zip(clean, [".", *clean])]
    text = " ".join(clean).replace(" ' ", "'")
    for mark in (",", ".", ":"):
        text = text.replace(f" {mark}", mark)
    return text.replace(" - ", "-")


def describe(rng: random.Random, story: Story, shot: Shot) -> tuple[str, str]:
    """One prompt for `shot`, which comes after the story's shots so far; and the same in the plainest words."""
    seed, names = rng.randrange(1 << 30), [p["name"] for p in story.people if p["name"]]
    for level in range(len(UNSAID) + 1):
        speaker = _Speaker(seed, story, shot, UNSAID[:level])
        text = _text(random.Random(seed), speaker.sentence(), names)
        if token_count(text) < MAX_TOKENS:
            break
    return text + ("." if rng.random() < 0.4 and token_count(text) < MAX_TOKENS else ""), _text(random.Random(0), speaker.plainly(), []).lower()
