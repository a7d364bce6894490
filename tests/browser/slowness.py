"""A browser whose answers come late: on a busy machine anything may, and a test that looks before it waits finds the page that was.

`SLOW=400 pytest tests/browser` hands every answer to the page's scripts 400 ms after it came, so that such a test fails on any machine;
a soak does so of itself.
"""

import os

from crm.testing.figures import soaking

LATE = int(os.environ.get("SLOW") or (400 if soaking() else 0))  # milliseconds

_HAND_OVER_LATE = """late => {
  const later = (act) => setTimeout(act, late);
  Object.defineProperty(XMLHttpRequest.prototype, "onload", {
    set(act) { this.addEventListener("load", (event) => later(() => act.call(this, event))); },
  });
  const ask = window.fetch;
  window.fetch = (...what) => ask(...what).then((answer) => new Promise((hand) => later(() => hand(answer))));
}"""

# what htmx marks from the press until the answer is in its place; the network alone is idle before that
_BUSY = ".htmx-request, .htmx-swapping, .htmx-settling"


def slowed(browser):
    """The browser, whose pages all are given their answers late where SLOW says so."""
    if LATE:
        new_context = browser.new_context

        def late_context(**options):
            context = new_context(**options)
            context.add_init_script(f"({_HAND_OVER_LATE})({LATE})")
            return context

        browser.new_context = late_context
    return browser


def at_rest(page):
    """Waits until what was pressed has arrived: the page is loaded, and every answer is in its place."""
    page.wait_for_load_state()
    page.wait_for_selector(_BUSY, state="detached")
