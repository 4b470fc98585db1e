// The lanes that are shown, as a file for https://ui.perfetto.dev: the format that Perfetto and Chrome read.

import { outcome } from "./format.js";

/** The events of a range of the lanes, as docs of the format have them: times are microseconds. */
export function traceOf(lanes, [from, to], now, names) {
  const events = [];
  for (const lane of lanes) {
    events.push({ ph: "M", name: "process_name", pid: lane.executor, tid: 0, args: { name: lane.executor === 0 ? "process" : names(lane.executor) } });
    events.push({ ph: "M", name: "thread_name", pid: lane.executor, tid: lane.worker, args: { name: lane.label } });
    const bars = [...lane.bars, ...lane.open.map(task => ({ ...task, from: task.since, to: now, outcome: "running" }))];
    for (const bar of bars) {
      if (bar.to < from || bar.from > to) continue;
      if (bar.outcome === "paused") {
        events.push({ ph: "X", name: "pause of the garbage collector", cat: "gc", pid: 0, tid: 0, ts: bar.from * 1000, dur: (bar.to - bar.from) * 1000, args: { "within ms": bar.within } });
        continue;
      }
      const args = { task: bar.id, attempt: bar.attempt, outcome: outcome(bar.outcome), "waited ms": Math.max(0, bar.from - bar.queued) };
      if (bar.count > 1) args.tasks = bar.count;
      events.push({ ph: "X", name: bar.function ?? "task", cat: "task", pid: lane.executor, tid: lane.worker, ts: bar.from * 1000, dur: Math.max(0, bar.to - bar.from) * 1000, args });
    }
  }
  return { traceEvents: events, displayTimeUnit: "ms" };
}

/** Saves a value as a file of JSON. */
export function save(name, value) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(value)], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
