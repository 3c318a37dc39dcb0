"""Bengali words that take their endings, and figures that are written as newspapers write them."""

from __future__ import annotations

DIGITS = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")
SMALL = ("শূন্য", "এক", "দুই", "তিন", "চার", "পাঁচ", "ছয়", "সাত", "আট", "নয়")
VOWEL_SIGNS = "ািীুূৃেৈোৌ"
GLIDING = "ইউওং"


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
    """A name, in full when it is first written and without the family's after that."""

    mentioned = False

    def __format__(self, ending: str) -> str:
        given = " ".join(self.split()[:2])
        name = Word(given if self.mentioned else self)
        self.mentioned = True
        return name.__format__(ending)


class Count(int):
    """A figure; `{n:জন}` তিনজন or ১২ জন, `{n:টি}` তিনটি, `{n:কথা}` তিন, else ৩.

    `{n:হাজার}` ১ লাখ ২৫ হাজার, `{n:দশমিক}` counts tenths: ৭ দশমিক ৫.
    """

    __slots__ = ()

    def __format__(self, form: str) -> str:
        if form == "জন":
            return self._people()
        if form == "টি":
            return ("দু" if self == 2 else SMALL[self]) + "টি" if self < 10 else digits(self) + "টি"
        if form == "কথা":
            return SMALL[self] if self < 10 else digits(self)
        if form == "হাজার":
            return self._grouped()
        if form == "দশমিক":
            whole, tenth = divmod(self, 10)
            return f"{digits(whole)} দশমিক {digits(tenth)}" if tenth else digits(whole)
        return digits(int(self))

    def _people(self) -> str:
        if self < 10:
            return ("দু" if self == 2 else SMALL[self]) + "জন"
        return digits(self) + " জন"

    def _grouped(self) -> str:
        parts = []
        rest = int(self)
        for size, name in ((10_000_000, "কোটি"), (100_000, "লাখ"), (1_000, "হাজার")):
            count, rest = divmod(rest, size)
            if count:
                parts.append(f"{digits(count)} {name}")
        if rest:
            parts.append(digits(rest))
        return " ".join(parts)
