"""By chance alone: see the package."""

from __future__ import annotations

import random
import sys
import time

from tests.fuzz.loop import SECONDS, Fuzzing, arguments
from tests.fuzz.mutation import mutated, seeds


def main() -> None:
    options = arguments("tests.fuzz")
    fuzzing, corpus, chance = Fuzzing(options.keep, SECONDS), seeds(), random.Random(options.seed)
    end = time.monotonic() + options.minutes * 60
    while time.monotonic() < end:
        fuzzing.run(mutated(chance.choice(corpus), chance))
    print(fuzzing)
    sys.exit(bool(fuzzing.findings))


if __name__ == "__main__":
    main()
