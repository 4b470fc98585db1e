// What Node takes for the work of LoopMeasures.cs. One line a figure: what|value|unit.
const say = (what, value, unit) => console.log(`${what}|${value}|${unit}`);
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const seconds = (began) => Number(process.hrtime.bigint() - began) / 1e9;

async function callbacks() {
  const rates = [];
  for (let round = 0; round < 3; round++) {
    const began = process.hrtime.bigint();
    await new Promise((done) => {
      let left = 1_000_000;
      const callback = () => { if (--left === 0) done(); };
      for (let i = 0; i < 1_000_000; i++) setImmediate(callback);
    });
    rates.push(1_000_000 / seconds(began));
  }
  say("setImmediate", median(rates), "/s");
}

async function switches() {
  for (const tasks of [1, 100]) {
    const rates = [];
    const run = async (times) => { for (let i = 0; i < times; i++) await null; };
    for (let round = 0; round < 3; round++) {
      const began = process.hrtime.bigint();
      await Promise.all(Array.from({ length: tasks }, () => run(2_000_000 / tasks)));
      rates.push(2_000_000 / seconds(began));
    }
    say(`await null, ${tasks} task(s)`, median(rates), "/s");
  }
}

async function spawns() {
  const rates = [];
  for (let round = 0; round < 5; round++) {
    const began = process.hrtime.bigint();
    await Promise.all(Array.from({ length: 100_000 }, async () => { await null; }));
    rates.push(100_000 / seconds(began));
  }
  say("async functions and Promise.all of 100,000", median(rates), "/s");
}

async function sleepers() {
  const before = process.memoryUsage().heapUsed;
  const began = process.hrtime.bigint();
  const all = Array.from({ length: 1_000_000 }, () => new Promise((done) => setTimeout(done, 1000)));
  const bytes = (process.memoryUsage().heapUsed - before) / 1e6;
  await Promise.all(all);
  say("a million sleepers of a second", seconds(began), "s");
  say("memory of each", bytes, "B");
}

const measures = { P12: callbacks, P13: switches, P14: spawns, P15: sleepers };
await measures[process.argv[2]]?.();
