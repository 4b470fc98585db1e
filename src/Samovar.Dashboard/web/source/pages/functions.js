import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { nameOf, ofChosen, shown } from "../state.js";
import { bytes, count, duration, percent } from "../format.js";
import { Bar, go, Histogram, Table } from "../parts.js";

export function Functions({ args }) {
  const [filter, setFilter] = useState(args.function ?? "");
  const picture = shown.value, text = filter.toLowerCase();
  const rows = ofChosen(picture.functions).filter(one => !text || one.function.toLowerCase().includes(text));
  const all = one => Math.max(1e-9, (one.run?.sum ?? 0) + (one.wait?.sum ?? 0) + (one.shipping?.sum ?? 0));
  const share = (one, part) => (one[part]?.sum ?? 0) / all(one);
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
        { head: "Shipping p50", isNumber: true, value: one => one.shipping?.p50, cell: one => duration(one.shipping?.p50) },
        { head: "p95", isNumber: true, value: one => one.shipping?.p95, cell: one => duration(one.shipping?.p95) },
        { head: "Sent, each", isNumber: true, value: one => one.sentBytes / one.shipping?.count, cell: one => (one.shipping ? bytes(one.sentBytes / one.shipping.count) : "–") },
        ...[["shipping", "Shipping"], ["wait", "Waiting"], ["run", "Running"]].map(([part, title]) => ({
          head: `${title}, of its time`, isNumber: true, value: one => share(one, part),
          cell: one => html`<${Bar} share=${share(one, part)} label=${`${title}: ${percent(share(one, part))} of the time`} /> ${percent(share(one, part))}`,
        })),
      ]} />
    ${picture.functionsTotal > (picture.functions ?? []).length && html`<p class="note">The ${picture.functions.length} functions with the most run time, of ${count(picture.functionsTotal)}.</p>`}`;
}
