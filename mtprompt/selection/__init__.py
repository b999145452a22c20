"""Which pool pairs become in-context examples: one strategy a file, written as ``rbm25@4``."""
