"""What Python's process and thread pools do with the work of the rows P1 to P5, P9 to P11 and P19. How it is asked: sides.py."""
import concurrent.futures
import multiprocessing
import multiprocessing.shared_memory
import os
import signal
import time

import sides

WORKERS = 2
LARGE = 256 << 20


def nothing():
    return 1


def same(item):
    return item


def pid():
    return os.getpid()


def milliseconds(call):
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1e3


@sides.side("P1 Pool.apply_async", "/s")
def pool_submits(ask):
    with multiprocessing.Pool(WORKERS) as pool:
        while True:
            count = ask.of(20_000)
            yield sides.rate(count, lambda: [r.get() for r in [pool.apply_async(nothing) for _ in range(count)]])


def executor_submits(ask, kind, full):
    with kind(WORKERS) as executor:
        while True:
            count = ask.of(full)
            yield sides.rate(count, lambda: [f.result() for f in [executor.submit(nothing) for _ in range(count)]])


@sides.side("P1 ProcessPoolExecutor", "/s")
def process_submits(ask):
    return executor_submits(ask, concurrent.futures.ProcessPoolExecutor, 10_000)


@sides.side("P10 ThreadPoolExecutor", "/s")
def thread_submits(ask):
    return executor_submits(ask, concurrent.futures.ThreadPoolExecutor, 50_000)


@sides.side("P2 Pool.apply", "us")
def pool_trips(ask):
    with multiprocessing.Pool(1) as pool:
        while True:
            yield sides.median_us(lambda: pool.apply(nothing), ask.of(2_000))


def executor_trips(ask, kind):
    with kind(1) as executor:
        while True:
            yield sides.median_us(lambda: executor.submit(nothing).result(), ask.of(2_000))


@sides.side("P2 ProcessPoolExecutor", "us")
def process_trips(ask):
    return executor_trips(ask, concurrent.futures.ProcessPoolExecutor)


@sides.side("P10.trip ThreadPoolExecutor", "us")
def thread_trips(ask):
    return executor_trips(ask, concurrent.futures.ThreadPoolExecutor)


@sides.side("P3 Pool.map", "items/s")
def pool_map(_):
    with multiprocessing.Pool(WORKERS) as pool:
        while True:
            yield sides.rate(100_000, lambda: pool.map(same, range(100_000)))


@sides.side("P3 ProcessPoolExecutor.map", "items/s")
def executor_map(_):
    with concurrent.futures.ProcessPoolExecutor(WORKERS) as executor:
        while True:
            yield sides.rate(100_000, lambda: list(executor.map(same, range(100_000), chunksize=1_000)))


def starts(method):
    context = multiprocessing.get_context(method)
    while True:
        began = time.perf_counter()
        with context.Pool(1) as pool:
            pool.apply(nothing)
            took = (time.perf_counter() - began) * 1e3
        yield took


@sides.side("P4 Pool, fork", "ms")
def start_fork(_):
    return starts("fork")


@sides.side("P4 Pool, spawn", "ms")
def start_spawn(_):
    return starts("spawn")


@sides.side("P4 Pool, forkserver", "ms")
def start_forkserver(_):
    return starts("forkserver")


@sides.side("P5 ProcessPoolExecutor, rebuilt", "ms")
def death(_):
    def submit_until_broken(executor):
        while True:
            try:
                executor.submit(nothing).result()
            except concurrent.futures.process.BrokenProcessPool:
                return

    while True:
        with concurrent.futures.ProcessPoolExecutor(1) as broken:
            victim = broken.submit(pid).result()
            began = time.perf_counter()
            os.kill(victim, signal.SIGKILL)
            submit_until_broken(broken)  # it is of no more use, and every task in it is lost
        with concurrent.futures.ProcessPoolExecutor(1) as fresh:
            fresh.submit(nothing).result()
            took = (time.perf_counter() - began) * 1e3
        yield took


@sides.side("P9 ProcessPoolExecutor", "ms")
def large(_):
    data = b"\1" * LARGE
    with concurrent.futures.ProcessPoolExecutor(1) as executor:
        while True:
            yield milliseconds(lambda: executor.submit(len, data).result())


def count_bytes(end):
    while True:
        try:
            end.send(len(end.recv_bytes()))
        except EOFError:
            return


def look_at(end):
    while True:
        try:
            name = end.recv()
        except EOFError:
            return
        block = multiprocessing.shared_memory.SharedMemory(name)
        end.send(block.buf[0] + block.buf[LARGE - 1])
        block.close()


def child(target):
    here, other = multiprocessing.Pipe()
    process = multiprocessing.Process(target=target, args=(other,), daemon=True)
    process.start()
    other.close()
    return here


@sides.side("P9 Pipe.send_bytes", "ms")
def large_pipe(_):
    data = b"\1" * LARGE
    here = child(count_bytes)
    while True:
        yield milliseconds(lambda: (here.send_bytes(data), here.recv()))


@sides.side("P9.shared shared_memory, by name", "ms")
def shared(_):
    here = child(look_at)
    data = b"\1" * LARGE
    block = multiprocessing.shared_memory.SharedMemory(create=True, size=LARGE)
    try:
        while True:
            block.buf[:] = data  # new data for each hand-over, in the same memory
            yield milliseconds(lambda: (here.send(block.name), here.recv()))
    finally:
        block.close()
        block.unlink()


@sides.side("P11 as_completed", "/s")
def completed(ask):
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as executor:
        while True:
            count = ask.of(10_000)
            yield sides.rate(count, lambda: list(concurrent.futures.as_completed([executor.submit(nothing) for _ in range(count)])))


@sides.side("P19 ProcessPoolExecutor", "MB")
def memory(_):
    with concurrent.futures.ProcessPoolExecutor(1) as executor:
        while True:
            with open(f"/proc/{executor.submit(pid).result()}/status", encoding="ascii") as status:
                resident = next(line for line in status if line.startswith("VmRSS"))
            yield int(resident.split()[1]) / 1e3


@sides.side("curve workers Pool.map", "tasks/s")
def by_workers(ask):
    pool, size = None, 0
    try:
        while True:
            if size != int(ask.x):
                if pool:
                    pool.terminate()
                size = int(ask.x)
                pool = multiprocessing.Pool(size)
            count = ask.of(2_000)
            yield sides.rate(count, lambda: pool.map(spin, [100] * count, chunksize=1))
    finally:
        if pool:
            pool.terminate()


def spin(microseconds):
    end = time.perf_counter() + microseconds / 1e6
    while time.perf_counter() < end:
        pass
    return 1


@sides.side("curve payload Pool.apply", "B/s")
def by_payload(ask):
    with multiprocessing.Pool(1) as pool:
        while True:
            data = bytes(int(ask.x))
            times = max(1, min(ask.of(500), (64 << 20) // len(data)))
            yield sides.rate(times * len(data), lambda: [pool.apply(len, (data,)) for _ in range(times)])


if __name__ == "__main__":
    sides.main()
