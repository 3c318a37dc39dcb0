"""Alembic's migrations of state, run by `crawler.state.schema`."""
