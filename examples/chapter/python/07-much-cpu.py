"""Two hundred million rounds for each core, of four at most: in processes, on threads, and one after another. The argument is another count of rounds."""

import os
import sys
import time
from multiprocessing import Process
from threading import Thread


def much_cpu(rounds):
    last = 0
    for i in range(rounds):
        last ^= i
    print(f"    process {os.getpid()} is done", flush=True)


def start_and_join(workers):
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def one_after_another(cores, rounds):
    for _ in range(cores):
        much_cpu(rounds)


def main(rounds=200_000_000):
    cores = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(), 4)

    def measure(way, work):
        start = time.perf_counter()
        work()
        print(f"{way}: {cores} x {rounds:,} rounds took {time.perf_counter() - start:.2f} s")

    measure("processes", lambda: start_and_join([Process(target=much_cpu, args=(rounds,)) for _ in range(cores)]))
    measure("threads", lambda: start_and_join([Thread(target=much_cpu, args=(rounds,)) for _ in range(cores)]))
    measure("sequential", lambda: one_after_another(cores, rounds))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
