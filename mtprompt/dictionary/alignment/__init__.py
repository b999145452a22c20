"""Word alignment of a pool: which word of a source text its translation renders by which."""
