// Parts that several pages use.

import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, command } from "./connect.js";
import { connection, hello, nameOf, paused } from "./state.js";
import { duration, outcome, colourOf } from "./format.js";

export const go = (page, args = {}) => {
  const words = new URLSearchParams(args).toString();
  return `#/${page}${words ? `?${words}` : ""}`;
};

/** Asks on mount, when the arguments change, and every `every` milliseconds while the view is live. Returns { reply, error }. */
export function useAsk(what, args, every = 2000) {
  const [answer, setAnswer] = useState({ reply: null, error: null });
  const key = JSON.stringify(args);
  const isPaused = paused.value !== null, isEnded = connection.value.state === "ended";
  useEffect(() => {
    let isOver = false, timer = null;
    const run = async () => {
      try {
        const reply = await ask(what, JSON.parse(key));
        if (!isOver) setAnswer({ reply, error: null });
      } catch (error) {
        if (!isOver) setAnswer(before => ({ reply: before.reply, error: error.message }));
      }
      if (!isOver && every > 0 && !isPaused && !isEnded) timer = setTimeout(run, every);
    };
    run();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [what, key, every, isPaused, isEnded]);
  return answer;
}

/** A list of names and values; those without a value are left out. */
export const Facts = ({ facts }) => html`<dl class="facts">${facts.filter(([, value]) => value !== undefined && value !== null && value !== "").map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;

export const State = ({ name }) => html`<span class=${`state ${colourOf(name)}`}>${outcome(name)}</span>`;

export const TaskLink = ({ task }) =>
  html`<a href=${go("tasks", { executor: task.executor, id: task.id })}>${task.name ?? task.function ?? "task"} <span class="id">${task.id}</span></a>`;

export const Stack = ({ text }) => (text ? html`<pre tabindex="0" aria-label="Stack">${text}</pre>` : null);

export function CancelButton({ task }) {
  if (!hello.value?.commands || connection.value.state !== "live") return null;
  return html`<button class="small" aria-label=${task.stopping ? `stopping task ${task.id}` : `Cancel task ${task.id}`} disabled=${task.stopping}
    onClick=${() => command("cancel", { executor: task.executor, id: task.id }, `Task ${task.id} is being cancelled.`, `Task ${task.id} could not be cancelled: it has completed.`)}>
    ${task.stopping ? "stopping" : "Cancel"}</button>`;
}

/** Retries a failed task whose work the program keeps. */
export function RetryButton({ executor, id }) {
  if (!hello.value?.commands || connection.value.state !== "live") return null;
  return html`<button class="small" aria-label=${`Retry task ${id}`} onClick=${() => retry({ executor, id }, `Task ${id}`)}>Retry</button>`;
}

/** Retries all failures of a group whose work the program keeps. */
export const retryGroup = group =>
  retry({ executor: group.executor, function: group.function, type: group.type, frame: group.frame || undefined }, `${group.function}: ${group.type}`);

const retry = (args, what) =>
  command("retry", args, reply => `${what} is retried as ${reply.retried === 1 ? "task" : `${reply.retried} tasks:`} ${reply.tasks.join(", ")}${reply.retried > reply.tasks.length ? ", …" : ""}. The failed ${reply.retried === 1 ? "one stays" : "ones stay"} failed; the result is shown here only.${reply.why ? ` ${reply.why}` : ""}`,
    reply => `${what} could not be retried. ${reply.why}`);

export const ExecutorName = ({ id }) => html`<span class="executor">${nameOf(id)}</span>`;

/** A table with sortable columns: { head, value, cell, isNumber }. */
export function Table({ label, columns, rows, sortBy, keyOf, empty, expand }) {
  const [sort, setSort] = useState(sortBy ?? null);
  const sorted = sort ? [...rows].sort((a, b) => compare(columns[sort.at].value(a), columns[sort.at].value(b)) * (sort.isDown ? -1 : 1)) : rows;
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label=${label}><table>
    <caption class="hidden">${label}</caption>
    <thead><tr>${columns.map((column, at) => html`<th scope="col" class=${column.isNumber ? "number" : ""}
      aria-sort=${sort?.at === at ? (sort.isDown ? "descending" : "ascending") : undefined}>
      ${column.value && sortBy
        ? html`<button class="sort" onClick=${() => setSort({ at, isDown: sort?.at === at ? !sort.isDown : !!column.isNumber })}>${column.head}${sort?.at === at ? (sort.isDown ? " ▾" : " ▴") : ""}</button>`
        : column.head || html`<span class="hidden">Actions</span>`}</th>`)}</tr></thead>
    <tbody>${sorted.map(row => html`<tr key=${keyOf(row)}>${columns.map(column =>
      html`<td class=${column.isNumber ? "number" : ""}>${column.cell ? column.cell(row) : column.value(row)}</td>`)}</tr>${expand?.(row)}`)}</tbody>
  </table></div>`;
}

const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b ?? "") : (a ?? -1) - (b ?? -1));

export const Bar = ({ share, label }) => html`<span class="bar" role="img" aria-label=${label}><span style=${{ width: `${Math.min(100, Math.max(0, share * 100))}%` }}></span></span>`;

/** The buckets of a histogram as bars. */
export function Histogram({ times, label }) {
  const buckets = times?.buckets ?? [];
  if (buckets.length === 0) return null;
  const most = Math.max(...buckets.map(one => one[1]));
  const text = `${label}: ${buckets.map(([upTo, n]) => `${n} up to ${duration(upTo)}`).join(", ")}`;
  return html`<span class="histogram" role="img" aria-label=${text} title=${text}>${buckets.map(([, n]) =>
    html`<span style=${{ height: `${Math.max(4, (n / most) * 100)}%` }}></span>`)}</span>`;
}

/** Calls `draw` with the element after each render, and keeps it. */
export function useElement(draw, dependencies) {
  const element = useRef(null);
  useEffect(() => draw(element.current), dependencies);
  return element;
}
