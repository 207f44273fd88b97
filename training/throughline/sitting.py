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
PLAYED = 2  # chunks of a shot of MemFlow's stories


def sitting(batch: Batch, runs: Path, count: int, sheet: list, story_sheet: list, unread: bool = False):
    """The hand-written prompts and stories: the share of shots that show all that is asked and nothing else, clean, by the examiner's whole reading.

    `count` of the prompts, and as large a share of the stories; the examiner is kept in `runs`; pictures go into `sheet`, and those of MemFlow's
    stories, which nobody but the eye reads, shot by shot into `story_sheet`: as they are written, then as the editor tells them. `unread`: pictures of prompts and of MemFlow's stories only, for the eye.
    """
    prompts = random.Random(0).sample(exam.prompts(), count)
    stories = list(exam.stories().items())[:max(1, len(exam.stories()) * count // 300)]
    for i, asked in enumerate(prompts[:ON_SHEET] if unread else prompts):
        batch.add(f"exam-{i}", [chunk(asked.prompt, seed=i)])
    theirs = exam.stories("memflow.txt").values()
    for i, shots in enumerate(theirs):
        batch.add(f"exam-memflow-{i}", [chunk(asked.prompt, transition, seed=i) for asked in shots for transition in (asked.transition, *["continue"] * (PLAYED - 1))])
        batch.add(f"exam-memflow-told-{i}", [as_told(asked, transition, i) for asked in shots for transition in ("automatic", *["continue"] * (PLAYED - 1))])
    for i, (_, shots) in enumerate([] if unread else stories):
        batch.add(f"exam-story-{i}", [chunk(asked.prompt, asked.transition, seed=i) for asked in shots])
        batch.add(f"exam-told-{i}", [as_told(asked, "automatic", i) for asked in shots])
    yield
    story_sheet += [[(asked.prompt, of_chunk(batch.large(f"exam-memflow-{kind}{i}"), PLAYED * c + PLAYED - 1)[-4]) for c, asked in enumerate(shots)]
                    for kind in ("", "told-") for i, shots in enumerate(theirs)]
    if unread:
        sheet += [(asked.prompt, batch.large(f"exam-{i}")[-4], None) for i, asked in enumerate(prompts[:ON_SHEET])]
        yield ["## Written by hand", "", f"{len(sheet)} pictures and {len(story_sheet)} stories, which no examiner has read."]
        return
    examiner = load_examiner(runs)
    ceiling = of_drawn(examiner)
    single = [read(examiner, batch.frames(f"exam-{i}"), asked) for i, asked in enumerate(prompts)]
    told, retold = ([[read(examiner, of_chunk(batch.frames(f"exam-{kind}-{i}"), c), asked) for c, asked in enumerate(shots)] for i, (_, shots) in enumerate(stories)]
                   for kind in ("story", "told"))
    sheet += [(asked.prompt, batch.large(f"exam-{i}")[-4], reading) for i, (asked, reading) in enumerate(list(zip(prompts, single))[:ON_SHEET])]
    later, later_told = ([reading for story in kind for reading in story[1:]] for kind in (told, retold))
    rows = ["## Written by hand", "", "| | right and clean | right |", "|---|---|---|"]
    for name, readings in (("drawn, held out, all that they show asked", ceiling), (f"{len(single)} prompts", single), (f"{len(told)} stories, a shot each after the first", later),
                           ("the same, begun and completed as the editor does", later_told)):
        rows.append(f"| {name} | {interval([r.right_and_clean for r in readings], True)} | {interval([all(r.right.values()) for r in readings], True)} |")
    rows += ["", "| attribute | drawn | prompts | stories | stories as the editor tells them |", "|---|---|---|---|---|"]
    shares = [_by_attribute(readings) for readings in (ceiling, single, later, later_told)]
    rows += [f"| {key} | " + " | ".join(interval(share[key], True) if key in share else "" for share in shares) + " |" for key in shares[0]]
    yield [*rows, "", "| story | shots right and clean | as the editor tells them |", "|---|---|---|",
           *(f"| {name} | {sum(r.right_and_clean for r in story)} of {len(story)} | {sum(r.right_and_clean for r in other)} of {len(story)} |"
             for (name, _), story, other in zip(stories, told, retold))]


def as_told(asked: exam.Asked, transition: str, seed: int) -> dict:
    """A chunk of a job whose prompt the app completes."""
    return {**chunk(asked.prompt, transition, seed=seed), "completed": True}


def _by_attribute(readings: list[Reading]) -> dict[str, list[bool]]:
    out: dict[str, list[bool]] = {}
    for reading in readings:
        for key, hit in reading.right.items():
            out.setdefault(key.rstrip(" 12"), []).append(hit)
    return out


WIDTH, HEIGHT, LINE = 240, 144, 13  # of a picture on a sheet, and of a line of text below it


def _sheet(columns: int, rows: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    sheet = Image.new("RGB", (columns * WIDTH, rows * (HEIGHT + 3 * LINE)), (24, 24, 30))
    return sheet, ImageDraw.Draw(sheet)


def _put(sheet: Image.Image, pen: ImageDraw.ImageDraw, column: int, row: int, prompt: str, frame: np.ndarray, note: str = ""):
    x, y, font = column * WIDTH, row * (HEIGHT + 3 * LINE), ImageFont.load_default()
    sheet.paste(Image.fromarray(np.ascontiguousarray(frame)).resize((WIDTH - 2, HEIGHT - 2), Image.Resampling.LANCZOS), (x, y))
    for k, text in enumerate(textwrap.wrap(prompt, 42)[:2]):
        pen.text((x + 2, y + HEIGHT + k * LINE), text, font=font, fill=(236, 236, 240))
    pen.text((x + 2, y + HEIGHT + 2 * LINE), note[:42], font=font, fill=(250, 150, 120))


def save_exam_sheet(rows: list[tuple[str, np.ndarray, Reading | None]], path: Path, columns: int = 6):
    """Pictures with their prompts; those that are not right and clean say what was read wrongly."""
    sheet, pen = _sheet(columns, -(-len(rows) // columns))
    for i, (prompt, frame, reading) in enumerate(rows):
        wrong = [key for key, hit in reading.right.items() if not hit] if reading else []
        note = "not: " + ", ".join(wrong) if wrong else "" if reading is None or reading.sure else "unclear"
        _put(sheet, pen, i % columns, i // columns, prompt, frame, note)
    sheet.save(path, quality=82)


def save_story_sheet(stories: list[list[tuple[str, np.ndarray]]], path: Path):
    """A row a story: the end of every shot, with its prompt."""
    sheet, pen = _sheet(max(len(shots) for shots in stories), len(stories))
    for row, shots in enumerate(stories):
        for column, (prompt, frame) in enumerate(shots):
            _put(sheet, pen, column, row, prompt, frame)
    sheet.save(path, quality=82)
