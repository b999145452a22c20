"""``python -m mtprompt`` is the command line."""

from mtprompt.cli import main

if __name__ == "__main__":
    main()
