"""Language models: one engine a file, one protocol, greedy by default."""
