"""How long a shopper who was never here waits for the front page to be of use."""

from collections.abc import Iterator, Sequence
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from bench.figure import Figure, at_most
from bench.server import Served, serving
from tests.web.browser import NONE, arguments, chromium

ROUNDS = 9
GOAL_MS = 1000
# Presses the first button that puts something into the cart as soon as it is there.
IMPATIENT = """
new MutationObserver((_, watching) => {
  const button = document.querySelector(".card button.primary")
  if (button && !window.shown) {
    window.shown = performance.now()
    button.click()
  }
  if (document.querySelector("#cart-count:not([hidden])")) {
    window.served = performance.now()
    watching.disconnect()
  }
}).observe(document, { subtree: true, childList: true, attributes: true })
"""


def run() -> list[Figure]:
    """Measure cold loads in a real Chromium, from the navigation's start."""
    path = chromium()
    if path is None:
        print(f"no Chromium here: {NONE}")
        return []
    with serving("-m", "server", "--port", "0") as shop, sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=path, args=arguments())
        loads = list(_loads(browser, shop))
        browser.close()
    bare, shown, served = (sorted(each) for each in zip(*loads, strict=True))
    return [
        at_most(
            "first visit, until a press put something into the cart",
            median(served),
            "ms",
            goal=GOAL_MS,
            beside=f"{median(shown):.0f} ms until the button was there; {served[0]:.0f}"
            f" to {served[-1]:.0f} ms over {ROUNDS} visits; {median(bare):.0f} ms for"
            " a page of one line",
        )
    ]


def _loads(browser: Browser, shop: Served) -> Iterator[Sequence[float]]:
    """Yield each visit: a page of one line, the button there, the press answered."""
    for visit in range(ROUNDS + 1):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(f"{shop.url}/health/live")
        bare = page.evaluate(
            "performance.getEntriesByType('navigation')[0].domComplete"
        )
        page.add_init_script(IMPATIENT)
        page.goto(f"{shop.url}/")
        page.locator("#cart-count").wait_for()
        # The first visit warms what every server has warm.
        if visit:
            yield bare, page.evaluate("window.shown"), page.evaluate("window.served")
        context.close()
