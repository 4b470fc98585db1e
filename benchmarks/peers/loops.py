"""What asyncio takes for the work of LoopMeasures.cs. One line a figure: what|value|unit."""
import asyncio
import sys
import threading
import time
import tracemalloc


def say(what, value, unit):
    print(f"{what}|{value}|{unit}", flush=True)


def median(values):
    return sorted(values)[len(values) // 2]


async def callbacks():
    loop, count, rates = asyncio.get_running_loop(), 500_000, []
    for _ in range(3):
        done, left = loop.create_future(), count

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
        rates.append(count / (time.perf_counter() - began))
    say("call_soon", median(rates), "/s")


async def switches():
    async def switch(times):
        for _ in range(times):
            await asyncio.sleep(0)

    for tasks in (1, 100):
        rates = []
        for _ in range(3):
            began = time.perf_counter()
            await asyncio.gather(*(switch(300_000 // tasks) for _ in range(tasks)))
            rates.append(300_000 / (time.perf_counter() - began))
        say(f"sleep(0), {tasks} task(s)", median(rates), "/s")


async def spawns():
    async def nothing():
        pass

    rates = []
    for _ in range(3):
        began = time.perf_counter()
        tasks = [asyncio.create_task(nothing()) for _ in range(100_000)]
        await asyncio.gather(*tasks)
        rates.append(100_000 / (time.perf_counter() - began))
    say("create_task and gather of 100,000", median(rates), "/s")


async def sleepers():
    began = time.perf_counter()
    await asyncio.gather(*(asyncio.sleep(1) for _ in range(100_000)))
    say("a hundred thousand sleepers of a second", time.perf_counter() - began, "s")
    tracemalloc.start()
    tasks = [asyncio.create_task(asyncio.sleep(1)) for _ in range(10_000)]
    await asyncio.sleep(0)
    say("memory of each", tracemalloc.get_traced_memory()[0] / 10_000, "B")
    await asyncio.gather(*tasks)


async def posts():
    loop, times = asyncio.get_running_loop(), []

    def post():
        for _ in range(5000):
            seen = threading.Event()
            began = time.perf_counter()
            loop.call_soon_threadsafe(seen.set)
            seen.wait()
            times.append(time.perf_counter() - began)

    await asyncio.to_thread(post)
    say("call_soon_threadsafe, p50", median(times) * 1e6, "µs")


MEASURES = {"P12": callbacks, "P13": switches, "P14": spawns, "P15": sleepers, "P16": posts}
if sys.argv[1] in MEASURES:
    asyncio.run(MEASURES[sys.argv[1]]())
