"""Writes the model folder the app loads, in fp16.

python3 training/export.py [--out resources/models/animatic] [--sampler euler --steps 1000 750 450 150]
"""
import argparse
import json
from collections import Counter
from pathlib import Path

import torch

from throughline import safetensors_io
from throughline.autoencoder import scale_of
from throughline.captions import FILLERS
from throughline.checkpoints import with_todays_words
from throughline.vocabulary import SPECIALS, plain_words, tokenizer_json, tokens, vocabulary
from throughline.config import NominalSteps, animatic
from throughline.idioms import LIKE
from throughline.text import Tokenizer, share_meanings
from throughline.world import CURRICULA, make_story

ROOT = Path(__file__).parent.parent
RUNS = ROOT / "training" / "runs"
STORIES = 3000  # whose captions are read for the words a world uses
MISREAD = {"no"}  # "no longer" is learned, "no dog" is not: whoever writes it is to be told, so that vocabulary.json does not have it
RAREST = 10  # shots among theirs that a word must be in, to count as learned


def seen_ids(worlds: list[str]) -> set[int]:
    """Special tokens, and those that are not rare in the captions of some thousand stories of the worlds that the generator was trained on."""
    read, count = Tokenizer.of(tokenizer_json(), animatic()["text"]), Counter()
    for world in worlds:
        cur = CURRICULA[world]
        passed_over = set() if cur.painted else {i for word in FILLERS for i in read(word)}  # words in flat captions that say nothing
        for story in (make_story(1_000_000 + i, cur, 6) for i in range(STORIES)):
            for shot in story.shots:
                count.update({*read(shot.prompt)} - passed_over)
    return {*range(len(SPECIALS))} | {i for i, word in enumerate(tokens()) if count[i] >= (1 if word in LIKE else RAREST)}  # what begins as another word needs to learn little


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=str(ROOT / "resources/models/animatic"))
    parser.add_argument("--name", default="generator")
    parser.add_argument("--worlds", nargs="+", choices=CURRICULA, default=["full"], help="what it was trained on: their words are the ones it knows")
    parser.add_argument("--unlisted", nargs="+", default=[], help="groups of words that vocabulary.json does not offer, since the model does not draw them: prop, ...")
    parser.add_argument("--autoencoder", default="autoencoder", help="name of the checkpoint whose decoder goes with it")
    parser.add_argument("--share-meanings", action="store_true", help="synonyms get the embedding of their plain word: for a run too short to learn the rare ones")
    parser.add_argument("--weights", choices=("average", "model"), default="model")
    parser.add_argument("--sampler", choices=("renoise", "euler"))
    parser.add_argument("--steps", nargs="+", type=int, action=NominalSteps, help="nominal steps, of 1000; a distilled generator takes those it was distilled to")
    args = parser.parse_args()
    config, out = animatic(), Path(args.out)
    if args.sampler:
        config["sampler"]["kind"] = args.sampler
    if args.steps:
        config["sampler"]["steps"] = args.steps
    state = torch.load(RUNS / f"{args.name}.pt", map_location="cpu")
    weights = with_todays_words(state[args.weights], state)
    if args.share_meanings:
        share_meanings(weights["text.token_embedding.weight"], tokens(), plain_words())
    decoder = torch.load(RUNS / f"{args.autoencoder}.pt", map_location="cpu")["decoder"]
    if scale_of(decoder) > 1:
        config["decoder"]["outputScale"] = scale_of(decoder)
    # A word that no prompt has used yet has an untrained embedding: it gets that of the word that it is most like (brown: orange), or of
    # unknown ones, which are ignored. Either way it is not among the words that the model says it knows.
    table, seen, place = weights["text.token_embedding.weight"], seen_ids(args.worlds), {word: i for i, word in enumerate(tokens())}
    for word, i in place.items():
        if i not in seen:
            table[i] = table[place[LIKE[word]] if place.get(LIKE.get(word)) in seen else SPECIALS.index("<unk>")]
    words = [word for i, word in enumerate(vocabulary(), len(SPECIALS)) if i in seen and word["group"] not in args.unlisted and word["word"] not in MISREAD]
    known = {word["word"] for word in words}
    words = [word | {"synonyms": [s for s in word["synonyms"] if s in known]} for word in words]
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (out / "tokenizer.json").write_text(json.dumps(tokenizer_json(), indent=1) + "\n")
    (out / "vocabulary.json").write_text(json.dumps({"words": words}, indent=1) + "\n")
    for prefix, name in (("text.", "text_encoder"), ("dit.", "dit")):
        safetensors_io.save(out / f"{name}.safetensors", {k[len(prefix):]: v.half() for k, v in weights.items() if k.startswith(prefix)})
    safetensors_io.save(out / "decoder.safetensors", {k: v.half() for k, v in decoder.items()})
    print(f"step {state['step']}, {state['samples']} samples ->", out, sum(f.stat().st_size for f in out.iterdir()), "bytes")


if __name__ == "__main__":
    main()
