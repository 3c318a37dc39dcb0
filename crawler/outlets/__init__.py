"""What an outlet declares, and the code that reads declarations."""
