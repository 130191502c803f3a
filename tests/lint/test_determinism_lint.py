"""The lint for determinism: what it refuses, what it lets pass, what it follows, and that the project passes it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from scripts.determinism import check_project, check_source
from scripts.determinism.allowed import ALLOWED, Allowed
from scripts.determinism.rooms import ROOT, sources


def kinds(text: str, **others: str) -> list[str]:
    """The kinds of what is found in a file of that text."""
    return [finding.kind for finding in check_source(textwrap.dedent(text), others=others)]


BAD: dict[str, tuple[str, str]] = {
    "the clock by its module": ("clock", "import time\ndef f(): return time.time_ns()"),
    "the clock by an alias": ("clock", "import time as t\ndef f(): return t.monotonic()"),
    "the clock by its name": ("clock", "from time import perf_counter as tick\ndef f(): return tick()"),
    "the clock as a value": ("clock", "import time\ndef f(now=time.time): return now()"),
    "the clock behind a name of its own": ("clock", "import time\nclock = time\ndef f(): return clock.time()"),
    "sleeping": ("clock", "import time\ndef f(): time.sleep(1)"),
    "now": ("clock", "import datetime as dt\ndef f(): return dt.datetime.now(dt.timezone.utc)"),
    "now of a class by another name": ("clock", "from datetime import datetime as D\ndef f(): return D.utcnow()"),
    "today": ("clock", "from datetime import date\ndef f(): return date.today()"),
    "today behind a variable": ("clock", "import datetime\ndef f():\n    d = datetime.date\n    return d.today()"),
    "now of anything": ("clock", "def f(clock): return clock.now()"),
    "now of numpy": ("clock", "import numpy as np\ndef f(): return np.datetime64('now')"),
    "the machine's zone": ("clock", "import datetime as dt\ndef f(x): return dt.datetime.fromtimestamp(x)"),
    "the machine's zone of a time": ("clock", "def f(x): return x.astimezone()"),
    "random": ("random", "import random\ndef f(): return random.random()"),
    "random by name": ("random", "from random import shuffle\ndef f(x): shuffle(x)"),
    "a generator without a seed": ("random", "import random\ndef f(): return random.Random()"),
    "numpy's own generator": ("random", "import numpy as np\ndef f(): return np.random.rand(3)"),
    "numpy's module by name": ("random", "from numpy import random as r\ndef f(): return r.normal()"),
    "numpy without a seed": ("random", "import numpy as np\ndef f(): return np.random.default_rng()"),
    "numpy with no seed": ("random", "import numpy as np\ndef f(): return np.random.default_rng(seed=None)"),
    "numpy's module as a value": ("random", "import numpy as np\ndef f(g=np.random): return g"),
    "the system's randomness": ("random", "import os\ndef f(): return os.urandom(8)"),
    "uuid": ("random", "from uuid import uuid4\ndef f(): return uuid4()"),
    "uuid of the clock": ("random", "import uuid\ndef f(): return uuid.uuid1()"),
    "secrets": ("random", "import secrets\ndef f(): return secrets.token_hex()"),
    "hash": ("identity", "def f(x): return hash(x) % 7"),
    "an order by hash": ("identity", "def f(x): return sorted(x, key=hash)"),
    "an order by id": ("identity", "def f(x): return sorted(x, key=lambda each: id(each))"),
    "a loop over a display": ("order", "def f():\n    for x in {1, 2}: print"),
    "a loop over a constructor": ("order", "def f(xs):\n    for x in set(xs): yield x"),
    "a loop over a frozenset": ("order", "def f(xs):\n    for x in frozenset(xs): yield x"),
    "a loop over a comprehension": ("order", "def f(xs):\n    for x in {y for y in xs}: yield x"),
    "a loop over a variable": ("order", "def f(xs):\n    seen = set(xs)\n    for x in seen: yield x"),
    "a loop over an argument": ("order", "def f(xs: set[int]):\n    for x in xs: yield x"),
    "a loop over what may be None": ("order", "def f(xs: frozenset[int] | None):\n    for x in xs or (): yield x"),
    "a loop over an Optional": ("order", "import typing as t\ndef f(xs: t.Optional[t.Set]):\n    list(xs)"),
    "a quoted annotation": ("order", "def f(xs: 'set[int]'):\n    for x in xs: yield x"),
    "the abstract set": ("order", "from collections.abc import Set as S\ndef f(xs: S[int]): return [x for x in xs]"),
    "an alias of a type": ("order", "Names = set[str]\ndef f(xs: Names): return list(xs)"),
    "a constant of the module": ("order", "DONE = frozenset({'a', 'b'})\ndef f(): return [x for x in DONE]"),
    "a list of it": ("order", "def f(xs): return list(set(xs))"),
    "a tuple of it": ("order", "def f(xs: set[int]): return tuple(xs)"),
    "a dict of it": ("order", "def f(xs: set[int]): return {x: 0 for x in xs}"),
    "keys of it": ("order", "def f(xs: set[int]): return dict.fromkeys(xs, 0)"),
    "text of it": ("order", "def f(xs: set[str]): return ', '.join(xs)"),
    "text in braces": ("order", "def f(xs: set[str]): return f'{xs}'"),
    "its repr": ("order", "def f(xs: set[str]): return str(xs)"),
    "numbered": ("order", "def f(xs: set[str]): return enumerate(xs)"),
    "with another": ("order", "def f(xs: set[str]): return zip(xs, range(3))"),
    "laid out": ("order", "def f(xs: set[str]): return [*xs]"),
    "laid out into arguments": ("order", "def f(xs: set[str]): g(*xs)"),
    "taken apart": ("order", "def f(xs: set[str]):\n    a, b = xs\n    return a"),
    "popped": ("order", "def f(xs: set[str]): return xs.pop()"),
    "the first": ("order", "def f(xs: set[str]): return next(iter(xs))"),
    "a sum of floats": ("order", "def f(xs: set[float]): return sum(xs)"),
    "the greatest under a key": ("order", "def f(xs: set[str]): return max(xs, key=len)"),
    "sorted under a key": ("order", "def f(xs: set[str]): return sorted(xs, key=len)"),
    "handed to a library": ("order", "import itertools\ndef f(xs: set[str]): return itertools.chain(xs, [1])"),
    "an array": ("order", "import numpy as np\ndef f(xs: set[int]): return np.fromiter(xs, int)"),
    "appended": ("order", "def f(xs: set[int], found):\n    found.extend(xs)"),
    "added": ("order", "def f(xs: set[int], found):\n    found += xs"),
    "a union": ("order", "def f(xs: set[int], ys): return list(xs | ys)"),
    "a difference": ("order", "def f(xs: set[int], ys): return list(xs.difference(ys))"),
    "common keys": ("order", "def f(a: dict, b: dict):\n    for k in a.keys() & b.keys(): yield k"),
    "a generator in a list": ("order", "def f(xs: set[int]): return list(x + 1 for x in xs)"),
    "yielded from": ("order", "def f(xs: set[int]):\n    yield from xs"),
    "what a function gives": ("order", "def g() -> set[int]: ...\ndef f(): return [x for x in g()]"),
    "an attribute": ("order", "class A:\n    xs: set[int]\n    def f(self): return [x for x in self.xs]"),
    "an attribute made at the start": (
        "order",
        "class A:\n    def __init__(self): self._xs = set()\n    def f(self): return list(self._xs)",
    ),
    "an attribute of another": ("order", "class A:\n    xs: frozenset[int]\ndef f(a): return tuple(a.xs)"),
    "a property": ("order", "class A:\n    @property\n    def xs(self) -> set[int]: ...\ndef f(a): return list(a.xs)"),
    "a method": ("order", "class A:\n    def xs(self) -> set[int]: ...\ndef f(a): return list(a.xs())"),
    "a dict's sets": ("order", "def f(d: dict[str, set[int]]):\n    for xs in d.values():\n        yield list(xs)"),
    "a dict's set": ("order", "def f(d: dict[str, set[int]]): return list(d['a'])"),
    "a dict's set, if any": ("order", "def f(d: dict[str, set[int]]): return list(d.get('a', ()))"),
    "items of a dict of sets": ("order", "def f(d: dict[str, set[int]]): return [list(v) for k, v in d.items()]"),
    "a defaultdict's set": (
        "order",
        "from collections import defaultdict\ndef f():\n    d = defaultdict(set)\n    return list(d[1])",
    ),
    "popitem": ("order", "def f(d: dict): return d.popitem()"),
    "a folder": ("order", "import os\ndef f(): return os.listdir('.')"),
    "a folder by pattern": ("order", "from glob import glob\ndef f(): return [x for x in glob('*')]"),
    "a path's folder": ("order", "def f(path):\n    for each in path.iterdir(): yield each"),
    "threads": ("threads", "import threading\ndef f(): return threading.Thread()"),
    "a pool": ("threads", "from concurrent.futures import ThreadPoolExecutor as P\ndef f(): return P(2)"),
    "an event loop": ("threads", "import asyncio\nasync def f(): await asyncio.sleep(0)"),
    "another process": ("threads", "import subprocess\ndef f(): subprocess.run(['date'])"),
    "open": ("io", "def f(): return open('x')"),
    "open of a path": ("io", "from pathlib import Path\ndef f(): return Path('x').open()"),
    "a file read": ("io", "def f(path): return path.read_text()"),
    "a socket": ("io", "import socket\ndef f(): return socket.socket()"),
    "a database": ("io", "import sqlite3\ndef f(): return sqlite3.connect('x')"),
    "print": ("io", "def f(): print(1)"),
    "the environment": ("ambient", "import os\ndef f(): return os.environ['HOME']"),
    "the environment by name": ("ambient", "from os import environ as e\ndef f(): return e.get('HOME')"),
    "the processor": ("ambient", "import os\ndef f(): return os.cpu_count()"),
    "the platform": ("ambient", "import platform\ndef f(): return platform.machine()"),
    "eval": ("hidden", "def f(x): return eval(x)"),
    "a name in a string": ("hidden", "import os\ndef f(x): return getattr(os, x)"),
    "a module in a string": ("hidden", "import importlib\ndef f(x): return importlib.import_module(x)"),
    "a star": ("hidden", "from os import *"),
    "fast mathematics": ("rounding", "import numba\n@numba.njit(fastmath=True)\ndef f(x): return x"),
    "sums in parallel": ("rounding", "from numba import njit\n@njit(parallel=True)\ndef f(x): return x"),
    "inside a class": ("clock", "import time\nclass A:\n    at = time.time()"),
    "inside a lambda": ("clock", "import time\nf = lambda: time.time()"),
    "inside a decorator": ("random", "import random\n@random.choice([1])\ndef f(): ..."),
    "imported where it is used": ("clock", "def f():\n    import time\n    return time.time()"),
}  # fmt: skip

GOOD: dict[str, str] = {
    "sorted": "def f(xs: set[int]):\n    for x in sorted(xs): yield x",
    "whether it is in it": "def f(xs: set[int], x): return x in xs and len(xs) > 1 and any(y > x for y in xs)",
    "a set of a set": "def f(xs: set[int]): return {x + 1 for x in xs} | frozenset(x for x in xs)",
    "the greatest": "def f(xs: set[int]): return max(xs), min(x for x in xs)",
    "one element": "def f(xs: set[int]):\n    (x,) = xs\n    return x",
    "a dict": "def f(d: dict[str, int]):\n    for k in d: yield k\n    yield from d.keys()",
    "the same keys": "def f(a: dict, b: dict): return a.keys() == b.keys()",
    "keys sorted": "def f(a: dict, b: dict):\n    for k in sorted(a.keys() - b.keys()): yield k",
    "added to": "def f(xs: set[int], ys):\n    xs.update(ys)\n    xs.add(1)\n    xs |= {2}",
    "handed on": "from engine.x import g\ndef f(xs: set[int]): return g(xs)",
    "a name that is no module": "def f(time): return time.time",
    "an attribute of that name": "def f(state): return state.now, state.time, state.random",
    "an argument named like a builtin": "def f(id, hash, open): return id, hash, open",
    "a method named like a builtin": "class A:\n    def open(self): ...\n    def f(self): return self.open()",
    "a seed": "import numpy as np\ndef f(seed: int) -> np.random.Generator: return np.random.default_rng(seed)",
    "a seeded Random": "import random\ndef f(seed): return random.Random(seed)",
    "types of datetime": "import datetime as dt\ndef f(x: dt.date) -> dt.timedelta: return dt.timedelta(days=x.day)",
    "a zone by name": "import datetime as d\ndef f(x, z): return d.datetime.fromtimestamp(x, z).astimezone(z)",
    "a hash in its place": "class A:\n    def __hash__(self): return hash(self.day)",
    "a folder in order": "def f(path): return [x for x in sorted(path.glob('*.csv'))]",
    "popitem from one end": "def f(d): return d.popitem(last=False)",
    "an attribute that is a list elsewhere": (
        "class A:\n    xs: set[int]\nclass B:\n    xs: list[int]\ndef f(b: B): return list(b.xs)"
    ),
    "a list pops": "def f(xs: list[int]): return xs.pop()",
    "bits": "def f(a: int, b: int): return list(range(a | b))",
    "exact mathematics": "import numba\n@numba.njit(fastmath=False, cache=True)\ndef f(x): return x",
    "mathematics": "import math\ndef f(x): return math.sqrt(x)",
}


@pytest.mark.parametrize("name", BAD)
def test_it_is_refused(name: str) -> None:
    kind, text = BAD[name]
    assert kind in kinds(text)


@pytest.mark.parametrize("name", GOOD)
def test_it_passes(name: str) -> None:
    assert kinds(GOOD[name]) == []


def test_a_finding_is_told_once_with_its_place_what_it_is_and_how_to_mend_it() -> None:
    (found,) = check_source("import time as t\n\n\ndef f() -> int:\n    return t.time_ns()\n", "engine/core/x.py")
    assert str(found) == (
        "engine/core/x.py:5:12: clock: time.time_ns reads the wall clock or its zone; "
        "take the instant from the event, such as state.now or ctx.now"
    )


def test_sets_and_names_are_followed_into_other_modules_and_through_packages() -> None:
    others = {
        "engine.orders": "from engine.orders.states import DONE, moves\nfrom time import time as stamp",
        "engine.orders.states": "DONE = frozenset({'a', 'b'})\ndef moves() -> set[str]: ...",
    }
    text = "from engine.orders import DONE, moves\ndef f():\n    yield list(DONE)\n    yield list(moves())"
    assert [(each.line, each.kind) for each in check_source(text, others=others)] == [(3, "order"), (4, "order")]


def test_what_a_package_imports_of_a_clock_is_found_in_the_package() -> None:
    found = check_source("from time import time as stamp\nALSO = stamp", "engine/orders/__init__.py")
    assert [(each.line, each.kind) for each in found] == [(2, "clock")]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A checkout with a strategy that reads the clock and a room of floor 10 that may."""
    for name, text in {
        "engine/core/x.py": "def f(x):\n    return x\n",
        "engine/broker/x.py": "import time\nNOW = time.time()\n",
        "engine/feed/simulator/x.py": "import random\nX = random.random()\n",
        "strategies/x.py": "import time\ndef f():\n    return time.time()\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return tmp_path


def test_floors_that_wait_for_the_world_are_not_looked_at_but_the_simulator_in_them_is(house: Path) -> None:
    assert [(each.path, each.kind) for each in check_project(house, ())] == [
        ("engine/feed/simulator/x.py", "random"),
        ("strategies/x.py", "clock"),
    ]


def test_what_is_allowed_is_allowed_there_alone_and_an_entry_for_nothing_is_told(house: Path) -> None:
    allowed = (
        Allowed("strategies", "clock", "time.time", "a test"),
        Allowed("engine/feed", "random", "*", "a test"),
        Allowed("engine/core", "clock", "*", "nothing there reads it"),
    )
    assert [str(each) for each in check_project(house, allowed)] == [
        "engine/core:1:1: allowed: clock * is allowed here and not used; take the entry out of allowed.py"
    ]
    assert [each.kind for each in check_project(house, allowed[1:2])] == ["clock"]


def test_the_project_passes() -> None:
    assert [str(finding) for finding in check_project()] == []


def test_every_exception_has_a_reason() -> None:
    assert all(len(each.why) > 10 and (ROOT / each.path).exists() for each in ALLOWED)


def test_rooms_of_the_lower_floors_are_all_looked_at() -> None:
    looked_at = {path.relative_to(ROOT).parts[1] for path in sources() if path.relative_to(ROOT).parts[0] == "engine"}
    assert {"types", "events", "calendar", "config", "pricing", "market", "orders", "portfolio", "signals", "strategy",
            "risk", "exchange", "core", "view", "pacing", "feed"} <= looked_at  # fmt: skip
    assert not {"session", "journal", "tape", "broker"} & looked_at


def test_the_command_says_how_many_and_fails(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.determinism"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
    elsewhere = subprocess.run(
        [sys.executable, "-m", "scripts.determinism", "engine/session/runner.py"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert elsewhere.returncode == 2
    assert "engine/session/runner.py is in no room that is looked at" in elsewhere.stderr
