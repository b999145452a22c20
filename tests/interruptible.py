"""The command line in a process that can be interrupted, however the tests were started."""

from __future__ import annotations

import sys

_RUN = """
import signal
# as in a terminal; a job in a shell's background is started with the interrupt ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
from mtprompt.cli import main
main()
"""
MTPROMPT = [sys.executable, "-c", _RUN]
"""What stands for ``mtprompt`` in a command."""
