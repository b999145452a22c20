"""Bilingual dictionaries: loading them, finding their words in a text, choosing what to hint."""
