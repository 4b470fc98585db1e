import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { connection, executor, hello, nameOf, shown } from "../state.js";
import { count, time } from "../format.js";
import { go, RetryButton, retryGroup, Stack, useAsk } from "../parts.js";

const page = 50;

export function Failures() {
  const [offset, setOffset] = useState(0);
  const { reply, error } = useAsk("failures", { offset, limit: page }, 2000);
  const groups = (reply?.groups ?? []).filter(one => executor.value === 0 || one.executor === executor.value);
  const { failures, failuresTotal } = shown.value;
  const canRetry = hello.value?.commands && connection.value.state === "live";
  return html`
    ${error && html`<p class="error" role="alert">${error}</p>`}
    <p class="note" role="status">${failuresTotal > 0 ? `${count(failures)} of ${count(failuresTotal)} failures since the dashboard was opened are kept, the newest.${canRetry ? " The work of the newest is kept too, so that it can be retried." : ""}` : "No task has failed since the dashboard was opened."}</p>
    <ol class="failures">${groups.map(one => html`<li key=${`${one.executor}:${one.function}:${one.type}:${one.frame}`}>
      <details><summary><b>${count(one.count)} ×</b> <span class="state failed">${one.type}</span> in ${one.function} <span class="note">${nameOf(one.executor)}, last at ${time(one.last)}</span>${one.retried > 0 && html` <span class="state retried">${count(one.retried)} retried</span>`}<br /><span class="message">${one.message}</span></summary>
        <dl class="facts"><dt>First</dt><dd>${time(one.first)}</dd><dt>Last</dt><dd>${time(one.last)}</dd>${one.arguments && html`<dt>Arguments, newest</dt><dd><code>${one.arguments}</code></dd>`}${one.frame && html`<dt>In</dt><dd><code>${one.frame}</code></dd>`}
          <dt>Tasks</dt><dd><ul class="tasks">${(one.tasks ?? []).map(task => html`<li><a href=${go("tasks", { executor: one.executor, id: task.id })}>${task.id}</a>
            ${task.retriedAs ? html` retried as <a href=${go("tasks", { executor: one.executor, id: task.retriedAs })}>${task.retriedAs}</a>` : task.retryable && html` <${RetryButton} executor=${one.executor} id=${task.id} />`}</li>`)}</ul></dd></dl>
        <${Stack} text=${one.stack} /></details>
      ${canRetry && one.retryable > 0 && html`<button class="small" onClick=${() => retryGroup(one)} aria-label=${`Retry all of ${one.function}, ${one.type}`}>Retry all (${count(one.retryable)})</button>`}</li>`)}</ol>
    ${reply?.total > page && html`<div class="tools"><button disabled=${offset === 0} onClick=${() => setOffset(offset - page)}>Newer</button>
      <button disabled=${offset + page >= reply.total} onClick=${() => setOffset(offset + page)}>Older</button></div>`}`;
}
