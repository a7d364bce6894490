"""How each key of a rule file is written: a line to copy, for whoever forgot or misspelt it."""

from crm.translation import _

EXAMPLES: dict[str, str | tuple[str, ...]] = {
    "id": "id: apprentice", "name": 'name: {en: "Apprentice credit", es: "Crédito por aprendiz"}', "jurisdiction": "jurisdiction: MA",
    "kind": ("kind: credit", "kind: number"), "agency": "agency: Division of Apprentice Standards", "law": "law: M.G.L. c.63 §38HH", "date_key": "date_key: work_start",
    "status": "status: [{since: 2019-01-01, state: active, says: {en: …, es: …}, citation: …}]", "since": "since: 2019-01-01", "state": "state: active",
    "says": 'says: {en: "It is in force.", es: "Está vigente."}', "citation": "citation: M.G.L. c.63 §38HH",
    "conditions": "conditions: [{id: days, fact: apprentice_days, at_least: 180, sentence: {en: …, es: …}, citation: …}]",
    "sentence": 'sentence: {en: "The person works at least 15 hours a week.", es: "Trabaja al menos 15 horas por semana."}',
    "fact": "fact: apprentice_days", "at_least": "at_least: 180", "at_most": "at_most: 39", "between": "between: [18, 39]", "is": ("is: true", "is: law.apprentice.rate * wages"),
    "one_of": "one_of: [A, B]", "on_or_after": "on_or_after: 2025-01-01", "on_or_before": "on_or_before: 2025-12-31", "holds": "holds: hires > hires_before",
    "when": "when: {group: [I]}", "amount": "amount: [{step: share, is: law.apprentice.rate * wages, what: {en: …, es: …}, citation: …}]", "step": "step: share",
    "what": 'what: {en: "Share of the wages", es: "Porcentaje del salario"}', "limits": "limits: [{level: employer_year, most: law.apprentice.cap, …}]",
    "level": "level: employer_year", "most": ("most: law.apprentice.employer_cap", "most: 60"), "days": "days: 28", "after": "after: work_start", "on": "on: '03-31'",
    "reference": "reference: [{title: 'M.G.L. c.63 §38HH'}]", "title": "title: M.G.L. c.63 §38HH", "href": "href: https://malegislature.gov/Laws",
    "description": 'description: {en: "Most credit for one apprentice.", es: "Crédito máximo por un aprendiz."}', "unit": "unit: USD", "values": "values: {2019-01-01: 4800}", "value": "value: 2500",
    "known_since": "known_since: 2024-08-08", "review_status": "review_status: recalled", "question": 'question: {en: "How many days?", es: "¿Cuántos días?"}',
    "question_to_learner": 'question_to_learner: {en: "How old are you?", es: "¿Cuántos años tiene usted?"}',
    "choices": 'choices: [{value: A, text: {en: …, es: …}}]', "text": 'text: {en: "A veteran", es: "Un veterano"}', "known_by": "known_by: employer",
    "sensitivity": "sensitivity: personal", "program": "program: apprentice", "relation": "relation: same_wages_once", "per": "per: person",
    "cases": "cases: [{name: …, facts: {…}, amount: '4800', eligible: 'yes'}]", "facts": "facts: {work_start: '2025-03-03', weekly_hours: '20'}",
    "eligible": "eligible: 'yes'",
}  # fmt: skip


def example(key: str) -> str:
    """A sentence with the line to copy, or with both where the key stands in two places; nothing for a key that says itself how it is written."""
    found = EXAMPLES.get(key, ())
    lines = (found,) if isinstance(found, str) else found
    return " " + _("For example %(lines)s.") % {"lines": _(" or ").join(map(repr, lines))} if lines else ""
