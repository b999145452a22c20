"""Text as the toolkit sees it: languages, words, tokens, normalization."""
