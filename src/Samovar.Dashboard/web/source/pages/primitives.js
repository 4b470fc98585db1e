import { html } from "htm/preact";
import { useRef, useState } from "preact/hooks";
import { count, duration, figure } from "../format.js";
import { Table, useAsk } from "../parts.js";

const name = one => one.name ?? "without a name";
const first = [
  { head: "Name", value: name, cell: one => html`<span class=${one.name ? "" : "note"}>${name(one)}</span>` },
  { head: "Type", value: one => one.kind },
  { head: "Shared by", isNumber: true, value: one => one.processes, cell: one => (one.shared ? (one.processes === undefined ? "processes" : `${count(one.processes)} process${one.processes === 1 ? "" : "es"}`) : "this process") },
  { head: "State", value: one => one.state },
];

const Waiting = ({ number }) => html`<span class=${number > 0 ? "stuck" : ""}>${count(number)}</span>`;

export function Primitives() {
  const [text, setText] = useState("");
  const { reply, error } = useAsk("primitives", { text, limit: 200 }, 1000);
  const all = reply?.primitives ?? [], queues = all.filter(one => one.putting !== undefined), locks = all.filter(one => one.putting === undefined);
  const rates = useRates(reply, queues);
  return html`
    <div class="tools"><label>Filter <input type="search" value=${text} onInput=${event => setText(event.target.value)} /></label></div>
    ${error && html`<p class="error" role="alert">${error}</p>`}
    <section aria-labelledby="queues"><h2 id="queues">Queues</h2>
      <${Table} label="Queues" rows=${queues} keyOf=${keyOf} sortBy=${{ at: 0, isDown: false }} empty=${reply ? "There is no queue." : "Loading…"} columns=${[
        ...first,
        { head: "Items", isNumber: true, value: one => one.count, cell: one => count(one.count) },
        { head: "Capacity", isNumber: true, value: one => one.capacity, cell: one => (one.capacity === undefined ? "none" : `${count(one.capacity)}${one.shared ? " a process" : ""}`) },
        { head: "Put a second", isNumber: true, value: one => rates.get(keyOf(one))?.put, cell: one => figure(rates.get(keyOf(one))?.put) },
        { head: "Taken a second", isNumber: true, value: one => rates.get(keyOf(one))?.taken, cell: one => figure(rates.get(keyOf(one))?.taken) },
        { head: "Wait to put", isNumber: true, value: one => one.putting, cell: one => html`<${Waiting} number=${one.putting} />` },
        { head: "Wait to take", isNumber: true, value: one => one.waiting, cell: one => count(one.waiting) },
        { head: "Dropped or lost", isNumber: true, value: one => one.lost, cell: one => count(one.lost) },
      ]} />
      ${queues.some(one => one.shared) && html`<p class="note">Of queues between processes, the waiters are those of this process.</p>`}</section>
    <section aria-labelledby="locks"><h2 id="locks">Locks, semaphores and others</h2>
      <${Table} label="Locks" rows=${locks} keyOf=${keyOf} sortBy=${{ at: 7, isDown: true }} empty=${reply ? "There is no lock." : "Loading…"} columns=${[
        ...first,
        { head: "Can enter", isNumber: true, value: one => one.count, cell: one => (one.count === undefined ? "" : `${count(one.count)}${one.capacity === undefined ? "" : ` of ${count(one.capacity)}`}`) },
        { head: "Held by", value: one => one.holders[0] ?? "", cell: one => `${one.holders.join(", ")}${one.holdersTotal > one.holders.length ? ", …" : ""}` },
        { head: "For at least", isNumber: true, value: one => one.heldFor, cell: one => (one.heldFor === undefined ? "" : duration(one.heldFor)) },
        { head: "Waiting", isNumber: true, value: one => one.waiting, cell: one => html`<${Waiting} number=${one.waiting} />` },
        { head: "Waits so far", isNumber: true, value: one => one.waits, cell: one => count(one.waits) },
        { head: "Abandoned", isNumber: true, value: one => one.abandonments, cell: one => count(one.abandonments) },
      ]} /></section>
    ${reply?.total > all.length && html`<p class="note">${count(all.length)} of ${count(reply.total)} are shown, those with waiters first.</p>`}
    ${reply?.omitted > 0 && html`<p class="note">${count(reply.omitted)} older ones are not shown.</p>`}
    <p class="note">Those that are shared between processes, and those of this process that have a name.</p>`;
}

const keyOf = one => one.id;

/** Items a second, from one reply to the next. */
function useRates(reply, queues) {
  const last = useRef({ reply: null, at: 0, queues: new Map(), rates: new Map() });
  if (reply && reply !== last.current.reply) {
    const now = performance.now(), seconds = (now - last.current.at) / 1000, rates = new Map();
    for (const one of queues) {
      const before = last.current.queues.get(keyOf(one));
      if (before && one.put !== undefined && seconds > 0) rates.set(keyOf(one), { put: (one.put - before.put) / seconds, taken: (one.taken - before.taken) / seconds });
    }
    last.current = { reply, at: now, queues: new Map(queues.map(one => [keyOf(one), one])), rates };
  }
  return last.current.rates;
}
