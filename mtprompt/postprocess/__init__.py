"""After the model: the answer made into one line, and flags for what looks wrong."""
