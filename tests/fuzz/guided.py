"""Guided by coverage: see the package."""

from __future__ import annotations

import hashlib
import os
import random
import sys
import time

import atheris

with atheris.instrument_imports(include=["policy_core", "tui"]):
    from tests.fuzz.loop import SECONDS, Fuzzing, arguments
from tests.fuzz.mutation import LONGEST, mutated, seeds

_SLOWER = 3
"""What is watched takes so many times as long."""


def main() -> None:
    options = arguments("tests.fuzz.guided")
    fuzzing = Fuzzing(options.keep, SECONDS * _SLOWER)
    corpus = options.keep / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds():
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    end = time.monotonic() + options.minutes * 60

    def run(data: bytes) -> None:
        fuzzing.run(data)
        if time.monotonic() > end:
            print(fuzzing, flush=True)
            os._exit(0)  # libFuzzer takes any other end for a crash

    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        return mutated(data, random.Random(seed))[:longest]

    flags = [f"-max_len={LONGEST * 4}", f"-seed={options.seed}", "-rss_limit_mb=2000", "-timeout=600"]
    atheris.Setup([sys.argv[0], str(corpus), *flags], run, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
