"""How our templates become Python: as Jinja does it, without what costs most on a page of a thousand values.

A value that is written is escaped without an object of its own, for it is only joined; a text of
ours is looked up without a call through the context; a block is handed on as a whole, not in parts through each block around it.
"""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from asyncpg.pgproto.pgproto import UUID
from jinja2 import Template, Undefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from markupsafe import Markup, escape

Block = Callable[[Context], Iterator[str]]


class WholeBlocks(Template):
    """A template whose blocks yield once."""

    @property
    def blocks(self) -> dict[str, Block]:
        return self._blocks

    @blocks.setter
    def blocks(self, found: dict[str, Block]) -> None:
        self._blocks = {name: _whole(block) for name, block in found.items()}


class WholeContext(Context):
    """Finds what a block's `super()` stands for, which is asked for by the function inside the whole."""

    def super(self, name: str, current: Any) -> Any:
        return super().super(name, next((each for each in self.blocks[name] if each.__wrapped__ is current), current))  # type: ignore[attr-defined]


def _whole(block: Block) -> Block:
    @wraps(block)
    def whole(context: Context) -> Iterator[str]:
        yield "".join(block(context))

    return whole


class QuickGenerator(CodeGenerator):
    """Jinja's own lets a subclass say how a value is written (its NativeCodeGenerator does).

    Needs of the environment `escaped`, and `told` and `said` for a text of ours as markup and as it is.
    """

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.escaped(")
        else:
            super()._output_child_pre(node, frame, finalize)

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        text = _text_of(node)
        if text is None or frame.eval_ctx.volatile:
            super().visit_Call(node, frame, forward_caller=forward_caller)
        else:
            self.write(f"environment.{'told' if frame.eval_ctx.autoescape else 'said'}({text!r})")


def _text_of(node: nodes.Call) -> str | None:
    """The text of `_("…")`; None for any other call."""
    plain = not (node.kwargs or node.dyn_args or node.dyn_kwargs) and len(node.args) == 1
    if plain and isinstance(node.node, nodes.Name) and node.node.name == "_" and isinstance(node.args[0], nodes.Const):
        found: str = node.args[0].value
        return found
    return None


def escaped(value: Any) -> str:
    """As `markupsafe.escape`; plain text stays plain text."""
    if type(value) is str:
        return value.replace("&", "&amp;").replace(">", "&gt;").replace("<", "&lt;").replace("'", "&#39;").replace('"', "&#34;")
    if type(value) is Markup:
        return value
    kind = type(value)
    if kind is UUID or kind is int:  # nothing in them is to be escaped
        return str(value)
    if kind is Undefined:  # what an `if` without an `else` leaves
        return ""
    return escape(value)
