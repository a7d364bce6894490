"""The Work Opportunity Tax Credit of a certified hire, as one writes it for OpenFisca, and as a bare function; run in an environment of its own.

Reads cases as JSON on standard input, prints the amounts and the microseconds of the processor for each: one hire at a time, with and without the trace, and all hires as one.
"""

import json
import sys
import time

import numpy
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

YEAR = "2025"
BASE = {"A": 6000, "B_a": 6000, "B_b": 12000, "B_c": 24000, "B_d": 6000, "B_e": 14000, "C": 6000, "D": 6000, "E": 6000, "G": 6000, "H": 6000, "I": 10000, "J": 6000}
LAW = {"base": BASE, "farm_base": 6000, "tier_1": 0.25, "tier_2": 0.40, "hours_1": 120, "hours_2": 400, "second_rate": 0.50, "second_base": 10000, "request_days": 28}
Group = Enum("Group", {name: name for name in BASE})
MUST = {"related_to_owner": False, "majority_owner": False, "worked_here_before": False, "replaces_striker": False, "half_pay_for_business": True,
        "leased_to_client": False}  # fmt: skip
NUMBERS = ("first_year_hours", "first_year_wages", "second_year_wages", "ojt_wages", "tanf_supplement", "request_after")
HIRE = build_entity(key="hire", plural="hires", label="", is_person=True)


def _dated(value):
    return {name: _dated(part) for name, part in value.items()} if isinstance(value, dict) else {"values": {"2016-01-01": {"value": value}}}


def _variable(name, kind, formula=None, **more):
    body = {"value_type": kind, "entity": HIRE, "definition_period": DateUnit.YEAR, "label": name, **more}
    return type(name, (Variable,), body | ({"formula": formula} if formula else {}))


def eligible(hire, period, parameters):
    found = hire("request_after", period) <= parameters(period).wotc.request_days
    for name, must in MUST.items():
        found = found * (hire(name, period) == must)
    return found


def share(hire, period, parameters):
    law, hours = parameters(period).wotc, hire("first_year_hours", period)
    return numpy.where(hours >= law.hours_2, law.tier_2, numpy.where(hours >= law.hours_1, law.tier_1, 0))


def counted(hire, period, parameters):
    law = parameters(period).wotc
    base = law.base[hire("wotc_group", period)]
    base = numpy.where(hire("farm_work", period), numpy.minimum(base, law.farm_base), base)
    countable = hire("first_year_wages", period) - hire("ojt_wages", period) - hire("tanf_supplement", period)
    return numpy.minimum(numpy.maximum(countable, 0), base)


def first_year(hire, period, parameters):
    return hire("share", period) * hire("counted", period)


def second_year(hire, period, parameters):
    law = parameters(period).wotc
    return (hire("wotc_group", period) == Group.I) * law.second_rate * numpy.minimum(hire("second_year_wages", period), law.second_base)


def credit(hire, period, parameters):
    return hire("eligible", period) * (hire("first_year", period) + hire("second_year", period))


def system():
    found = TaxBenefitSystem([HIRE])
    found.parameters = ParameterNode("", data={"wotc": _dated(LAW)})
    found.add_variable(_variable("wotc_group", Enum, possible_values=Group, default_value=Group.A))
    for name in (*MUST, "farm_work"):
        found.add_variable(_variable(name, bool))
    for name in NUMBERS:
        found.add_variable(_variable(name, float))
    found.add_variable(_variable("eligible", bool, eligible))
    for formula in (share, counted, first_year, second_year, credit):
        found.add_variable(_variable(formula.__name__, float, formula))
    return found


def _told(case):
    return {name: {YEAR: value} for name, value in case.items()}


def bare(case):
    """The same rule in plain Python."""
    if case["request_after"] > LAW["request_days"] or any(case[name] != must for name, must in MUST.items()):
        return 0.0
    hours, base = case["first_year_hours"], BASE[case["wotc_group"]]
    rate = LAW["tier_2"] if hours >= LAW["hours_2"] else LAW["tier_1"] if hours >= LAW["hours_1"] else 0
    base = min(base, LAW["farm_base"]) if case["farm_work"] else base
    first = rate * min(max(case["first_year_wages"] - case["ojt_wages"] - case["tanf_supplement"], 0), base)
    return first + (LAW["second_rate"] * min(case["second_year_wages"], LAW["second_base"]) if case["wotc_group"] == "I" else 0)


def main():
    cases, law = json.load(sys.stdin), system()
    found = {"amounts": [], "traced": [], "plain": [], "bare": []}
    for case in cases:
        started = time.process_time()
        simulation = SimulationBuilder().build_from_entities(law, {"hires": {"one": _told(case)}})
        simulation.trace = True
        amount = simulation.calculate("credit", YEAR)[0]
        lines = simulation.tracer.computation_log.lines()
        found["traced"].append((time.process_time() - started) * 1e6)
        assert lines
        found["amounts"].append(float(amount))
        started = time.process_time()
        simulation = SimulationBuilder().build_from_entities(law, {"hires": {"one": _told(case)}})
        simulation.calculate("credit", YEAR)
        found["plain"].append((time.process_time() - started) * 1e6)
        started = time.process_time()
        bare(case)
        found["bare"].append((time.process_time() - started) * 1e6)
    started = time.process_time()
    simulation = SimulationBuilder().build_from_entities(law, {"hires": {str(place): _told(case) for place, case in enumerate(cases)}})
    simulation.calculate("credit", YEAR)
    found["batch"] = (time.process_time() - started) * 1e6 / len(cases)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
