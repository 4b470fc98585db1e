"""One thread waits for a line, another computes squares meanwhile. Type, or pipe: echo tea | python3 02-input-reader.py"""

import sys
from threading import Thread


class InputReader(Thread):
    def run(self):
        self.line_of_text = sys.stdin.readline().rstrip("\n")


if __name__ == "__main__":
    if sys.stdin.isatty():
        print("Enter any text and press enter:")
    thread = InputReader()
    thread.start()

    count = result = 1
    while True:
        result = count * count
        count += 1
        if not thread.is_alive():
            break

    print(f"calculated squares up to {count - 1:,} * {count - 1:,} = {result:,}")
    print(f"while you typed '{thread.line_of_text}'" if thread.line_of_text else "while the input was empty")
