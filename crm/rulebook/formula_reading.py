"""Read a formula as an analyst writes it, and say what does not fit: `least(law.wotc.base[wotc_group], first_year_wages)`.

It looks like a spreadsheet's: names of facts and of earlier steps, numbers of law as `law.` and the path of their file, `+ - * /`,
comparisons, `and`, `or`, `not`, `… if … else …`, and the functions of `FUNCTIONS`. Nothing in it is ever run as a program. Money and
numbers cannot be mixed up: wages plus hours is a mistake that is found here. The only numbers that stand in a formula are 0, 1, 2 and
12; all others are law, and have a file with their citation and days.
"""

import ast
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct

from crm.rulebook.comparisons import Comparison, Exists, Not, OneOf, Together
from crm.rulebook.facts import Fact
from crm.rulebook.formulas import (
    Before,
    Choose,
    Constant,
    Law,
    Part,
    Pick,
    Reckoning,
    Row,
    Span,
    Tier,
    Told,
    Whole,
    told,
)  # fmt: skip
from crm.rulebook.parameters import Parameter, Parameters
from crm.rulebook.reading import meant
from crm.translation import _

PLAIN_NUMBERS = (0, 1, 2, 12)  # none, one, half or double, the months of a year
AMOUNTS = ("money", "rate", "number")
LONGEST = 400
FUNCTIONS = {
    "least": "least(a, b, …): the smallest", "greatest": "greatest(a, b, …): the largest", "average": "average(a, b, …)",
    "tier": "tier(law.table, hours): what the tier gives that is reached", "down": "down(x): without its fraction", "up": "up(x): the next whole number",
    "days": "days(from, to)", "months": "months(from, to): full months", "years": "years(from, to): full years", "exists": "exists(law.x): whether the law has it",
}  # fmt: skip
_SIGNS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_ORDERS: dict[type, str] = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


class FormulaError(ValueError):
    """What does not fit in a formula, in words: what was found and what may stand there."""


class Known(Struct, frozen=True):
    """What a formula may name: facts, parameters, and the kinds of the steps before it."""

    facts: Mapping[str, Fact]
    parameters: Parameters
    steps: Mapping[str, str] = {}


def read_formula(text: Any, known: Known, *wanted: str) -> Part:
    """The formula as a tree, of one of the kinds `wanted`. Raises `FormulaError`."""
    if isinstance(text, Decimal):
        text = f"{text:f}"
    if not isinstance(text, str) or not text.strip():
        raise FormulaError(_("'%(text)s' is no formula. Write it in quotes, as \"law.example.rate * wages\".") % {"text": text})
    if len(text) > LONGEST:
        raise FormulaError(_("a formula has at most %(most)s characters; give a part of it a step of its own.") % {"most": LONGEST})
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        raise FormulaError(_("'%(text)s' cannot be read: %(found)s. Check the brackets and signs; a share of wages is \"law.example.rate * wages\".") % {"text": text, "found": getattr(problem, 'msg', None) or _('it is too deep')}) from None
    found = _Reader(known).part(tree.body)
    if wanted and not _fits(found, *wanted):
        raise FormulaError(_("'%(text)s' is %(kind)s; here stands %(list)s.") % {"text": text, "kind": _a(found.kind), "list": _(" or ").join(_a(kind) for kind in wanted)})
    return found


def _a(kind: str) -> str:
    return {"money": _("an amount of money"), "rate": _("a rate"), "number": _("a number"), "yes_no": _("something that holds or not"),
            "choice": _("a choice"), "date": _("a day"), "table": _("a whole table")}.get(kind, kind)  # fmt: skip


def _is_nothing(part: Part) -> bool:
    return isinstance(part, Constant) and part.value == 0 and part.kind == "number"


def _fits(part: Part, *kinds: str) -> bool:
    """Zero is zero of anything."""
    return part.kind in kinds or (_is_nothing(part) and bool(set(kinds) & set(AMOUNTS)))


class _Reader:
    def __init__(self, known: Known) -> None:
        self.known = known

    def part(self, node: ast.AST) -> Part:
        readers: dict[type, Callable[[Any], Part]] = {
            ast.Constant: self._constant, ast.Name: self._name, ast.Attribute: self._law, ast.Subscript: self._row, ast.Call: self._call,
            ast.BinOp: self._reckoning, ast.Compare: self._comparison, ast.BoolOp: self._together, ast.UnaryOp: self._not, ast.IfExp: self._choose,
        }  # fmt: skip
        if type(node) not in readers:
            raise FormulaError(_("'%(formula)s' has no place in a formula. It may use %(list)s, + - * /, comparisons, and, or, not, if.") % {"formula": ast.unparse(node), "list": ', '.join(FUNCTIONS)})
        return readers[type(node)](node)

    def amount(self, node: ast.AST) -> Part:
        found = self.part(node)
        if found.kind not in AMOUNTS:
            raise FormulaError(_("'%(formula)s' is %(kind)s; here stands money, a rate or a number.") % {"formula": ast.unparse(node), "kind": _a(found.kind)})
        return found

    def claim(self, node: ast.AST) -> Part:
        found = self.part(node)
        if found.kind != "yes_no":
            raise FormulaError(_("'%(formula)s' is %(kind)s; here stands something that holds or not, as 'hours >= law.example.hours'.") % {"formula": ast.unparse(node), "kind": _a(found.kind)})
        return found

    def _constant(self, node: ast.Constant) -> Part:
        value = node.value
        if isinstance(value, bool):
            return Constant("yes_no", value)
        if isinstance(value, int) and value in PLAIN_NUMBERS:
            return Constant("number", Decimal(value))
        if isinstance(value, str):
            return Constant("choice", value)
        raise FormulaError(_("%(formula)s is a number of law: give it a file in parameters/ with its citation and days, and write law.… here.") % {"formula": ast.unparse(node)})

    def _name(self, node: ast.Name) -> Part:
        name = node.id
        if name in self.known.steps:
            return Before(self.known.steps[name], name)
        if name in self.known.facts:
            return told(self.known.facts[name])
        raise FormulaError(_("there is no fact or earlier step '%(name)s'. %(allowed)s") % {"name": name, "allowed": meant(name, [*self.known.steps, *self.known.facts])})

    def parameter(self, node: ast.AST) -> Parameter:
        """The parameter that `law.a.b` names."""
        path: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            path.insert(0, inner.attr)
            inner = inner.value
        if not isinstance(inner, ast.Name) or inner.id != "law" or not path:
            raise FormulaError(_("'%(formula)s' is no number of law. Write law. and the path of its file, as law.example.rate.") % {"formula": ast.unparse(node)})
        name = "/".join(path)
        if name not in self.known.parameters:
            near = meant(name, [each.name for each in self.known.parameters])
            raise FormulaError(_("there is no parameter '%(name)s'. %(near)s Or add parameters/%(name)s.yaml.") % {"name": name, "near": near})
        return self.known.parameters[name]

    def _law(self, node: ast.Attribute) -> Part:
        found = self.parameter(node)
        if found.holds != "number":
            hint = {"table": _("[a fact] for its row"), "tiers": _("as tier(…, hours)"), "list": _("after 'in'")}[found.holds]
            raise FormulaError(_("'%(found)s' is a %(holds)s, not one number: write %(formula)s %(hint)s.") % {"found": found.name, "holds": found.holds, "formula": ast.unparse(node), "hint": hint})
        return Law(found.kind, found)

    def _row(self, node: ast.Subscript) -> Part:
        found = self.parameter(node.value)
        if found.holds != "table":
            raise FormulaError(_("'%(found)s' is a %(holds)s, not a table with rows.") % {"found": found.name, "holds": found.holds})
        by = self.part(node.slice)
        if by.kind not in {"choice", "number"}:
            raise FormulaError(_("a row of '%(found)s' is named by a choice or a number; '%(by)s' is %(kind)s.") % {"found": found.name, "by": ast.unparse(node.slice), "kind": _a(by.kind)})
        if isinstance(by, Told) and by.fact.choices:
            stray = sorted({str(key) for value in found.values for key in value or {}} - {choice.value for choice in by.fact.choices})
            if stray:
                raise FormulaError(_("'%(found)s' has a row '%(row)s', which is no choice of '%(key)s'.") % {"found": found.name, "row": stray[0], "key": by.fact.key})
        return Row(found.kind, found, by)

    def _call(self, node: ast.Call) -> Part:
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        if name not in FUNCTIONS or node.keywords:
            raise FormulaError(_("there is no function '%(name)s'. %(allowed)s") % {"name": name, "allowed": meant(name, FUNCTIONS)})
        given, form = node.args, FUNCTIONS[name]
        count = {"tier": 2, "down": 1, "up": 1, "days": 2, "months": 2, "years": 2, "exists": 1}.get(name)
        if (count is None and len(given) < 2) or (count is not None and len(given) != count):
            raise FormulaError(_("'%(formula)s' has %(found)s parts. Write %(form)s.") % {"formula": ast.unparse(node), "found": len(given), "form": form})
        if name == "exists":
            return Exists("yes_no", self.parameter(given[0]))
        if name == "tier":
            return self._tier(given[0], given[1])
        if name in {"days", "months", "years"}:
            return self._span(name, given[0], given[1])
        parts = [self.amount(each) for each in given]
        kind = self._one_kind(node, parts)
        if name in {"down", "up"}:
            return Whole(kind, name, parts[0])
        if name == "average":
            total = parts[0]
            for each in parts[1:]:
                total = Reckoning(kind, "+", total, each)
            return Reckoning(kind, "/", total, Constant("number", Decimal(len(parts))))
        return Pick(kind, name, tuple(parts))

    def _tier(self, table: ast.AST, quantity: ast.AST) -> Part:
        found, part = self.parameter(table), self.amount(quantity)
        if found.holds != "tiers":
            raise FormulaError(_("'%(found)s' has no tiers; a table of tiers is a list of {from: …, is: …}.") % {"found": found.name})
        return Tier(found.kind, found, part)

    def _span(self, unit: str, start: ast.AST, end: ast.AST) -> Part:
        first, last = self.part(start), self.part(end)
        for node, part in ((start, first), (end, last)):
            if part.kind != "date":
                raise FormulaError(_("'%(formula)s' is %(kind)s; %(unit)s(from, to) takes two days.") % {"formula": ast.unparse(node), "kind": _a(part.kind), "unit": unit})
        return Span("number", unit, first, last)

    def _one_kind(self, node: ast.AST, parts: list[Part]) -> str:
        kinds = {part.kind for part in parts if not _is_nothing(part)}
        if len(kinds) > 1:
            raise FormulaError(_("'%(formula)s' puts %(list)s together, which cannot be compared or added.") % {"formula": ast.unparse(node), "list": _(" and ").join(sorted(_a(kind) for kind in kinds))})
        return kinds.pop() if kinds else "number"

    def _reckoning(self, node: ast.BinOp) -> Part:
        if type(node.op) not in _SIGNS:
            raise FormulaError(_("'%(formula)s': use + - * and / alone.") % {"formula": ast.unparse(node)})
        operator, left, right = _SIGNS[type(node.op)], self.amount(node.left), self.amount(node.right)
        if operator in "+-":
            return Reckoning(self._one_kind(node, [left, right]), operator, left, right)
        kinds = (left.kind, right.kind)
        if operator == "*":
            if kinds == ("money", "money"):
                raise FormulaError(_("'%(formula)s' multiplies money by money.") % {"formula": ast.unparse(node)})
            kind = "money" if "money" in kinds else "rate" if kinds == ("rate", "rate") else "number"
            return Reckoning(kind, operator, left, right)
        if right.kind == "money" and left.kind != "money":
            raise FormulaError(_("'%(formula)s' divides %(kind)s by money.") % {"formula": ast.unparse(node), "kind": _a(left.kind)})
        return Reckoning("number" if kinds == ("money", "money") else left.kind, operator, left, right)

    def _comparison(self, node: ast.Compare) -> Part:
        if len(node.ops) > 1:
            raise FormulaError(_("'%(formula)s' compares twice. Write two comparisons with 'and'.") % {"formula": ast.unparse(node)})
        if isinstance(node.ops[0], ast.In | ast.NotIn):
            found = self._one_of(node.left, node.comparators[0])
            return found if isinstance(node.ops[0], ast.In) else Not("yes_no", found)
        operator = _ORDERS.get(type(node.ops[0]))
        if operator is None:
            raise FormulaError(_("'%(formula)s': compare by == != < <= > >= or in.") % {"formula": ast.unparse(node)})
        left, right = self.part(node.left), self.part(node.comparators[0])
        if left.kind in AMOUNTS and right.kind in AMOUNTS:
            self._one_kind(node, [left, right])
        elif left.kind != right.kind or (operator not in {"==", "!="} and left.kind in {"choice", "yes_no"}):
            raise FormulaError(_("'%(formula)s' compares %(kind)s with %(kind2)s by %(operator)s.") % {"formula": ast.unparse(node), "kind": _a(left.kind), "kind2": _a(right.kind), "operator": operator})
        for one, other in ((left, right), (right, left)):
            self._check_choice(one, [other.value] if isinstance(other, Constant) else [])
        return Comparison("yes_no", operator, left, right)

    def _one_of(self, left: ast.AST, right: ast.AST) -> Part:
        part = self.part(left)
        if isinstance(right, ast.Tuple | ast.List):
            values = []
            for each in right.elts:
                if not isinstance(each, ast.Constant) or not isinstance(each.value, str):
                    raise FormulaError(_("'%(formula)s': list words in quotes, as ('A', 'B').") % {"formula": ast.unparse(right)})
                values.append(each.value)
            self._check_choice(part, values)
            return OneOf("yes_no", part, tuple(values))
        found = self.parameter(right)
        if found.holds != "list":
            raise FormulaError(_("'%(found)s' is no list of law.") % {"found": found.name})
        return OneOf("yes_no", part, found)

    def _check_choice(self, part: Part, values: list[Any]) -> None:
        if isinstance(part, Told) and part.fact.choices:
            allowed = [choice.value for choice in part.fact.choices]
            for value in values:
                if value not in allowed:
                    raise FormulaError(_("'%(value)s' is no choice of '%(key)s'. %(allowed)s") % {"value": value, "key": part.fact.key, "allowed": meant(value, allowed)})

    def _together(self, node: ast.BoolOp) -> Part:
        return Together("yes_no", isinstance(node.op, ast.And), tuple(self.claim(each) for each in node.values))

    def _not(self, node: ast.UnaryOp) -> Part:
        if not isinstance(node.op, ast.Not):
            raise FormulaError(_("'%(formula)s': a number of law is never below zero; write a - b.") % {"formula": ast.unparse(node)})
        return Not("yes_no", self.claim(node.operand))

    def _choose(self, node: ast.IfExp) -> Part:
        yes, no = self.amount(node.body), self.amount(node.orelse)
        return Choose(self._one_kind(node, [yes, no]), self.claim(node.test), yes, no)
