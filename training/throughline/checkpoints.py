"""What a checkpoint of the generator becomes under today's vocabulary."""
from .idioms import LIKE
from .text import refit_words
from .vocabulary import tokens


def with_todays_words(weights: dict, state: dict) -> dict:
    """`weights` of the checkpoint `state`, with a row for every word there is now; a new word begins as the older one that it is most like."""
    return refit_words(weights, state.get("tokens", tokens()), tokens(), LIKE)
