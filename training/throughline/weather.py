"""Rain and snowfall: masks that fall past the frame and repeat after one chunk of frames."""
import random
from functools import cache

from PIL import Image

from .characters import CYCLE
from .light import NIGHT, RAIN
from .pen import HEIGHT, SUPERSAMPLE, WIDTH, Pen, finish


@cache
def _tiles(weather: str, scale: int) -> list[tuple[Image.Image, int, int]]:
    """Tiles of drops or flakes, `scale` pixels a frame unit, each with its height and its fall in one frame; a tile falls its own height a whole number of times a cycle."""
    rng, out = random.Random(7), []
    for width, height, fall, count, size in ((48, 108, 18, 13, 0.55),) if weather == RAIN else ((80, 48, 4, 11, 0.75), (80, 96, 8, 9, 1.25)):
        tile = Image.new("L", (width * 3 * SUPERSAMPLE * scale, height * 3 * SUPERSAMPLE * scale))
        pen = Pen(tile, 0, 0, scale)
        for _ in range(count):
            x, y = rng.uniform(0, width), rng.uniform(0, height)
            length = rng.uniform(6, 12)
            for cx in range(3):
                for cy in range(3):
                    px, py = x + cx * width, y + cy * height
                    if weather == RAIN:
                        pen.limb(px, py, px - 0.22 * length, py + length, size, 150)
                    else:
                        pen.ellipse(px, py, size, size, 235)
        tile = finish(tile).crop([edge * scale for edge in (width, height, 2 * width, 2 * height)])
        sheet = Image.new("L", (tile.width * (WIDTH // width + 3), tile.height * (HEIGHT // height + 3)))
        for cx in range(0, sheet.width, tile.width):
            for cy in range(0, sheet.height, tile.height):
                sheet.paste(tile, (cx, cy))
        out.append((sheet, width, height, fall))
    return out


@cache
def _mask(weather: str, frame: int, scale: int) -> list[Image.Image]:
    masks = []
    for index, (sheet, width, height, fall) in enumerate(_tiles(weather, scale)):
        drift = -4 * frame if weather == RAIN else (0, 1, 2, 3, 3, 2, 1, 0, -1, -1, -1, 0)[(frame + 5 * index) % CYCLE]
        x, y = (-drift) % width, (-fall * frame) % height
        masks.append(sheet.crop([edge * scale for edge in (x, y, x + WIDTH, y + HEIGHT)]))
    return masks


def draw_weather(image: Image.Image, weather: str, time: str, frame: int):
    """Draws rain or snowfall over a finished frame; `frame` counts within a chunk."""
    colour = ((210, 222, 238) if weather == RAIN else (255, 255, 255)) if time != NIGHT else ((130, 146, 184) if weather == RAIN else (206, 214, 236))
    for mask in _mask(weather, frame % CYCLE, image.width // WIDTH):
        image.paste(colour, (0, 0, *image.size), mask)
