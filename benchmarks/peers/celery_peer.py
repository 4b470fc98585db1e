"""Celery on a broker that is there: `python3 celery_peer.py URL rate|trip`. Starts a worker with two processes; for each line on stdin, a number of
tasks, it writes a figure to stdout: tasks per second, or the median round trip in microseconds. The end of stdin ends both.
"""
import statistics
import subprocess
import sys
import time

try:
    import celery
except ImportError:
    celery = None

if celery:
    app = celery.Celery("celery_peer", broker=sys.argv[1] if len(sys.argv) > 2 else None, backend="rpc://")
    app.conf.task_acks_late = True

    @app.task(name="nothing")
    def nothing():
        return 1


def rate(count):
    began = time.perf_counter()
    for result in [nothing.delay() for _ in range(count)]:
        result.get(timeout=120)
    return count / (time.perf_counter() - began)


def trip(count):
    times = []
    for _ in range(count):
        time.sleep(0.002)
        began = time.perf_counter()
        nothing.delay().get(timeout=60)
        times.append((time.perf_counter() - began) * 1e6)
    return statistics.median(times)


def main():
    if not celery:
        print("missing", flush=True)
        return
    worker = subprocess.Popen(
        [sys.executable, __file__, sys.argv[1], "worker", "--"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        nothing.delay().get(timeout=60)  # the worker has started
        for line in sys.stdin:
            print({"rate": rate, "trip": trip}[sys.argv[2]](int(line)), flush=True)
    finally:
        worker.terminate()
        worker.wait()


if __name__ == "__main__":
    if sys.argv[2:3] == ["worker"]:
        app.worker_main(["worker", "--concurrency", "2", "--loglevel", "ERROR", "--without-gossip", "--without-mingle"])
    else:
        main()
