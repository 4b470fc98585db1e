"""Breakfast step by step, and while the water boils. A minute of the kitchen takes a tenth of a second."""

import time
from concurrent.futures import ThreadPoolExecutor


def do(what, minutes):
    time.sleep(minutes * 0.1)
    print(f"    {what}: {minutes} min")


def boil():
    do("boil the water", 4)


def toast():
    do("toast the bread", 3)


def fetch_paper():
    do("fetch the newspaper", 2)


def pour():
    do("pour the tea", 1)


def step_by_step():
    boil()
    toast()
    fetch_paper()
    pour()


def while_it_boils(kitchen):
    kettle = kitchen.submit(boil)
    toaster = kitchen.submit(toast)
    fetch_paper()
    kettle.result()
    pour()
    toaster.result()


def measure(way, breakfast):
    start = time.perf_counter()
    breakfast()
    took = time.perf_counter() - start
    print(f"{way}: {took * 10:.1f} min")
    return took


if __name__ == "__main__":
    with ThreadPoolExecutor(max_workers=3) as kitchen:
        sequential = measure("step by step", step_by_step)
        concurrent = measure("while the water boils", lambda: while_it_boils(kitchen))
    print(f"The same breakfast, {sequential / concurrent:.1f} times as fast.")
