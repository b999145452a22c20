"""The parent's side of the COMET worker: starting it, asking it, and telling why it ended."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import weakref
from collections import deque
from pathlib import Path
from typing import Any

from mtprompt.errors import BackendError, MissingDependency, MTPromptError

_WORKER = Path(__file__).with_name("comet_worker.py")


class WorkerProcess:
    """A running worker. Every request has an id, so that no stray line is taken for its answer."""

    def __init__(self, python: Path, timeout: float) -> None:
        self._timeout, self._last_id = timeout, 0
        try:
            # -I: without it the folder of the script, with our own comet.py in it, would shadow the comet
            # package. A session of its own: Ctrl-C is ours to handle, the worker ends when its stdin does.
            self._process = subprocess.Popen(
                [str(python), "-I", str(_WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            raise BackendError(f"{python} cannot be started for COMET: {error.strerror}") from error
        self._said: deque[str] = deque(maxlen=200)
        # Read all the time: a full pipe would stop the worker.
        self._listener = threading.Thread(target=_collect, args=(self._process, self._said), daemon=True)
        self._listener.start()
        self.stop = weakref.finalize(self, _end, self._process)  # also at the interpreter's exit

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def running(self) -> bool:
        """False once it has ended, whatever the reason."""
        return self._process.poll() is None

    def request(self, op: str, **fields: Any) -> dict[str, Any]:
        """Sends one request and waits for its answer.

        A worker that was interrupted or went silent is ended: its late answer would come to nobody.
        """
        self._last_id += 1
        assert self._process.stdin is not None and self._process.stdout is not None
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self._process.kill()

        def watch() -> threading.Timer:
            timer = threading.Timer(self._timeout, expire)
            timer.daemon = True
            timer.start()
            return timer

        timer = watch()
        try:
            try:
                self._process.stdin.write(json.dumps({"id": self._last_id, "op": op, **fields}) + "\n")
                self._process.stdin.flush()
            except OSError:
                pass  # it is dead; reading comes to the end at once, and the reason is told below
            for line in self._process.stdout:
                answer = _parse(line)
                if answer.get("id") != self._last_id:
                    continue
                timer.cancel()
                if "progress" in answer:
                    timer = watch()
                elif "error" in answer:
                    raise _error(answer["error"])
                else:
                    return dict(answer["result"])
            raise BackendError(self._why(expired.is_set()))
        except MTPromptError:
            raise
        except BaseException:
            self._process.kill()
            raise
        finally:
            timer.cancel()

    def _why(self, expired: bool) -> str:
        """What ended the worker, with the last thing it said."""
        try:
            code = self._process.wait(5.0)
        except subprocess.TimeoutExpired:  # it closed its stdout and lives on
            self._process.kill()
            code = self._process.wait()
        self._listener.join(2.0)
        if expired:
            text = f"the COMET worker gave no sign of life for {self._timeout:g} seconds and was ended"
        elif code < 0:
            text = f"the COMET worker was killed by {signal.Signals(-code).name}"
            text += " (out of memory?)" if -code == getattr(signal, "SIGKILL", 9) else ""
        else:
            text = f"the COMET worker ended with exit status {code}"
        # Indented lines are the inside of a traceback; its last line, the exception, is not indented.
        useful = [line.rstrip() for line in list(self._said) if line.strip() and not line[0].isspace()]
        return f"{text}; it last said: {useful[-1][:300]}" if useful else text


def missing_comet(detail: str = "") -> MissingDependency:
    """The error for an interpreter without unbabel-comet."""
    package = f"unbabel-comet 2.2.7 or later ({detail})" if detail else "unbabel-comet"
    return MissingDependency(package, "COMET scoring", "mtprompt comet install")


def _parse(line: str) -> dict[str, Any]:
    """A message of the worker's; an empty one for anything else that got into its stdout."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _error(error: dict[str, str]) -> MTPromptError:
    """The worker's error as ours."""
    if error["kind"] == "package":
        return missing_comet(error["message"])
    prefix = "" if error["kind"] == "weights" else "COMET failed: "
    return BackendError(prefix + error["message"])


def _collect(process: subprocess.Popen[str], said: deque[str]) -> None:
    """Keeps the end of the worker's stderr."""
    assert process.stderr is not None
    with process.stderr as stream:
        for line in stream:
            said.append(line)


def _end(process: subprocess.Popen[str]) -> None:
    """Ends the worker the polite way, then the other one."""
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.close()
    except OSError:
        pass
    try:
        process.wait(5.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
