"""Nine cities, requested one after another, on threads, and by coroutines on one thread. The argument is the address of a weather server."""

import asyncio
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit
from urllib.request import ProxyHandler, build_opener

CITIES = ["Edmonton", "Victoria", "Winnipeg", "Fredericton", "Halifax", "Toronto", "Charlottetown", "Québec", "Regina"]

opener = build_opener(ProxyHandler({}))  # the server is on this machine


def path_of(city):
    return f"data/2.5/weather?q={quote(city)},CA&units=metric"


def temperature(body):
    return json.loads(body)["main"]["temp"]


def request(address, city):
    with opener.open(address + path_of(city)) as response:
        return temperature(response.read())


async def request_async(address, city):
    # The standard library has no asynchronous HTTP client. HTTP/1.0 ends a response by closing the connection.
    server = urlsplit(address)
    reader, writer = await asyncio.open_connection(server.hostname, server.port)
    writer.write(f"GET /{path_of(city)} HTTP/1.0\r\nHost: {server.netloc}\r\n\r\n".encode("ascii"))
    response = await reader.read()
    writer.close()
    head, _, body = response.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise RuntimeError(f"{city}: {head.decode('ascii')}")
    return temperature(body)


async def request_all_async(address):
    return await asyncio.gather(*(request_async(address, city) for city in CITIES))


def measure(way, ask):
    start = time.perf_counter()
    answers = ask()
    took = time.perf_counter() - start
    for city, celsius in zip(CITIES, answers):
        print(f"    it is {celsius:.0f} °C in {city}")
    print(f"{way}: {len(CITIES)} temperatures in {took:.2f} s")


def main(address):
    request(address, CITIES[0])  # as the C# program warms up
    measure("one after another", lambda: [request(address, city) for city in CITIES])
    with ThreadPoolExecutor(max_workers=len(CITIES)) as threads:
        measure("a thread for each", lambda: list(threads.map(lambda city: request(address, city), CITIES)))
    measure("one thread, nine coroutines", lambda: asyncio.run(request_all_async(address)))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: 03-temperatures.py ADDRESS (samovar tour --beside-python starts a server and passes its address)")
    main(sys.argv[1])
