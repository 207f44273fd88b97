"""Light: the colours of skies, and what time of day and weather do to everything under them."""
from .pen import Colour, mix
from .places import DAY, NIGHT, SUNSET, tint_for
from .story import RAIN, SNOWFALL

# (top, horizon) of each palette
SKIES: dict[str, list[tuple[Colour, Colour]]] = {
    DAY: [((98, 176, 240), (214, 238, 250)), ((112, 188, 222), (228, 242, 232)), ((92, 156, 236), (200, 226, 250))],
    SUNSET: [((116, 92, 164), (255, 190, 128)), ((148, 94, 142), (255, 204, 150)), ((104, 106, 176), (255, 176, 126))],
    NIGHT: [((12, 16, 50), (54, 64, 122)), ((24, 18, 56), (74, 58, 122)), ((10, 26, 54), (42, 78, 116))],
}
# (top, horizon) of an overcast sky
GREYS: dict[str, tuple[Colour, Colour]] = {
    DAY: ((122, 136, 154), (190, 198, 206)), SUNSET: ((104, 92, 118), (206, 164, 148)), NIGHT: ((18, 22, 38), (50, 58, 80)),
}
SPACE: tuple[Colour, Colour] = ((10, 10, 30), (36, 32, 66))
CHARACTER_SHARE, BRIGHT_SHARE = 0.36, 0.2  # of the light's change that characters take on, in the first world and in the second
LAMPS = {(255, 236, 160), (255, 214, 110)}  # lit windows and lamps: no night darkens them


def sky_of(place: str, palette: int, time: str, weather: str) -> tuple[Colour, Colour]:
    """Colours of the sky at its top and at the horizon."""
    if place == "moon":
        return SPACE
    top, horizon = SKIES[time][palette]
    cover = {RAIN: 0.85, SNOWFALL: 0.6}.get(weather, 0.0)
    return mix(top, GREYS[time][0], cover), mix(horizon, GREYS[time][1], cover)


def light_of(time: str, weather: str, character: bool = False, bright: bool = False):
    """The colour change of time and weather, for a pen; weaker on characters, to keep their colour, and weaker still on `bright` ones."""
    by_time = tint_for(time) or (lambda c: c)
    if character:
        full, by_time = by_time, lambda c: mix(c, full(c), BRIGHT_SHARE if bright else CHARACTER_SHARE)
    grey, share = {RAIN: ((104, 116, 140), 0.24), SNOWFALL: ((196, 206, 222), 0.16)}.get(weather, ((0, 0, 0), 0.0))
    if share == 0.0:
        return by_time
    if time == NIGHT:
        grey = mix(grey, (20, 24, 44), 0.6)
    share *= (0.2 if bright else 0.4) if character else 1.0
    return lambda c: mix(by_time(c), grey, share)
