"""Three ways to find passages: keywords (BM25), embeddings (hashed letter trigrams), and both by their ranks."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar

from answers.passages import Passage

Term = TypeVar("Term", str, int)
SHIPPED = "both"
FIRST = 5


def words(text: str) -> list[str]:
    """Words, and names with dots as a whole too."""
    return re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", text.lower())


def trigrams(text: str) -> list[int]:
    """Hashed trigrams of letters, word by word."""
    return [zlib.crc32(f" {word} "[at : at + 3].encode()) % 65536 for word in words(text) for at in range(len(word))]


class Search:
    """The passages of an index, ready to be searched."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = passages
        self.words = [Counter(words(one.text)) for one in passages]
        self.grams = [Counter(trigrams(one.text)) for one in passages]
        self.rare = self.weights(self.words)
        self.rare_grams = self.weights(self.grams)
        self.mean = sum(sum(one.values()) for one in self.words) / max(1, len(passages))
        self.norms = [math.sqrt(sum((math.log1p(many) * self.rare_grams[gram]) ** 2 for gram, many in one.items())) for one in self.grams]

    def weights(self, counted: Sequence[Counter[Term]]) -> dict[Term, float]:
        """How rare each term is."""
        seen = Counter(term for one in counted for term in one)
        return {term: math.log(1 + (len(counted) - many + 0.5) / (many + 0.5)) for term, many in seen.items()}

    def keywords(self, question: str, allowed: Sequence[int]) -> list[int]:
        """The allowed passages by BM25."""
        asked = words(question)

        def score(nth: int) -> float:
            held, length = self.words[nth], sum(self.words[nth].values())
            return sum(
                self.rare.get(word, 0.0) * held[word] * 2.2 / (held[word] + 1.2 * (0.25 + 0.75 * length / self.mean))
                for word in asked
                if held[word]
            )

        return sorted(allowed, key=lambda nth: (-score(nth), nth))

    def embeddings(self, question: str, allowed: Sequence[int]) -> list[int]:
        """The allowed passages by the angle between vectors."""
        asked = Counter(trigrams(question))

        def score(nth: int) -> float:
            held = self.grams[nth]
            return (
                sum(many * self.rare_grams.get(gram, 0.0) ** 2 * math.log1p(held[gram]) for gram, many in asked.items() if held[gram])
                / self.norms[nth]
            )

        return sorted(allowed, key=lambda nth: (-score(nth), nth))

    def both(self, question: str, allowed: Sequence[int]) -> list[int]:
        """The allowed passages by the sum of their reciprocal ranks."""
        scores: dict[int, float] = defaultdict(float)
        for ranked in (self.keywords(question, allowed), self.embeddings(question, allowed)):
            for rank, nth in enumerate(ranked):
                scores[nth] += 1 / (10 + rank)
        return [nth for nth, _ in sorted(scores.items(), key=lambda one: (-one[1], one[0]))]

    def find(self, question: str, turns: Sequence[dict[str, Any]], groups: Sequence[str], by: str = SHIPPED) -> list[Passage]:
        """Five passages that somebody with these rights may see, of the version that is asked for."""
        text = " ".join([*(turn["question"] for turn in turns[-1:]), question])
        named = re.findall(r"version (\d+)", question) or re.findall(r"version (\d+)", text)
        version = named[-1] if named else max(one.version for one in self.passages)
        allowed = [nth for nth, one in enumerate(self.passages) if one.access in groups and one.version == version]
        ranked = getattr(self, by)(text, allowed)
        return [self.passages[nth] for nth in ranked[:FIRST]]
