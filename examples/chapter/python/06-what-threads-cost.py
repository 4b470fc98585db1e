"""Small jobs: a thread for each, and a pool of as many threads as there are processors. The argument is the count of jobs, 10,000 by default."""

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor


def work():
    for _ in range(100):
        pass


def resident_bytes():
    """The memory that the process occupies now; 0 where there is no /proc."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def a_thread_for_each(jobs):
    everyone = threading.Event()

    def run():
        everyone.wait()
        work()

    threads = []
    try:
        for _ in range(jobs):
            thread = threading.Thread(target=run)
            thread.start()
            threads.append(thread)
    except RuntimeError:
        print(f"    the system allows {len(threads):,} threads")

    memory = resident_bytes()
    everyone.set()
    for thread in threads:
        thread.join()
    return memory


def a_pool(executor, jobs):
    futures = [executor.submit(work) for _ in range(jobs)]
    memory = resident_bytes()
    for future in futures:
        future.result()
    return memory


def measure(way, run):
    before = resident_bytes()
    start = time.perf_counter()
    during = run()
    took = time.perf_counter() - start
    print(f"{way}: {took * 1000:,.0f} ms, {max(0, during - before) / (1024 * 1024):,.1f} MiB more")


def main(jobs=10_000):
    measure("a thread for each", lambda: a_thread_for_each(jobs))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with ThreadPoolExecutor(max_workers=cores) as executor:
        measure(f"a pool of {cores}", lambda: a_pool(executor, jobs))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
