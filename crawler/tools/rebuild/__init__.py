"""State made again from what is archived, so that nothing is fetched twice."""
