"""Who copies whom: the stories that an outlet has published after another."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from crawler.tools.copies.stories import Story

# An outlet, and the one that published a story first.
Pair = tuple[str, str]


@dataclass
class Followings:
    """The number of stories, those of each pair of outlets, and those for which the later outlet credits an agency."""

    stories: int = 0
    pairs: Counter[Pair] = field(default_factory=Counter)
    credited: Counter[Pair] = field(default_factory=Counter)

    def take(self, stories: Iterable[Story]) -> None:
        for story in stories:
            self.stories += 1
            first = story[0].outlet
            followers = {one.outlet for one in story} - {first}
            crediting = {one.outlet for one in story if one.agencies}
            self.pairs.update((outlet, first) for outlet in followers)
            self.credited.update((outlet, first) for outlet in followers & crediting)

    def ordered(self) -> list[tuple[Pair, int]]:
        """Return the pairs with their stories, those with the most first."""
        return sorted(self.pairs.items(), key=lambda one: (-one[1], one[0]))

    def outlets(self, place: int, most: int) -> list[str]:
        """Return the outlets that follow (place 0) or are first (1), sorted; only those of the `most` stories."""
        counts = Counter[str]()
        for pair, stories in self.ordered():
            counts[pair[place]] += stories
        return sorted(outlet for outlet, _ in counts.most_common(most))
