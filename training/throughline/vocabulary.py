"""The words a model knows, and its tokenizer. Ids never change: new words go behind those there are."""
from . import captions, idioms, words

SPECIALS = ["<pad>", "</s>", "<unk>"]


def vocabulary() -> list[dict]:
    """The words a model of the full world knows, in id order after the special tokens."""
    known: dict[str, dict] = {}

    def add(word: str, part: str, group: str, synonyms: list[str]):
        entry = known.setdefault(word, {"word": word, "part": part, "group": group, "synonyms": []})
        if entry["group"] == group:
            entry["synonyms"] += [s for s in synonyms if s != word and s not in entry["synonyms"]]

    for table, part, group in ((captions.PLACE_WORDS, "noun", "place"), (captions.SPECIES_WORDS, "noun", "character"), (captions.COLOUR_WORDS, "adjective", "colour")):
        for synonyms in table.values():
            for word in synonyms:
                add(word, part, group, synonyms)
    for forms in captions.ACTION_WORDS.values():
        flat = [word for pair in forms for word in pair]
        for word in flat:
            add(word, "verb", "action", flat)
    for options in captions.TIME_WORDS.values():
        flat = [option[-1] for option in options]
        for word in flat:
            add(word, "noun", "time", flat)
    for word in captions.ACCESSORY_WORDS:
        add(word, "noun", "accessory", [])
    for word in captions.NAMES:
        add(word, "name", "name", [])
    for word in captions.GLUE:
        add(word, "other", "grammar", [])
    for word, part, group, synonyms in [*words.vocabulary(), *idioms.vocabulary()]:
        add(word, part, group, synonyms)
    return list(known.values())


def plain_words() -> dict[str, str]:
    """The plainest word for what each synonym says: "crimson" -> "red", "strolls" -> "walks"."""
    rows = [names for table in (words.PLACES, words.SPECIES, words.COLOURS) for names in table.values()]
    rows += [list(form) for forms in words.ACTIONS.values() for form in zip(*(f.split() for f in forms))]
    out: dict[str, str] = {}
    for row in rows:
        for word in row:
            out.setdefault(word, row[0])
    return out


def tokens() -> list[str]:
    """Special tokens and words, in id order."""
    return SPECIALS + [w["word"] for w in vocabulary()]


def tokenizer_json() -> dict:
    """A word-level tokenizer in the Hugging Face tokenizers format."""
    vocab = {token: i for i, token in enumerate(tokens())}
    added = [{"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
             for i, t in enumerate(SPECIALS)]
    end = {"SpecialToken": {"id": "</s>", "type_id": 0}}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
        "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {
            "type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, end],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, end, {"Sequence": {"id": "B", "type_id": 0}}, end],
            "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}},
        },
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocab, "unk_token": "<unk>"},
    }


