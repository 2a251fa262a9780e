"""Many random worlds from seeds: `python -m tests.oracle.trials FIRST COUNT`."""

from __future__ import annotations

import sys

from tests import answers

from .dice import SeededDice
from .features import EVERYTHING
from .test_worlds import check_world
from .worlds import draw_world


def main() -> int:
    first, count = int(sys.argv[1]), int(sys.argv[2])
    answers.ENGINES = answers.ENGINES_HERE
    for number, seed in enumerate(range(first, first + count), start=1):
        world = draw_world(SeededDice(seed), features=EVERYTHING)
        try:
            check_world(world)
        except AssertionError:
            print(f"seed {seed} differs", file=sys.stderr)
            raise
        if number % 500 == 0:
            print(f"{number} worlds, no difference", flush=True)
    print(f"{count} worlds, no difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
