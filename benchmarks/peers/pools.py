"""What Python's process pools do with the work that `processes` measures; one figure a line, as it prints them.

Run by `Samovar.Benchmarks -- processes peers`, which puts its own figures beside them; by hand: python3 pools.py [P1 P2 ...].
"""
import concurrent.futures
import multiprocessing
import os
import signal
import statistics
import sys
import time

WORKERS = 2


def nothing():
    return 1


def same(item):
    return item


def length(data):
    return len(data)


def pid():
    return os.getpid()


def say(what, value, unit):
    print(f"{what}|{value}|{unit}", flush=True)


def rate(count, work):
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def percentile(call, trips):
    times = []
    for _ in range(trips):
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1e6)
    return statistics.median(times)


def p1(pool, executor):
    count = 20_000
    say("P1 Pool.apply_async", statistics.median(
        rate(count, lambda: [r.get() for r in [pool.apply_async(nothing) for _ in range(count)]]) for _ in range(3)), "/s")
    say("P1 ProcessPoolExecutor.submit", statistics.median(
        rate(count, lambda: [f.result() for f in [executor.submit(nothing) for _ in range(count)]]) for _ in range(3)), "/s")


def p2(pool, executor):
    say("P2 Pool.apply, p50", percentile(lambda: pool.apply(nothing), 2_000), "us")
    say("P2 ProcessPoolExecutor.submit().result(), p50", percentile(lambda: executor.submit(nothing).result(), 2_000), "us")


def p3(pool, executor):
    items = range(100_000)
    say("P3 Pool.map, its own chunks", statistics.median(rate(100_000, lambda: pool.map(same, items)) for _ in range(3)), "items/s")
    say("P3 ProcessPoolExecutor.map, chunks of 1,000", statistics.median(
        rate(100_000, lambda: list(executor.map(same, items, chunksize=1_000))) for _ in range(3)), "items/s")


def p4(*_):
    for method in ("fork", "spawn", "forkserver"):
        times = []
        for _ in range(3):
            began = time.perf_counter()
            with multiprocessing.get_context(method).Pool(1) as one:
                one.apply(nothing)
                times.append((time.perf_counter() - began) * 1e3)
        say(f"P4 Pool built -> first result, {method}", statistics.median(times), "ms")


def p5(*_):
    times = []
    for _ in range(5):
        with concurrent.futures.ProcessPoolExecutor(1) as broken:
            victim = broken.submit(pid).result()
            began = time.perf_counter()
            os.kill(victim, signal.SIGKILL)
            while True:
                try:
                    broken.submit(nothing).result()
                except concurrent.futures.process.BrokenProcessPool:
                    break
        with concurrent.futures.ProcessPoolExecutor(1) as fresh:  # it is of no more use, and every task in it is lost
            fresh.submit(nothing).result()
            times.append((time.perf_counter() - began) * 1e3)
    say("P5 ProcessPoolExecutor killed -> result of a new one, all lost", statistics.median(times), "ms")


def p9(_, executor):
    data = b"\1" * (256 << 20)
    executor.submit(length, data[:1]).result()
    times = []
    for _ in range(3):
        began = time.perf_counter()
        executor.submit(length, data).result()
        times.append((time.perf_counter() - began) * 1e3)
    say("P9 ProcessPoolExecutor, 256 MiB", statistics.median(times), "ms")


def p19(_, executor):
    with open(f"/proc/{executor.submit(pid).result()}/status", encoding="ascii") as status:
        resident = next(line for line in status if line.startswith("VmRSS"))
    say("P19 resident memory of a worker", int(resident.split()[1]) / 1e3, "MB")


def main():
    wanted = [name.upper() for name in sys.argv[1:]]
    with multiprocessing.Pool(WORKERS) as pool, concurrent.futures.ProcessPoolExecutor(WORKERS) as executor:
        executor.submit(nothing).result()
        for name, measure in (("P1", p1), ("P2", p2), ("P3", p3), ("P4", p4), ("P5", p5), ("P9", p9), ("P19", p19)):
            if not wanted or name in wanted:
                measure(pool, executor)


if __name__ == "__main__":
    main()
