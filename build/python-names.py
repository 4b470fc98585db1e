#!/usr/bin/env python3
"""Adds the public names of this Python's concurrency modules to the list of names that docs/how-to/coming-from-python.md must mention.

Names of other versions stay in the list. A test compares the page with the list.
"""
import importlib
import inspect
import pathlib

MODULES = {
    "threading": "", "queue": "", "multiprocessing": "", "multiprocessing.pool": "pool.", "multiprocessing.queues": "queues.",
    "multiprocessing.shared_memory": "shared_memory.", "multiprocessing.managers": "managers.", "multiprocessing.connection": "connection.",
    "multiprocessing.sharedctypes": "sharedctypes.", "concurrent.futures": "", "concurrent.futures.thread": "", "concurrent.futures.process": "",
    "asyncio": "", "asyncio.subprocess": "subprocess.",
}
CLASSES = """
    threading.Thread threading.Condition threading.Event threading.Barrier threading.Semaphore threading.Timer queue.Queue
    multiprocessing.Process multiprocessing.pool.Pool multiprocessing.pool.AsyncResult multiprocessing.queues.Queue
    multiprocessing.queues.JoinableQueue multiprocessing.connection.Connection multiprocessing.connection.Listener
    multiprocessing.managers.BaseManager multiprocessing.managers.SyncManager multiprocessing.managers.SharedMemoryManager
    multiprocessing.shared_memory.SharedMemory multiprocessing.shared_memory.ShareableList
    concurrent.futures.Future concurrent.futures.Executor concurrent.futures.ProcessPoolExecutor
    asyncio.Task asyncio.TaskGroup asyncio.Timeout asyncio.Runner asyncio.Queue asyncio.AbstractEventLoop asyncio.StreamReader
    asyncio.StreamWriter asyncio.subprocess.Process asyncio.Server asyncio.TimerHandle
""".split()


def names():
    for module, prefix in MODULES.items():
        imported = importlib.import_module(module)
        top = module.split(".")[0] if module.startswith(("multiprocessing", "asyncio")) else module
        top = "concurrent.futures" if module.startswith("concurrent") else top
        public = getattr(imported, "__all__", None) or [
            name for name, value in vars(imported).items() if inspect.isclass(value) and value.__module__ == module]
        known = set(getattr(importlib.import_module(top), "__all__", ()))
        for name in public:
            if not name.startswith("_") and (not prefix or name not in known):
                yield top, prefix + name
    classes = {path: getattr(importlib.import_module(path.rsplit(".", 1)[0]), path.rsplit(".", 1)[1]) for path in CLASSES}
    for path, described in classes.items():
        module, name = path.rsplit(".", 1)
        top = next(top for top in ("threading", "queue", "multiprocessing", "concurrent.futures", "asyncio") if module.startswith(top))
        within = {"AbstractEventLoop": "loop", "Process": path[len(top) + 1:]}.get(name, name)
        if module == top:
            yield top, name
        bases = [other for other in classes.values() if other in described.__mro__[1:]]
        for member in dir(described):
            if not member.startswith("_") and not any(hasattr(base, member) for base in bases):
                yield top, f"{within}.{member}"


target = pathlib.Path(__file__).resolve().parent.parent / "tests/Samovar.Tests/Architecture/PythonNames.txt"
known = set(target.read_text().split("\n")) - {""} if target.exists() else set()
found = {f"{top} {name}" for top, name in names()}
target.write_text("\n".join(sorted(known | found)) + "\n")
print(f"{len(found)} names in this Python, {len(found - known)} of them new; {len(known | found)} in the list")
