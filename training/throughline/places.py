"""The places: each draws a background from a layout that the prompt does not state.

A layout is a small dictionary of choices (which side the sun is on, which tree
stands where, which of three palettes), so that "the same place" can be told from
"another place of that kind" by a viewer, by a test and by the memory.
"""
import random

from .pen import Colour, Pen, canvas, finish, mix

HORIZON = 58  # frame row where the ground begins

DAY, SUNSET, NIGHT = "day", "sunset", "night"

SKIES = {
    DAY: [(150, 214, 250), (176, 226, 240), (132, 196, 246)],
    SUNSET: [(255, 178, 120), (250, 160, 140), (255, 200, 140)],
    NIGHT: [(28, 34, 84), (40, 30, 80), (20, 44, 78)],
}


def tint_for(time: str, character: bool = False):
    """The colour change that a time of day makes to everything but the sky; weaker on characters, to keep their colour."""
    keep = 0.5 if character else 0.0
    if time == NIGHT:
        gain, shift = (0.42, 0.48, 0.66), (0, 0, 14)
    elif time == SUNSET:
        gain, shift = (1.0, 0.86, 0.74), (8, 0, 0)
    else:
        return None
    return lambda c: tuple(min(255, round(v * (keep + (1 - keep) * g) + s * (1 - keep))) for v, g, s in zip(c, gain, shift))


THING_KINDS = {
    "meadow": ["oak", "oak", "house", "bush"], "forest": ["pine", "oak", "pine", "pine"], "beach": ["palm", "umbrella", "boat"],
    "desert": ["cactus", "rock", "cactus"], "snow": ["whitepine", "snowman", "igloo"], "city": ["tower", "shop", "tower", "tower"],
    "room": ["window", "lamp", "picture", "sofa"], "kitchen": ["stove", "fridge", "window", "shelf"],
    "farm": ["barn", "fence", "oak", "hay"], "moon": ["crater", "rocket", "earth", "flag"]}


def layout(place: str, rng: random.Random) -> dict:
    """Draws the unstated choices of a place. Keys: palette 0..2, sun slot 0..3, things [(kind, x)], side -1/1."""
    slots = [18, 50, 110, 142]
    rng.shuffle(slots)
    kinds = THING_KINDS[place]
    count = 4 if place == "city" else 3 if place == "forest" else 2
    chosen = rng.sample(kinds, min(count, len(kinds)))
    things = sorted((slot + rng.randint(-4, 4), kind) for slot, kind in zip(slots, chosen))
    return {"place": place, "palette": rng.randrange(3), "sun": rng.randrange(4), "side": rng.choice((-1, 1)), "things": things,
            "size": [round(rng.uniform(0.85, 1.15), 2) for _ in things]}


def _sky(pen: Pen, lay: dict, time: str):
    pen.tint = None
    pen.rect(0, 0, 160, HORIZON + 4, SKIES[time][lay["palette"]])
    x = (22, 60, 100, 138)[lay["sun"]]
    if time == NIGHT:
        for i in range(12):
            sx, sy = (i * 53 + lay["sun"] * 17) % 160, (i * 29 + 7) % 44
            pen.ellipse(sx, sy, 0.8, 0.8, (230, 230, 210))
        pen.ellipse(x, 15, 8, 8, (244, 240, 210))
        pen.ellipse(x + 3.5, 13, 7, 7, SKIES[time][lay["palette"]])
    else:
        pen.ellipse(x, 15 if time == DAY else 30, 8.5, 8.5, (255, 236, 130) if time == DAY else (255, 236, 170))
    pen.tint = tint_for(time)


def _cloud(pen: Pen, x: float, y: float, time: str):
    colour = (255, 255, 255)
    for dx, r in ((-8, 4), (0, 6), (8, 4.5)):
        pen.ellipse(x + dx, y, r * 1.3, r, colour)


def draw_thing(pen: Pen, kind: str, x: float, k: float, base: float):
    bark, leaf = (122, 82, 52), (62, 146, 72)
    if kind == "oak":
        pen.rect(x - 2.5 * k, base - 22 * k, x + 2.5 * k, base, bark)
        pen.ellipse(x, base - 30 * k, 14 * k, 13 * k, leaf)
        pen.ellipse(x - 4 * k, base - 33 * k, 7 * k, 6 * k, (92, 176, 92))
    elif kind in ("pine", "whitepine"):
        green = (34, 108, 76) if kind == "pine" else (150, 196, 200)
        pen.rect(x - 2 * k, base - 8 * k, x + 2 * k, base, bark)
        for i, w in enumerate((13, 11, 8)):
            top = base - 8 * k - (i * 10 + 16) * k
            pen.poly([(x - w * k, top + 16 * k), (x + w * k, top + 16 * k), (x, top)], mix(green, (255, 255, 255), 0.08 * i))
    elif kind == "house":
        pen.rect(x - 12 * k, base - 18 * k, x + 12 * k, base, (244, 226, 190))
        pen.poly([(x - 15 * k, base - 18 * k), (x + 15 * k, base - 18 * k), (x, base - 32 * k)], (196, 84, 66))
        pen.rect(x - 3 * k, base - 10 * k, x + 3 * k, base, bark)
    elif kind == "bush":
        for dx, r in ((-8, 7), (7, 7), (0, 10)):
            pen.ellipse(x + dx * k, base - 4 * k, r * k, r * k, (70, 160, 66))
    elif kind == "palm":
        pen.limb(x, base + 8, x + 4 * k, base - 28 * k, 4 * k, (170, 120, 70))
        for dx, dy in ((-15, 2), (-11, -8), (11, -8), (15, 2)):
            pen.poly([(x + 4 * k, base - 31 * k), (x + 4 * k, base - 25 * k), (x + (4 + dx) * k, base + (-28 + dy) * k)], (56, 160, 84))
    elif kind == "umbrella":
        pen.rect(x - 1, base - 18 * k, x + 1, base + 10, (240, 240, 240))
        pen.hill(x, base - 14 * k, 16 * k, 14 * k, (232, 80, 80))
        pen.hill(x, base - 14 * k, 5 * k, 14 * k, (250, 240, 230))
    elif kind == "boat":
        pen.poly([(x - 13 * k, base - 10), (x + 13 * k, base - 10), (x + 8 * k, base - 4), (x - 8 * k, base - 4)], (190, 70, 60))
        pen.poly([(x, base - 32 * k), (x, base - 12), (x + 12 * k, base - 12)], (250, 250, 250))
    elif kind == "cactus":
        green = (60, 150, 92)
        pen.limb(x, base + 6, x, base - 26 * k, 7 * k, green)
        pen.limb(x, base - 6 * k, x + 10 * k, base - 6 * k, 5 * k, green)
        pen.limb(x + 10 * k, base - 6 * k, x + 10 * k, base - 16 * k, 5 * k, green)
        pen.limb(x, base - 12 * k, x - 9 * k, base - 12 * k, 5 * k, green)
        pen.limb(x - 9 * k, base - 12 * k, x - 9 * k, base - 20 * k, 5 * k, green)
    elif kind == "rock":
        pen.poly([(x - 17 * k, base + 4), (x - 12 * k, base - 20 * k), (x + 6 * k, base - 24 * k), (x + 16 * k, base + 4)], (176, 98, 70))
        pen.poly([(x - 12 * k, base - 20 * k), (x + 6 * k, base - 24 * k), (x + 2 * k, base - 14 * k)], (204, 124, 88))
    elif kind == "snowman":
        pen.ellipse(x, base - 3 * k, 10 * k, 9 * k, (255, 255, 255))
        pen.ellipse(x, base - 16 * k, 7 * k, 7 * k, (250, 252, 255))
        pen.rect(x - 6 * k, base - 25 * k, x + 6 * k, base - 22 * k, (60, 60, 80))
        pen.rect(x - 4 * k, base - 31 * k, x + 4 * k, base - 24 * k, (60, 60, 80))
    elif kind == "igloo":
        pen.hill(x, base + 4, 18 * k, 20 * k, (206, 228, 246))
        pen.hill(x, base + 4, 6 * k, 9 * k, (84, 110, 150))
    elif kind == "tower":
        wall = ((146, 126, 160), (190, 130, 110), (120, 150, 180))[int(x) % 3]
        top = base - (30 + (int(x) % 4) * 6) * k
        pen.rect(x - 13, top, x + 13, base + 6, wall)
        for row in range(int(top) + 4, base - 2, 9):
            for column in (-8, 0, 8):
                pen.rect(x + column - 2.2, row, x + column + 2.2, row + 5, (255, 236, 160))
    elif kind == "shop":
        pen.rect(x - 16, base - 20, x + 16, base + 6, (240, 210, 170))
        pen.rect(x - 17, base - 22, x + 17, base - 14, (220, 76, 84))
        pen.rect(x - 12, base - 9, x + 1, base + 2, (150, 210, 235))
        pen.rect(x + 4, base - 9, x + 12, base + 6, (110, 80, 70))
    elif kind == "window":
        pen.rect(x - 14, 10, x + 14, 40, (250, 246, 236))
        pen.rect(x - 12, 12, x + 12, 38, (150, 210, 245))
        pen.rect(x - 1, 12, x + 1, 38, (250, 246, 236))
        pen.rect(x - 12, 24, x + 12, 26, (250, 246, 236))
    elif kind == "lamp":
        pen.rect(x - 1.2, base - 34, x + 1.2, base + 8, (90, 80, 80))
        pen.poly([(x - 6, base - 48), (x + 6, base - 48), (x + 11, base - 32), (x - 11, base - 32)], (255, 214, 110))
        pen.ellipse(x, base + 8, 8, 2.5, (90, 80, 80))
    elif kind == "picture":
        pen.rect(x - 13, 14, x + 13, 36, (120, 80, 50))
        pen.rect(x - 11, 16, x + 11, 34, (250, 230, 160))
        pen.hill(x, 34, 11, 12, (226, 90, 90))
    elif kind == "sofa":
        pen.rect(x - 20, base - 20, x + 20, base + 6, (70, 130, 150), 5)
        pen.rect(x - 24, base - 10, x - 15, base + 10, (56, 110, 132), 4)
        pen.rect(x + 15, base - 10, x + 24, base + 10, (56, 110, 132), 4)
    elif kind == "stove":
        pen.rect(x - 13, base - 22, x + 13, base + 8, (220, 220, 226))
        pen.rect(x - 9, base - 12, x + 9, base + 2, (70, 70, 84))
        pen.rect(x - 8, base - 32, x + 6, base - 22, (214, 90, 80), 2)
    elif kind == "fridge":
        pen.rect(x - 12, base - 46, x + 12, base + 8, (186, 222, 226), 3)
        pen.rect(x - 12, base - 26, x + 12, base - 24.5, (120, 160, 170))
        pen.rect(x + 6, base - 40, x + 8, base - 30, (90, 120, 130))
    elif kind == "shelf":
        pen.rect(x - 17, 34, x + 17, 37, bark)
        for dx, colour in ((-11, (230, 90, 80)), (-2, (90, 170, 220)), (8, (250, 200, 80))):
            pen.rect(x + dx - 3.5, 22, x + dx + 4, 34, colour, 1.5)
    elif kind == "barn":
        pen.rect(x - 16 * k, base - 22 * k, x + 16 * k, base + 2, (196, 60, 54))
        pen.poly([(x - 19 * k, base - 22 * k), (x + 19 * k, base - 22 * k), (x, base - 40 * k)], (120, 60, 56))
        pen.rect(x - 6 * k, base - 14 * k, x + 6 * k, base + 2, (250, 236, 220))
    elif kind == "fence":
        pen.rect(x - 22, base - 10, x + 22, base - 7, (250, 246, 236))
        for dx in (-18, -6, 6, 18):
            pen.rect(x + dx - 2, base - 15, x + dx + 2, base + 3, (250, 246, 236))
    elif kind == "hay":
        pen.ellipse(x, base - 6 * k, 14 * k, 13 * k, (226, 186, 84))
        pen.ellipse(x, base - 6 * k, 7 * k, 6.5 * k, (200, 156, 66))
    elif kind == "crater":
        pen.ellipse(x, base + 9, 17 * k, 6 * k, (120, 122, 134))
        pen.ellipse(x, base + 10, 13 * k, 4 * k, (96, 98, 112))
    elif kind == "rocket":
        pen.poly([(x - 10 * k, base + 4), (x + 10 * k, base + 4), (x, base - 12 * k)], (220, 70, 70))
        pen.ellipse(x, base - 18 * k, 7.5 * k, 21 * k, (240, 240, 246))
        pen.ellipse(x, base - 22 * k, 3.6 * k, 3.6 * k, (90, 160, 220))
    elif kind == "earth":
        pen.ellipse(x, 22, 13 * k, 13 * k, (70, 140, 220))
        pen.ellipse(x - 3 * k, 19, 6 * k, 5 * k, (90, 180, 110))
        pen.ellipse(x + 5 * k, 27, 4 * k, 4 * k, (90, 180, 110))
    elif kind == "flag":
        pen.rect(x - 1, base - 32, x + 1, base + 6, (230, 230, 230))
        pen.rect(x + 1, base - 32, x + 17, base - 21, (240, 150, 60))
    else:
        raise ValueError(f"unknown thing {kind!r}")


GROUNDS: dict[str, list[Colour]] = {
    "meadow": [(126, 200, 92), (146, 206, 80), (104, 188, 104)], "forest": [(70, 132, 78), (86, 128, 66), (58, 120, 88)],
    "beach": [(244, 222, 164), (250, 214, 150), (236, 226, 184)], "desert": [(226, 172, 98), (220, 150, 90), (236, 190, 120)],
    "snow": [(240, 246, 252), (228, 240, 250), (246, 244, 250)], "city": [(128, 130, 140), (142, 136, 136), (116, 126, 142)],
    "room": [(176, 116, 78), (150, 100, 84), (196, 146, 96)], "kitchen": [(214, 206, 196), (190, 200, 206), (222, 200, 180)],
    "farm": [(190, 178, 90), (206, 168, 84), (164, 184, 92)], "moon": [(168, 170, 182), (180, 174, 176), (152, 160, 180)],
}
WALLS = {"room": [(250, 226, 178), (206, 220, 186), (240, 196, 186)], "kitchen": [(198, 230, 226), (250, 240, 190), (220, 214, 240)]}


def draw_place(lay: dict, time: str, zoom: float = 1.0, left: float = 0, top: float = 0):
    """A 160x96 RGB image of a place; zoom and (left, top) place the camera."""
    image = canvas()
    pen = Pen(image, left, top, zoom)
    place, palette, side = lay["place"], lay["palette"], lay["side"]
    ground, base = GROUNDS[place][palette], HORIZON
    if place in WALLS:
        pen.tint = tint_for(time)
        pen.rect(0, 0, 160, base, WALLS[place][palette])
        pen.rect(0, base - 2, 160, base + 1, mix(WALLS[place][palette], (90, 60, 40), 0.5))
    elif place == "moon":
        pen.rect(0, 0, 160, base, (24, 22, 48))
        for i in range(16):
            pen.ellipse((i * 47 + lay["sun"] * 13) % 160, (i * 31 + 5) % 50, 0.8, 0.8, (240, 240, 250))
        pen.tint = tint_for(time)
    else:
        _sky(pen, lay, time)
        if time == DAY and place != "desert":
            _cloud(pen, 80 + side * 46, 24, time)
    if place == "meadow" or place == "farm":
        pen.hill(80 + side * 52, base + 2, 66, 24, mix(ground, (60, 130, 90), 0.35))
        pen.hill(80 - side * 50, base + 2, 56, 14, mix(ground, (60, 130, 90), 0.2))
    elif place == "forest":
        pen.rect(0, base - 16, 160, base + 2, mix(ground, (120, 190, 160), 0.3))
    elif place == "desert":
        pen.hill(80 + side * 44, base + 2, 60, 22, mix(ground, (150, 90, 60), 0.4))
    elif place == "snow":
        pen.poly([(80 + side * 80, base), (80 + side * 36, base - 34), (80 - side * 10, base)], (168, 190, 220))
        pen.poly([(80 + side * 51, base - 22), (80 + side * 36, base - 34), (80 + side * 21, base - 22)], (250, 252, 255))
    elif place == "beach":
        pen.rect(0, base - 18, 160, base + 2, (66, 150, 214))
    pen.rect(0, base, 160, 96, ground)
    if place == "city":
        pen.rect(0, base, 160, base + 7, (190, 186, 180))
        for x in range(8 + 10 * (side > 0), 160, 40):
            pen.rect(x, 84, x + 16, 86.5, (240, 220, 130))
    elif place == "kitchen":
        for x in range(-20 + 10 * (side > 0), 170, 20):
            pen.rect(x, base + 1, x + 10, 96, mix(ground, (255, 255, 255), 0.35))
    elif place == "room":
        pen.ellipse(80, 82, 52, 11, mix(ground, (210, 70, 90) if side > 0 else (80, 110, 190), 0.7))
    elif place == "beach":
        pen.rect(0, base - 1, 160, base + 2, (236, 246, 250))
    for (x, kind), k in zip(lay["things"], lay["size"]):
        draw_thing(pen, kind, x, k, base + (0 if kind in ("boat",) else 2))
    return finish(image)
