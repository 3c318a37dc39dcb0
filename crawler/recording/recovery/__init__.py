"""Recovery: what a killed run left is mended, finished and extracted, so that nothing is fetched twice."""
