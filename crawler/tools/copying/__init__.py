"""The copy of an archive from one store to another."""
