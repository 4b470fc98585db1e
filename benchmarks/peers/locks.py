"""What Python's locks between processes do with the work that `locks` measures; one figure a line, as it prints them.

Run by `Samovar.Benchmarks -- locks peers`, which puts its own figures beside them; by hand: python3 locks.py.
"""
import multiprocessing
import statistics
import time


def say(what, value, unit):
    print(f"{what}|{value}|{unit}", flush=True)


def alone():
    lock = multiprocessing.Lock()
    times = 300_000
    rounds = []
    for _ in range(7):
        began = time.perf_counter()
        for _ in range(times):
            with lock:
                pass
        rounds.append((time.perf_counter() - began) / times * 1e9)
    say("lock, entered and left, nobody else, median", statistics.median(rounds), "ns")


def enter(lock, ready, times):
    ready.wait()
    for _ in range(times):
        with lock:
            pass


def handed_over():
    times = 100_000
    lock, ready = multiprocessing.Lock(), multiprocessing.Barrier(2)
    child = multiprocessing.Process(target=enter, args=(lock, ready, times))
    child.start()
    ready.wait()
    began = time.perf_counter()
    for _ in range(times):
        with lock:
            pass
    child.join()
    say("lock, two processes that both want it, each entry", (time.perf_counter() - began) / (2 * times) * 1e6, "us")


def answer(ping, pong, times):
    for _ in range(times):
        ping.acquire()
        pong.release()


def answered():
    times = 50_000
    ping, pong = multiprocessing.Semaphore(0), multiprocessing.Semaphore(0)
    child = multiprocessing.Process(target=answer, args=(ping, pong, times))
    child.start()
    began = 0
    for i in range(times):
        ping.release()
        pong.acquire()
        if i == 0:
            began = time.perf_counter()
    say("semaphores, there and back between two processes", (time.perf_counter() - began) / times * 1e6, "us")
    child.join()


if __name__ == "__main__":
    alone()
    handed_over()
    answered()
