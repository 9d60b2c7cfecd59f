#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays tests/oracle/PROVIDER.csv against a mock process: play_oracle.py BINARY PROVIDER [PART-OF-A-ROW].

The tables were written by hand from the services' facts, by someone who had not seen the data that the mock
plays, and this client shares no code with it: both being wrong in the same way is what it guards against.
The data played is that of this source tree, or of DRYRUN_DATA."""

import csv
import importlib
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

from mock_process import ROOT, Mock, find_binary  # noqa: E402
from oracle_client import Session, Unexpected, expect  # noqa: E402
from oracle_rows import Play, check_sights  # noqa: E402

COLUMNS = ["operation", "state", "cause", "status", "error", "next", "shows", "variant", "note"]
OPTIONAL = {"shows", "variant"}


def check_answer(service, row, answer):
    """Status, error code and what is to be seen. A status of several (200|404, 4xx) is one that the facts leave open."""
    good = {str(answer.status), f"{answer.status // 100}xx"} & set(row["status"].split("|"))
    expect(good, f"{answer}: status {answer.status}, not {row['status']}")
    if answer.status >= 400:
        service.check_error(answer, row)
    check_sights(row, answer)


def play(service, mock, number, row):
    session = Session(mock, f"row-{number}", service.base, service.headers)
    try:
        operation = service.operations[row["operation"]]
        bring, observe = service.kinds.get(operation.kind, (None, None))
        ident = bring(session, row["state"], row["cause"]) if bring and row["state"] else None
        before = observe(session, ident) if ident and observe else None
        if before and row["state"] in service.proved:
            expect(before == row["state"], f"brought to {before}, not {row['state']}")
        done = Play(session, row, operation, ident)
        answer = service.perform(done)
        check_answer(service, row, answer)
        observe = observe or service.kinds[service.seen_as][1]
        if done.ident and (row["next"] or before):
            seen = observe(session, done.ident)
            wanted = row["next"] or before
            expect(service.matches(wanted, seen), f"{answer}: the next state is {seen}, not {wanted}")
    finally:
        session.close()


def read_rows(provider, operations):
    with open(HERE / f"{provider}.csv", newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file, strict=True)
        found = reader.fieldnames or []
        if found != [name for name in COLUMNS if name in found or name not in OPTIONAL]:
            raise SystemExit(f"{provider}.csv: its columns are {found}, not {COLUMNS}")
        rows = list(enumerate(reader, 2))
    seen = set()
    for line, row in rows:
        key = (row["operation"], row["state"], row["cause"], row.get("shows"), row.get("variant"))
        if None in row.values() or row["operation"] not in operations or key in seen:
            raise SystemExit(f"{provider}.csv:{line}: too few columns, an unknown operation, or a row twice: {row}")
        seen.add(key)
    return rows


def play_rows(binary, provider, service, rows, variant):
    """Each variant has a mock of its own. Returns how many rows failed."""
    arguments = ["--variant", f"{provider}.{variant}"] if variant else []
    failed = 0
    with Mock(binary, provider, *arguments, data=Path(os.environ.get("DRYRUN_DATA", ROOT))) as mock:
        for line, row in rows:
            try:
                play(service, mock, line, row)
            except Exception as problem:  # a body of another shape shows as KeyError, TypeError...
                failed += 1
                told = problem if isinstance(problem, Unexpected) else repr(problem)
                print(f"{provider}.csv:{line}: {row['operation']} / {row['state']} / {row['cause']} "
                      f"[{row['note']}]\n    {str(told)[:700]}", flush=True)
        code = mock.stop()
        if code != 0:
            failed += 1
            print(f"the mock ended with {code}: {mock.last_words}")
    return failed


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    provider, part = sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else ""
    service = importlib.import_module(provider.replace("-", "_") + "_requests").SERVICE
    rows = [(line, row) for line, row in read_rows(provider, service.operations) if part in ",".join(row.values())]
    variants = {}
    for line, row in rows:
        variants.setdefault(row.get("variant") or "", []).append((line, row))
    failed = sum(play_rows(find_binary(sys.argv), provider, service, some, name) for name, some in variants.items())
    print(f"oracle {provider}: {len(rows)} cases, {failed} failed")
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
