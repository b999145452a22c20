"""Readers of dictionary files, one format a file; each gives entries as they stand, uncleaned."""
