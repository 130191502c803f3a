"""Programs that measure: each in a process of its own, on one core, which answers with a line of JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PATIENCE = 600.0

_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@contextmanager
def one_core() -> Iterator[None]:
    """Whatever is started inside keeps to one core, the one that has least to do, where the platform can do that."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {_idlest(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _idlest(cores: set[int]) -> int:
    """The core that has been idle for longest in a tenth of a second."""
    first = _idle()
    time.sleep(0.1)
    then = _idle()
    return max(cores, key=lambda core: (then.get(core, 0) - first.get(core, 0), core))


def _idle() -> dict[int, int]:
    """Ticks each core has been idle since the machine was started; nothing where the platform does not tell."""
    try:
        lines = Path("/proc/stat").read_text("utf-8").splitlines()
    except OSError:
        return {}
    words = [line.split() for line in lines if line.startswith("cpu") and not line.startswith("cpu ")]
    return {int(fields[0].removeprefix("cpu")): int(fields[4]) for fields in words}


def ask(python: str | Path, script: str, *given: str | Path, cores: int = 1) -> dict[str, Any] | str:
    """What ``rivals/SCRIPT`` answers, or one line that says what went wrong.

    ``script`` sees ``benchmarks`` on its path, and this checkout where ``python`` is the one that runs this.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= dict.fromkeys(_THREADS, "1")
    own = (str(HERE.parent),) if str(python) == sys.executable else ()
    environment["PYTHONPATH"] = os.pathsep.join((str(HERE), *own))
    command = [str(python), "-W", "ignore", str(HERE / "rivals" / script), *(str(word) for word in given)]
    try:
        with one_core() if cores == 1 else nullcontext():
            running = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
            )
    except OSError as error:
        return f"could not be started: {error.strerror}"
    with running:
        try:
            out, err = running.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            running.kill()
            return f"gave no answer within {PATIENCE:.0f} seconds"
        except BaseException:
            running.kill()
            raise
    if running.returncode:
        return f"failed: {(err.strip() or 'no message').splitlines()[-1][:160]}"
    try:
        return dict(json.loads(out.strip().splitlines()[-1]))
    except (IndexError, ValueError):
        return "gave no answer"
