"""The strategies: one a file, each with its paper."""
