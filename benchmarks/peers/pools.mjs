// What Node does with the work of the rows P1, P2, P4 to P8 and P19: worker processes and threads of workerpool and piscina, and child_process.
// How it is asked: sides.mjs. This file is also what its child processes run.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { load, main, median, now, percentile, seconds, side } from './sides.mjs';

const self = fileURLToPath(import.meta.url);
const work = fileURLToPath(new URL('./work.cjs', import.meta.url));
const workers = 2;

async function* withWorkerpool(count, figure) {
  const workerpool = (await load('workerpool')).default;
  const pool = workerpool.pool(work, { workerType: 'process', minWorkers: count, maxWorkers: count });
  try {
    while (true) yield await figure(pool);
  } finally {
    await pool.terminate(true);
  }
}

async function* withPiscina(count, figure) {
  const { Piscina } = await load('piscina');
  const pool = new Piscina({ filename: work, minThreads: count, maxThreads: count, idleTimeout: Infinity });
  try {
    while (true) yield await figure(pool);
  } finally {
    await pool.destroy();
  }
}

async function submits(count, submit) {
  const began = now();
  await Promise.all(Array.from({ length: count }, submit));
  return count / seconds(began);
}

side('P1 Node workerpool', '/s', (ask) => withWorkerpool(workers, (pool) => submits(ask.of(10_000), () => pool.exec('nothing'))));
side('P1 Node piscina (threads)', '/s', (ask) => withPiscina(workers, (pool) => submits(ask.of(20_000), () => pool.run(null))));
side('P2 Node workerpool', 'us', (ask) => withWorkerpool(1, (pool) => percentile(() => pool.exec('nothing'), ask.of(2_000))));
side('P2 Node piscina (threads)', 'us', (ask) => withPiscina(1, (pool) => percentile(() => pool.run(null), ask.of(2_000))));

const next = (child) => new Promise((done) => child.once('message', done));
const start = () => fork(self, ['child'], { serialization: 'advanced' });

side('P4 Node fork', 'ms', async function* () {
  while (true) {
    const began = now();
    const child = start();
    child.send(1);
    await next(child);
    const took = (now() - began) / 1e3;
    child.disconnect();
    yield took;
  }
});

side('P5 Node workerpool', 'ms', () => withWorkerpool(1, async (pool) => {
  const victim = await pool.exec('pid');
  const lost = pool.exec('forever').catch(() => 'lost');
  const began = now();
  process.kill(victim, 'SIGKILL');
  await lost;
  await pool.exec('nothing');
  return (now() - began) / 1e3;
}));

async function* withChild(figure) {
  const child = start();
  try {
    while (true) yield await figure(child);
  } finally {
    child.disconnect();
  }
}

async function stream(child, count, item) {
  const began = now();
  for (let i = 0; i < count; i++) child.send(item);
  child.send('count');
  await next(child);
  return count / seconds(began);
}

const trip = (child) => { child.send('echo'); return next(child); };

side('P6 Node IPC', '/s', (ask) => withChild((child) => stream(child, ask.of(50_000), 7)));
side('P7 Node IPC', 'us', (ask) => withChild((child) => percentile(() => trip(child), ask.of(3_000))));
side('P7.idle Node IPC', 'us', (ask) => withChild(async (child) => {
  const times = [];
  for (let i = 0; i < ask.of(100); i++) {
    await new Promise((done) => setTimeout(done, 2));
    times.push(await percentile(() => trip(child), 1));
  }
  return median(times);
}));
side('P8 Node IPC', '/s', (ask) => withChild((child) => stream(child, ask.of(20_000), Buffer.alloc(1024))));

side('P19 Node fork', 'MB', () => withChild(async (child) => {
  await trip(child);
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1e3;
}));

if (process.argv[2] === 'child') {
  process.on('message', (item) => { if (item === 'echo' || item === 'count' || item === 1) process.send(item); });
} else {
  await main();
}
