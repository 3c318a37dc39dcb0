"""What a run of an outlet came to, and whether that is as it should be."""
