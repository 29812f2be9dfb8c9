"""`python -m bench [name ...]`: run the scenarios and print their figures.

`name=minutes` for one that may last as long as one likes.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module

from bench.figure import Figure

SCENARIOS = {
    "runtime": "an ask through the runtime, an idle actor's size",
    "hot_actor": "many askers of one durable actor, against a write per message",
    "commit": "many actors' writes gathered, against single ones",
    "search": "a query of the catalogue, against going through every product",
    "http": "the product list, a durable cart edit, every other route",
    "agent": "turns of the agent at 100 sockets by part, and beside a stalled one",
    "cancel": "from the cancel frame to silence, with a model that never stops",
    "first_view": "a first visit in a real browser, until the cart takes something",
    "flash": "500 buyers for 50 units, and orders per second",
    "fuzz": "a million mutated frames, bodies and requests: no 5xx, no leak, no crash",
    "soak": "20 minutes at 70 % load (soak=3: three): does anything pile up",
    "faults": "kills and silences under 32 buyers: do the books still add up",
    "stopping": "told to stop under load, by itself and under honcho",
    "slow": "300 half requests by the clock: when they are gone, who suffers",
    "flood": "1500 asks of an order that is being paid: who is refused, who suffers",
}


# What takes arguments of its own, and is no set of figures.
COMMANDS = {
    "agent-eval": "FILE [case id ...]: the agent against a file of conversations",
    "guards": "[word ...]: each guard of docs/security.md taken out, and missed",
}


def main(names: Sequence[str]) -> int:
    """Run `names`, or all, and return how many figures missed their goal."""
    if names and names[0] in COMMANDS:
        command = import_module(f"bench.{names[0].replace('-', '_')}")
        return int(command.main(names[1:]))
    told = dict(each.partition("=")[::2] for each in names)
    unknown = set(told) - set(SCENARIOS)
    if unknown:
        known = "\n".join(
            f"  {name:<12}{what}" for name, what in (SCENARIOS | COMMANDS).items()
        )
        print(f"no such scenario: {', '.join(sorted(unknown))}\n{known}")
        return 2
    missed = 0
    for name in told or SCENARIOS:
        print(f"\n{name}: {SCENARIOS[name]}", flush=True)
        run: Callable[..., Iterable[Figure]] = import_module(f"bench.{name}").run
        minutes = told.get(name)
        for figure in run(float(minutes)) if minutes else run():
            print(figure.row(), flush=True)
            missed += not figure.met
    print(f"\n{missed} figures missed their goal" if missed else "\nall goals met")
    return 1 if missed else 0


sys.exit(main(sys.argv[1:]))
