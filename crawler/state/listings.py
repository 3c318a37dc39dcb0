"""The outcomes of the listed articles of days, as SQL."""

from sqlalchemy import FromClause, case, func

from crawler.model.failures import OUT_OF_SPAN
from crawler.state.facts import ARTICLE, LOST, RECORDED_ONLY
from crawler.state.leases import IS_LOST
from crawler.state.tables import articles, failures, listings

# Reasons for which a page gets no row, though it is no failure of its article.
REJECTED = frozenset({"out-of-scope", OUT_OF_SPAN})

# The outcomes of listed articles. As conditions they make SQLite read the listings first, then the articles of each.
ARCHIVED, TURNED_DOWN, FAILED, PASSING, WAITING = "archived", "turned-down", "failed", "failed-for-now", "waiting"

# Whether an article counts as kept: days are complete by this alone.
_HAS_ROW = (articles.c.version > 0) & (articles.c.outcome != LOST)
IS_KEPT = (_HAS_ROW | articles.c.outcome.in_((ARTICLE, RECORDED_ONLY))) & ~IS_LOST

# The run of another day may have fetched an article that no list of this day has.
_IS_TURNED_DOWN = articles.c.outcome.in_(REJECTED) & (
    (articles.c.outcome != OUT_OF_SPAN) | listings.c.source.is_not(None)
)
OUTCOME = case(
    (IS_KEPT, ARCHIVED),
    (failures.c.is_final, FAILED),
    (failures.c.key.is_not(None), PASSING),
    (_IS_TURNED_DOWN, TURNED_DOWN),
    else_=WAITING,
)
# The columns of a Day: the numbers of its articles with these outcomes.
COUNTED = {"archived": [ARCHIVED], "turned_down": [TURNED_DOWN], "failed": [FAILED, PASSING], "passing": [PASSING]}
COUNTS = [func.count(listings.c.key).label("listed")] + [
    func.sum(case((OUTCOME.in_(outcomes), 1), else_=0)).label(name) for name, outcomes in COUNTED.items()
]


def with_outcomes(joined: FromClause) -> FromClause:
    """Add to `listings`, or a join with it, the tables that OUTCOME reads."""
    for table in (articles, failures):
        joined = joined.outerjoin(table, (table.c.outlet == listings.c.outlet) & (table.c.key == listings.c.key))
    return joined


WITH_OUTCOMES = with_outcomes(listings)
