"""Word-level tokenizer and UMT5-style text encoder, with the published key names."""
import math
import re

import torch
import torch.nn as nn
import torch.nn.functional as F

PAD, END, UNKNOWN = 0, 1, 2
EPS = 1e-6


class Tokenizer:
    """Lowercase, split into words and runs of punctuation, append </s>, truncate to `most` tokens or to `length`, pad to that."""

    def __init__(self, description: dict, length: int, most: int | None = None):
        self.vocab, self.length, self.most = description["model"]["vocab"], length, most or length

    @classmethod
    def of(cls, description: dict, text: dict) -> "Tokenizer":
        """As a model's settings `text` have it."""
        return cls(description, text["textLength"], text.get("maxTokens"))

    def __call__(self, text: str) -> list[int]:
        ids = [self.vocab.get(word, UNKNOWN) for word in re.findall(r"\w+|[^\w\s]+", text.lower())][: self.most - 1] + [END]
        return ids + [PAD] * (self.length - len(ids))


def refit_words(weights: dict, old: list[str], new: list[str], like: dict[str, str] = {}) -> dict:
    """State dict whose word table has a row for every token of `new`: the row of the same token of `old`, else of the one it is `like`, else of the unknown one."""
    key = next(k for k in weights if k.endswith("token_embedding.weight"))
    place = {word: i for i, word in enumerate(old)}
    return weights | {key: weights[key][[place.get(word, place.get(like.get(word), UNKNOWN)) for word in new]].clone()}


@torch.no_grad()
def share_meanings(table: torch.Tensor, words: list[str], plain: dict[str, str]):
    """Gives every word of `table` [words, dim] the row of its plain word (in place), so that it need not be learned anew."""
    place = {word: i for i, word in enumerate(words)}
    for word, simple in plain.items():
        table[place[word]] = table[place[simple]]


def reading_rate(name: str) -> float:
    """How much faster or slower than the transformer's a parameter of the encoder is trained.

    Attention without a division saturates under Muon's full rate: its weights are 0 or 1 for good, and no word finds another any
    more. Positions have to outweigh likeness, and Adam's rate would take them thousands of steps.
    """
    if "pos_embedding" in name:
        return 10.0
    return 0.1 if ".attn.q." in name or ".attn.k." in name else 0.5 if ".blocks." in name else 1.0


class RmsFunction(torch.autograd.Function):
    """x / rms(x) * weight with fp32 sums; the hand-written backward pass halves the memory traffic in bf16."""

    @staticmethod
    def forward(ctx, x, weight):
        norm = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
        inverse = torch.rsqrt(norm.square() / x.shape[-1] + EPS).to(x.dtype)
        unit, weight = x * inverse, weight.to(x.dtype)
        ctx.save_for_backward(unit, inverse, weight)
        return unit * weight

    @staticmethod
    def backward(ctx, grad):
        unit, inverse, weight = ctx.saved_tensors
        product = grad * unit
        mean = (product @ weight)[..., None] / unit.shape[-1]
        return (grad * weight).sub_(unit * mean).mul_(inverse), product.flatten(0, -2).sum(0, dtype=torch.float32)


class RmsNorm(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return RmsFunction.apply(x, self.weight)


def relative_buckets(length: int, buckets: int, max_distance: int) -> torch.Tensor:
    """T5's bidirectional buckets of r = key - query, [query, key]."""
    r = torch.arange(length)[None, :] - torch.arange(length)[:, None]
    half, exact = buckets // 2, buckets // 4
    out = (r > 0).long() * half
    r = r.abs()
    far = exact + (torch.log(r.clamp(min=1).float() / exact) / math.log(max_distance / exact) * (half - exact)).long()
    return out + torch.where(r < exact, r, far.clamp(max=half - 1))


class TextAttention(nn.Module):
    def __init__(self, dim: int, heads: int, head_dim: int):
        super().__init__()
        self.heads, inner = heads, heads * head_dim
        self.q, self.k, self.v = (nn.Linear(dim, inner, bias=False) for _ in range(3))
        self.o = nn.Linear(inner, dim, bias=False)

    def forward(self, x, bias):
        q, k, v = (m(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for m in (self.q, self.k, self.v))
        weights = (q @ k.transpose(-1, -2) + bias).float().softmax(-1).to(v.dtype)
        return self.o((weights @ v).transpose(1, 2).flatten(2))


class TextFfn(nn.Module):
    def __init__(self, dim: int, ffn_dim: int):
        super().__init__()
        self.gate = nn.Sequential(nn.Linear(dim, ffn_dim, bias=False), nn.GELU(approximate="tanh"))
        self.fc1, self.fc2 = nn.Linear(dim, ffn_dim, bias=False), nn.Linear(ffn_dim, dim, bias=False)

    def forward(self, x):
        return self.fc2(self.fc1(x) * self.gate(x))


class TextBlock(nn.Module):
    def __init__(self, c: dict):
        super().__init__()
        self.norm1, self.norm2 = RmsNorm(c["dim"]), RmsNorm(c["dim"])
        self.attn = TextAttention(c["dim"], c["heads"], c["headDim"])
        self.ffn = TextFfn(c["dim"], c["ffnDim"])
        self.pos_embedding = nn.Module()
        self.pos_embedding.embedding = nn.Embedding(c["buckets"], c["heads"])

    def forward(self, x, buckets, mask):
        bias = self.pos_embedding.embedding(buckets).permute(2, 0, 1)[None] + mask  # [1, heads, query, key]
        x = x + self.attn(self.norm1(x), bias)
        return x + self.ffn(self.norm2(x))


class TextEncoder(nn.Module):
    def __init__(self, c: dict):
        super().__init__()
        self.token_embedding = nn.Embedding(c["vocabSize"], c["dim"])
        self.blocks = nn.ModuleList(TextBlock(c) for _ in range(c["layers"]))
        self.norm = RmsNorm(c["dim"])
        self.start()
        self.register_buffer("buckets", relative_buckets(c["textLength"], c["buckets"], c["maxDistance"]), persistent=False)

    def start(self):
        """Blocks begin as T5's do: its attention divides by nothing, so that queries begin small."""
        for block in self.blocks:
            for layer in (m for m in block.modules() if isinstance(m, nn.Linear)):
                nn.init.normal_(layer.weight, std=layer.weight.shape[1] ** -0.5)
            nn.init.normal_(block.attn.q.weight, std=(block.attn.q.weight.shape[1] * block.attn.q.weight.shape[0] / block.attn.heads) ** -0.5)
            nn.init.normal_(block.pos_embedding.embedding.weight, std=0.5)

    def forward(self, ids):
        """ids [P, L] -> embeddings [P, L, dim], zero beyond the true length."""
        real = ids != PAD
        mask = torch.zeros(real.shape, device=ids.device)[:, None, None, :].masked_fill(~real[:, None, None, :], -1e30)
        x = self.token_embedding(ids)
        for block in self.blocks:
            x = block(x, self.buckets[:ids.shape[1], :ids.shape[1]], mask)
        return self.norm(x) * real[..., None]
