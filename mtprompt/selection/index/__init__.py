"""A pool as arrays: tokens, postings and keys, in memory or mapped from disk, and BM25 over them."""
