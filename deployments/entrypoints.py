"""What a flow takes, read from its file's text: importing it would import Prefect, which takes seconds."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import GenericAlias
from typing import Any

from batchcert import spec

_SIMPLE = {kind.__name__: kind for kind in (str, int, float, bool)}


@dataclass(frozen=True)
class Parameter:
    """One parameter; *kind* is its type, or None where that is none of the product's models or a simple one."""

    required: bool
    kind: Any


@dataclass(frozen=True)
class FlowFunction:
    """A flow by the name that Prefect gives it, with its parameters."""

    flow_name: str
    parameters: Mapping[str, Parameter]


class NoFlowError(Exception):
    """The entrypoint leads to no flow: *what* is wrong, and the *cure*."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what)
        self.what = what
        self.cure = cure


def read_flow(folder: Path, entrypoint: str) -> FlowFunction:
    """The flow that *entrypoint* (`path.py:function`, the path seen from *folder*) leads to.

    Raises: NoFlowError.
    """
    file, _, name = entrypoint.rpartition(":")
    if not file or not name.isidentifier():
        raise NoFlowError(f"{entrypoint!r} is no entrypoint", "write it as flows/validate.py:validate")
    try:
        tree = ast.parse((folder / file).read_text(encoding="utf-8"))
    except OSError:
        raise NoFlowError(f"there is no file {file}", "correct the path; it is seen from prefect.yaml") from None
    except SyntaxError as error:
        raise NoFlowError(f"{file} is not valid Python: line {error.lineno}: {error.msg}", "correct it") from None
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    flows = {each: node for each, node in functions.items() if _flow_decorator(node) is not None}
    if name not in flows:
        what = f"{file} has no {'flow' if name not in functions else '@flow at its function'} {name}"
        raise NoFlowError(what, f"the flows in it are: {', '.join(flows) or 'none'}")
    return FlowFunction(_flow_name(flows[name]), dict(_parameters(flows[name].args)))


def _flow_decorator(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.expr | None:
    """`@flow` or `@flow(...)`, also as `@prefect.flow`."""
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (isinstance(called, ast.Name) and called.id == "flow") or (
            isinstance(called, ast.Attribute) and called.attr == "flow"
        ):
            return decorator
    return None


def _flow_name(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The name given to the decorator, or the function's with hyphens, as Prefect makes it."""
    decorator = _flow_decorator(function)
    for keyword in decorator.keywords if isinstance(decorator, ast.Call) else []:
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return function.name.replace("_", "-")


def _parameters(arguments: ast.arguments) -> Iterator[tuple[str, Parameter]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    needed = len(positional) - len(arguments.defaults)
    for index, argument in enumerate(positional):
        yield argument.arg, Parameter(index < needed, _kind(argument.annotation))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield argument.arg, Parameter(default is None, _kind(argument.annotation))


def _kind(annotation: ast.expr | None) -> Any:
    """The type that an annotation names: one of batchcert.spec, a simple one, a list of these, or None."""
    match annotation:
        case ast.Name(id=name):
            return _SIMPLE.get(name) or (getattr(spec, name) if name in spec.__all__ else None)
        case ast.Subscript(value=ast.Name(id="list"), slice=inner):
            kind = _kind(inner)
            return GenericAlias(list, (kind,)) if kind else None
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[inner, *_])):
            return _kind(inner)
        case _:
            return None
