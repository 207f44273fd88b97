"""Whether a picture in memory comes back as that character: a Markdown table of what the probe reads, made by the app's own engine.

python3 training/pictures.py                                     # 48 trials: some five minutes of two cores
python3 training/pictures.py --trials 12 --says nothing name prompt short
Somebody is drawn, held out, in a place. The picture is put into memory and the film asks for "the fox" without colour and accessory: as its first
shot, and after a shot of somebody else in a place that the picture does not show. `--says`: the words that the picture is given, under which the
model looks at it; `wrong` describes it with another colour, which tells whether the picture or its words decide. Needs Node, `npm ci` and the
probe (training/README.md). Results are kept in training/runs/pictures.
"""
import argparse
import copy
import re
from pathlib import Path

import numpy as np

from make_latents import RUNS
from throughline import exams
from throughline.measures import interval
from throughline.probe import load_probe, look, of_chunk
from throughline.shipped import Batch, chunk, digest_of
from throughline.world import draw_story

MODEL = Path(__file__).parent.parent / "resources/models/animatic"
ABSENCE = 4
FIRST_SEED = 600  # of `exams.return_story`: none that evaluate.py asks for
OF_THE_PICTURE = -5  # the frame of the drawn chunk that is put into memory: in its middle
WAYS = {"first": "the film's first shot", "elsewhere": "in another place, after somebody else"}
SAYS = {
    "description": lambda full, plain, who: full,
    "wrong": lambda full, plain, who: re.sub(rf"^an? {who['colour']} ", "a pink " if who["colour"] == "green" else "a green ", full),
    "short": lambda full, plain, who: f"a {who['colour']} {who['species']}",
    "prompt": lambda full, plain, who: plain,
    "name": lambda full, plain, who: f"the {who['species']}",
    "nothing": lambda full, plain, who: "",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--trials", type=int, default=48)
    parser.add_argument("--says", nargs="+", choices=SAYS, default=["description", "wrong"])
    parser.add_argument("--world", default="full")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sheet", type=Path, help="a picture of every trial: what was put into memory, and each way")
    args = parser.parse_args()
    batch = Batch(args.model, RUNS / "pictures" / digest_of(args.model), args.threads)
    shown, truths = [], []
    for i in range(args.trials):
        story = exams.return_story(args.world, FIRST_SEED + i, ABSENCE)
        drawn = copy.copy(story)
        drawn.chunk_shot = story.chunk_shot[:exams.FIRST_VISIT + 1]
        picture = of_chunk(draw_story(drawn)[0], exams.FIRST_VISIT)[OF_THE_PICTURE]
        file = batch.out / f"picture-{i}.picture"
        file.write_bytes(np.ascontiguousarray(picture).tobytes())
        truth = story.truth(exams.FIRST_VISIT)
        shown.append(picture)
        truths.append(truth)
        place, who, action = story.places[truth["place_id"]], story.people[truth["who_id"]], truth["action"]
        full, plain = (exams.plain_prompt(place, who, action, said) for said in (True, False))
        other = next(place for k, place in enumerate(story.places) if k != truth["place_id"] and place["place"] != truth["place"])
        away = exams.plain_prompt(other, who, action, False)
        seed, before = story.seed % 2**31, story.shots[2].prompt
        batch.add(f"without-{i}", [chunk(plain, "cut", seed)])
        for says in args.says:
            pictures = [{"file": str(file), "says": SAYS[says](full, plain, who)}]
            for way, prompts in {"first": [plain], "elsewhere": [before, away]}.items():
                batch.add(f"{way}-{says}-{i}", [chunk(prompt, "cut", seed) | {"pictures": pictures} for prompt in prompts])
    batch.run()

    probe, ceiling, _ = load_probe(args.world, RUNS)
    keys = ("species", "colour", "accessory")
    print("| the picture's words | the shot is | species and colour | species | colour | accessory |\n|---|---|---|---|---|---|")
    for says, way in [(says, way) for says in args.says for way in WAYS] + [("", "without")]:
        right = {key: [] for key in keys}
        for i, truth in enumerate(truths):
            film = batch.frames(f"{way}-{says}-{i}" if says else f"{way}-{i}")
            named, = probe.names([look(film[-9:])])
            for key in keys:
                right[key].append(named[key] == (truth[key] or "none"))
        both = [a and b for a, b in zip(right["species"], right["colour"])]
        print(f"| {says or 'no picture'} | {WAYS.get(way, WAYS['first'])} | {sum(both)} of {len(both)}: {interval(both, True)} | " + " | ".join(interval(right[key], True) for key in keys) + " |")
    print(f"\nThe probe on drawn frames: " + ", ".join(f"{key} {interval(ceiling[key], True)}" for key in keys))
    if args.sheet:
        save_sheet(args, batch, shown)


def save_sheet(args: argparse.Namespace, batch: Batch, shown: list[np.ndarray]):
    from PIL import Image
    rows = [np.concatenate([picture, *(batch.frames(f"{way}-{says}-{i}")[-5] for says in args.says for way in WAYS), batch.frames(f"without-{i}")[-5]], 1)
            for i, picture in enumerate(shown)]
    Image.fromarray(np.concatenate(rows)).save(args.sheet)


if __name__ == "__main__":
    main()
