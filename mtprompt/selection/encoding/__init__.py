"""Sentence encoders, and the vectors of a pool."""
