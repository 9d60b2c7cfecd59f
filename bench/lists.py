# SPDX-License-Identifier: Apache-2.0
"""What lists cost the mock: CPU of one request each, over N stored runs. Called by bench/run.sh --lists N."""
import statistics

from servers import ask, fill

ASKED = (
    ("no filter", "limit=20"),
    ("a filter that every row fits", "limit=20&state=QUEUED"),
    ("a column, no row fits", "limit=20&name=none"),
    ("three columns, no row fits", "limit=20&name=none&source=API&execution_location=LOCAL"),
    ("a filter that is no column (metadata), no row fits", "limit=20&metadata%5Bk%5D=none"),
    ("q, no row fits", "limit=20&q=nowhere"),
)


def cost(server, path, seconds=0.3):
    """Milliseconds of CPU a request: as many as it takes to see some ticks."""
    count, before = 0, server.cpu()
    while server.cpu() - before < seconds and count < 2000:
        status, answer = ask(server, "GET", path)
        if status != 200:
            raise SystemExit(f"bench: GET {path} gave {status}: {answer!r}")
        count += 1
    return (server.cpu() - before) / count * 1e3


def measure_lists(server, path, body, count):
    fill(server, path, body, count)
    print(f"\n# lists over {count} runs: ms of CPU a request, connecting included; median of 3")
    for name, query in ASKED:
        taken = statistics.median(cost(server, f"{path}?{query}") for _ in range(3))
        print(f"{name}: {taken:.2f} ms", flush=True)
