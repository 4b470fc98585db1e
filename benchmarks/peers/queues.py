"""What Python's multiprocessing.Queue and Pipe do with the work of the rows P6 to P8. How it is asked: sides.py."""
import multiprocessing
import time

import sides


def read_queue(queue, done):
    while True:
        item = queue.get()
        if item is None:
            done.put(1)
        elif item == "end":
            return


def read_pipe(end, done):
    while True:
        item = end.recv()
        if item is None:
            done.put(1)
        elif item == "end":
            return


def queue_ends():
    queue = multiprocessing.Queue()
    return queue, queue


def pipe_ends():
    receiver, sender = multiprocessing.Pipe(duplex=False)
    return sender, receiver


def stream(ask, make, read, put, item, full):
    sender, receiver = make()
    done = multiprocessing.Queue()
    child = multiprocessing.Process(target=read, args=(receiver, done), daemon=True)
    child.start()

    def send(count):
        for _ in range(count):
            put(sender, item)
        put(sender, None)
        done.get()

    try:
        while True:
            count = ask.of(full)
            yield sides.rate(count, lambda: send(count))
    finally:
        put(sender, "end")
        child.join()


def put_queue(queue, item):
    queue.put(item)


def put_pipe(end, item):
    end.send(item)


@sides.side("P6 multiprocessing.Queue", "/s")
def integers_queue(ask):
    return stream(ask, queue_ends, read_queue, put_queue, 7, 100_000)


@sides.side("P6 Pipe", "/s")
def integers_pipe(ask):
    return stream(ask, pipe_ends, read_pipe, put_pipe, 7, 100_000)


@sides.side("P8 multiprocessing.Queue", "/s")
def kibibytes_queue(ask):
    return stream(ask, queue_ends, read_queue, put_queue, bytes(1024), 50_000)


@sides.side("P8 Pipe", "/s")
def kibibytes_pipe(ask):
    return stream(ask, pipe_ends, read_pipe, put_pipe, bytes(1024), 50_000)


def echo_queue(there, back):
    while (item := there.get()) is not None:
        back.put(item)


def echo_pipe(end):
    while (item := end.recv()) is not None:
        end.send(item)


def ping(ask, send, receive, rest, full):
    while True:
        times = []
        for _ in range(ask.of(full)):
            if rest:
                time.sleep(rest)
            began = time.perf_counter()
            send(1)
            receive()
            times.append((time.perf_counter() - began) * 1e6)
        yield sorted(times)[len(times) // 2]


def ping_queue(ask, rest, full):
    there, back = multiprocessing.Queue(), multiprocessing.Queue()
    multiprocessing.Process(target=echo_queue, args=(there, back), daemon=True).start()
    try:
        yield from ping(ask, there.put, back.get, rest, full)
    finally:
        there.put(None)


def ping_pipe(ask, rest, full):
    here, other = multiprocessing.Pipe()
    multiprocessing.Process(target=echo_pipe, args=(other,), daemon=True).start()
    try:
        yield from ping(ask, here.send, here.recv, rest, full)
    finally:
        here.send(None)


@sides.side("P7 multiprocessing.Queue", "us")
def hot_queue(ask):
    return ping_queue(ask, 0, 3_000)


@sides.side("P7 Pipe", "us")
def hot_pipe(ask):
    return ping_pipe(ask, 0, 3_000)


@sides.side("P7.idle multiprocessing.Queue", "us")
def idle_queue(ask):
    return ping_queue(ask, 0.002, 100)


@sides.side("P7.idle Pipe", "us")
def idle_pipe(ask):
    return ping_pipe(ask, 0.002, 100)


if __name__ == "__main__":
    sides.main()
