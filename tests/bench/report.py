"""What was measured, as a plain table."""

import sys
from typing import Any

AIMS = {"list": 2.5, "search": 2.8, "employer": 4.0, "pipeline": 3.0, "my day": 3.0, "reports": 3.0}  # ours over the floor, at the median
P95 = 3  # ours over the floor, where one of twenty takes longer
IMPORT = 50
JOBS = 3
QUEUE = 1  # milliseconds of the database for each mail
PEER_IMPORT = 20  # times as many rows a second
SCREEN, ONE, MANY, BATCH = 5, 50, 5, 60  # ms for a state's programs; ms for a hire; s for 200; s for 100,000
OPENFISCA = 5  # times as quick, with explanation
GROWTH = 1.3  # for ten times the establishments


def say(text: str) -> None:
    """What is being done, apart from the result."""
    print(f"… {text}", file=sys.stderr, flush=True)


def table(found: dict[str, Any]) -> str:
    lines = _pages(found["pages"], found["sizes"]) if "pages" in found else []
    if "import" in found:
        lines += _import(found["import"])
    if "jobs" in found:
        lines += _jobs(found["jobs"])
    if "mail" in found:
        lines += _mail(found["mail"])
    if "rules" in found:
        lines += _rules(found["rules"])
    if "peer" in found:
        lines += _peer(found["peer"])
    return "\n".join(lines)


def _pages(pages: dict[str, Any], sizes: list[int]) -> list[str]:
    lines = []
    for size in sizes:
        lines += ["", f"Pages with {size:,} establishments, ms", _line("", "p50", "floor", "ratio", "aim", "p95", "floor", "ratio", "aim", "kB")]
        lines += [_page(name, work["sizes"][str(size)]) for name, work in pages.items()]
    if len(sizes) > 1:
        lines += ["", f"Growth from {sizes[0]:,} to {sizes[-1]:,}", _line("", "ours", "aim", "floor")]
        lines += [
            _line(name, f"{work['growth']:.2f}", _aim(work["growth"], GROWTH), f"{work['floor_growth']:.2f}")
            for name, work in pages.items()
        ]
    return lines


def _page(name: str, work: dict[str, Any]) -> str:
    aim = next(aim for word, aim in AIMS.items() if name.startswith(word))
    return _line(name, f"{work['p50']:.1f}", f"{work['floor']:.1f}", f"{work['ratio']:.2f}", _aim(work["ratio"], aim), f"{work['p95']:.1f}",
                 f"{work['floor_p95']:.1f}", f"{work['ratio_p95']:.2f}", _aim(work["ratio_p95"], P95), f"{work['kb']:.0f}")  # fmt: skip


def _import(done: dict[str, Any]) -> list[str]:
    totals = ", ".join(f"{count:,} {name}" for name, count in done["totals"].items() if name != "rows")
    return [
        "", f"Import of {done['rows']:,} rows: {totals}", _line("", "s", "COPY s", "ratio", "aim"),
        _line("to COPY alone", f"{done['seconds']:.1f}", f"{done['copy']:.2f}", f"{done['ratio']:.0f}", _aim(done["ratio"], IMPORT)),
        _line("to COPY with our indexes", f"{done['seconds']:.1f}", f"{done['copy_indexed']:.2f}", f"{done['ratio_indexed']:.1f}",
              _aim(done["ratio_indexed"], IMPORT)),
        _line("taken back", f"{done['revert_seconds']:.1f}"),
        f"Peak memory {done['mb']:.0f} MB; {done['mb_tenth']:.0f} MB for a tenth of the rows",
    ]  # fmt: skip


def _jobs(done: dict[str, Any]) -> list[str]:
    return [
        "", "Jobs that do nothing, a second", _line("", "ours", "arq", "ratio", "aim"),
        _line("job rows", f"{done['ours']:,.0f}", f"{done['arq']:,.0f}", f"{done['ratio']:.2f}", _aim(done["ratio"], JOBS)),
        f"From the commit to the start in an idle worker: p50 {done['start_p50']:.0f} ms, p95 {done['start_p95']:.0f} ms (aim ≤ 100)",
    ]  # fmt: skip


def _mail(done: dict[str, Any]) -> list[str]:
    return [
        "", f"A mailing to {done['queued']:,} people is worked out", _line("", "s", "ms each", "aim"),
        _line("the database's time", f"{done['queue_seconds']:.1f}", f"{done['queue_ms']:.3f}", _aim(done["queue_ms"], QUEUE)),
        "", f"{done['sent']:,} mails to a server that keeps none, a second", _line("", "ours", "alone", "ratio"),
        _line("aiosmtplib, one connection", f"{done['ours']:.0f}", f"{done['kept']:.0f}", f"{done['ratio']:.1f}"),
        _line("aiosmtplib, one for each", f"{done['ours']:.0f}", f"{done['each']:.0f}", f"{done['ratio_each']:.1f}"),
    ]  # fmt: skip


def _rules(done: dict[str, Any]) -> list[str]:
    batch, wotc = done["batch"], done["wotc"]
    lines = [
        "", "Rules of law, time of the processor", _line("", "found", "aim"), _line("read at a start, ms", f"{done['load_ms']:.0f}"),
        _line("screen, a state's, ms", f"{done['screen_ms']['state']:.1f}", _aim(done["screen_ms"]["state"], SCREEN)),
        _line("screen, all, ms", f"{done['screen_ms']['all']:.1f}", _aim(done["screen_ms"]["all"], SCREEN)),
        _line("plan one hire, ms", f"{done['one_ms']:.1f}", _aim(done["one_ms"], ONE)),
        _line("plan 200 hires, s", f"{done['many_s']:.1f}", _aim(done["many_s"], MANY)) + ("" if done["proved"] else "  not proved"),
        f"{batch['hires']:,} hires × {batch['programs']} programs: {batch['seconds']:.0f} s by the clock, {batch['processor']:.0f} s of the processor "
        f"(aim ≤ {BATCH} s by the clock for 100,000 on two quiet cores)",
        f"WOTC for one hire: {wotc['explained']:.0f} µs with every condition and step, {wotc['amount']:.0f} µs the amount alone",
    ]  # fmt: skip
    if "traced" in wotc:
        lines += [
            f"OpenFisca: {wotc['traced']:.0f} µs with its trace, {wotc['plain']:.0f} without, {wotc['together']:.1f} each for all at once; "
            f"a bare function {wotc['python']:.1f}",
            _line("times as quick as OpenFisca", f"{wotc['ratio']:.1f}", _least(wotc["ratio"], OPENFISCA)),
            _line("amount to a bare function", f"{wotc['ratio_python']:.0f}"),
        ]
    return lines


def _peer(found: dict[str, Any]) -> list[str]:
    lines = ["", "Beside Creme CRM 2.8.6: the same 25,000 organisations, 60,000 contacts and 250,000 activities, one process each, ms",
             _line("", "ours", "Creme", "times", "aim")]  # fmt: skip
    for name, work in {**found["pages"], "create": found["create"]}.items():
        aim = _least(work["ratio"], work["aim"]) if "aim" in work else ""
        lines.append(_line(name, f"{work['ours']:.1f}", f"{work['creme']:.1f}", f"{work['ratio']:.1f}", aim))
    done = found["import"]
    return [
        *lines, _line("import, rows a second", f"{done['ours']:.0f}", f"{done['creme']:.0f}", f"{done['ratio']:.1f}", _least(done["ratio"], PEER_IMPORT)),
        "Create: ours looks for duplicates and records the act, Creme does not. Import: ours checks and matches each row, keeps what it",
        f"takes to undo it and adds the person too, of {done['rows']:,} rows; Creme shows nothing before it writes, and matches nothing.",
    ]  # fmt: skip


def _least(found: float, aim: float) -> str:
    return f"{'' if found >= aim else '! '}≥ {aim:g}"


def _aim(found: float, aim: float) -> str:
    return f"{'' if found <= aim else '! '}≤ {aim:g}"


def _line(name: str, *cells: str) -> str:
    return f"{name:<26}" + "".join(f"{cell:>9}" for cell in cells)
