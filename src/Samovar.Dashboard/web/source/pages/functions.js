import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { nameOf, ofChosen, shown } from "../state.js";
import { count, duration, percent } from "../format.js";
import { Bar, go, Histogram, Table } from "../parts.js";

export function Functions() {
  const [filter, setFilter] = useState("");
  const picture = shown.value, text = filter.toLowerCase();
  const rows = ofChosen(picture.functions).filter(one => !text || one.function.toLowerCase().includes(text));
  const share = one => (one.run?.sum ?? 0) / Math.max(1e-9, (one.run?.sum ?? 0) + (one.wait?.sum ?? 0));
  return html`
    <div class="tools"><label>Filter <input type="search" value=${filter} onInput=${event => setFilter(event.target.value)} /></label></div>
    <${Table} label="Functions" rows=${rows} keyOf=${one => `${one.executor}:${one.function}`} sortBy=${{ at: 2, isDown: true }}
      empty=${filter ? "No function has this text." : "No task has completed since the dashboard was opened."} columns=${[
        { head: "Function", value: one => one.function, cell: one => html`<a href=${go("tasks", { executor: one.executor, function: one.function })}>${one.function}</a>` },
        { head: "Executor", value: one => nameOf(one.executor) },
        { head: "Count", isNumber: true, value: one => one.count, cell: one => count(one.count) },
        { head: "Failed", isNumber: true, value: one => one.failed, cell: one => count(one.failed) },
        { head: "Timed out", isNumber: true, value: one => one.timedOut, cell: one => count(one.timedOut) },
        { head: "Canceled", isNumber: true, value: one => one.canceled, cell: one => count(one.canceled) },
        { head: "Retries", isNumber: true, value: one => one.retries, cell: one => count(one.retries) },
        { head: "Run p50", isNumber: true, value: one => one.run?.p50, cell: one => duration(one.run?.p50) },
        { head: "p95", isNumber: true, value: one => one.run?.p95, cell: one => duration(one.run?.p95) },
        { head: "p99", isNumber: true, value: one => one.run?.p99, cell: one => duration(one.run?.p99) },
        { head: "max", isNumber: true, value: one => one.run?.max, cell: one => duration(one.run?.max) },
        { head: "Run times", cell: one => html`<${Histogram} times=${one.run} label="Run times" />` },
        { head: "Wait p50", isNumber: true, value: one => one.wait?.p50, cell: one => duration(one.wait?.p50) },
        { head: "p95", isNumber: true, value: one => one.wait?.p95, cell: one => duration(one.wait?.p95) },
        { head: "Running, of its time", isNumber: true, value: share, cell: one => html`<${Bar} share=${share(one)} label=${`${percent(share(one))} running, the rest waiting`} /> ${percent(share(one))}` },
      ]} />
    ${picture.functionsTotal > (picture.functions ?? []).length && html`<p class="note">The ${picture.functions.length} functions with the most run time, of ${count(picture.functionsTotal)}.</p>`}`;
}
