import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { executor, executors, nameOf } from "../state.js";
import { count, duration, time } from "../format.js";
import { CancelButton, go, RetryButton, Stack, State, Table, useAsk } from "../parts.js";

const page = 100;
const states = ["running", "succeeded", "failed", "timed_out", "canceled", "crashed", "retried"];
const number = text => (text === "" || text === undefined || isNaN(Number(text)) ? undefined : Number(text));

export function Tasks({ args }) {
  if (args.id) return html`<${Task} executor=${Number(args.executor)} id=${Number(args.id)} />`;
  return html`<${List} key=${JSON.stringify(args)} args=${args} />`;
}

function List({ args }) {
  const [filter, setFilter] = useState({ state: args.state ?? "", text: args.text ?? "", function: args.function ?? "", worker: args.worker ?? "", longer: args.longer ?? "" });
  const [applied, setApplied] = useState(filter);
  const [offset, setOffset] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (filter === applied) return;
      setApplied(filter);
      setOffset(0);
    }, 250);
    return () => clearTimeout(timer);
  }, [filter]);
  const from = number(args.executor) ?? (executor.value || undefined);
  const { reply, error } = useAsk("tasks", {
    executor: from, state: applied.state || undefined, text: applied.text || undefined, function: applied.function || undefined,
    worker: number(applied.worker), longer: number(applied.longer), offset, limit: page,
  }, offset === 0 ? 1000 : 0);
  const set = name => event => setFilter({ ...filter, [name]: event.target.value });
  return html`
    <form class="tools" role="search" aria-label="Filter tasks" onSubmit=${event => event.preventDefault()}>
      <label>State <select value=${filter.state} onChange=${set("state")}><option value="">all</option>${states.map(one => html`<option value=${one}>${one.replace("_", " ")}</option>`)}</select></label>
      <label>Text <input type="search" value=${filter.text} onInput=${set("text")} placeholder="name, error, worker" /></label>
      <label>Function <input type="search" value=${filter.function} onInput=${set("function")} /></label>
      <label>Worker <input type="search" inputmode="numeric" size="4" value=${filter.worker} onInput=${set("worker")} /></label>
      <label>Longer than <input type="search" inputmode="numeric" size="6" value=${filter.longer} onInput=${set("longer")} /> ms</label>
    </form>
    ${error && html`<p class="error" role="alert">${error}</p>`}
    ${reply && html`
      <p class="note" role="status">${reply.total === 0 ? "No task matches." : `${count(offset + 1)} to ${count(offset + reply.tasks.length)} of ${count(reply.total)} that match`}; ${count(reply.kept)} of ${count(reply.submitted)} tasks are kept.${from ? html` Only ${nameOf(from)}.` : ""}</p>
      <${Table} label="Tasks" rows=${reply.tasks} keyOf=${one => `${one.executor}:${one.id}:${one.attempt}:${one.state}`} empty="No task matches." columns=${[
        { head: "Task", cell: one => html`<a href=${go("tasks", { executor: one.executor, id: one.id })}>${one.name ?? one.function} <span class="id">${one.id}</span></a>${one.retryOf && html` <span class="note">retry of ${one.retryOf}</span>`}` },
        { head: "State", cell: one => html`<${State} name=${one.state} />` },
        { head: "Executor", cell: one => nameOf(one.executor) },
        { head: "Worker", cell: one => one.workerName ?? one.worker ?? "" },
        { head: "Attempt", isNumber: true, cell: one => one.attempt },
        { head: "Began", isNumber: true, cell: one => time(one.from) },
        { head: "Waited", isNumber: true, cell: one => duration(Math.max(0, one.from - one.queued)) },
        { head: "Ran", isNumber: true, cell: one => duration(Math.max(0, one.to - one.from)) },
        { head: "Error", cell: one => (one.type ? `${one.type}: ${one.message ?? ""}` : "") },
        { head: "", cell: one => one.state === "running" && html`<${CancelButton} task=${one} />` },
      ]} />
      <div class="tools"><button disabled=${offset === 0} onClick=${() => setOffset(Math.max(0, offset - page))}>Newer</button>
        <button disabled=${offset + page >= reply.total} onClick=${() => setOffset(offset + page)}>Older</button></div>`}`;
}

function Task({ executor: from, id }) {
  const { reply, error } = useAsk("task", { executor: from, id }, 1000);
  return html`<p><a href=${go("tasks")}>All tasks</a></p>
    ${error && html`<p class="error" role="alert">${error}</p>`}
    ${reply?.task && html`<h2>${reply.task.name ?? reply.task.function} <span class="id">${id}</span></h2>
      <dl class="facts"><dt>State</dt><dd><${State} name=${reply.task.state} /> ${reply.task.state === "running" && html`<${CancelButton} task=${reply.task} />`}${reply.retryable && html`<${RetryButton} executor=${from} id=${id} />`}</dd>
        ${reply.task.retryOf && html`<dt>Retry of</dt><dd>task <a href=${go("tasks", { executor: from, id: reply.task.retryOf })}>${reply.task.retryOf}</a>, requested from this dashboard</dd>`}
        ${reply.retriedAs && html`<dt>Retried as</dt><dd>task <a href=${go("tasks", { executor: from, id: reply.retriedAs })}>${reply.retriedAs}</a>; this one stays failed</dd>`}
        <dt>Function</dt><dd><a href=${go("tasks", { executor: from, function: reply.task.function })}>${reply.task.function}</a></dd>
        <dt>Executor</dt><dd>${executors.value.find(one => one.id === from)?.name ?? from}</dd>
        ${reply.arguments && html`<dt>Arguments</dt><dd><code>${reply.arguments}</code></dd>`}
        <dt>Submitted</dt><dd>${time(reply.task.queued)}</dd></dl>
      <${Table} label="Attempts" rows=${reply.attempts ?? []} keyOf=${one => `${one.attempt}:${one.state}`} empty="No attempt is known." columns=${[
        { head: "Attempt", isNumber: true, cell: one => one.attempt },
        { head: "State", cell: one => html`<${State} name=${one.state} />` },
        { head: "Worker", cell: one => one.workerName ?? one.worker ?? "" },
        { head: "Began", isNumber: true, cell: one => time(one.from) },
        { head: "Ran", isNumber: true, cell: one => duration(Math.max(0, one.to - one.from)) },
        { head: "Error", cell: one => (one.type ? `${one.type}: ${one.message ?? ""}` : "") },
      ]} />
      ${reply.stack && html`<h3>Stack</h3><${Stack} text=${reply.stack} />`}`}`;
}
