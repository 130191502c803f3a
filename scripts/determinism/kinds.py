"""Which expressions are sets: by displays, operators, annotations, and what all classes say of their attributes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from scripts.determinism.names import Binding, Comprehension, Function, Scope

_SETS = {
    "builtins.set", "builtins.frozenset", "typing.Set", "typing.FrozenSet", "typing.AbstractSet", "typing.MutableSet",
    "collections.abc.Set", "collections.abc.MutableSet", "weakref.WeakSet",
}  # fmt: skip
_MAPS = {
    "builtins.dict", "typing.Dict", "typing.Mapping", "typing.MutableMapping", "typing.DefaultDict",
    "collections.abc.Mapping", "collections.abc.MutableMapping", "collections.defaultdict", "collections.OrderedDict",
}  # fmt: skip
_LISTS = {
    "builtins.list", "builtins.tuple", "typing.List", "typing.Tuple", "typing.Sequence", "typing.Iterable",
    "typing.Iterator", "collections.abc.Sequence", "collections.abc.Iterable", "collections.abc.Iterator",
    "collections.deque", "typing.Collection", "collections.abc.Collection", "typing.ClassVar", "typing.Final",
    "typing.Annotated",
}  # fmt: skip
_THROUGH = {"typing.ClassVar", "typing.Final", "typing.Annotated", "typing.Optional"}
_SET_METHODS = {"union", "intersection", "difference", "symmetric_difference", "copy"}
_SET_OPERATORS = ast.BitOr | ast.BitAnd | ast.Sub | ast.BitXor
_DEEPEST = 12


class Kind(NamedTuple):
    """``set``, ``map`` (of values of a kind), ``list`` (of items of a kind) or ``items`` of a map."""

    name: str
    of: Kind | None = None


SET = Kind("set")


class Attributes:
    """What every class of the project says of its attributes, by name.

    Attributes:
        values: of fields and properties. calls: of what methods give.
    """

    def __init__(self, modules: Mapping[str, Scope]) -> None:
        self._modules = modules
        self.values: dict[str, list[Kind | None]] = {}
        self.calls: dict[str, list[Kind | None]] = {}
        self.own: dict[tuple[ast.ClassDef, str], Kind | None] = {}
        for scope in modules.values():
            for node in ast.walk(scope.node):
                if isinstance(node, ast.ClassDef):
                    self._read(node, scope)

    def _read(self, node: ast.ClassDef, module: Scope) -> None:
        for child in node.body:
            if isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name):
                self._note(node, child.target.id, self.declared(child.annotation, module))
            elif isinstance(child, ast.Assign) and len(child.targets) == 1 and isinstance(child.targets[0], ast.Name):
                self._note(node, child.targets[0].id, self.kind(child.value, module))
            elif isinstance(child, Function):
                given = None if child.returns is None else self.declared(child.returns, module)
                if _is_property(child):
                    self._note(node, child.name, given)
                else:
                    self.calls.setdefault(child.name, []).append(given)
                self._read_self(node, child, module)

    def _read_self(self, node: ast.ClassDef, method: Function, module: Scope) -> None:
        inside = Scope(method, module, module.module)
        for child in ast.walk(method):
            targets: list[ast.expr] = []
            if isinstance(child, ast.AnnAssign):
                targets, found = [child.target], self.declared(child.annotation, module)
            elif isinstance(child, ast.Assign):
                targets, found = child.targets, self.kind(child.value, inside)
            for target in targets:
                if (
                    isinstance(target, ast.Attribute)
                    and isinstance(target.value, ast.Name)
                    and target.value.id == "self"
                ):
                    self._note(node, target.attr, found)

    def _note(self, node: ast.ClassDef, name: str, kind: Kind | None) -> None:
        if self.own.get((node, name)) is None:
            self.own[node, name] = kind
        self.values.setdefault(name, []).append(kind)

    # Kinds

    def declared(self, annotation: ast.expr | None, scope: Scope, deep: int = 0) -> Kind | None:
        """The kind an annotation names; of a union, a set if anything of it is one."""
        if annotation is None or deep > _DEEPEST:
            return None
        deep += 1
        match annotation:
            case ast.Constant(value=str(text)):
                try:
                    return self.declared(ast.parse(text, mode="eval").body, scope, deep)
                except SyntaxError:
                    return None
            case ast.BinOp(op=ast.BitOr()):
                found = (self.declared(side, scope, deep) for side in (annotation.left, annotation.right))
                return _first(found)
            case ast.Subscript():
                name = scope.resolve(annotation.value)
                inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
                if name in _THROUGH:
                    return self.declared(inner[0], scope, deep)
                if name in _SETS:
                    return SET
                if name in _MAPS:
                    return Kind("map", self.declared(inner[-1], scope, deep))
                if name in _LISTS:
                    return Kind("list", _first(self.declared(each, scope, deep) for each in inner))
                return self._named(name, deep)
        name = scope.resolve(annotation)
        return SET if name in _SETS else self._named(name, deep)

    def _named(self, name: str | None, deep: int) -> Kind | None:
        """The kind of a type alias."""
        found = None if name is None else self._find(name)
        if found is None:
            return None
        home, bindings = found
        return _first(self.declared(each.value, home, deep) for each in bindings if each.value is not None)

    def _find(self, name: str, deep: int = 0) -> tuple[Scope, list[Binding]] | None:
        """The bindings of a qualified name of the project, through re-exports."""
        module, _, last = name.rpartition(".")
        home = self._modules.get(module)
        if home is None or last not in home.names or deep > _DEEPEST:
            return None
        bindings = home.names[last]
        imported = next((each.imported for each in bindings if each.imported), "")
        return self._find(imported, deep + 1) if imported else (home, bindings)

    def kind(self, node: ast.expr | None, scope: Scope, deep: int = 0) -> Kind | None:
        """What an expression is, as far as the source says."""
        if node is None or deep > _DEEPEST:
            return None
        deep += 1
        match node:
            case ast.Set() | ast.SetComp():
                return SET
            case ast.BinOp(op=op) if isinstance(op, _SET_OPERATORS):
                sides = [self.kind(side, scope, deep) for side in (node.left, node.right)]
                views = not isinstance(op, ast.BitOr | ast.BitXor) or all(map(_is_view, (node.left, node.right)))
                return SET if SET in sides or (views and any(map(_is_view, (node.left, node.right)))) else sides[0]
            case ast.IfExp():
                return _first(self.kind(each, scope, deep) for each in (node.body, node.orelse))
            case ast.BoolOp():
                return _first(self.kind(each, scope, deep) for each in node.values)
            case ast.NamedExpr() | ast.Starred() | ast.Await():
                return self.kind(node.value, scope, deep)
            case ast.Call():
                return self._called(node, scope, deep)
            case ast.Subscript():
                base = self.kind(node.value, scope, deep)
                if base is not None and isinstance(node.slice, ast.Slice):
                    return base
                return base.of if base is not None and base.name in ("map", "list") else None
            case ast.Attribute():
                return self._attribute(node, scope, deep)
            case ast.Name():
                return self._name(node, scope, deep)
            case ast.List() | ast.Tuple():
                return Kind("list", _first(self.kind(each, scope, deep) for each in node.elts))
            case ast.Dict():
                return Kind("map", _first(self.kind(each, scope, deep) for each in node.values))
            case ast.DictComp():
                return Kind("map", self.kind(node.value, Scope(node, scope, scope.module), deep))
            case ast.ListComp() | ast.GeneratorExp():
                return Kind("list", self.kind(node.elt, Scope(node, scope, scope.module), deep))
        return None

    def _called(self, node: ast.Call, scope: Scope, deep: int) -> Kind | None:
        name = scope.resolve(node.func)
        if name in _SETS:
            return SET
        if name in ("builtins.sorted", "builtins.list", "builtins.tuple") and node.args:
            inner = self.kind(node.args[0], scope, deep)
            return Kind("list", inner.of if inner is not None else None)
        if name == "collections.defaultdict" and node.args:
            return Kind("map", SET if scope.resolve(node.args[0]) in _SETS else None)
        if name == "dataclasses.field":
            return next(
                (SET for each in node.keywords if each.arg == "default_factory" and scope.resolve(each.value) in _SETS),
                None,
            )
        found = None if name is None else self._find(name)
        if found is not None:
            home, bindings = found
            return _first(self.declared(each.returns, home, deep) for each in bindings)
        if isinstance(node.func, ast.Name):
            local = scope.bindings(node.func.id)
            return None if local is None else _first(self.declared(b.returns, local[0], deep) for b in local[1])
        if not isinstance(node.func, ast.Attribute):
            return None
        base, method = self.kind(node.func.value, scope, deep), node.func.attr
        if base == SET:
            return SET if method in _SET_METHODS else None
        if base is not None and base.name == "map":
            if method in ("get", "setdefault", "pop"):
                return base.of
            if method == "copy":
                return base
            return (
                Kind("list", base.of) if method == "values" else Kind("items", base.of) if method == "items" else None
            )
        return None if base is not None else _agreed(self.calls.get(method))

    def _attribute(self, node: ast.Attribute, scope: Scope, deep: int) -> Kind | None:
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            within: Scope | None = scope
            while within is not None and not isinstance(within.node, ast.ClassDef):
                within = within.parent
            if within is not None and isinstance(within.node, ast.ClassDef) and (within.node, node.attr) in self.own:
                return self.own[within.node, node.attr]
        name = scope.resolve(node)
        found = None if name is None else self._find(name)
        if found is not None:
            return self._bound(found, deep)
        return _agreed(self.values.get(node.attr))

    def _name(self, node: ast.Name, scope: Scope, deep: int) -> Kind | None:
        found = scope.bindings(node.id)
        if found is None:
            return None
        imported = next((each.imported for each in found[1] if each.imported), "")
        if imported:
            found = self._find(imported)
        return None if found is None else self._bound(found, deep)

    def _bound(self, found: tuple[Scope, list[Binding]], deep: int) -> Kind | None:
        home, bindings = found
        declared = [self.declared(each.annotation, home, deep) for each in bindings if each.annotation is not None]
        if declared:
            return _first(declared)
        return _first(self._of(each, home, deep) for each in bindings)

    def _of(self, binding: Binding, home: Scope, deep: int) -> Kind | None:
        if binding.item_of is None:
            return self.kind(binding.value, home, deep)
        # The first iterable of a comprehension is looked up outside of it.
        outside = home.parent if isinstance(home.node, Comprehension) and home.parent is not None else home
        over = self.kind(binding.item_of, outside, deep) or self.kind(binding.item_of, home, deep)
        if over is None:
            return None
        if over.name == "items":
            return over.of if binding.path == (1,) else None
        return over.of if over.name == "list" and not binding.path else None


def _is_view(node: ast.expr) -> bool:
    """Whether it is what ``dict.keys`` or ``dict.items`` gives: set operators make sets of it."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("keys", "items")


def _is_property(node: Function) -> bool:
    names = {each.id if isinstance(each, ast.Name) else getattr(each, "attr", "") for each in node.decorator_list}
    return bool(names & {"property", "cached_property"})


def _first(kinds: Iterable[Kind | None]) -> Kind | None:
    """A set if any is one, else the first that is anything."""
    found = [kind for kind in kinds if kind is not None]
    return SET if SET in found else found[0] if found else None


def _agreed(kinds: list[Kind | None] | None) -> Kind | None:
    """What all classes that have it agree on."""
    return kinds[0] if kinds and all(kind == kinds[0] for kind in kinds) else None
