"""Integers to a reader in another process, one by one, until the end mark. The argument is the largest count, a million by default."""

import sys
import time
from multiprocessing import Event, Process, Queue

DONE = "DONE"


def read(numbers, ready, result):
    ready.set()
    total = 0
    while (message := numbers.get()) != DONE:
        total += message
    result.put(total)


def main(largest=1_000_000):
    numbers = Queue()
    result = Queue()
    for count in [largest // 100, largest // 10, largest]:
        ready = Event()
        reader = Process(target=read, args=(numbers, ready, result), daemon=True)
        reader.start()
        ready.wait()

        start = time.perf_counter()
        for number in range(count):
            numbers.put(number)
        numbers.put(DONE)
        total = result.get()
        reader.join()
        took = time.perf_counter() - start
        print(f"Sending {count:9,} numbers took {took:.3f} s, {count / took / 1e6:.1f} million a second; their sum is {total:,}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
