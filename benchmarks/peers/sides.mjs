// What Node's scripts share. As sides.py: a side is an async generator that sets itself up and yields one figure each time it is asked.
import { createInterface } from 'node:readline';

const sides = new Map();

export const side = (name, unit, figures) => sides.set(name, { figures, unit });
export const now = () => Number(process.hrtime.bigint()) / 1e3; // µs
export const seconds = (began) => (now() - began) / 1e6;
export const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Something that has to be installed and is not. */
export class Missing extends Error {}

export async function load(name) {
  try {
    return await import(name);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Missing(`${name} is not installed: npm install --prefix benchmarks/peers`);
  }
}

export async function percentile(call, trips) {
  const times = [];
  for (let i = 0; i < trips; i++) {
    const began = now();
    await call();
    times.push(now() - began);
  }
  return median(times);
}

function ask(scale) {
  return { x: 0, of: (full, least = 1) => Math.max(least, Math.floor(full * scale)) };
}

async function serve(name, scale) {
  const asked = ask(scale);
  const figures = sides.get(name).figures(asked);
  for await (const line of createInterface({ input: process.stdin })) {
    asked.x = Number(line.trim() || 0);
    let answer;
    try {
      answer = { value: (await figures.next()).value };
    } catch (error) {
      answer = error instanceof Missing ? { missing: error.message } : { error: `${error.name}: ${error.message}` };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  await figures.return();
  process.exit(0); // pools that were left in the middle would keep it
}

export async function main() {
  const [, , first, name, scale] = process.argv;
  if (first === '--serve') return serve(name, Number(scale));
  const wanted = process.argv.slice(2);
  for (const [key, { figures, unit }] of sides) {
    if (key.startsWith('curve') || (wanted.length && !wanted.includes(key.split(' ')[0].split('.')[0]))) continue;
    const running = figures(ask(1));
    const values = [];
    try {
      for (let i = 0; i < 3; i++) values.push((await running.next()).value);
      console.log(`${key}|${median(values)}|${unit}`);
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      console.error(`${key}: ${error.message}`);
    }
    await running.return();
  }
  process.exit(0);
}
