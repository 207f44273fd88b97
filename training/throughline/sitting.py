"""The written exam, made by the app's own engine and read by the examiner; for evaluate.py."""
import random
import textwrap
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from . import exam
from .examiner import Reading, load_examiner, of_drawn, read
from .measures import interval
from .probe import of_chunk
from .shipped import Batch, chunk

ON_SHEET = 60  # of the prompts


def sitting(batch: Batch, runs: Path, count: int, sheet: list, unread: bool = False):
    """The hand-written prompts and stories: the share of shots that show all that is asked and nothing else, clean, by the examiner's whole reading.

    `count` of the prompts, and as large a share of the stories; the examiner is kept in `runs`; pictures go into `sheet`.
    `unread`: pictures of prompts only, for the eye.
    """
    prompts = random.Random(0).sample(exam.prompts(), count)
    stories = list(exam.stories().items())[:max(1, len(exam.stories()) * count // 300)]
    for i, asked in enumerate(prompts):
        batch.add(f"exam-{i}", [chunk(asked.prompt, seed=i)])
    for i, (_, shots) in enumerate([] if unread else stories):
        batch.add(f"exam-story-{i}", [chunk(asked.prompt, asked.transition, seed=i) for asked in shots])
    yield
    if unread:
        sheet += [(asked.prompt, batch.large(f"exam-{i}")[-4], None) for i, asked in enumerate(prompts[:ON_SHEET])]
        yield ["## Written by hand", "", f"{len(sheet)} pictures, which no examiner has read."]
        return
    examiner = load_examiner(runs)
    ceiling = of_drawn(examiner)
    single = [read(examiner, batch.frames(f"exam-{i}"), asked) for i, asked in enumerate(prompts)]
    told = [[read(examiner, of_chunk(batch.frames(f"exam-story-{i}"), c), asked) for c, asked in enumerate(shots)] for i, (_, shots) in enumerate(stories)]
    sheet += [(asked.prompt, batch.large(f"exam-{i}")[-4], reading) for i, (asked, reading) in enumerate(list(zip(prompts, single))[:ON_SHEET])]
    later = [reading for story in told for reading in story[1:]]
    rows = ["## Written by hand", "", "| | right and clean | right |", "|---|---|---|"]
    for name, readings in (("drawn, held out, all that they show asked", ceiling), (f"{len(single)} prompts", single), (f"{len(told)} stories, a shot each after the first", later)):
        rows.append(f"| {name} | {interval([r.right_and_clean for r in readings], True)} | {interval([all(r.right.values()) for r in readings], True)} |")
    rows += ["", "| attribute | drawn | prompts | stories |", "|---|---|---|---|"]
    shares = [_by_attribute(readings) for readings in (ceiling, single, later)]
    rows += [f"| {key} | " + " | ".join(interval(share[key], True) if key in share else "" for share in shares) + " |" for key in shares[0]]
    yield [*rows, "", "| story | shots right and clean |", "|---|---|",
           *(f"| {name} | {sum(r.right_and_clean for r in story)} of {len(story)} |" for (name, _), story in zip(stories, told))]


def _by_attribute(readings: list[Reading]) -> dict[str, list[bool]]:
    out: dict[str, list[bool]] = {}
    for reading in readings:
        for key, hit in reading.right.items():
            out.setdefault(key.rstrip(" 12"), []).append(hit)
    return out


def save_exam_sheet(rows: list[tuple[str, np.ndarray, Reading | None]], path: Path, columns: int = 6):
    """Pictures with their prompts; those that are not right and clean say what was read wrongly."""
    width, height, line = 240, 144, 13
    tile = height + 3 * line
    sheet = Image.new("RGB", (columns * width, -(-len(rows) // columns) * tile), (24, 24, 30))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default()
    for i, (prompt, frame, reading) in enumerate(rows):
        x, y = i % columns * width, i // columns * tile
        sheet.paste(Image.fromarray(np.ascontiguousarray(frame)).resize((width - 2, height - 2), Image.Resampling.LANCZOS), (x, y))
        for k, text in enumerate(textwrap.wrap(prompt, 42)[:2]):
            pen.text((x + 2, y + height + k * line), text, font=font, fill=(236, 236, 240))
        if reading is None:
            continue
        wrong = [key for key, hit in reading.right.items() if not hit]
        pen.text((x + 2, y + height + 2 * line), ("not: " + ", ".join(wrong))[:42] if wrong else "" if reading.sure else "unclear", font=font, fill=(250, 150, 120))
    sheet.save(path, quality=82)
