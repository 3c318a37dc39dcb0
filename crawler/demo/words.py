"""Bengali words with case endings, figures as newspapers write them, and spellings of publishing systems."""

import itertools
import re

DIGITS = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")
SMALL = ("শূন্য", "এক", "দুই", "তিন", "চার", "পাঁচ", "ছয়", "সাত", "আট", "নয়")
GROUPS = ((10_000_000, "কোটি"), (100_000, "লাখ"), (1_000, "হাজার"))
VOWEL_SIGNS = "ািীুূৃেৈোৌ"
GLIDING = "ইউওং"
ENDINGS = ("এর", "এ")
FIGURE_FORMS = ("জন", "টি", "কথা", "হাজার", "দশমিক")
NUKTA = {"\u09a1\u09bc": "\u09dc", "\u09a2\u09bc": "\u09dd", "\u09af\u09bc": "\u09df"}
DECOMPOSED = re.compile("|".join(NUKTA))


def digits(number: int | str) -> str:
    """Return a number with Bengali digits."""
    return str(number).translate(DIGITS)


class Word(str):
    """A noun; `{word:এর}` is its genitive, `{word:এ}` its locative."""

    __slots__ = ()

    def __format__(self, ending: str) -> str:
        last = self.rstrip("ঁ")[-1]
        if ending == "এর":
            return self + ("য়ের" if last in GLIDING else "র" if last in VOWEL_SIGNS else "ের")
        if ending == "এ":
            return self + ("য়ে" if last in GLIDING else "য়" if last == "া" else "তে" if last in VOWEL_SIGNS else "ে")
        return str.__format__(self, ending)


class Person(Word):
    """A name: in full at first mention, later without the family name."""

    mentioned = False

    def __format__(self, ending: str) -> str:
        given = " ".join(self.split()[:2])
        name = Word(given if self.mentioned else self)
        self.mentioned = True
        return name.__format__(ending)


class Figure(int):
    """A number; its form follows the colon.

    `{n}` is ৩, `{n:জন}` তিনজন or ১২ জন, `{n:টি}` তিনটি, `{n:কথা}` তিন, `{n:হাজার}` ১ লাখ ২৫ হাজার.
    `{n:দশমিক}` counts tenths: ৭ দশমিক ৫.
    """

    __slots__ = ()

    def __format__(self, form: str) -> str:
        if form == "হাজার":
            return self._grouped()
        if form == "দশমিক":
            whole, tenth = divmod(self, 10)
            return f"{digits(whole)} দশমিক {digits(tenth)}" if tenth else digits(whole)
        unit = form if form in ("জন", "টি") else ""
        if form and self < 10:
            return ("দু" if unit and self == 2 else SMALL[self]) + unit
        return digits(self) + (" জন" if form == "জন" else unit)

    def _grouped(self) -> str:
        parts = []
        rest = int(self)
        for size, name in GROUPS:
            count, rest = divmod(rest, size)
            if count:
                parts.append(f"{digits(count)} {name}")
        if rest:
            parts.append(digits(rest))
        return " ".join(parts)


def precomposed(text: str) -> str:
    """Return the text with ড় ঢ় য় as one character each, a spelling outside every normal form."""
    return DECOMPOSED.sub(lambda match: NUKTA[match[0]], text)


def mixed(text: str) -> str:
    """Return the text with two of three ড় ঢ় য় as one character."""
    turn = itertools.cycle((True, True, False))
    return DECOMPOSED.sub(lambda match: NUKTA[match[0]] if next(turn) else match[0], text)


def with_stray_joiners(text: str) -> str:
    """Return the text with a meaningless ZWNJ inside common verbs, as some editors leave it."""
    return text.replace("হয়ে", "হ\u200cয়ে").replace("করে", "ক\u200cরে")
