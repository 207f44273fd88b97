"""Checks that the world still draws what it drew, and that the written exam is not trained on: exits with 1 and says what differs.

python3 training/world_check.py
Flat stories were trained on for hours, so their prompts, pixels and token ids must not change with the code.
"""
import hashlib
import itertools
import re
import sys

import PIL

from throughline import exam
from throughline.grammar import MAX_TOKENS, token_count
from throughline.idioms import LIKE
from throughline.story import ACTIONS, CHUNK_FRAMES, EVERYDAY
from throughline.vocabulary import tokens
from throughline.words import ADJECTIVES, ADVERBS
from throughline.world import CURRICULA, FIRST, FULL, draw_story, make_story

EXAM_STORIES, SHORT = 3000, 4  # whose captions are looked at for prompts of the exam; those of so few words ("They dance.") anybody says
FLAT_DIGESTS = {11: "253797af4c9d19b7", 12: "23f33e3373af703e"}  # by Pillow's major version: each smooths edges a little differently
TOKEN_DIGESTS = "a9ba93dee57f769d", "e67665b1f4810d0c"  # of so many first tokens as FIRST_TOKENS and SECOND_TOKENS say
FIRST_TOKENS, SECOND_TOKENS = 142, 313  # of the first curriculum's checkpoints, and of those before the second world


def digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def flat_digest() -> str:
    """Prompts, truth and pixels of some flat stories."""
    parts: list[bytes] = []
    for seed in (0, 1, 7, 500, 1_000_000, 2_000_003):
        for plan in (None, "C0 A0 B0 A0"):
            story = make_story(seed, FIRST, 6, plan)
            parts.append(repr([(s.prompt, s.place_id, s.chunks, s.transition, {k: v for k, v in vars(s.figures[0]).items() if k != "also"}) for s in story.shots]).encode())
            parts += [array.tobytes() for array in draw_story(story)]
    parts.append(repr([s.prompt for seed in range(500) for s in make_story(seed, FIRST).shots]).encode())
    return digest(*parts)


def painted_faults() -> list[str]:
    """What is wrong with stories of the full world."""
    faults, known, passed_over = [], set(tokens()), {*ADJECTIVES, *ADVERBS}
    long = said = 0
    for seed, cur in itertools.product(range(300), (FULL, EVERYDAY)):
        for shot in make_story(seed, cur, 8).shots:
            said, long = said + 1, long + (token_count(shot.prompt) > MAX_TOKENS)
            strange = {w for w in re.findall(r"\w+|[^\w\s]+", shot.prompt.lower())} - known - passed_over
            faults += [f"{w!r} is neither known nor a filler: {shot.prompt}" for w in strange]
    faults += [f"{w!r} is like {old!r}, which is no older word" for w, old in LIKE.items() if w not in known or old not in tokens()[:SECOND_TOKENS]]
    if long > 0.01 * said:
        faults.append(f"{long} of {said} captions are longer than {MAX_TOKENS} tokens")
    for name, cur in CURRICULA.items():
        for seed in range(6):
            story = make_story(seed, cur, 4)
            frames, boxes = draw_story(story)
            if frames.shape != (9 + 3 * CHUNK_FRAMES, 96, 160, 3) or not all((box[:, 2] > box[:, 0]).any() for box in boxes):
                faults.append(f"{name} {seed}: {frames.shape}, or a frame without a character")
            if any(figure.action not in ACTIONS for shot in story.shots for figure in shot.figures):
                faults.append(f"{name} {seed}: unknown action")
    return faults


def exam_faults() -> list[str]:
    """Prompts of the written exam that training may see."""
    def bare(text: str) -> str:
        return text.lower().rstrip(".! ")

    asked = {bare(a.prompt): a.prompt for a in [*exam.prompts(), *(a for shots in exam.stories().values() for a in shots)]}
    told = {bare(shot.prompt) for seed, cur in itertools.product(range(EXAM_STORIES), (FULL, EVERYDAY)) for shot in make_story(1_000_000 + seed, cur, 8).shots if shot.prompt}
    return [f"training's captions have a prompt of the exam: {asked[text]}" for text in sorted(asked.keys() & told) if len(text.split()) > SHORT]


def main():
    faults = painted_faults() + exam_faults()
    pillow = int(PIL.__version__.split(".")[0])
    if pillow not in FLAT_DIGESTS:
        faults.append(f"no digest is kept for Pillow {PIL.__version__}, only for versions {', '.join(map(str, FLAT_DIGESTS))}")
    for what, now, before in (("flat stories", flat_digest(), FLAT_DIGESTS.get(pillow)), *((f"the first {count} token ids", digest(repr(tokens()[:count]).encode()), known) for count, known in zip((FIRST_TOKENS, SECOND_TOKENS), TOKEN_DIGESTS))):
        if before and now != before:
            faults.append(f"{what} changed: {now}, was {before}")
    print("\n".join(faults) or "the world is as it was")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
