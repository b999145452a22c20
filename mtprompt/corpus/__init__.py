"""Reading and writing bitext: one file a format."""
