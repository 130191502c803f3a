"""What a name stands for: through imports, aliases, enclosing scopes and the re-exports of packages."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from typing import TypeAlias

Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
ScopeNode: TypeAlias = ast.Module | ast.ClassDef | Function | ast.Lambda | Comprehension
_SCOPES = (
    ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.GeneratorExp,
)  # fmt: skip
_BUILTINS = frozenset(dir(builtins))


class Binding:
    """One place that gives a name its meaning.

    Attributes:
        imported: the qualified name it is imported from, if any.
        value: what is assigned to it, if that is a single expression.
        annotation: its declared type. returns: that of what a function gives.
        item_of: the expression whose items it stands for, in a loop.
        owner: the class or function that it names.
    """

    def __init__(
        self,
        imported: str = "",
        value: ast.expr | None = None,
        annotation: ast.expr | None = None,
        returns: ast.expr | None = None,
        item_of: ast.expr | None = None,
        path: tuple[int, ...] = (),
        owner: ast.ClassDef | Function | None = None,
    ) -> None:
        self.imported = imported
        self.value = value
        self.annotation = annotation
        self.returns = returns
        self.item_of = item_of
        self.path = path
        self.owner = owner


class Scope:
    """The names of one module, class, function or comprehension."""

    def __init__(self, node: ScopeNode, parent: Scope | None, module: str, is_package: bool = False) -> None:
        self.node = node
        self.parent = parent
        self.module = module
        self.is_package: bool = is_package if parent is None else parent.is_package
        self.names: dict[str, list[Binding]] = {}
        self.stars: list[ast.ImportFrom] = []
        self._outer: set[str] = set()
        self._collect()

    def bindings(self, name: str) -> tuple[Scope, list[Binding]] | None:
        """Where a name is bound as seen from here; ``None`` for a builtin and for what is bound nowhere."""
        scope: Scope | None = self
        first = True
        while scope is not None:
            # The names of a class are seen in its body and in no function of it.
            if (first or not isinstance(scope.node, ast.ClassDef)) and name in scope.names:
                return scope, scope.names[name]
            scope, first = scope.parent, False
        return None

    def resolve(self, node: ast.expr, busy: frozenset[int] = frozenset()) -> str | None:
        """The qualified name of an expression, such as ``time.time``; ``None`` for values of the code's own."""
        if isinstance(node, ast.Attribute):
            base = self.resolve(node.value, busy)
            return None if base is None else f"{base}.{node.attr}"
        if not isinstance(node, ast.Name) or id(node) in busy:
            return None
        found = self.bindings(node.id)
        if found is None:
            return f"builtins.{node.id}" if node.id in _BUILTINS else None
        scope, bindings = found
        for binding in bindings:
            if binding.imported:
                return binding.imported
            if isinstance(binding.value, ast.Name | ast.Attribute):
                name = scope.resolve(binding.value, busy | {id(node)})
                if name is not None:
                    return name
            if binding.owner is not None and scope.parent is None:
                return f"{self.module}.{node.id}"
        return f"{self.module}.{node.id}" if scope.parent is None else None

    # What is bound here

    def _collect(self) -> None:
        node = self.node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            arguments = node.args
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            for argument in [*every, *filter(None, (arguments.vararg, arguments.kwarg))]:
                single = argument is not arguments.vararg and argument is not arguments.kwarg
                self._bind(argument.arg, Binding(annotation=argument.annotation if single else None))
            defaults = [None] * (len(every) - len(arguments.kwonlyargs) - len(arguments.defaults)) + [
                *arguments.defaults
            ]
            for argument, default in zip(every, [*defaults, *arguments.kw_defaults], strict=True):
                if default is not None and argument.annotation is None:
                    self._bind(argument.arg, Binding(value=default))
        if isinstance(node, Comprehension):
            for generator in node.generators:
                self._target(generator.target, Binding(item_of=generator.iter))
        for child in own(node):
            self._statement(child)
        for name in self._outer:
            self.names.pop(name, None)

    def _bind(self, name: str, binding: Binding) -> None:
        self.names.setdefault(name, []).append(binding)

    def _target(self, target: ast.expr, binding: Binding, path: tuple[int, ...] = ()) -> None:
        if isinstance(target, ast.Name):
            binding = Binding(value=binding.value, item_of=binding.item_of, path=path)
            if path and binding.value is not None:
                binding = Binding(path=path, item_of=None)  # one of several values: which is not followed
            self._bind(target.id, binding)
        elif isinstance(target, ast.Tuple | ast.List):
            for n, each in enumerate(target.elts):
                self._target(each, binding, (*path, n))
        elif isinstance(target, ast.Starred):
            self._target(target.value, Binding(), path)

    def _statement(self, node: ast.AST) -> None:
        match node:
            case ast.Import():
                for alias in node.names:
                    self._bind(
                        alias.asname or alias.name.split(".")[0],
                        Binding(imported=alias.name if alias.asname else alias.name.split(".")[0]),
                    )
            case ast.ImportFrom():
                base = self._base(node)
                for alias in node.names:
                    if alias.name == "*":
                        self.stars.append(node)
                    else:
                        self._bind(alias.asname or alias.name, Binding(imported=f"{base}.{alias.name}"))
            case ast.Assign():
                for target in node.targets:
                    self._target(target, Binding(value=node.value))
            case ast.AnnAssign(target=ast.Name(id=name)):
                self._bind(name, Binding(annotation=node.annotation, value=node.value))
            case ast.AugAssign(target=ast.Name(id=name)):
                self._bind(name, Binding(value=node.value))
            case ast.NamedExpr():
                self._bind(node.target.id, Binding(value=node.value))
            case ast.For() | ast.AsyncFor():
                self._target(node.target, Binding(item_of=node.iter))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._bind(node.name, Binding(returns=node.returns, owner=node))
            case ast.ClassDef():
                self._bind(node.name, Binding(owner=node))
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        self._target(item.optional_vars, Binding())
            case ast.ExceptHandler(name=str(name)):
                self._bind(name, Binding())
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                self._bind(name, Binding())
            case ast.Global() | ast.Nonlocal():
                self._outer |= set(node.names)

    def _base(self, node: ast.ImportFrom) -> str:
        """The module that is imported from, relative ones made whole."""
        if not node.level:
            return node.module or ""
        parts = self.module.split(".")
        kept = parts[: len(parts) - node.level + (1 if self.is_package else 0)]
        return ".".join([*kept, *([node.module] if node.module else [])])


def own(node: ScopeNode) -> Iterator[ast.AST]:
    """What is in a scope and in none within it; of an inner one the node alone."""
    if isinstance(node, Comprehension):
        return
    waiting: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(reversed(node.body))
    while waiting:
        each = waiting.pop()
        yield each
        if isinstance(each, Comprehension):  # a walrus in it binds outside
            waiting += [inner for inner in ast.walk(each) if isinstance(inner, ast.NamedExpr)]
        elif not isinstance(each, _SCOPES):
            waiting += reversed(list(ast.iter_child_nodes(each)))
