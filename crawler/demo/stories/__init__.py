"""The stories that the newspaper can tell, by the pages they stand on."""

from crawler.demo.grammar import Story
from crawler.demo.stories import (
    accidents,
    culture,
    economy,
    farming,
    government,
    health,
    inspections,
    justice,
    nature,
    schools,
    sports,
    wire,
    world,
)

# 41, a prime: so that the schedule's steps of 9 and 16 meet every story, and every outlet tells each.
NATIONAL: tuple[Story, ...] = (
    *accidents.STORIES,
    *justice.STORIES,
    *inspections.STORIES,
    *nature.STORIES,
    *farming.STORIES,
    *health.STORIES,
    *schools.STORIES,
    *government.STORIES,
)
OTHER: dict[str, tuple[Story, ...]] = {
    "sports": sports.STORIES,
    "entertainment": culture.STORIES,
    "international": world.STORIES,
    "economy": economy.STORIES,
}
WIRE: tuple[Story, ...] = wire.STORIES
