"""Painted places: the layouts of places.py in layers, wider than the frame, with light and distance.

A scenery is painted once a story for the stretch of it that the camera will see. Its
layers (sky, far, near) move by their own share of the camera's way, and a view is
cut out of them at any position and zoom.
"""
import random
from math import ceil, floor

from PIL import Image

from .light import LAMPS, NIGHT, RAIN, SNOWFALL, light_of, sky_of
from .pen import HEIGHT, SUPERSAMPLE, WIDTH, Colour, Pen, ShadedPen, finish, gradient, mix
from .places import DAY, GROUNDS, HORIZON, SUNSET, WALLS, draw_thing
from .props import draw_prop

FAR_SHARE = 0.5  # of the camera's way that far things move; the sky does not move
HALF_WIDTH = {"oak": 13, "pine": 12, "whitepine": 12, "house": 15, "bush": 14, "palm": 9, "umbrella": 11, "cactus": 8, "rock": 18, "snowman": 11,
              "igloo": 19, "shop": 18, "barn": 18, "hay": 13, "lamp": 9, "sofa": 25, "stove": 14, "fridge": 13, "fence": 23, "rocket": 11, "flag": 5}


class Layer:
    """A supersampled picture of frame units from (left, top) on, `scale` finished pixels each; `mask` says where it covers what lies behind."""

    def __init__(self, box, fill: Colour, covers: bool, scale: int):
        self.left, self.top, self.scale, self.fine = box[0], box[1], scale, SUPERSAMPLE * scale
        size = round((box[2] - box[0]) * self.fine), round((box[3] - box[1]) * self.fine)
        self.image = Image.new("RGB", size, fill)
        self.mask = None if covers else Image.new("L", size)
        self.small = None

    def pens(self, tint, light: int) -> ShadedPen:
        """A pen for this layer; what it draws covers."""
        pen = ShadedPen(self.image, self.left, self.top, self.scale, tint, light, LAMPS)
        return pen if self.mask is None else _Both(pen, Pen(self.mask, self.left, self.top, self.scale, lambda _: 255))

    def cut(self, box):
        """The part in `box` (frame units, whole) in finished pixels, and its mask."""
        if self.small is None:
            self.small = finish(self.image), self.mask and finish(self.mask)
        box = [round((edge - corner) * self.scale) for edge, corner in zip(box, (self.left, self.top) * 2)]
        return self.small[0].crop(box), self.small[1] and self.small[1].crop(box)

    def large(self, box):
        """The part in `box` supersampled, and its mask."""
        box = [round((edge - corner) * self.fine) for edge, corner in zip(box, (self.left, self.top) * 2)]
        return self.image.crop(box), self.mask and self.mask.crop(box)


class _Both:
    """Draws with a pen and marks the same shapes with another."""

    def __init__(self, pen, mark):
        self._pen, self._mark = pen, mark

    def __getattr__(self, name):
        draw, mark = getattr(self._pen, name), getattr(self._mark, name)

        def both(*args):
            draw(*args)
            mark(*args)
        return both


class Scenery:
    """A place, painted for the frame units of `box`; `ground_shade` is the colour of shadows at a character's feet. `scale`: finished pixels a frame unit."""

    def __init__(self, place: dict, box, scale: int = 1):
        self.scale, self.bright = scale, place["layout"].get("one_sun", False)  # whose characters and props keep their colour at night
        lay, self.time, self.weather = place["layout"], place["time"], place.get("weather", "clear")
        self.kind, self.lay, self.box = lay["place"], lay, [int(box[0]) - 1, int(box[1]) - 1, int(box[2]) + 2, int(box[3]) + 2]
        self.rng = random.Random(lay["seed"])
        self.light = -1 if lay["sun"] < 2 else 1
        self.sky, self.haze = sky_of(self.kind, lay["palette"], self.time, self.weather)
        self.tint = light_of(self.time, self.weather)
        ground = GROUNDS[self.kind][lay["palette"]]
        self.ground = mix(ground, (248, 250, 255), 0.4) if self.weather == SNOWFALL else ground
        self.ground_shade = self.tint(mix(self.ground, (40, 34, 70), 0.42))
        self.layers: list[tuple[Layer, float]] = []
        self.flat: tuple = (None, (0, 0, 0, 0), None)
        if self.kind not in WALLS:
            self._paint_sky()
            self._paint_far()
        self._paint_near(place.get("prop"))

    def _layer(self, covers: bool) -> Layer:
        layer = Layer(self.box, self.haze, covers, self.scale)
        self.layers.append((layer, {0: 0.0, 1: FAR_SHARE, 2: 1.0}[len(self.layers)] if self.kind not in WALLS else 1.0))
        return layer

    def _distant(self, haze: float):
        """A tint for things seen through so much haze."""
        return lambda c: mix(self.tint(c), self.haze, haze)

    def _paint_sky(self):
        layer = self._layer(True)
        rows = round((HORIZON + 6 - self.box[1]) * layer.fine)
        layer.image.paste(gradient(layer.image.width, rows, self.sky, self.haze), (0, 0))
        pen = ShadedPen(layer.image, layer.left, layer.top, self.scale, None, self.light)
        x = (22, 60, 100, 138)[self.lay["sun"]]
        if self.weather in (RAIN, SNOWFALL):
            cloud = mix(self.sky, self.haze, 0.25)
            for i in range(9):
                pen.ellipse(-50 + i * 32 + self.rng.randint(-6, 6), -2 + self.rng.randint(-8, 5), 24, 10, mix(cloud, self.sky, self.rng.random() * 0.5))
        elif self.time == NIGHT or self.kind == "moon":
            for _ in range(46):
                size = self.rng.choice((0.45, 0.45, 0.7))
                pen.ellipse(self.rng.uniform(-60, 220), self.rng.uniform(-20, 50), size, size, mix((240, 238, 220), self.sky, self.rng.random() * 0.6))
            if self.kind != "moon":
                pen.ellipse(x, 16, 13, 13, mix(self.sky, (150, 150, 190), 0.18))
                Pen.ellipse(pen, x, 16, 8, 8, (246, 242, 214))
                for dx, dy, r in ((-2.5, -2, 1.8), (2.5, 1.5, 1.4), (-1, 3.5, 1.1)):
                    pen.ellipse(x + dx, 16 + dy, r, r, (222, 216, 190))
        else:
            y, disc = (16, (255, 242, 168)) if self.time == DAY else (40, (255, 232, 158))
            for r, share in ((22, 0.14), (15, 0.3)):
                Pen.ellipse(pen, x, y, r, r, mix(mix(self.sky, self.haze, min(1, y / HORIZON)), disc, share))
            Pen.ellipse(pen, x, y, 8.5, 8.5, disc)
            for _ in range(3):
                at, height, size = self.rng.randint(-50, 210), self.rng.randint(8, 34), self.rng.uniform(0.7, 1.25)
                if not (self.lay.get("one_sun") and abs(at - x) < 44):  # what is pale and round beside the sun would look like another
                    self._cloud(pen, at, height, size)

    def _cloud(self, pen: Pen, x: float, y: float, k: float):
        light = (255, 255, 255) if self.time == DAY else (255, 206, 186)
        for colour, drop in ((mix(light, self.haze, 0.55), 1.6), (mix(light, self.haze, 0.12), 0)):
            for dx, r in ((-9, 3.6), (-2, 5.6), (6, 4.6), (12, 3)):
                Pen.ellipse(pen, x + dx * k, y + drop * k, r * 1.35 * k, (r - drop * 0.3) * k, colour)

    def _paint_far(self):
        layer, base, rng, kind = self._layer(False), HORIZON + 3, self.rng, self.kind
        if kind == "beach":
            pen = layer.pens(None, self.light)
            sea = self.tint((50, 132, 204))
            pen.rect(-70, HORIZON - 17, 230, base, mix(sea, self.haze, 0.35))
            rows = layer.image.height
            top, bottom = round((HORIZON - 17 - layer.top) * layer.fine), round((base - layer.top) * layer.fine)
            if rows > bottom:
                layer.image.paste(gradient(layer.image.width, bottom - top, mix(sea, self.haze, 0.5), mix(sea, self.tint((90, 200, 210)), 0.5)), (0, top))
            for _ in range(26):
                x, y = rng.uniform(-60, 220), rng.uniform(HORIZON - 14, HORIZON)
                pen.rect(x, y, x + rng.uniform(3, 9), y + 0.7, mix(sea, (255, 255, 255), 0.45))
            island = layer.pens(self._distant(0.5), self.light)
            island.hill(80 - self.lay["side"] * 60, HORIZON - 16.5, 26, 9, (86, 130, 110))
        for step, haze in ((0, 0.62), (1, 0.36)):
            pen = layer.pens(self._distant(haze), self.light)
            for i in range(8):
                x = -72 + 42 * i + 20 * step + rng.randint(-8, 8)
                self._far_thing(pen, kind, x, base, step, rng)
        if kind == "moon":
            layer.pens(self.tint, self.light).rect(-70, base - 3, 230, base, mix(self.ground, (60, 60, 90), 0.4))
        for (x, thing), k in zip(self.lay["things"], self.lay["size"]):
            if thing == "boat":
                draw_thing(layer.pens(self._distant(0.12), self.light), thing, x, k, HORIZON)

    def _far_thing(self, pen, kind: str, x: float, base: float, step: int, rng: random.Random):
        if kind in ("meadow", "farm"):
            pen.hill(x, base, rng.randint(38, 58), rng.randint(17, 26) - 9 * step, mix(self.ground, (40, 110, 90), 0.5 - 0.2 * step))
        elif kind == "forest":
            for dx in (-14, 0, 13):
                height, w = rng.randint(26, 38) - 8 * step, rng.randint(9, 12)
                pen.poly([(x + dx - w, base), (x + dx + w, base), (x + dx, base - height)], mix((34, 100, 76), self.ground, 0.25 * step))
        elif kind == "desert":
            height, w = rng.randint(15, 27) - 10 * step, rng.randint(13, 24)
            if step == 0 and rng.random() < 0.6:
                pen.poly([(x - w, base), (x - 0.6 * w, base - height), (x + 0.5 * w, base - height), (x + w, base)], (186, 104, 74))
            else:
                pen.hill(x, base, w * 1.9, height * 0.7, mix(self.ground, (170, 100, 60), 0.35))
        elif kind == "snow":
            if step == 0:
                height, w = rng.randint(26, 40), rng.randint(26, 36)
                pen.poly([(x - w, base), (x + w, base), (x, base - height)], (120, 142, 182))
                pen.poly([(x - 0.34 * w, base - 0.66 * height), (x - 0.1 * w, base - 0.58 * height), (x + 0.08 * w, base - 0.68 * height),
                          (x + 0.34 * w, base - 0.66 * height), (x, base - height)], (252, 253, 255))
            else:
                pen.hill(x, base, 44, rng.randint(7, 12), (226, 236, 248))
        elif kind == "city":
            height, w = rng.randint(30, 46) - 12 * step, rng.randint(9, 14)
            pen.rect(x - w, base - height, x + w, base, ((104, 112, 150), (130, 112, 140), (96, 124, 150))[rng.randrange(3)])
            pen.rect(x + w + 3, base - height * 0.7, x + w + 15, base, (112, 116, 146))
            for wx in range(round(x - w) + 3, round(x + w) - 3, 5):
                for wy in range(round(base - height) + 4, base - 8, 6):
                    if rng.random() < 0.45:
                        pen.rect(wx, wy, wx + 1.6, wy + 2.4, (250, 232, 170) if self.time == NIGHT else (190, 200, 220))
        elif kind == "moon":
            pen.hill(x, base, rng.randint(26, 44), rng.randint(6, 15) - 4 * step, (128, 130, 148))

    def _paint_near(self, prop: dict | None):
        inside = self.kind in WALLS
        layer = self._layer(inside)
        pen = layer.pens(self.tint, self.light)
        if inside:
            self._paint_wall(layer, pen)
        edge = HORIZON + (0 if inside else 1)
        top, bottom = round((edge - layer.top) * layer.fine), layer.image.height
        shade = mix(self.ground, (30, 30, 80), 0.14)
        far, near = (self.tint(shade), self.tint(self.ground)) if inside else (mix(self.tint(self.ground), self.haze, 0.3), self.tint(mix(self.ground, (20, 40, 40), 0.1)))
        layer.image.paste(gradient(layer.image.width, bottom - top, far, near), (0, top))
        if layer.mask is not None:
            layer.mask.paste(255, (0, top, layer.mask.width, bottom))
        ground = ShadedPen(layer.image, layer.left, layer.top, self.scale, self.tint, self.light, LAMPS)
        self._paint_ground(ground)
        lay = self.lay
        things = [*zip(lay["things"], lay["size"]), *((thing, 1.0) for thing in lay["wide"])]
        for (x, kind), k in things:
            if kind in HALF_WIDTH:
                Pen.ellipse(ground, x - self.light * 2.5, HORIZON + (10 if inside and kind != "shelf" else 4), HALF_WIDTH[kind] * k * 1.08, 2.6, mix(self.ground, (40, 34, 70), 0.34))
        for (x, kind), k in things:
            if kind == "earth":
                draw_thing(layer.pens(None, self.light), kind, x, k, HORIZON)
            elif kind != "boat":
                draw_thing(pen, kind, x, k, HORIZON + 2)
                if self.weather == SNOWFALL and kind in ("oak", "bush", "pine", "house", "barn"):
                    self._snow_cap(pen, kind, x, k)
        if prop:
            draw_prop(ground, layer.pens(light_of(self.time, self.weather, True, self.bright), self.light), prop, self.ground_shade)

    def _snow_cap(self, pen, kind: str, x: float, k: float):
        base, white = HORIZON + 2, (246, 249, 255)
        if kind == "oak":
            pen.hill(x, base - 37 * k, 11 * k, 6 * k, white)
        elif kind == "bush":
            pen.hill(x, base - 9 * k, 8 * k, 5 * k, white)
        elif kind == "pine":
            for i, w in enumerate((13, 11, 8)):
                top = base - 8 * k - (i * 10 + 16) * k
                pen.poly([(x - w * k * 0.5, top + 8 * k), (x + w * k * 0.5, top + 8 * k), (x, top)], white)
        else:
            w, low, high = (15, 18, 32) if kind == "house" else (19, 22, 40)
            middle = (low + high) / 2 - 1
            pen.poly([(x - w * k * 0.55, base - middle * k), (x + w * k * 0.55, base - middle * k), (x, base - high * k)], white)

    def _paint_wall(self, layer: Layer, pen):
        wall = WALLS[self.kind][self.lay["palette"]]
        rows = round((HORIZON - layer.top) * layer.fine)
        layer.image.paste(gradient(layer.image.width, rows, self.tint(mix(wall, (255, 250, 240), 0.2)), self.tint(mix(wall, (70, 50, 80), 0.14))), (0, 0))
        if self.kind == "room":
            for x in range(-64, 230, 12):
                pen.rect(x + 6 * (self.lay["side"] > 0), -30, x + 1.2 + 6 * (self.lay["side"] > 0), HORIZON, mix(wall, (120, 80, 90), 0.1))
        else:
            for y in range(42, HORIZON - 4, 6):
                pen.rect(-70, y, 230, y + 0.6, mix(wall, (60, 70, 90), 0.2))
            for x in range(-64, 230, 8):
                pen.rect(x, 42, x + 0.6, HORIZON - 4, mix(wall, (60, 70, 90), 0.2))
        pen.rect(-70, -30, 230, -12, mix(wall, (255, 255, 255), 0.6))
        pen.rect(-70, HORIZON - 4, 230, HORIZON + 1, mix(wall, (96, 62, 44), 0.55))

    def _paint_ground(self, pen):
        rng, kind, ground, side = self.rng, self.kind, self.ground, self.lay["side"]
        dark, pale = mix(ground, (20, 50, 60), 0.16), mix(ground, (255, 255, 240), 0.24)
        if kind in ("meadow", "farm", "forest"):
            for _ in range(46):
                x, y = rng.uniform(-66, 226), HORIZON + 5 + 46 * rng.random() ** 0.8
                size = 0.8 + (y - HORIZON) / 26
                for dx in (-1, 0, 1):
                    pen.poly([(x + dx * size - 0.4 * size, y), (x + dx * size + 0.4 * size, y), (x + dx * 1.6 * size, y - 2 * size)], dark)
                if kind == "meadow" and rng.random() < 0.35:
                    pen.ellipse(x + 3, y, 0.6 * size, 0.5 * size, rng.choice(((255, 250, 240), (250, 214, 90), (238, 140, 170))))
            if kind == "farm":
                for i in range(7):
                    pen.poly([(80 + (i - 3) * 26 - 1, HORIZON + 1), (80 + (i - 3) * 26 + 1, HORIZON + 1), (80 + (i - 3) * 56 + 4, 114), (80 + (i - 3) * 56 - 4, 114)], mix(ground, (140, 120, 60), 0.1))
            if kind == "meadow":
                pen.poly([(80 - side * 34, HORIZON + 1), (80 - side * 30, HORIZON + 1), (80 - side * 6, 114), (80 - side * 44, 114)], mix(ground, (226, 200, 140), 0.5))
        elif kind in ("beach", "desert", "snow", "moon"):
            for _ in range(16):
                x, y = rng.uniform(-66, 226), HORIZON + 6 + 44 * rng.random()
                size = 0.5 + (y - HORIZON) / 40
                Pen.ellipse(pen, x, y, 11 * size, 1.5 * size, rng.choice((dark, pale)) if kind != "snow" else mix(ground, (170, 196, 230), 0.3))
            if kind == "moon":
                for _ in range(6):
                    x, y = rng.uniform(-66, 226), HORIZON + 8 + 40 * rng.random()
                    size = 0.5 + (y - HORIZON) / 36
                    Pen.ellipse(pen, x, y, 9 * size, 3 * size, pale)
                    Pen.ellipse(pen, x, y + 0.5 * size, 8.4 * size, 2.6 * size, mix(ground, (60, 60, 90), 0.34))
            if kind == "beach":
                pen.rect(-70, HORIZON, 230, HORIZON + 2.4, (246, 250, 250))
                pen.rect(-70, HORIZON + 2.4, 230, HORIZON + 4.6, mix(ground, (120, 110, 90), 0.25))
        elif kind == "city":
            pen.rect(-70, HORIZON, 230, HORIZON + 9, (198, 192, 186))
            pen.rect(-70, HORIZON + 9, 230, HORIZON + 10.5, (120, 116, 120))
            for x in range(-70, 230, 16):
                pen.rect(x, HORIZON, x + 0.7, HORIZON + 9, (170, 164, 160))
            for x in range(-72 + 10 * (side > 0), 230, 36):
                pen.poly([(x + 2, 91), (x + 18, 91), (x + 17, 94), (x, 94)], (238, 222, 150))
        elif kind == "kitchen":
            for row, (y0, y1) in enumerate(((58, 66), (66, 77), (77, 92), (92, 112))):
                for i in range(-9, 10):
                    if (i + row + (side > 0)) % 2:
                        a, b, c = [(y - 20) * 0.42 for y in (y0, y1, 0)]
                        pen.poly([(80 + i * a, y0), (80 + (i + 1) * a, y0), (80 + (i + 1) * b, y1), (80 + i * b, y1)], mix(ground, (255, 255, 255), 0.42))
        elif kind == "room":
            for i in range(-14, 15):
                pen.poly([(80 + i * 13, HORIZON + 1), (80 + i * 13 + 0.6, HORIZON + 1), (80 + i * 24 + 1.2, 112), (80 + i * 24, 112)], mix(ground, (50, 24, 20), 0.26))
            rug = (204, 84, 96) if side > 0 else (84, 116, 184)
            Pen.ellipse(pen, 80, 84, 56, 12, mix(rug, (30, 20, 40), 0.25))
            Pen.ellipse(pen, 80, 83.4, 55, 11.4, rug)
            Pen.ellipse(pen, 80, 83.4, 46, 9, mix(rug, (255, 240, 220), 0.25))
        if self.weather == RAIN:
            for _ in range(7):
                x, y = rng.uniform(-60, 220), rng.uniform(HORIZON + 9, 96)
                w = rng.uniform(7, 16)
                Pen.ellipse(pen, x, y, w, w * 0.16, mix(ground, (196, 210, 224), 0.4))

    def view(self, x: float, zoom: float, left: float, top: float) -> Image.Image:
        """The frame that a camera moved by `x` sees; (left, top) is the corner of the near layer's part in it."""
        if zoom == 1.0 and x == round(x):
            frame = None
            for layer, share in self.layers:
                shift = round(x * (share - 1))
                image, mask = layer.cut((left + shift, top, left + shift + WIDTH, top + HEIGHT))
                frame = image if frame is None else frame.paste(image, (0, 0), mask) or frame
            return frame
        # Views at other zooms are cut out of one supersampled picture while they lie within it, as they do when the camera closes in.
        right, bottom = left + WIDTH / zoom, top + HEIGHT / zoom
        at, box, picture = self.flat
        if at != x or left < box[0] or top < box[1] or right > box[2] or bottom > box[3]:
            box = floor(left), floor(top), ceil(right), ceil(bottom)
            picture = self._flattened(x, box)
            self.flat = x, box, picture
        part = [(v - o) * SUPERSAMPLE * self.scale for v, o in ((left, box[0]), (top, box[1]), (right, box[0]), (bottom, box[1]))]
        return picture.resize((WIDTH * self.scale, HEIGHT * self.scale), Image.Resampling.BOX if zoom < 1.3 else Image.Resampling.BILINEAR, part)

    def _flattened(self, x: float, box) -> Image.Image:
        """All layers, supersampled, for a camera at `x`; `box` is in units of the near layer."""
        frame = None
        for layer, share in self.layers:
            shift = x * (share - 1)
            image, mask = layer.large((box[0] + shift, box[1], box[2] + shift, box[3]))
            frame = image if frame is None else frame.paste(image, (0, 0), mask) or frame
        return frame
