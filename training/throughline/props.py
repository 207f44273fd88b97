"""Props: small things that stand in a place and stay there."""
from .characters import COLOURS
from .pen import Colour, Pen, mix

GROUND = 80  # frame row on which props stand, behind the characters


class _Enlarged:
    """Draws with a pen, `k` times as large from where the prop stands."""

    def __init__(self, pen, prop: dict):
        self.pen, self.x, self.k = pen, prop["x"], prop["k"]

    def _at(self, x, y):
        return self.x + (x - self.x) * self.k, GROUND + (y - GROUND) * self.k

    def rect(self, x0, y0, x1, y1, colour, radius=0.0):
        self.pen.rect(*self._at(x0, y0), *self._at(x1, y1), colour, radius * self.k)

    def ellipse(self, x, y, rx, ry, colour):
        self.pen.ellipse(*self._at(x, y), rx * self.k, ry * self.k, colour)

    def poly(self, points, colour):
        self.pen.poly([self._at(*point) for point in points], colour)

    def limb(self, x0, y0, x1, y1, width, colour):
        self.pen.limb(*self._at(x0, y0), *self._at(x1, y1), width * self.k, colour)

    def arc(self, x, y, rx, ry, start, end, width, colour):
        self.pen.arc(*self._at(x, y), rx * self.k, ry * self.k, start, end, width * self.k, colour)

    def hill(self, x, base, rx, ry, colour):
        self.pen.hill(*self._at(x, base), rx * self.k, ry * self.k, colour)


def _shadow(ground, x: float, y: float, width: float, shade: Colour):
    """On the ground, in its own colour, whatever the light."""
    if isinstance(ground, _Enlarged):
        return _shadow(ground.pen, *ground._at(x, y), width * ground.k, shade)
    tint, ground.tint = ground.tint, None
    Pen.ellipse(ground, x, y, width, 2.4, shade)
    ground.tint = tint


def draw_prop(ground: Pen, pen: Pen, prop: dict, shade: Colour):
    """Draws `prop` (kind, colour, x, and how many times as large: `k`) with its shadow; `ground` draws on the ground, `pen` things that stand out of it."""
    if prop.get("k", 1) != 1:
        ground, pen = _Enlarged(ground, prop), _Enlarged(pen, prop)
    x, y, kind, colour = prop["x"], GROUND, prop["kind"], COLOURS[prop["colour"]]
    width = {"ball": 8, "box": 11, "balloon": 5, "umbrella": 15, "lantern": 6, "flower": 6}[kind]
    _shadow(ground, x, y, width, shade)
    pale, dark = mix(colour, (255, 255, 255), 0.6), mix(colour, (20, 16, 30), 0.3)
    if kind == "ball":
        pen.ellipse(x, y - 8, 8, 8, colour)
        pen.poly([(x - 7.4, y - 10), (x + 7.4, y - 10), (x + 7.4, y - 6.4), (x - 7.4, y - 6.4)], pale)
    elif kind == "box":
        pen.rect(x - 10, y - 15, x + 10, y, colour, 1)
        pen.rect(x - 11, y - 17, x + 11, y - 12.5, dark, 0.8)
        pen.rect(x - 1.8, y - 17, x + 1.8, y, pale)
    elif kind == "balloon":
        pen.rect(x - 2.4, y - 3, x + 2.4, y, dark, 1)
        pen.limb(x, y - 3, x + 1.5, y - 26, 0.7, (240, 240, 240))
        pen.poly([(x - 1, y - 24), (x + 4, y - 24), (x + 1.5, y - 28)], dark)
        pen.ellipse(x + 1.5, y - 36, 8.5, 10, colour)
        pen.ellipse(x - 1.5, y - 40, 2, 2.8, pale)
    elif kind == "umbrella":
        pen.rect(x - 0.9, y - 26, x + 0.9, y, (96, 72, 60))
        pen.hill(x, y - 17, 17, 15, colour)
        pen.hill(x, y - 17, 6, 15, pale)
        pen.ellipse(x, y - 32.5, 1.2, 1.2, (96, 72, 60))
    elif kind == "lantern":
        pen.rect(x - 5, y - 3, x + 5, y, dark, 0.8)
        pen.rect(x - 4.4, y - 14, x + 4.4, y - 3, (255, 236, 160), 1)
        pen.rect(x - 5.4, y - 17, x + 5.4, y - 13.5, colour, 1)
        pen.arc(x, y - 17, 3.4, 3.4, 180, 360, 1, dark)
    elif kind == "flower":
        pen.rect(x - 4.5, y - 7, x + 4.5, y, (188, 110, 78), 1)
        pen.limb(x, y - 7, x, y - 17, 1.3, (62, 146, 72))
        for dx, dy in ((-3.4, -1), (3.4, -1), (-2, 3), (2, 3), (0, -3.8)):
            pen.ellipse(x + dx, y - 19 + dy, 2.9, 2.9, colour)
        pen.ellipse(x, y - 18.6, 2.1, 2.1, (250, 206, 80) if prop["colour"] != "yellow" else (140, 90, 50))
    else:
        raise ValueError(f"unknown prop {kind!r}")
