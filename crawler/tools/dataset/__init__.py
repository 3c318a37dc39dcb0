"""Publishable data sets: a plan, splits, Parquet shards, and a card that describes them."""
