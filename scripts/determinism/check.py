"""Looks at every expression of a file and tells what is refused."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from scripts.determinism import banned
from scripts.determinism.allowed import ALLOWED, Allowed
from scripts.determinism.banned import Ban
from scripts.determinism.kinds import SET, Attributes
from scripts.determinism.names import Comprehension, Function, Scope
from scripts.determinism.rooms import ROOT, module_of, sources

_INDIFFERENT = {
    "builtins.set", "builtins.frozenset", "builtins.len", "builtins.any", "builtins.all", "builtins.bool",
    "builtins.isinstance", "builtins.type", "builtins.sorted", "builtins.min", "builtins.max",
}  # fmt: skip
"""Functions to which the order of what they are given is the same."""
_KEYED = {"builtins.sorted", "builtins.min", "builtins.max"}
_TEXT = {"builtins.str", "builtins.repr", "builtins.format", "builtins.ascii"}
_TAKING = {"join", "extend", "fromkeys", "writelines"}


class Finding(NamedTuple):
    """Something refused: where, of which kind, what, and how to mend it."""

    path: str
    line: int
    column: int
    kind: str
    name: str
    wrong: str
    mend: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.kind}: {self.name} {self.wrong}; {self.mend}"


def check_project(
    root: Path = ROOT, allowed: Sequence[Allowed] = ALLOWED, only: Iterable[Path] | None = None
) -> list[Finding]:
    """What is refused in the rooms that must be deterministic, in order of place; and what is allowed for nothing."""
    scopes = {path: _scope(path.read_text(encoding="utf-8"), module_of(path, root), path) for path in sources(root)}
    attributes = Attributes({scope.module: scope for scope in scopes.values()})
    chosen = None if only is None else {path.resolve() for path in only}
    found: list[Finding] = []
    used: set[Allowed] = set()
    for path, scope in scopes.items():
        if chosen is not None and path.resolve() not in chosen:
            continue
        for finding in _Looking(path.relative_to(root).as_posix(), scope, attributes).found():
            excuse = next((each for each in allowed if _excuses(each, finding)), None)
            if excuse is None:
                found.append(finding)
            else:
                used.add(excuse)
    if chosen is None:
        found += [_needless(each) for each in allowed if each not in used]
    return found


def check_source(text: str, path: str = "strategies/x.py", others: Mapping[str, str] | None = None) -> list[Finding]:
    """What is refused in a file of that text, and in that alone. ``others``: texts of more modules, by module."""
    module = path.removesuffix(".py").replace("/", ".")
    scope = _scope(text, module, Path(path))
    more = {name: _scope(each, name, Path(name)) for name, each in (others or {}).items()}
    return list(_Looking(path, scope, Attributes({**more, module: scope})).found())


def _scope(text: str, module: str, path: Path) -> Scope:
    return Scope(ast.parse(text, filename=str(path)), None, module, is_package=path.name == "__init__.py")


def _excuses(allowed: Allowed, finding: Finding) -> bool:
    inside = finding.path == allowed.path or finding.path.startswith(f"{allowed.path}/")
    return inside and allowed.kind == finding.kind and allowed.name in ("*", finding.name)


def _needless(allowed: Allowed) -> Finding:
    what = f"{allowed.kind} {allowed.name}"
    return Finding(
        allowed.path, 1, 1, "allowed", what, "is allowed here and not used", "take the entry out of allowed.py"
    )


class _Looking:
    """One file."""

    def __init__(self, path: str, scope: Scope, attributes: Attributes) -> None:
        self._path = path
        self._module = scope
        self._attributes = attributes
        self._indifferent: set[ast.AST] = set()
        self._sorted: set[ast.AST] = set()

    def found(self) -> Iterator[Finding]:
        """In the order of the file."""
        for star in self._module.stars:
            yield self._finding(star, banned.STAR, f"from {star.module} import *")
        every = list(self._look(self._module.node, self._module))
        yield from sorted(dict.fromkeys(every), key=lambda finding: (finding.line, finding.column, finding))

    def _finding(self, node: ast.AST, ban: Ban, name: str) -> Finding:
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        return Finding(self._path, line, column + 1, ban.kind, name, ban.wrong, ban.mend)

    def _look(self, node: ast.AST, scope: Scope) -> Iterator[Finding]:
        inner = scope
        if isinstance(node, ast.ClassDef | ast.Lambda | Function | Comprehension):
            inner = Scope(node, scope, scope.module)
        yield from self._expression(node, inner if isinstance(node, Comprehension) else scope)
        if isinstance(node, ast.Attribute | ast.Name) and self._named(node, scope) is not None:
            return  # the names it is made of are no names by themselves
        for field, value in ast.iter_fields(node):
            outside = isinstance(node, ast.ClassDef | ast.Lambda | Function) and field not in ("body",)
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from self._look(child, scope if outside else inner)

    def _named(self, node: ast.expr, scope: Scope) -> str | None:
        name = scope.resolve(node)
        return None if name is None or isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) else name

    def _expression(self, node: ast.AST, scope: Scope) -> Iterator[Finding]:
        match node:
            case ast.Attribute() | ast.Name():
                yield from self._name(node, scope)
            case ast.Call():
                yield from self._call(node, scope)
            case ast.For() | ast.AsyncFor() if self._is_set(node.iter, scope):
                yield self._unordered(node.iter)
            case ast.SetComp():
                pass
            case ast.ListComp() | ast.GeneratorExp() | ast.DictComp() if node not in self._indifferent:
                for generator in node.generators:
                    if self._is_set(generator.iter, scope):
                        yield self._unordered(generator.iter)
            case ast.List() | ast.Tuple() if isinstance(node.ctx, ast.Load):
                yield from (
                    self._unordered(each.value)
                    for each in node.elts
                    if isinstance(each, ast.Starred) and self._is_set(each.value, scope)
                )
            case ast.Assign(targets=[ast.Tuple() | ast.List() as target]):
                if len(target.elts) > 1 and self._is_set(node.value, scope):
                    yield self._unordered(node.value)
            case ast.YieldFrom() if self._is_set(node.value, scope):
                yield self._unordered(node.value)
            case ast.AugAssign(op=ast.Add()) if self._is_set(node.value, scope):
                yield self._unordered(node.value)
            case ast.FormattedValue() if self._is_set(node.value, scope):
                yield self._finding(node.value, banned.TEXT_OF_SET, ast.unparse(node.value))

    def _is_set(self, node: ast.expr, scope: Scope) -> bool:
        return self._attributes.kind(node, scope) == SET

    def _unordered(self, node: ast.expr) -> Finding:
        return self._finding(node, banned.UNORDERED, ast.unparse(node))

    def _name(self, node: ast.Attribute | ast.Name, scope: Scope) -> Iterator[Finding]:
        name = self._named(node, scope)
        if name is None or node in self._sorted:
            return
        ban = banned.ban_of(name)
        if name == "builtins.hash" and _function_of(scope) == "__hash__":
            return  # what a hash is made for: it decides the place in a set, and sets are not gone through
        if ban is not None:
            yield self._finding(node, ban, name.removeprefix("builtins."))

    def _call(self, node: ast.Call, scope: Scope) -> Iterator[Finding]:
        function = node.func
        name = scope.resolve(function)
        if name in banned.SEEDED and _seeded(node):
            self._sorted.add(function)
        method = function.attr if isinstance(function, ast.Attribute) else ""
        listed = name in banned.FOLDERS or method in banned.FOLDERS
        if listed and node in self._sorted:
            self._sorted.add(function)
        elif name is None and method in banned.METHODS and not (method == "popitem" and node.keywords):
            yield self._finding(node, banned.METHODS[method], f".{method}()")
        if method == "now" and name is None:
            yield self._finding(node, banned.NOW, f"{ast.unparse(function)}()")
        if method == "open" and isinstance(function, ast.Attribute) and _is_path(function.value, scope):
            yield self._finding(node, banned.BANNED["io.open"], f"{ast.unparse(function)}()")
        if method == "astimezone" and not node.args and not node.keywords:
            yield self._finding(node, banned.LOCAL_ZONE, ".astimezone()")
        if name == "datetime.datetime.fromtimestamp" and len(node.args) + len(node.keywords) < 2:
            yield self._finding(node, banned.LOCAL_ZONE, "datetime.datetime.fromtimestamp")
        if name == "numpy.datetime64" and any(
            isinstance(each, ast.Constant) and each.value in ("now", "today") for each in node.args
        ):
            yield self._finding(node, banned.NOW, ast.unparse(node))
        if name in ("builtins.getattr", "builtins.vars") and node.args:
            of = scope.resolve(node.args[0])
            if of is not None and _is_module(of):
                yield self._finding(node, banned.MODULE_ATTRIBUTE, ast.unparse(node))
        for keyword in node.keywords:
            if keyword.arg in ("fastmath", "parallel") and not _is_false(keyword.value):
                yield self._finding(keyword.value, banned.FAST_MATH, f"{keyword.arg}=")
        yield from self._given(node, name, method, scope)

    def _given(self, node: ast.Call, name: str | None, method: str, scope: Scope) -> Iterator[Finding]:
        """A set as an argument, where the order in which it is gone through matters."""
        keyed = name in _KEYED and any(keyword.arg == "key" for keyword in node.keywords)
        if name == "builtins.sorted" and node.args:
            self._sorted.add(node.args[0])
        if name in _INDIFFERENT and not keyed:
            self._indifferent.update(each for each in node.args if isinstance(each, ast.GeneratorExp | ast.ListComp))
            return
        if method == "pop" and not node.args and isinstance(node.func, ast.Attribute):
            if self._is_set(node.func.value, scope):
                yield self._finding(node, banned.SOME, ast.unparse(node))
            return
        sets = [each for each in node.args if self._is_set(each, scope)]
        sets += [each for each in node.args if isinstance(each, ast.Starred) and self._is_set(each.value, scope)]
        for each in dict.fromkeys(sets):
            if name in _TEXT:
                yield self._finding(each, banned.TEXT_OF_SET, ast.unparse(each))
            elif name == "builtins.sum":
                yield self._finding(each, banned.ROUNDING, ast.unparse(each))
            elif keyed:
                yield self._finding(each, banned.TIES, ast.unparse(each))
            elif isinstance(each, ast.Starred) or method in _TAKING or self._is_foreign(name):
                yield self._unordered(each)

    def _is_foreign(self, name: str | None) -> bool:
        """Whether it is a function of somebody else's, of which nothing says that order is the same to it."""
        ours = ("engine.", "strategies.", f"{self._module.module}.")
        return name is not None and not name.startswith(ours)


def _function_of(scope: Scope) -> str:
    """The name of the innermost function around."""
    within: Scope | None = scope
    while within is not None and not isinstance(within.node, Function):
        within = within.parent
    return within.node.name if within is not None and isinstance(within.node, Function) else ""


def _seeded(node: ast.Call) -> bool:
    """Whether there is a seed: ``None`` as one is none."""
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return bool(given) and not any(isinstance(each, ast.Constant) and each.value is None for each in given)


def _is_path(node: ast.expr, scope: Scope) -> bool:
    return isinstance(node, ast.Call) and scope.resolve(node.func) == "pathlib.Path"


def _is_module(name: str) -> bool:
    """Whether it holds something refused, as ``os`` does."""
    return any(each.startswith(f"{name}.") for each in banned.BANNED)


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value
