"""The same files read by pyarrow and by duckdb, one thread each, without asking whether they are what was written.

tape_floor.py STORE pyarrow|duckdb
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEYS = ("ts_known", "ts_event", "symbol")


def each(files: list[Path], work: Callable[[Path], Any]) -> list[float]:
    """Milliseconds of each file's work, after a few that are not counted."""
    for file in files[:5]:
        work(file)
    taken = []
    for file in files:
        start = time.perf_counter_ns()
        work(file)
        taken.append((time.perf_counter_ns() - start) / 1e6)
    return taken


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def with_pyarrow(files: list[Path]) -> dict[str, Any]:
    """A file with ``read_table``; all with a dataset, batch after batch."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)

    def scan(columns: list[str] | None) -> int:
        found = ds.dataset([str(file) for file in files], format="parquet")
        return sum(batch.num_rows for batch in found.to_batches(columns=columns, use_threads=False))

    full, rows = timed(lambda: scan(None))
    bids = (pc.sum(pq.read_table(file, columns=["bid"]).column("bid")).as_py() for file in files)
    return {
        "version": f"pyarrow {pa.__version__}",
        "columns": each(files, lambda file: pq.read_table(file, use_threads=False)),
        "scan": full,
        "scan_quotes": timed(lambda: scan([*KEYS, "bid", "ask"]))[0],
        "rows": rows,
        "bids": sum(bids),
    }


def with_duckdb(files: list[Path]) -> dict[str, Any]:
    """A file as Arrow; all by a query that needs every value of every column."""
    import duckdb

    with duckdb.connect() as base:
        base.execute("set threads = 1")
        names = base.read_parquet(str(files[0])).columns

        def scan(columns: list[str]) -> Any:
            every = base.read_parquet([str(file) for file in files])
            asked = (f"max(hash({name}))" if name in KEYS else f"sum({name})" for name in columns)
            return every.aggregate(", ".join(("count(*)", *asked))).fetchall()[0]

        full, found = timed(lambda: scan(names))
        quotes, _ = timed(lambda: scan([*KEYS, "bid", "ask"]))
        return {
            "version": f"duckdb {duckdb.__version__}",
            "columns": each(files, lambda file: base.read_parquet(str(file)).fetch_arrow_table()),
            "scan": full,
            "scan_quotes": quotes,
            "rows": found[0],
            "bids": int(found[1 + names.index("bid")]),
        }


def main() -> None:
    """Read, and answer."""
    files = sorted((Path(sys.argv[1]) / "days" / "SPXW").glob("*.parquet"))
    answer = with_pyarrow(files) if sys.argv[2] == "pyarrow" else with_duckdb(files)
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
