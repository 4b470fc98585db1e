"""What Python's multiprocessing.Queue and Pipe do with the work that `queues` measures; one figure a line, as it prints them.

Run by `Samovar.Benchmarks -- queues peers`, which puts its own figures beside them; by hand: python3 queues.py [P6 P7 P8].
"""
import multiprocessing
import statistics
import sys
import time


def say(what, value, unit):
    print(f"{what}|{value}|{unit}", flush=True)


def read_queue(queue, done):
    while queue.get() is not None:
        pass
    done.put(1)


def read_pipe(end, done):
    while end.recv() is not None:
        pass
    done.put(1)


def stream(name, make, read, put, item, count):
    sender, receiver = make()
    done = multiprocessing.Queue()
    child = multiprocessing.Process(target=read, args=(receiver, done))
    child.start()
    began = time.perf_counter()
    for _ in range(count):
        put(sender, item)
    put(sender, None)
    done.get()
    say(name, count / (time.perf_counter() - began), "/s")
    child.join()


def queue_ends():
    queue = multiprocessing.Queue()
    return queue, queue


def pipe_ends():
    receiver, sender = multiprocessing.Pipe(duplex=False)
    return sender, receiver


def echo_queue(there, back):
    while (item := there.get()) is not None:
        back.put(item)


def echo_pipe(end):
    while (item := end.recv()) is not None:
        end.send(item)


def ping(name, send, receive):
    for _ in range(200):
        send(1)
        receive()
    times = []
    for _ in range(3000):
        began = time.perf_counter()
        send(1)
        receive()
        times.append((time.perf_counter() - began) * 1e6)
    say(name, statistics.median(times), "us")


def p6():
    stream("multiprocessing.Queue, integers", queue_ends, read_queue, lambda q, i: q.put(i), 7, 100_000)
    stream("multiprocessing.Pipe, integers", pipe_ends, read_pipe, lambda e, i: e.send(i), 7, 100_000)


def p7():
    there, back = multiprocessing.Queue(), multiprocessing.Queue()
    child = multiprocessing.Process(target=echo_queue, args=(there, back))
    child.start()
    ping("multiprocessing.Queue, there and back, p50", there.put, back.get)
    there.put(None)
    child.join()
    here, other = multiprocessing.Pipe()
    child = multiprocessing.Process(target=echo_pipe, args=(other,))
    child.start()
    ping("multiprocessing.Pipe, there and back, p50", here.send, here.recv)
    here.send(None)
    child.join()


def p8():
    item = bytes(1024)
    stream("multiprocessing.Queue, 1 KiB", queue_ends, read_queue, lambda q, i: q.put(i), item, 50_000)
    stream("multiprocessing.Pipe, 1 KiB", pipe_ends, read_pipe, lambda e, i: e.send(i), item, 50_000)


if __name__ == "__main__":
    measures = {"P6": p6, "P7": p7, "P8": p8}
    for name in sys.argv[1:] or measures:
        measures[name]()
