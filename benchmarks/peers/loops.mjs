// What Node's event loop does with the work of the rows P12 to P15. How it is asked: sides.mjs.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { main, now, seconds, side } from './sides.mjs';

side('P12 Node setImmediate', '/s', async function* (ask) {
  while (true) {
    const count = ask.of(2_000_000, 1000);
    const began = now();
    let left = count;
    const callback = () => { left--; };
    while (left > 0) { // by the thousand, as the others
      for (let i = 0; i < 1000; i++) setImmediate(callback);
      await new Promise(setImmediate);
    }
    yield count / seconds(began);
  }
});

side('P13 Node microtask', '/s', async function* (ask) {
  while (true) {
    const count = ask.of(5_000_000);
    const began = now();
    for (let i = 0; i < count; i++) await null;
    yield count / seconds(began);
  }
});

side('P14 Node async function, Promise.all', '/s', async function* (ask) {
  while (true) {
    const count = ask.of(100_000);
    const began = now();
    await Promise.all(Array.from({ length: count }, async () => { await null; }));
    yield count / seconds(began);
  }
});

const sleepers = (count) => Array.from({ length: count }, () => new Promise((done) => setTimeout(done, 1000)));

side('P15 Node setTimeout', 's', async function* (ask) {
  while (true) {
    const began = now();
    await Promise.all(sleepers(ask.of(1_000_000)));
    yield seconds(began);
  }
});

side('P15.memory Node setTimeout, no function', 'B', async function* (ask) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  while (true) {
    const count = ask.of(1_000_000);
    collect();
    const before = process.memoryUsage().heapUsed;
    const all = sleepers(count);
    collect();
    const each = (process.memoryUsage().heapUsed - before) / count;
    await Promise.all(all);
    yield each;
  }
});

side('curve sleepers Node setTimeout', 's', async function* (ask) {
  while (true) {
    const began = now();
    await Promise.all(sleepers(ask.x));
    yield seconds(began);
  }
});

await main();
