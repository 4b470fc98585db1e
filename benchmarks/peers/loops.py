"""What asyncio does with the work of the rows P12 to P16. How it is asked: sides.py."""
import asyncio
import threading
import time
import tracemalloc

import sides


def on_loop(work):
    """Figures of an async function, all on one loop."""
    with asyncio.Runner() as runner:
        while True:
            yield runner.run(work())


@sides.side("P12 asyncio call_soon", "/s")
def callbacks(ask):
    async def run():
        loop, count = asyncio.get_running_loop(), ask.of(500_000, 1000)
        done, left = loop.create_future(), count // 1000 * 1000

        def callback():
            nonlocal left
            left -= 1
            if not left:
                done.set_result(None)

        began = time.perf_counter()
        for _ in range(count // 1000):
            for _ in range(1000):
                loop.call_soon(callback)
            await asyncio.sleep(0)
        await done
        return count / (time.perf_counter() - began)

    return on_loop(run)


@sides.side("P13 asyncio sleep(0)", "/s")
def switches(ask):
    async def run():
        count = ask.of(300_000)
        began = time.perf_counter()
        for _ in range(count):
            await asyncio.sleep(0)
        return count / (time.perf_counter() - began)

    return on_loop(run)


@sides.side("P14 asyncio create_task, gather", "/s")
def spawns(ask):
    async def nothing():
        pass

    async def run():
        count = ask.of(100_000)
        began = time.perf_counter()
        await asyncio.gather(*[asyncio.create_task(nothing()) for _ in range(count)])
        return count / (time.perf_counter() - began)

    return on_loop(run)


@sides.side("P15 asyncio, a tenth of them", "s")
def sleepers(ask):
    async def run():
        began = time.perf_counter()
        await asyncio.gather(*(asyncio.sleep(1) for _ in range(ask.of(100_000))))
        return time.perf_counter() - began

    return on_loop(run)


@sides.side("P15.memory asyncio", "B")
def sleeper_memory(_):
    async def run():
        tracemalloc.start()
        tasks = [asyncio.create_task(asyncio.sleep(0.1)) for _ in range(10_000)]
        await asyncio.sleep(0)
        each = tracemalloc.get_traced_memory()[0] / len(tasks)
        await asyncio.gather(*tasks)
        tracemalloc.stop()
        return each

    return on_loop(run)


@sides.side("P15.timer asyncio call_later", "ns")
def timers(ask):
    async def run():
        loop, count = asyncio.get_running_loop(), ask.of(200_000)
        standing = [loop.call_later(3600 + i % 3600, int) for i in range(1_000_000)]
        began = time.perf_counter()
        for i in range(count):
            loop.call_later(3600 + i % 3600, int).cancel()
        took = time.perf_counter() - began
        for call in standing:
            call.cancel()
        return took / count * 1e9

    return on_loop(run)


@sides.side("P16 asyncio call_soon_threadsafe", "us")
def posts(ask):
    async def run():
        loop, times = asyncio.get_running_loop(), []

        def post():
            for _ in range(ask.of(5_000)):
                seen = threading.Event()
                began = time.perf_counter()
                loop.call_soon_threadsafe(seen.set)
                seen.wait()
                times.append((time.perf_counter() - began) * 1e6)

        await asyncio.to_thread(post)
        return sorted(times)[len(times) // 2]

    return on_loop(run)


@sides.side("curve sleepers asyncio", "s")
def by_sleepers(ask):
    async def run():
        began = time.perf_counter()
        await asyncio.gather(*(asyncio.sleep(1) for _ in range(int(ask.x))))
        return time.perf_counter() - began

    return on_loop(run)


if __name__ == "__main__":
    sides.main()
