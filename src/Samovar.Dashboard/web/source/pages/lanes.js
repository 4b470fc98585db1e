import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { connection, executor, hello, lanes, lanesDropped, nameOf, ofChosen, paused, pauses, programNow, shown, version } from "../state.js";
import { count, duration, outcome, time } from "../format.js";
import { LaneCanvas, rowHeight } from "../canvas.js";
import { save, traceOf } from "../trace.js";

const spans = [[10, "10 s"], [30, "30 s"], [60, "1 min"], [120, "2 min"], [300, "5 min"], [600, "10 min"]];
const keys = ["succeeded", "failed", "timed_out", "canceled", "crashed", "retried", "running"];

/** The lanes, that of the garbage collector first, then in the order of executors and workers: { key, label, bars, open }. */
function rows() {
  const picture = shown.value, found = new Map();
  for (const worker of ofChosen(picture.workers)) found.set(`${worker.executor}:${worker.worker}`, { executor: worker.executor, worker: worker.worker, label: worker.name });
  for (const key of lanes.keys()) {
    const [id, worker] = key.split(":").map(Number);
    if (!found.has(key) && (executor.value === 0 || executor.value === id))
      found.set(key, { executor: id, worker, label: worker === 0 ? `${nameOf(id)}: never started` : `${nameOf(id)} #${worker} (gone)` });
  }
  const open = new Map();
  for (const task of ofChosen(picture.running)) {
    const key = `${task.executor}:${task.worker ?? 0}`;
    if (!open.has(key)) open.set(key, []);
    open.get(key).push(task);
  }
  const workers = [...found].map(([key, lane]) => ({ ...lane, key, bars: lanes.get(key) ?? [], open: open.get(key) ?? [] }))
    .sort((a, b) => a.executor - b.executor || a.worker - b.worker);
  return pauses.length === 0 ? workers : [{ key: "pauses", executor: 0, worker: 0, label: "garbage collection", bars: pauses, open: [] }, ...workers];
}

const describePause = bar => html`<b>garbage collection</b><br />paused for ${duration(bar.to - bar.from)} in ${duration(bar.within)}${bar.full > 0 && html`<br />${count(bar.full)} of generation 2`}`;

function describeBar({ bar, lane }) {
  return html`<b>${bar.name ?? bar.function}</b> <span class="id">${bar.id}</span><br />
    ${bar.count > 1 ? `${count(bar.count)} tasks in ${duration(bar.to - bar.from)}` : `${outcome(bar.outcome ?? "running")}, ${duration((bar.to ?? programNow()) - (bar.from ?? bar.since))}`}<br />
    attempt ${bar.attempt}, waited ${duration(Math.max(0, (bar.from ?? bar.since) - bar.queued))}<br />${lane.label}`;
}

export function Lanes() {
  const [span, setSpan] = useState(30);
  const [range, setRange] = useState(null); // a zoomed range, which does not follow the time
  const [hover, setHover] = useState(null);
  const place = useRef(null), canvas = useRef(null);
  version.value;
  const list = rows();
  const view = useRef(null);
  view.current = { list, span, range, names: nameOf };

  useEffect(() => {
    canvas.current = new LaneCanvas(place.current, () => view.current, programNow, setRange, setHover);
    return () => canvas.current.stop();
  }, []);

  const zoom = factor => {
    const [from, to] = range ?? [programNow() - span * 1000, programNow()], middle = (from + to) / 2, half = ((to - from) * factor) / 2;
    setRange([middle - half, middle + half]);
  };
  const move = share => {
    const [from, to] = range ?? [programNow() - span * 1000, programNow()], by = (to - from) * share;
    setRange([from + by, to + by]);
  };
  const download = () => {
    const now = programNow();
    save(`lanes-${hello.value?.pid ?? "program"}.json`, traceOf(list, range ?? [now - span * 1000, now], now, nameOf));
  };
  const onKey = event => {
    const act = { "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), ArrowLeft: () => move(-0.25), ArrowRight: () => move(0.25), Escape: () => setRange(null) }[event.key];
    if (!act) return;
    act();
    event.preventDefault();
  };
  const workers = list.filter(lane => lane.bars !== pauses);
  const bars = workers.reduce((sum, lane) => sum + lane.bars.length, 0), open = list.reduce((sum, lane) => sum + lane.open.length, 0);
  const label = `Lanes of ${workers.length} workers: ${open} running tasks and ${bars} bars of completed ones. Plus and minus zoom, the arrows move, Escape follows the time again.`;
  return html`
    <div class="tools" role="group" aria-label="Time span">
      ${spans.map(([seconds, text]) => html`<button aria-pressed=${!range && span === seconds} onClick=${() => { setRange(null); setSpan(seconds); }}>${text}</button>`)}
      <button onClick=${() => zoom(0.5)} aria-label="Zoom in">+</button><button onClick=${() => zoom(2)} aria-label="Zoom out">−</button>
      ${range && html`<button onClick=${() => setRange(null)}>Follow</button><span class="note">${time(range[0])} – ${time(range[1])}</span>`}
      <button onClick=${download} title="The bars of this time span as a file for https://ui.perfetto.dev">Download</button>
    </div>
    <ul class="legend" aria-label="Colours">${keys.map(key => html`<li><span class=${`swatch ${key}`}></span>${outcome(key)}</li>`)}<li><span class="swatch wait"></span>waiting in the queue</li>
      ${pauses.length > 0 && html`<li><span class="swatch paused"></span>pauses of the garbage collector</li>`}</ul>
    <div class="lanes">
      <canvas ref=${place} tabindex="0" role="img" aria-label=${label} onKeyDown=${onKey} style=${{ height: `${Math.max(1, list.length) * rowHeight + 24}px` }}
        data-open=${open} data-bars=${bars}></canvas>
      ${hover && html`<div class="hover" style=${{ left: `${hover.x}px`, top: `${hover.y}px` }}>${hover.lane.bars === pauses ? describePause(hover.bar) : describeBar(hover)}</div>`}
    </div>
    ${workers.length === 0 && html`<p class="empty">There is no worker.</p>`}
    ${lanesDropped > 0 && html`<p class="note">${count(lanesDropped)} completed tasks have no bar, because there were too many between two pictures. The counts include them.</p>`}
    <p class="note">${paused.value ? "The view is paused." : connection.value.state === "live" ? "Drag to zoom; double-click to follow the time again." : connection.value.text}</p>`;
}
