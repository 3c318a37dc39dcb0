"""An archive from one store to another: each file verified, never over another one, in the order of its going up."""
