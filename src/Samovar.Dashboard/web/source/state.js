// What the dashboard knows: the last picture, a short history, and what the viewer has chosen.

import { signal, computed } from "@preact/signals";

const historyLength = 120000; // milliseconds of the charts
const laneLength = 600000; // milliseconds of the lanes
const mostBars = 4000; // in a lane

export const hello = signal(null);
/** The newest picture; with a pause, pages show `shown` instead. */
export const latest = signal(null);
export const connection = signal({ state: "connecting", text: "connecting" });
/** When the newest picture arrived, by this browser's clock. */
export const arrived = signal(0);
/** Advances twice a second, for ages. */
export const tick = signal(0);
export const paused = signal(null); // the picture at which the view is paused
export const executor = signal(0); // the chosen executor; 0 for all
export const message = signal(null);

export const shown = computed(() => paused.value ?? latest.value);
export const executors = computed(() => shown.value?.executors ?? []);
export const chosen = computed(() => executors.value.filter(one => executor.value === 0 || one.id === executor.value));
export const ofChosen = list => (list ?? []).filter(one => executor.value === 0 || one.executor === executor.value);
export const nameOf = id => executors.value.find(one => one.id === id)?.name ?? `executor ${id}`;

/** Samples of all executors, the oldest first: { at, perExecutor: Map of id → { done, runSum, runCount } }. */
const samples = [];
/** Bars by lane: Map of "executor:worker" → bars, the oldest first. */
export const lanes = new Map();
/** Pauses of the garbage collector, as bars, the oldest first: one for each picture in whose time the program paused, at its end. */
export const pauses = [];
export let lanesDropped = 0;
export const version = signal(0); // changes with the history

export function addPicture(picture) {
  const before = latest.peek();
  if (before?.picture === picture.picture && before.at === picture.at) return; // sent again after the connection was lost
  if (before && picture.picture <= before.picture) clearHistory(); // another recording
  const perExecutor = new Map();
  for (const one of picture.executors ?? []) perExecutor.set(one.id, { done: one.succeeded + one.failed + one.canceled, runSum: 0, runCount: 0 });
  for (const one of picture.functions ?? []) {
    const sample = perExecutor.get(one.executor);
    if (!sample || !one.run) continue;
    sample.runSum += one.run.sum;
    sample.runCount += one.run.count;
  }
  samples.push({ at: picture.at, perExecutor });
  while (samples.length > 2 && picture.at - samples[0].at > historyLength) samples.shift();
  for (const bar of picture.lanes ?? []) addBar(bar);
  addPause(before, picture);
  lanesDropped += picture.lanesDropped ?? 0;
  for (const [key, bars] of lanes) {
    let gone = Math.max(0, bars.length - mostBars);
    while (gone < bars.length && picture.at - bars[gone].to > laneLength) gone++;
    if (gone > 0) bars.splice(0, gone);
    if (bars.length === 0) lanes.delete(key);
  }
  latest.value = picture;
  arrived.value = performance.now();
  version.value++;
}

function addPause(before, picture) {
  const length = before ? (picture.process?.gcPause ?? 0) * (picture.at - before.at) : 0;
  if (length > 0) pauses.push({ from: picture.at - length, to: picture.at, queued: picture.at, outcome: "paused", count: 1, within: picture.at - before.at, full: picture.process.gen2 - before.process.gen2 });
  while (pauses.length > mostBars || (pauses.length > 0 && picture.at - pauses[0].to > laneLength)) pauses.shift();
}

function addBar(bar) {
  const key = `${bar.executor}:${bar.worker}`;
  let bars = lanes.get(key);
  if (!bars) lanes.set(key, (bars = []));
  bars.push(bar);
}

export function clearHistory() {
  samples.length = 0;
  pauses.length = 0;
  lanes.clear();
  lanesDropped = 0;
}

function sumOf(sample, id) {
  const sum = { done: 0, runSum: 0, runCount: 0 };
  for (const [key, one] of sample.perExecutor) {
    if (id !== 0 && key !== id) continue;
    sum.done += one.done;
    sum.runSum += one.runSum;
    sum.runCount += one.runCount;
  }
  return sum;
}

/** The history for uPlot: times in seconds, completed tasks a second, mean run time in milliseconds. */
export function history() {
  const id = executor.value, times = [], rates = [], runs = [];
  for (let i = 1; i < samples.length; i++) {
    const before = sumOf(samples[i - 1], id), now = sumOf(samples[i], id), seconds = (samples[i].at - samples[i - 1].at) / 1000;
    times.push(samples[i].at / 1000);
    rates.push(seconds > 0 ? Math.max(0, now.done - before.done) / seconds : null);
    runs.push(now.runCount > before.runCount ? Math.max(0, now.runSum - before.runSum) / (now.runCount - before.runCount) : null);
  }
  return [times, rates, runs];
}

/** Completed tasks a second, over the last two seconds. */
export function rateNow() {
  const last = samples.at(-1);
  if (!last) return null;
  let first = samples.length - 1;
  while (first > 0 && last.at - samples[first].at < 2000) first--;
  const seconds = (last.at - samples[first].at) / 1000;
  return seconds > 0 ? Math.max(0, sumOf(last, executor.value).done - sumOf(samples[first], executor.value).done) / seconds : null;
}

/** The program's time, advanced since the newest picture while the connection is live. */
export function programNow() {
  const picture = shown.peek();
  if (!picture) return 0;
  const isLive = connection.peek().state === "live" && !paused.peek();
  return picture.at + (isLive ? Math.min(5000, performance.now() - arrived.peek()) : 0);
}
