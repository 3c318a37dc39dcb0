"""WACZ: a slice of the archive as one portable, signed file (WACZ 1.1.1, wacz-auth 0.1.0)."""
