#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays tests/oracle/warp.csv against a mock process: play_oracle.py BINARY [PART-OF-A-ROW].

The table was written by hand from the service's facts, by someone who had not seen the data that the mock
plays, and this client shares no code with it: both being wrong in the same way is what it guards against."""

import csv
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

from mock_process import Mock, find_binary  # noqa: E402
from warp_client import Session, Unexpected, expect  # noqa: E402
from warp_requests import OPERATIONS, Play, perform  # noqa: E402
from warp_shapes import CODES, check_problem  # noqa: E402
from warp_states import KINDS, matches_state  # noqa: E402

COLUMNS = ["operation", "state", "cause", "status", "error", "next", "note"]


def check_answer(row, answer):
    """Status and error code. A status of several (200|404) is one that the facts leave open."""
    expect(str(answer.status) in row["status"].split("|"), f"{answer}: status {answer.status}, not {row['status']}")
    if answer.status >= 400 and not row["cause"].endswith(" link"):  # what lies behind a link is no API
        check_problem(answer, row["error"] if row["error"] in CODES else None)


def play(mock, number, row):
    session = Session(mock, f"row-{number}")
    try:
        operation = OPERATIONS[row["operation"]]
        bring, observe = KINDS[operation.kind] if operation.kind else (None, None)
        ident = bring(session, row["state"], row["cause"]) if bring and row["state"] else None
        before = observe(session, ident) if ident and observe else None
        if before and row["state"] in ("absent", "enabled", "paused"):
            expect(before == row["state"], f"brought to {before}, not {row['state']}")
        done = Play(session, row, operation, ident)
        answer = perform(done)
        check_answer(row, answer)
        observe = observe or KINDS["run"][1]
        if done.ident and (row["next"] or before):
            seen = observe(session, done.ident)
            wanted = row["next"] or before
            expect(matches_state(wanted, seen), f"{answer}: the next state is {seen}, not {wanted}")
    finally:
        session.close()


def read_rows():
    with open(HERE / "warp.csv", newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file, strict=True)
        if reader.fieldnames != COLUMNS:
            raise SystemExit(f"warp.csv: its columns are {reader.fieldnames}, not {COLUMNS}")
        rows = list(enumerate(reader, 2))
    seen = set()
    for line, row in rows:
        key = (row["operation"], row["state"], row["cause"])
        if None in row.values() or row["operation"] not in OPERATIONS or key in seen:
            raise SystemExit(f"warp.csv:{line}: too few columns, an unknown operation, or a row twice: {row}")
        seen.add(key)
    return rows


def main():
    rows = read_rows()
    part = sys.argv[2] if len(sys.argv) > 2 else ""
    rows = [(line, row) for line, row in rows if part in ",".join(row.values())]
    failed = 0
    with Mock(find_binary(sys.argv)) as mock:
        for line, row in rows:
            try:
                play(mock, line, row)
            except Exception as problem:  # a body of another shape shows as KeyError, TypeError...
                failed += 1
                told = problem if isinstance(problem, Unexpected) else repr(problem)
                print(f"warp.csv:{line}: {row['operation']} / {row['state']} / {row['cause']} "
                      f"[{row['note']}]\n    {str(told)[:700]}", flush=True)
        code = mock.stop()
        if code != 0:
            failed += 1
            print(f"the mock ended with {code}: {mock.last_words}")
    print(f"oracle warp: {len(rows)} cases, {failed} failed")
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
