"""Comparisons of ways to translate, with significance."""
