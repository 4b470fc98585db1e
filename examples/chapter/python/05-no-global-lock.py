"""Work that needs the processor: threads that share the global interpreter lock take turns, processes run at the same time.

The argument is the count of numbers in each part, 250,000 by default."""

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial

PARTS = 8


def count_primes(size, part):
    count = 0
    for n in range(2 + part * size, 2 + (part + 1) * size):
        d = 2
        while d * d <= n and n % d != 0:
            d += 1
        if d * d > n:
            count += 1
    return count


def measure(way, work, alone=None):
    start = time.perf_counter()
    primes = work()
    took = time.perf_counter() - start
    speed = "" if alone is None else f", {alone / took:.1f} times as fast"
    print(f"{way:<18} {primes} primes in {took * 1000:5.0f} ms{speed}")
    return took


def main(size=250_000):
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    count = partial(count_primes, size)
    with ThreadPoolExecutor(cores) as threads, ProcessPoolExecutor(cores) as processes:
        list(processes.map(partial(count_primes, 0), range(cores * 4)))  # the workers are up
        alone = measure("one after another", lambda: sum(map(count, range(PARTS))))
        measure(f"{cores} threads", lambda: sum(threads.map(count, range(PARTS))), alone)
        measure(f"{cores} processes", lambda: sum(processes.map(count, range(PARTS))), alone)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
