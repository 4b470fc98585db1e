"""Files from a server, five at a time, each reported when it is complete. The arguments are their addresses."""

import os
import sys
import tempfile
from collections import deque
from concurrent.futures import ThreadPoolExecutor, TimeoutError, as_completed
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

opener = build_opener(ProxyHandler({}))  # the server is on this machine


def download(url, folder):
    name = os.path.basename(urlsplit(url).path)
    if not os.path.splitext(name)[1]:
        raise ValueError(f"The URL {url} does not contain an extension.")
    with opener.open(url) as response, open(os.path.join(folder, name), "wb") as file:
        while chunk := response.read(1024):
            file.write(chunk)
        return f"finished downloading {name}, {file.tell():,} bytes"


def outcome(future):
    return future.exception() or future.result()


def main(urls):
    with tempfile.TemporaryDirectory(prefix="samovar-futures-") as folder, ThreadPoolExecutor(max_workers=5) as executor:
        print("As they complete:")
        futures = {executor.submit(download, url, folder): url for url in urls}
        for future in as_completed(futures):
            print(f"    {f'{futures[future]}: ' if future.exception() else ''}{outcome(future)}")

        print("Polled one after another, those that still run return to the back of the queue:")
        running = deque(executor.submit(download, url, folder) for url in urls)
        looks = 0
        while running:
            future = running.popleft()
            looks += 1
            try:
                error = future.exception(timeout=0.01)
            except TimeoutError:
                running.append(future)
            else:
                print(f"    at look {looks}: {error or future.result()}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: 11-futures.py URL… (samovar tour --beside-python starts a server and passes its files)")
    main(sys.argv[1:])
