"""A lint: nothing on the engine's lower floors and in strategies may depend on when, where or in which process it runs.

    python -m scripts.determinism            the rooms of ``rooms.py``
    python -m scripts.determinism FILE ...   these files alone

It reads the source and runs nothing. Names are followed through imports, aliases and re-exports. What is allowed
all the same is listed, with the reason, in ``allowed.py``.
"""

from scripts.determinism.check import Finding, check_project, check_source

__all__ = ["Finding", "check_project", "check_source"]
