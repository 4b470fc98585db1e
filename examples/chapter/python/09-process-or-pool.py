"""A process for each job, or a pool: the cost of starting, of waiting, and of many tiny tasks. The argument is their count, a million by default."""

import math
import os
import sys
import time
from multiprocessing import Pool, Process


def square(n):
    return n * n


def a_process_for_each(target, inputs):
    processes = [Process(target=target, args=(value,)) for value in inputs]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def cost_of_a_process(count):
    start = time.perf_counter()
    for _ in range(count):
        a_process_for_each(square, [1])
    return (time.perf_counter() - start) / count


def wait_in_new_pool():
    with Pool(8) as wide:
        wide.map(time.sleep, [0.3] * 8, chunksize=1)


def measure(way, work):
    start = time.perf_counter()
    work()
    print(f"    {way}: {(time.perf_counter() - start) * 1000:.1f} ms")


def main(tiny=1_000_000):
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with Pool(cores) as pool:
        pool.map(time.sleep, [0.01] * (cores * 4), chunksize=1)  # the workers are up

        print("Eight jobs of next to no work:")
        measure("a process for each", lambda: a_process_for_each(square, range(8)))
        measure("a pool", lambda: pool.map(math.sqrt, range(8)))

        print("Eight jobs that wait 300 ms for a disk or a network:")
        measure("a process for each", lambda: a_process_for_each(time.sleep, [0.3] * 8))
        measure(f"a pool of {cores}", lambda: pool.map(time.sleep, [0.3] * 8, chunksize=1))
        measure("a pool of 8, started for it", wait_in_new_pool)

        print(f"{tiny:,} tiny tasks:")
        measure("a pool", lambda: pool.map(math.sqrt, range(tiny)))
        hours = cost_of_a_process(min(max(tiny // 50_000, 1), 20)) * tiny / 3600 / cores
        print(f"    a process for each would take about {hours:.0f} hours")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
