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
    return round(a[0] + (b[0] - a[0]) * amount), round(a[1] + (b[1] - a[1]) * amount), round(a[2] + (b[2] - a[2]) * amount)


class Pen:
    """Draws on a supersampled image; (left, top) is the frame position of its corner."""

    fine = False  # whether small details are drawn

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


class OutlinePen(Pen):
    """Draws every shape a little larger in one colour; what the same strokes then cover keeps a dark line around it."""

    def __init__(self, image: Image.Image, left: float, top: float, zoom: float, ink: Colour, width: float = 0.7):
        super().__init__(image, left, top, zoom, lambda _: ink)
        self.width = width

    def rect(self, x0, y0, x1, y1, colour, radius=0.0):
        w = self.width
        super().rect(x0 - w, y0 - w, x1 + w, y1 + w, colour, radius + w)

    def ellipse(self, x, y, rx, ry, colour):
        super().ellipse(x, y, rx + self.width, ry + self.width, colour)

    def poly(self, points, colour):
        super().poly(points, colour)
        corners = [self._xy(x, y) for x, y in [*points, points[0], points[1]]]
        self.draw.line(corners, fill=self._ink(colour), width=round(2 * self.width * SUPERSAMPLE * self.zoom), joint="curve")

    def limb(self, x0, y0, x1, y1, width, colour):
        k = SUPERSAMPLE * self.zoom
        self.draw.line((*self._xy(x0, y0), *self._xy(x1, y1)), fill=self._ink(colour), width=round((width + 2 * self.width) * k))
        for x, y in ((x0, y0), (x1, y1)):
            self.ellipse(x, y, width / 2, width / 2, colour)

    def arc(self, x, y, rx, ry, start_deg, end_deg, width, colour):
        super().arc(x, y, rx + self.width, ry + self.width, start_deg, end_deg, width + 2 * self.width, colour)


class ShadedPen(Pen):
    """Gives shapes of some size a lit side: the shape in its shade, then a smaller one in its own colour, towards the light."""

    fine = True

    def __init__(self, image: Image.Image, left: float, top: float, zoom: float, tint, light: int, glowing=()):
        """`light` is -1 where light falls from the left, 1 from the right; colours of `glowing` are never darkened."""
        super().__init__(image, left, top, zoom, tint)
        self.light, self.glowing = light, glowing

    def _ink(self, colour: Colour) -> Colour:
        return colour if colour in self.glowing else super()._ink(colour)

    def _shade(self, colour: Colour) -> Colour:
        return colour if colour in self.glowing else mix(colour, (44, 34, 84), 0.2)

    def rect(self, x0, y0, x1, y1, colour, radius=0.0):
        super().rect(x0, y0, x1, y1, self._shade(colour) if x1 - x0 > 6 and y1 - y0 > 6 else colour, radius)
        if x1 - x0 > 6 and y1 - y0 > 6:
            inset = min(4.0, 0.16 * (x1 - x0))
            super().rect(x0 + (inset if self.light > 0 else 0), y0, x1 - (inset if self.light < 0 else 0), y1, colour, radius)

    def ellipse(self, x, y, rx, ry, colour):
        large = min(rx, ry) > 3.5
        super().ellipse(x, y, rx, ry, self._shade(colour) if large else colour)
        if large:
            super().ellipse(x + self.light * 0.1 * rx, y - 0.08 * ry, 0.9 * rx, 0.92 * ry, colour)

    def poly(self, points, colour):
        xs, ys = [x for x, _ in points], [y for _, y in points]
        if max(xs) - min(xs) < 8 or max(ys) - min(ys) < 8:
            super().poly(points, colour)
            return
        super().poly(points, self._shade(colour))
        towards, base = (max(xs) if self.light > 0 else min(xs)), max(ys)
        super().poly([(towards + 0.84 * (x - towards), base + 0.97 * (y - base)) for x, y in points], colour)

    def limb(self, x0, y0, x1, y1, width, colour):
        super().limb(x0, y0, x1, y1, width, colour if width < 4 else self._shade(colour))
        if width >= 4:
            shift = self.light * 0.14 * width
            super().limb(x0 + shift, y0 - 0.1 * width, x1 + shift, y1 - 0.1 * width, 0.7 * width, colour)


def gradient(width: int, height: int, top: Colour, bottom: Colour) -> Image.Image:
    """A picture that goes from `top` to `bottom`."""
    column = Image.linear_gradient("L").resize((1, max(1, height)))
    return Image.composite(Image.new("RGB", column.size, bottom), Image.new("RGB", column.size, top), column).resize((width, max(1, height)))


def canvas(width: float = WIDTH, height: float = HEIGHT, zoom: float = 1.0) -> Image.Image:
    """An empty supersampled image for `width` x `height` frame units."""
    k = SUPERSAMPLE * zoom
    return Image.new("RGB", (round(width * k), round(height * k)))


def finish(image: Image.Image) -> Image.Image:
    return image.reduce(SUPERSAMPLE)
