"""Eight jobs on a pool of two processes: first come, first served. A unit of time is a tenth of a second."""

import multiprocessing
import os
import time

UNIT = 0.1  # s
COLUMNS = 24
JOBS = [("a", 2), ("b", 4), ("c", 6), ("d", 8), ("e", 1), ("f", 3), ("g", 5), ("h", 7)]


def run(job):
    name, units = job
    started = time.monotonic()
    time.sleep(units * UNIT)
    return name, os.getpid(), started, time.monotonic()


def draw(runs):
    start = min(started for _, _, started, _ in runs)

    def column(moment):
        return min(max(round((moment - start) / UNIT), 0), COLUMNS - 1)

    lines = {}
    for name, process, started, finished in sorted(runs, key=lambda run: run[2]):
        line = lines.setdefault(process, [" "] * COLUMNS)
        first = column(started)
        for i in range(first, first + max(1, column(finished) - first)):
            line[i] = name

    print()
    for process, line in lines.items():
        print(f"process {process:7} |{''.join(line)}|")
    scale = "".join("'" if unit % 4 == 0 else " " for unit in range(COLUMNS))
    print(f"{'':15} |{scale}| {sum(units for _, units in JOBS)} units of work")


if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        pool.map(time.sleep, [0.02] * 8, chunksize=1)  # both workers are up
        runs = []
        for result in pool.imap_unordered(run, JOBS, chunksize=1):
            print(f"job {result[0]} is done")
            runs.append(result)
    draw(runs)
