"""Two coroutines on one thread: four seconds and five seconds take five together. The argument is the length of a second, 1 by default."""

import asyncio
import sys
import time


async def coroutine(name, seconds, second):
    print(f"{name} is active on the event loop")
    print(f"{name} yields control for {seconds} seconds")
    await asyncio.sleep(seconds * second)
    print(f"{name} resumes and ends")


async def main(second=1.0):
    start = time.perf_counter()
    await asyncio.gather(coroutine("coroutine 1", 4, second), coroutine("coroutine 2", 5, second))
    print(f"both ended after {(time.perf_counter() - start) / second:.0f} seconds")


if __name__ == "__main__":
    asyncio.run(main(*map(float, sys.argv[1:])))
