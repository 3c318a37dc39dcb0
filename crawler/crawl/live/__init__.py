"""Live checks: one listing and one article of an outlet on the live web."""
