"""Four threads count to a million together: without a lock, with one, and through a queue. Python has no interlocked increment."""

import queue
import threading

WORKERS = 4
EACH = 250_000


class Counter:
    def __init__(self):
        self.value = 0


def each_worker(work):
    together = threading.Barrier(WORKERS)

    def run():
        together.wait()
        work()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def count_without_care():
    counter = Counter()

    def work():
        for _ in range(EACH):
            counter.value += 1  # read, add, write: another thread may have written in between

    each_worker(work)
    return counter.value


def count_with_lock():
    counter = Counter()
    gate = threading.Lock()

    def work():
        for _ in range(EACH):
            with gate:
                counter.value += 1

    each_worker(work)
    return counter.value


def count_by_queue():
    """Nothing is shared: one thread owns the count, the others send it their increments."""
    counter = Counter()
    channel = queue.SimpleQueue()

    def own():
        while (more := channel.get()) is not None:
            counter.value += more

    def work():
        for _ in range(EACH):
            channel.put(1)

    owner = threading.Thread(target=own)
    owner.start()
    each_worker(work)
    channel.put(None)
    owner.join()
    return counter.value


if __name__ == "__main__":
    plain = count_without_care()
    print(f"no care:      {plain:9,}, {WORKERS * EACH - plain:,} lost")
    print(f"a lock:       {count_with_lock():9,}")
    print(f"a queue:      {count_by_queue():9,}")
