"""A request needs two queries of 50 ms each. One after the other they take 100, together on one thread 50."""

import asyncio
import time


async def query(table):
    await asyncio.sleep(0.05)
    return len(table)


async def one_after_the_other():
    return await query("guests") + await query("cups")


async def together():
    guests = asyncio.create_task(query("guests"))
    cups = asyncio.create_task(query("cups"))
    return await guests + await cups


async def measure(way, request):
    start = time.perf_counter()
    rows = await request
    print(f"{way}: {rows} rows in {(time.perf_counter() - start) * 1000:.0f} ms")


async def main():
    await measure("one after the other", one_after_the_other())
    await measure("together", together())


if __name__ == "__main__":
    asyncio.run(main())
