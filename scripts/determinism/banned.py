"""What may not be named: each with the kind it is of, what is wrong with it, and how to mend it."""

from __future__ import annotations

from typing import NamedTuple


class Ban(NamedTuple):
    """Why a name is refused. ``kind`` is what an entry of ``allowed.py`` names."""

    kind: str
    wrong: str
    mend: str


_CLOCK = Ban(
    "clock", "reads the wall clock or its zone", "take the instant from the event, such as state.now or ctx.now"
)
_ZONE = Ban("clock", "uses the machine's time zone", "name the zone, or use engine.calendar")
_RANDOM = Ban(
    "random", "is random in another way at each run", "use numpy.random.default_rng(seed), the seed a setting"
)
_THREAD = Ban("threads", "lets the machine decide what comes first", "do it in a room of floor 10 or 11")
_IO = Ban("io", "talks to disks, networks or people", "do it in a room of floor 10 or 11 and pass the value in")
_AMBIENT = Ban("ambient", "depends on the machine or its settings", "make it a setting and pass the value in")
_IDENTITY = Ban("identity", "differs from process to process", "order and compare by a field of the value")
_FOLDER = Ban("order", "lists a folder in no order", "put sorted() around it")
_HIDDEN = Ban("hidden", "hides which name is used", "name it in the code")

BANNED: dict[str, Ban] = {
    "time": _CLOCK,
    "datetime.datetime.now": _CLOCK,
    "datetime.datetime.utcnow": _CLOCK,
    "datetime.datetime.today": _CLOCK,
    "datetime.date.today": _CLOCK,
    "email.utils.localtime": _CLOCK,
    "pandas.Timestamp.now": _CLOCK,
    "pandas.Timestamp.today": _CLOCK,
    "random": _RANDOM,
    "secrets": _RANDOM,
    "numpy.random": _RANDOM,
    "scipy.stats.rv_generic.rvs": _RANDOM,
    "os.urandom": _RANDOM,
    "os.getrandom": _RANDOM,
    "uuid.uuid1": _RANDOM,
    "uuid.uuid4": _RANDOM,
    "uuid.uuid6": _RANDOM,
    "uuid.uuid7": _RANDOM,
    "uuid.getnode": _AMBIENT,
    "threading": _THREAD,
    "_thread": _THREAD,
    "multiprocessing": _THREAD,
    "concurrent": _THREAD,
    "asyncio": _THREAD,
    "queue": _THREAD,
    "sched": _THREAD,
    "signal": _THREAD,
    "subprocess": _THREAD,
    "os.fork": _THREAD,
    "os.kill": _THREAD,
    "os.system": _THREAD,
    "os.popen": _THREAD,
    "builtins.open": _IO,
    "builtins.print": _IO,
    "builtins.input": _IO,
    "io.open": _IO,
    "os.open": _IO,
    "os.read": _IO,
    "os.write": _IO,
    "os.stat": _IO,
    "os.path.exists": _IO,
    "os.path.getmtime": _IO,
    "os.remove": _IO,
    "os.replace": _IO,
    "os.makedirs": _IO,
    "shutil": _IO,
    "tempfile": _IO,
    "socket": _IO,
    "ssl": _IO,
    "select": _IO,
    "selectors": _IO,
    "http": _IO,
    "urllib.request": _IO,
    "sqlite3": _IO,
    "numpy.load": _IO,
    "numpy.loadtxt": _IO,
    "numpy.fromfile": _IO,
    "sys.stdin": _IO,
    "sys.stdout": _IO,
    "sys.stderr": _IO,
    "os.environ": _AMBIENT,
    "os.getenv": _AMBIENT,
    "os.getpid": _AMBIENT,
    "os.getcwd": _AMBIENT,
    "os.cpu_count": _AMBIENT,
    "os.uname": _AMBIENT,
    "sys.argv": _AMBIENT,
    "sys.platform": _AMBIENT,
    "platform": _AMBIENT,
    "locale": _AMBIENT,
    "getpass": _AMBIENT,
    "pathlib.Path.cwd": _AMBIENT,
    "pathlib.Path.home": _AMBIENT,
    "gc": _AMBIENT,
    "builtins.hash": _IDENTITY,
    "builtins.id": _IDENTITY,
    "object.__hash__": _IDENTITY,
    "os.listdir": _FOLDER,
    "os.scandir": _FOLDER,
    "os.walk": _FOLDER,
    "glob.glob": _FOLDER,
    "glob.iglob": _FOLDER,
    "builtins.eval": _HIDDEN,
    "builtins.exec": _HIDDEN,
    "builtins.__import__": _HIDDEN,
    "builtins.globals": _HIDDEN,
    "importlib.import_module": _HIDDEN,
}
"""By qualified name; one stands for everything under it."""

ALLOWED = {"numpy.random.Generator", "numpy.random.BitGenerator"}
"""Types of what is handed in."""

SEEDED = {
    "random.Random",
    "numpy.random.default_rng",
    "numpy.random.SeedSequence",
    "numpy.random.PCG64",
    "numpy.random.PCG64DXSM",
    "numpy.random.Philox",
    "numpy.random.SFC64",
}
"""Allowed when they are called with a seed."""

METHODS: dict[str, Ban] = {
    "utcnow": _CLOCK,
    "read_text": _IO,
    "read_bytes": _IO,
    "write_text": _IO,
    "write_bytes": _IO,
    "mkdir": _IO,
    "unlink": _IO,
    "exists": _IO,
    "is_file": _IO,
    "is_dir": _IO,
    "iterdir": _FOLDER,
    "glob": _FOLDER,
    "rglob": _FOLDER,
    "popitem": Ban("order", "takes what happens to be last", "name the key"),
}
"""Refused wherever they are called, whatever they are called on."""

LOCAL_ZONE = _ZONE
FOLDERS = {name for name, ban in BANNED.items() if ban is _FOLDER} | {"iterdir", "glob", "rglob"}
STAR = Ban("hidden", "brings names nobody can follow", "import each by its name")
MODULE_ATTRIBUTE = Ban("hidden", "hides which of the module's names is used", "name it in the code")
NOW = Ban("clock", "is the wall clock's", "take the instant from the event")
FAST_MATH = Ban("rounding", "lets the compiler and the machine choose the rounding", "leave it out")
UNORDERED = Ban(
    "order", "is a set: its order differs from process to process", "put sorted() around it, or keep a dict"
)
TEXT_OF_SET = Ban("order", "writes a set in an order that differs from process to process", "write sorted() of it")
TIES = Ban("order", "has a key: what is equal under it stays in the set's order", "sort by a key that no two share")
ROUNDING = Ban("order", "adds up a set: the order decides the rounding", "add up sorted() of it")
SOME = Ban("order", "takes an element of a set, any one", "take min() or max() of it")


def ban_of(name: str) -> Ban | None:
    """The ban on a qualified name, by itself or by what it is under."""
    if name in ALLOWED:
        return None
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        ban = BANNED.get(".".join(parts[:n]))
        if ban is not None:
            return ban
    return None
