"""MinHash signatures of texts, and the pairs of texts with much in common.

With BANDS of three values, a pair is found with a probability of 0.8 if a third of its three-word sequences is in both
texts, and of 0.99 if half of them are. A signature has the low 16 bits of each value.
"""

import struct
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from rensa import RMinHash

BANDS, ROWS, SEED = 42, 3, 42
VALUES = BANDS * ROWS
FORM = struct.Struct(f"<{VALUES}H")
BAND_BYTES = FORM.size // BANDS
UNSIGNED = bytes(FORM.size)
# Of sequences in both, estimated.
THRESHOLD = 0.35
# Shorter texts are alike by chance: "details follow".
LEAST_WORDS = 20
# A text is compared with this many of those before it that have a band in common: more are of a template.
ALIKE = 50
# A text's number, outlet and signature.
Signed = tuple[int, str, bytes]


def signature(words: Sequence[str]) -> bytes | None:
    """Return the signature of a text by its folded words, None for a short one."""
    if len(words) < LEAST_WORDS:
        return None
    minhash = RMinHash(num_perm=VALUES, seed=SEED)
    minhash.update(list(map(" ".join, zip(words, words[1:], words[2:], strict=False))))
    return FORM.pack(*(value & 0xFFFF for value in minhash.digest()))


def similarity(one: bytes, other: bytes) -> float:
    """Return the share of values that two signatures have in common, from 0 to 1."""
    return sum(map(int.__eq__, FORM.unpack(one), FORM.unpack(other))) / VALUES


def alike(texts: Sequence[Signed], may_pair: Callable[[Signed, Signed], bool]) -> Iterator[tuple[int, int]]:
    """Yield the numbers of each two texts that are copies, of those that `may_pair`, in the order of `texts`."""
    for first, second in _candidates(texts, may_pair):
        if similarity(texts[first][2], texts[second][2]) >= THRESHOLD:
            yield texts[first][0], texts[second][0]


def _candidates(texts: Sequence[Signed], may_pair: Callable[[Signed, Signed], bool]) -> set[tuple[int, int]]:
    """Return the places of texts that have a band in common. One band at a time is in memory."""
    found: set[tuple[int, int]] = set()
    for begin in range(0, FORM.size, BAND_BYTES):
        places: dict[bytes, list[int]] = defaultdict(list)
        for place, text in enumerate(texts):
            places[text[2][begin : begin + BAND_BYTES]].append(place)
        for same in (some for some in places.values() if len(some) > 1):
            for number, second in enumerate(same):
                before = same[max(0, number - ALIKE) : number]
                found.update((first, second) for first in before if may_pair(texts[first], texts[second]))
    return found
