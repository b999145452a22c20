"""From examples and hints to the text that a model reads."""
