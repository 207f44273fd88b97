"""Flat shapes in frame coordinates, drawn supersampled.

One unit is one pixel of the finished 160x96 frame; the pen draws `SUPERSAMPLE`
times larger and `finish` averages down, which is the only anti-aliasing.
"""
import math

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 160, 96
SUPERSAMPLE = 3

Colour = tuple[int, int, int]


def mix(a: Colour, b: Colour, amount: float) -> Colour:
    """Colour between a (amount 0) and b (amount 1)."""
    return tuple(round(x + (y - x) * amount) for x, y in zip(a, b))


class Pen:
    """Draws on a supersampled image; (left, top) is the frame position of its corner."""

    def __init__(self, image: Image.Image, left: float = 0, top: float = 0, zoom: float = 1.0, tint=None):
        self.draw = ImageDraw.Draw(image)
        self.left, self.top, self.zoom, self.tint = left, top, zoom, tint

    def _xy(self, x: float, y: float) -> tuple[float, float]:
        k = SUPERSAMPLE * self.zoom
        return (x - self.left) * k, (y - self.top) * k

    def _ink(self, colour: Colour) -> Colour:
        return self.tint(colour) if self.tint else colour

    def rect(self, x0, y0, x1, y1, colour, radius=0.0):
        (a, b), (c, d) = self._xy(x0, y0), self._xy(x1, y1)
        if c - 1 < a or d - 1 < b:
            return
        self.draw.rounded_rectangle((a, b, c - 1, d - 1), radius * SUPERSAMPLE * self.zoom, fill=self._ink(colour))

    def ellipse(self, x, y, rx, ry, colour):
        (a, b), (c, d) = self._xy(x - rx, y - ry), self._xy(x + rx, y + ry)
        self.draw.ellipse((a, b, c, d), fill=self._ink(colour))

    def poly(self, points, colour):
        self.draw.polygon([self._xy(x, y) for x, y in points], fill=self._ink(colour))

    def limb(self, x0, y0, x1, y1, width, colour):
        """A thick line with round ends."""
        k = SUPERSAMPLE * self.zoom
        self.draw.line((*self._xy(x0, y0), *self._xy(x1, y1)), fill=self._ink(colour), width=max(1, round(width * k)))
        for x, y in ((x0, y0), (x1, y1)):
            self.ellipse(x, y, width / 2, width / 2, colour)

    def arc(self, x, y, rx, ry, start_deg, end_deg, width, colour):
        (a, b), (c, d) = self._xy(x - rx, y - ry), self._xy(x + rx, y + ry)
        self.draw.arc((a, b, c, d), start_deg, end_deg, fill=self._ink(colour), width=max(1, round(width * SUPERSAMPLE * self.zoom)))

    def hill(self, x, base, rx, ry, colour):
        """The upper half of an ellipse standing on `base`."""
        points = [(x + rx * math.cos(t * math.pi / 24), base - ry * math.sin(t * math.pi / 24)) for t in range(25)]
        self.poly(points, colour)


def canvas(width: float = WIDTH, height: float = HEIGHT, zoom: float = 1.0) -> Image.Image:
    """An empty supersampled image for `width` x `height` frame units."""
    k = SUPERSAMPLE * zoom
    return Image.new("RGB", (round(width * k), round(height * k)))


def finish(image: Image.Image) -> Image.Image:
    return image.reduce(SUPERSAMPLE)
