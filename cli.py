"""Runs the command line from a checkout: ``python cli.py translate …``."""

from mtprompt.cli import main

main()
