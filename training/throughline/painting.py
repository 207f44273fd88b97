"""Draws painted stories: where the camera stands and the characters are at every frame, and the picture."""
from dataclasses import dataclass

import numpy as np
from PIL import Image

from .characters import CYCLE, doing, draw_character, pose_at
from .light import light_of
from .places import NIGHT
from .pen import HEIGHT, WIDTH, OutlinePen, Pen, ShadedPen, canvas, finish
from .scenery import Scenery
from .story import CLEAR, Story, chunk_length
from .weather import draw_weather

FEET = 86
SLOTS = {"left": 40.0, "middle": 80.0, "right": 120.0}
PAIR_SLOTS = {"left": 45.0, "right": 115.0}
REACH = {"left": (27.0, 61.0), "right": (99.0, 133.0)}  # how far each of two may walk
ALONE = (28.0, 132.0)
WALK_SPEED = {"walk": 4 / 3, "run": 8 / 3}  # frame units a pixel frame: one or two of the transformer's tokens a chunk in a medium shot
HOLD = 2  # pixel frames a drawing of a character is shown for in the first world: animation on twos; in the second it moves on every frame
ZOOMS = {"medium": 1.0, "wide": 0.75, "close-up": 1.65}
EVERYDAY_ZOOMS = ZOOMS | {"wide": 0.8}
PAN_SPEED, PAN_START, PAN_LIMIT = 2, 12, 36  # frame units a pixel frame; a pan begins before the middle and passes it
ZOOM_GAIN, ZOOM_LIMIT = 1.02, 1.6  # a pixel frame
INK, PALE_INK = (38, 32, 54), (116, 118, 158)  # outlines; the pale ones where it is dark, in the second world


@dataclass
class Camera:
    """Where the camera is: `x` frame units to the right of the middle, and what share of the frame a unit fills."""
    x: float
    zoom: float
    focus: float  # x of what a zoom closes in on

    @property
    def top(self) -> float:
        return 52 * (1 - 1 / self.zoom)

    @property
    def left(self) -> float:
        pull = min(1.0, max(0.0, (1 - 1 / self.zoom) / (1 - 1 / 1.6)))
        return 80 + self.x + (self.focus - 80) * pull - WIDTH / 2 / self.zoom

    def box(self) -> tuple[float, float, float, float]:
        return self.left, self.top, self.left + WIDTH / self.zoom, self.top + HEIGHT / self.zoom


@dataclass
class Film:
    """Frames [F, 96 * scale, 160 * scale, 3] uint8; boxes [F, characters, 4] in frame units of the picture, empty where absent; a camera a frame."""
    frames: np.ndarray
    boxes: np.ndarray
    cameras: list[Camera]


def camera_track(story: Story) -> list[Camera]:
    """The camera at every pixel frame. A shot that continues goes on from where the camera was."""
    out: list[Camera] = []
    for index, shot in enumerate(story.shots):
        frames = sum(chunk_length(c) for c, s in enumerate(story.chunk_shot) if s == index)
        step = {"pan left": -PAN_SPEED, "pan right": PAN_SPEED}.get(shot.camera, 0)
        if shot.transition == "cut" or shot.fresh or not out:
            focus = 80.0 if len(shot.figures) > 1 else SLOTS[shot.figures[0].slot]
            # The story's first chunk is three frames short: it begins where the others are by then.
            lead = CYCLE - frames % CYCLE if index == 0 and frames % CYCLE else 0
            x, zoom = (-PAN_START if step > 0 else PAN_START if step < 0 else 0) + lead * step, (EVERYDAY_ZOOMS if story.everyday else ZOOMS)[shot.size]
        else:
            x, zoom, focus = out[-1].x, out[-1].zoom, out[-1].focus
        for _ in range(frames):
            x = max(-PAN_LIMIT, min(PAN_LIMIT, x + step))
            zoom = min(ZOOM_LIMIT, zoom * ZOOM_GAIN) if shot.camera == "zoom in" else zoom
            out.append(Camera(x, zoom, focus))
    return out


def figure_track(story: Story) -> list[list[tuple[int, float, int, int, str]]]:
    """Per pixel frame, each character's (who, x, heading, action frame, action), each drawing the last of the frames it is shown for."""
    out, where, hold = [], {}, 1 if story.everyday else HOLD
    for index, shot in enumerate(story.shots):
        pair = len(shot.figures) > 1
        if shot.transition == "cut" or shot.fresh:
            where = {}
        for figure in shot.figures:
            x = where.get(figure.who_id, ((PAIR_SLOTS if pair else SLOTS)[figure.slot], 1))[0]
            low, high = REACH[figure.slot] if pair else ALONE
            where[figure.who_id] = min(high, max(low, x)), figure.direction
        for chunk in [c for c, s in enumerate(story.chunk_shot) if s == index]:
            held = 0
            for k in range(CYCLE - chunk_length(chunk), CYCLE):
                now = []
                for figure in shot.figures:
                    x, heading = where[figure.who_id]
                    low, high = REACH[figure.slot] if pair else ALONE
                    speed = WALK_SPEED.get(figure.action, 0.0)
                    if not low <= x + heading * speed <= high:
                        heading = -heading
                    where[figure.who_id] = x + heading * speed, heading
                    now.append((figure.who_id, x + heading * speed, heading, k, doing(figure.action, figure.also)))
                held += 1
                if (k + 1) % hold == 0:
                    out += [now] * held
                    held = 0
    return out


@dataclass
class Sprite:
    """A drawn character in finished pixels: colours, what they cover, and its shadow; `corner` is relative to where it stands."""
    image: Image.Image
    mask: Image.Image
    shadow: Image.Image
    corner: tuple[int, int]


class Troupe:
    """Draws the characters of a story into frames of `scale` pixels a frame unit; what was drawn once is kept."""

    def __init__(self, people: list[dict], scale: int, calm: bool):
        self.people, self.scale, self.calm, self.drawn = people, scale, calm, {}

    def draw(self, image: Image.Image, scenery: Scenery, camera: Camera, who_id: int, x: float, heading: int, k: int, action: str) -> list[int]:
        """Draws one character into the frame; returns its box there, empty if it is outside."""
        zoom, pose = camera.zoom, pose_at(action, k, self.calm)
        spot = (x - camera.left) * zoom * self.scale, (FEET - camera.top) * zoom * self.scale
        whole = int(spot[0] // 1), int(spot[1] // 1)
        rest = tuple(round((s - w) * 6) / 6 for s, w in zip(spot, whole))
        turn = (2.6 if action.split("+")[0] in WALK_SPEED else 1.0) * heading
        key = who_id, scenery.kind, zoom, rest, turn, *(round(v, 4) for v in vars(pose).values())
        if key not in self.drawn:
            self.drawn[key] = _sprite(self.people[who_id], scenery, zoom * self.scale, rest, pose, turn)
        sprite = self.drawn[key]
        at = whole[0] + sprite.corner[0], whole[1] + sprite.corner[1]
        image.paste(scenery.ground_shade, at, sprite.shadow)
        image.paste(sprite.image, at, sprite.mask)
        across, down = (x - camera.left) * zoom, (FEET - camera.top) * zoom
        edges = across - 30 * zoom, down - 68 * zoom, across + 30 * zoom, down + 6 * zoom
        box = [max(0, min(limit, round(edge))) for edge, limit in zip(edges, (WIDTH, HEIGHT, WIDTH, HEIGHT))]
        return box if box[2] > box[0] and box[3] > box[1] else [0, 0, 0, 0]


def _sprite(who: dict, scenery: Scenery, zoom: float, rest: tuple[float, float], pose, turn: float) -> Sprite:
    """Draws a character whose feet stand `rest` of a pixel right of and below a pixel's corner; `zoom` is in finished pixels a frame unit."""
    left, up, right, down = (round(units * zoom) for units in (34, 90, 34, 7))
    size = left + right, up + down
    origin = -(left + rest[0]) / zoom, -(up + rest[1]) / zoom  # in units, with the feet at 0, 0
    patch = canvas(*size)
    dark = scenery.bright and (scenery.time == NIGHT or scenery.kind == "moon")
    patch.paste(PALE_INK if dark else INK, (0, 0, *patch.size))
    shadow, mask = Image.new("L", patch.size), Image.new("L", patch.size)
    Pen(shadow, *origin, zoom).ellipse(0, 0, 14 - min(6, max(0.0, pose.lift) * 0.3), 2.8, 255)
    draw_character(OutlinePen(mask, *origin, zoom, 255), who, 0, 0, pose, None, turn)
    tint = light_of(scenery.time, scenery.weather, True, scenery.bright)
    draw_character(ShadedPen(patch, *origin, zoom, tint, scenery.light), who, 0, 0, pose, None, turn)
    return Sprite(finish(patch), finish(mask), finish(shadow), (-left, -up))


def sceneries(story: Story, cameras: list[Camera], scale: int) -> dict[int, Scenery]:
    """Paints every place of the story that is seen, as far as the camera gets to see it."""
    seen: dict[int, list[Camera]] = {}
    frame = 0
    for chunk, shot in enumerate(story.chunk_shot):
        seen.setdefault(story.shots[shot].place_id, []).extend(cameras[frame:frame + chunk_length(chunk)])
        frame += chunk_length(chunk)
    out = {}
    for place_id, views in seen.items():
        margin = max(abs(c.x) for c in views)
        boxes = [c.box() for c in views]
        box = (min(0, min(b[0] for b in boxes)) - margin, min(0, min(b[1] for b in boxes)), max(WIDTH, max(b[2] for b in boxes)) + margin, max(HEIGHT, max(b[3] for b in boxes)))
        out[place_id] = Scenery(story.places[place_id], box, scale)
    return out


def draw_painted(story: Story, scale: int = 1) -> Film:
    """Draws a painted story, `scale` pixels a frame unit."""
    cameras, track = camera_track(story), figure_track(story)
    scenes, troupe = sceneries(story, cameras, scale), Troupe(story.people, scale, story.everyday)
    frames, boxes, held = [], [], {}
    width = max(len(shot.figures) for shot in story.shots)
    for chunk, shot_index in enumerate(story.chunk_shot):
        place_id = story.shots[shot_index].place_id
        scenery = scenes[place_id]
        for _ in range(chunk_length(chunk)):
            camera, figures = cameras[len(frames)], track[len(frames)]
            key = place_id, camera.x, camera.zoom, camera.left
            if key not in held:
                held = {key: scenery.view(camera.x, camera.zoom, camera.left, camera.top)}
            image = held[key].copy()
            here = [troupe.draw(image, scenery, camera, *figure) for figure in figures]
            if scenery.weather != CLEAR:
                draw_weather(image, scenery.weather, scenery.time, figures[0][3])
            frames.append(np.asarray(image))
            boxes.append(here + [[0, 0, 0, 0]] * (width - len(here)))
    return Film(np.stack(frames), np.array(boxes, np.int16), cameras)
