"""Derive the declaration of an outlet from its site, and check a declaration against the site."""
