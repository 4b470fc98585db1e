"""Five sleepers, started, left alone for two seconds, then awaited. The argument is the length of a second, 1 by default."""

import asyncio
import sys

DELAYS = [2.59, 3.16, 4.27, 1.66, 0.38]  # s, the random delays of the C# program


async def sleep(sleeper, delay, second):
    print(f"{sleeper} sleeps for {delay:.2f} seconds")
    await asyncio.sleep(delay * second)
    print(f"{sleeper} awakes")


async def main(second=1.0):
    print("starting five sleepers")
    tasks = [asyncio.create_task(sleep(i, delay, second)) for i, delay in enumerate(DELAYS)]
    await asyncio.sleep(2 * second)
    print("two seconds later: waiting for the others")
    await asyncio.gather(*tasks)
    print("all five are awake")


if __name__ == "__main__":
    asyncio.run(main(*map(float, sys.argv[1:])))
