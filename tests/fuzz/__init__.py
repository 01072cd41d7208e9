"""Fuzzing of all that reads manifests, and of what is made of what was read.

    python -m tests.fuzz --minutes 60 [--seed 7] [--keep FOLDER]

changes sound manifests, as text and as values, and holds what the program makes of them to
``invariants.py``. What breaks an invariant is printed and kept in FOLDER; as little of it as still does so
belongs in ``tests/unit/test_fuzz_findings.py``. Nothing is needed but what the tests need; with atheris, which is
no dependency, ``python -m tests.fuzz.guided`` lets coverage choose what to change further.
"""
