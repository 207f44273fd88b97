"""The characters: large, flat, front-facing figures, posed by a few numbers."""
import math
from dataclasses import dataclass

from .pen import Colour, Pen, mix

FIGURE_HEIGHT = 48  # frame units from feet to top of the head, ears not counted
CYCLE = 12  # pixel frames in one turn of every action: one chunk, so that chunks line up

COLOURS: dict[str, Colour] = {
    "red": (222, 62, 58), "orange": (244, 144, 44), "yellow": (248, 210, 60), "green": (70, 178, 84), "blue": (62, 116, 222),
    "purple": (146, 84, 196), "pink": (246, 144, 184), "white": (246, 246, 244), "black": (52, 52, 62), "brown": (138, 88, 56), "grey": (150, 152, 162),
}
NINE = tuple(COLOURS)[:9]  # of the first world


@dataclass
class Pose:
    """Offsets in frame units, angles in radians (0 hangs down, positive swings outwards)."""
    lift: float = 0.0
    squash: float = 1.0
    sway: float = 0.0
    left_arm: float = 0.35
    right_arm: float = 0.35
    left_leg: float = 0.0
    right_leg: float = 0.0
    asleep: bool = False
    seated: bool = False


def doing(action: str, also: str | None) -> str:
    """What `pose_at` calls an action that is done while waving."""
    return f"{action}+{also}" if also else action


def pose_at(action: str, frame: int, calm: bool = False) -> Pose:
    """Pose at a pixel frame; every action repeats after CYCLE frames. `calm`: as slow as characters move that move on every frame."""
    turn = 2 * math.pi * frame / CYCLE
    if action.endswith("+wave"):
        pose = pose_at(action.removesuffix("+wave"), frame, calm)
        pose.right_arm = pose_at("wave", frame, calm).right_arm
        return pose
    if calm and action == "walk":
        s = math.sin(turn)
        return Pose(lift=abs(s) * 1.5, left_leg=0.55 * s, right_leg=-0.55 * s, left_arm=0.35 + 0.4 * s, right_arm=0.35 - 0.4 * s)
    if calm and action == "run":
        s = math.sin(turn * 2)
        return Pose(lift=abs(s) * 3, left_leg=0.85 * s, right_leg=-0.85 * s, left_arm=1.0 + 0.5 * s, right_arm=1.0 - 0.5 * s)
    if calm and action == "wave":
        return Pose(right_arm=2.5 + 0.45 * math.sin(turn))
    if action == "walk":
        return Pose(lift=abs(math.sin(turn * 2)) * 1.5, left_leg=0.5 * math.sin(turn * 2), right_leg=-0.5 * math.sin(turn * 2),
                    left_arm=0.35 + 0.4 * math.sin(turn * 2), right_arm=0.35 - 0.4 * math.sin(turn * 2))
    if action == "run":
        return Pose(lift=abs(math.sin(turn * 3)) * 3, left_leg=0.8 * math.sin(turn * 3), right_leg=-0.8 * math.sin(turn * 3),
                    left_arm=1.0 + 0.5 * math.sin(turn * 3), right_arm=1.0 - 0.5 * math.sin(turn * 3))
    if action == "jump":
        height = math.sin(math.pi * (frame % CYCLE) / CYCLE)
        return Pose(lift=20 * height, squash=0.92 + 0.1 * height, left_arm=0.4 + 1.5 * height, right_arm=0.4 + 1.5 * height)
    if action == "wave":
        return Pose(right_arm=2.5 + 0.4 * math.sin(turn * 2))
    if action == "dance":
        s = math.sin(turn)
        return Pose(sway=4 * s, lift=abs(s) * 3, left_arm=1.5 + s, right_arm=1.5 - s, left_leg=0.3 * s, right_leg=0.3 * s)
    if action == "sit":
        return Pose(seated=True, lift=-9)
    if action == "sleep":
        return Pose(asleep=True, seated=True, lift=-9, squash=0.94 + 0.03 * math.sin(turn), left_arm=0.2, right_arm=0.2)
    if action == "stand":
        return Pose()
    raise ValueError(f"unknown action {action!r}")


def _head(pen: Pen, species: str, x: float, y: float, skin: Colour, light: Colour, dark: Colour, turn: float):
    if species == "cat":
        for s in (-1, 1):
            pen.poly([(x + s * 13, y - 3), (x + s * 12, y - 20), (x + s * 2, y - 10)], skin)
            pen.poly([(x + s * 11, y - 8), (x + s * 10.6, y - 16), (x + s * 5.5, y - 10.5)], (250, 176, 186))
        pen.ellipse(x, y, 14, 12, skin)
    elif species == "fox":
        for s in (-1, 1):
            pen.poly([(x + s * 14, y - 3), (x + s * 13, y - 22), (x + s * 3, y - 9)], skin)
            pen.poly([(x + s * 13.4, y - 16), (x + s * 13, y - 22), (x + s * 9, y - 16)], (60, 50, 54))
        pen.ellipse(x, y, 14.5, 11.5, skin)
        for s in (-1, 1):
            pen.ellipse(x + turn + s * 8, y + 5, 6, 5, (252, 246, 238))
    elif species == "dog":
        pen.ellipse(x, y, 13, 12.5, skin)
        for s in (-1, 1):
            pen.ellipse(x + s * 13, y + 1, 4.5, 10, dark)
        pen.ellipse(x + turn, y + 5, 7, 5, light)
    elif species == "rabbit":
        for s in (-1, 1):
            pen.ellipse(x + s * 6, y - 19, 4, 12, skin)
            pen.ellipse(x + s * 6, y - 18, 1.8, 8.5, (250, 176, 186))
        pen.ellipse(x, y, 13, 12, skin)
    elif species == "bear":
        for s in (-1, 1):
            pen.ellipse(x + s * 11, y - 10, 5.5, 5.5, skin)
            pen.ellipse(x + s * 11, y - 10, 2.8, 2.8, light)
        pen.ellipse(x, y, 14.5, 13, skin)
        pen.ellipse(x + turn, y + 5, 6.5, 5, light)
    elif species == "robot":
        pen.rect(x - 1, y - 20, x + 1, y - 10, (110, 116, 130))
        pen.ellipse(x, y - 20, 3, 3, (250, 80, 80))
        pen.rect(x - 14, y - 12, x + 14, y + 11, skin, 2.5)
        pen.rect(x - 11, y - 7, x + 11, y + 3, (34, 44, 60), 2)
    elif species == "duck":
        pen.ellipse(x, y, 12, 12, skin)
        pen.poly([(x - 2, y - 10), (x + 5, y - 17), (x + 3, y - 9)], skin)
        pen.ellipse(x + turn, y + 5, 9, 3.6, (250, 150, 40))
    elif species == "frog":
        for s in (-1, 1):
            pen.ellipse(x + s * 8, y - 10, 6, 6, skin)
        pen.ellipse(x, y, 15, 11.5, skin)
    else:
        raise ValueError(f"unknown species {species!r}")


def _face(pen: Pen, species: str, x: float, y: float, asleep: bool, skin: Colour):
    ink = (30, 28, 36)
    ex, ey, white = (5.5, -2, (255, 255, 255)) if species != "frog" else (8, -10.5, (255, 255, 255))
    for s in (-1, 1):
        if asleep:
            pen.rect(x + s * ex - 2.8, y + ey, x + s * ex + 2.8, y + ey + 1.4, (235, 235, 240) if species == "robot" else ink)
        elif species == "robot":
            pen.ellipse(x + s * 5, y - 2, 2.8, 2.8, (120, 240, 230))
        else:
            pen.ellipse(x + s * ex, y + ey, 3.4, 3.8, white)
            pen.ellipse(x + s * ex, y + ey + 0.4, 1.9, 2.3, ink)
            if pen.fine:
                pen.ellipse(x + s * ex - 0.7, y + ey - 0.6, 0.8, 0.8, white)
    if species in ("cat", "fox", "rabbit"):
        pen.ellipse(x, y + 3.6, 2, 1.5, (236, 110, 130) if species != "fox" else ink)
    elif species in ("dog", "bear"):
        pen.ellipse(x, y + 3.4, 2.8, 2, ink)
    if pen.fine and species in ("cat", "fox", "rabbit", "dog", "bear"):
        pen.arc(x, y + 4.6, 3, 2.6, 20, 160, 0.9, ink)
    if species == "frog":
        pen.arc(x, y - 1, 9, 7, 20, 160, 1.4, ink)
    elif species == "robot":
        pen.rect(x - 5, y + 6, x + 5, y + 8, (34, 44, 60))


def _large_accessory(pen: Pen, kind: str, colour: Colour, x: float, head_y: float):
    """As `_accessory`, so large that a viewer sees it also in a wide shot."""
    dark = mix(colour, (20, 16, 30), 0.35)
    if kind == "hat":
        pen.rect(x - 16, head_y - 12, x + 16, head_y - 7.5, colour, 2)
        pen.rect(x - 10, head_y - 26, x + 10, head_y - 9, colour, 2.5)
        pen.rect(x - 10, head_y - 15, x + 10, head_y - 11.5, dark)
    elif kind == "scarf":
        pen.rect(x + 3, head_y + 12, x + 11, head_y + 29, colour, 2)
        pen.rect(x + 3, head_y + 24, x + 11, head_y + 26, dark)
        pen.rect(x - 14, head_y + 8.5, x + 14, head_y + 16.5, colour, 3.5)
    elif kind == "crown":
        pen.poly([(x - 12, head_y - 8), (x - 13.5, head_y - 24), (x - 6, head_y - 16), (x, head_y - 27), (x + 6, head_y - 16),
                  (x + 13.5, head_y - 24), (x + 12, head_y - 8)], colour)
        pen.rect(x - 12, head_y - 11.5, x + 12, head_y - 8, dark)
    elif kind == "glasses":
        for s in (-1, 1):
            pen.arc(x + s * 6.6, head_y - 2, 6.8, 6.8, 0, 360, 2.3, colour)
        pen.rect(x - 1.6, head_y - 3.2, x + 1.6, head_y - 0.8, colour)
    else:
        raise ValueError(f"unknown accessory {kind!r}")


def _accessory(pen: Pen, kind: str, colour: Colour, x: float, head_y: float):
    if kind == "hat":
        pen.rect(x - 13, head_y - 12, x + 13, head_y - 9, colour, 1)
        pen.rect(x - 8, head_y - 23, x + 8, head_y - 10, colour, 1.5)
    elif kind == "scarf":
        pen.rect(x - 11, head_y + 9, x + 11, head_y + 14, colour, 2)
        pen.rect(x + 4, head_y + 11, x + 9, head_y + 23, colour, 1)
    elif kind == "crown":
        pen.poly([(x - 9, head_y - 9), (x - 10, head_y - 19), (x - 4, head_y - 14), (x, head_y - 21), (x + 4, head_y - 14),
                  (x + 10, head_y - 19), (x + 9, head_y - 9)], colour)
    elif kind == "glasses":
        for s in (-1, 1):
            pen.arc(x + s * 5.5, head_y - 2, 5, 5, 0, 360, 1.4, colour)
        pen.rect(x - 1.5, head_y - 3, x + 1.5, head_y - 1.6, colour)
    else:
        raise ValueError(f"unknown accessory {kind!r}")


def draw_character(pen: Pen, who: dict, x: float, feet_y: float, pose: Pose, shadow: Colour | None = (70, 80, 76), turn: float = 0.0):
    """Draws `who` (species, colour, accessory or None, accessory_colour) with its feet at (x, feet_y).

    With `large` in `who` the accessory is. `shadow` is the colour of the shadow on the ground, if any; `turn` moves the face to the side it looks to.
    """
    skin = COLOURS[who["colour"]]
    species = who["species"]
    light, dark = mix(skin, (255, 255, 255), 0.55), mix(skin, (20, 16, 30), 0.28)
    if who["colour"] == "black":
        light, dark = (120, 120, 132), (30, 30, 38)
    if shadow:
        pen.ellipse(x, feet_y, 13 - min(6, max(0.0, pose.lift) * 0.3), 2.6, shadow)
    bottom = feet_y - max(0.0, pose.lift)
    drop = 9 if pose.seated else 0
    hip, shoulder = bottom - 9 + drop, bottom - 23 * pose.squash + drop
    x += pose.sway
    head_y = shoulder - 10.5 * pose.squash
    leg = (250, 150, 40) if species == "duck" else dark
    for s, angle in ((-1, pose.left_leg), (1, pose.right_leg)):
        if pose.seated:
            pen.ellipse(x + s * 9, bottom - 3, 6, 3.6, leg)
        else:
            pen.limb(x + s * 4.5, hip - 2, x + s * 4.5 + 9 * math.sin(angle), bottom - 2.5 - abs(math.sin(angle)) * 2, 5.5, leg)
    if species in ("cat", "fox"):
        pen.limb(x + 8, hip - 1, x + 17, hip - 10, 5 if species == "cat" else 9, skin)
        if species == "fox":
            pen.ellipse(x + 18, hip - 12, 4, 4, (252, 246, 238))
    if species == "robot":
        pen.rect(x - 10, shoulder - 1, x + 10, hip + 3, skin, 2)
        pen.rect(x - 6, shoulder + 4, x + 6, hip - 2, light, 1)
    else:
        pen.ellipse(x, (shoulder + hip) / 2 + 1, 11, (hip - shoulder) / 2 + 4, skin)
        pen.ellipse(x, (shoulder + hip) / 2 + 2, 6.5, (hip - shoulder) / 2 + 1, light)
    for s, angle in ((-1, pose.left_arm), (1, pose.right_arm)):
        sx, sy = x + s * 9, shoulder + 3
        pen.limb(sx, sy, sx + s * 11 * math.sin(angle), sy + 11 * math.cos(angle), 5.5, dark if angle < 1 else skin)
    _head(pen, species, x, head_y, skin, light, dark, turn)
    _face(pen, species, x + turn, head_y, pose.asleep, skin)
    if who.get("accessory"):
        across = turn if who["accessory"] == "glasses" else 0
        eyes = -8.5 if who["species"] == "frog" and who["accessory"] == "glasses" and who.get("large") else 0  # a frog's eyes are on top of its head
        (_large_accessory if who.get("large") else _accessory)(pen, who["accessory"], COLOURS[who["accessory_colour"]], x + across, head_y + eyes)
