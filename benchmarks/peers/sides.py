"""What the peers' scripts share: a side is a generator that sets itself up and then yields one figure each time it is asked.

`python3 pools.py --serve "P1 Pool.apply_async" 0.2` is how `benchmarks/run` asks: each line on stdin, empty or holding a number, is answered with
one line of JSON on stdout; the end of stdin ends the side. `python3 pools.py`, or `python3 pools.py P1`, runs sides by hand: medians of three.
"""
import json
import statistics
import sys
import time

SIDES = {}


class Ask:
    """A request: how much work, of the full amount, and on a curve at which x; and what a side reports in addition to its figure."""

    def __init__(self, scale):
        self.scale = scale
        self.x = 0.0
        self.bytes = None

    def of(self, full, least=1):
        return max(least, int(full * self.scale))


def side(name, unit):
    def register(function):
        SIDES[name] = (function, unit)
        return function

    return register


def rate(count, work):
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def median_us(call, trips):
    times = []
    for _ in range(trips):
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1e6)
    return statistics.median(times)


def serve(name, scale):
    ask = Ask(scale)
    figures = SIDES[name][0](ask)
    for line in sys.stdin:
        ask.x, ask.bytes = float(line.strip() or 0), None
        try:
            answer = {"value": next(figures)}
            if ask.bytes is not None:
                answer["bytes"] = ask.bytes
        except Exception as error:  # it is told, and whoever asked decides
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
    figures.close()


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "--serve":
        serve(sys.argv[2], float(sys.argv[3]))
        return
    for name, (function, unit) in SIDES.items():
        if name.startswith("curve") or sys.argv[1:] and name.split()[0].split(".")[0] not in sys.argv[1:]:
            continue
        figures = function(Ask(1.0))
        print(f"{name}|{statistics.median(next(figures) for _ in range(3))}|{unit}", flush=True)
        figures.close()
