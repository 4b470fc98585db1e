"""What Python's locks between processes do with the work of the rows about locks. How it is asked: sides.py."""
import multiprocessing
import time

import sides


def enter_all(tested, times):
    for _ in range(times):
        with tested:
            pass


def alone(tested, ask):
    while True:
        times = ask.of(300_000)
        began = time.perf_counter()
        enter_all(tested, times)
        yield (time.perf_counter() - began) / times * 1e9


@sides.side("locks.enter multiprocessing.Lock", "ns")
def lock(ask):
    return alone(multiprocessing.Lock(), ask)


@sides.side("locks.semaphore multiprocessing.Semaphore", "ns")
def semaphore(ask):
    return alone(multiprocessing.Semaphore(2), ask)


@sides.side("locks.event multiprocessing.Event", "ns")
def event(ask):
    tested = multiprocessing.Event()
    tested.set()
    while True:
        times = ask.of(100_000)
        began = time.perf_counter()
        for _ in range(times):
            tested.wait()
        yield (time.perf_counter() - began) / times * 1e9


def contend(tested, together, counts):
    while times := counts.get():
        together.wait()
        enter_all(tested, times)
        together.wait()


@sides.side("locks.contended multiprocessing.Lock", "us")
def contended(ask):
    tested, together, counts = multiprocessing.Lock(), multiprocessing.Barrier(2), multiprocessing.SimpleQueue()
    child = multiprocessing.Process(target=contend, args=(tested, together, counts), daemon=True)
    child.start()
    try:
        while True:
            times = ask.of(100_000)
            counts.put(times)
            together.wait()
            began = time.perf_counter()
            enter_all(tested, times)
            together.wait()
            yield (time.perf_counter() - began) / (2 * times) * 1e6
    finally:
        counts.put(0)
        child.join()


def answer(ping, pong):
    while True:
        ping.acquire()
        pong.release()


@sides.side("locks.trip multiprocessing.Semaphore", "us")
def trips(ask):
    ping, pong = multiprocessing.Semaphore(0), multiprocessing.Semaphore(0)
    multiprocessing.Process(target=answer, args=(ping, pong), daemon=True).start()
    while True:
        times = ask.of(20_000)
        began = time.perf_counter()
        for _ in range(times):
            ping.release()
            pong.acquire()
        yield (time.perf_counter() - began) / times * 1e6


if __name__ == "__main__":
    sides.main()
