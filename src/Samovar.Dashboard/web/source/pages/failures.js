import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { executor, nameOf, shown } from "../state.js";
import { count, time } from "../format.js";
import { go, Stack, useAsk } from "../parts.js";

const page = 50;

export function Failures() {
  const [offset, setOffset] = useState(0);
  const { reply, error } = useAsk("failures", { offset, limit: page }, 2000);
  const groups = (reply?.groups ?? []).filter(one => executor.value === 0 || one.executor === executor.value);
  const { failures, failuresTotal } = shown.value;
  return html`
    ${error && html`<p class="error" role="alert">${error}</p>`}
    <p class="note" role="status">${failuresTotal > 0 ? `${count(failures)} of ${count(failuresTotal)} failures since the dashboard was opened are kept, the newest.` : "No task has failed since the dashboard was opened."}</p>
    <ol class="failures">${groups.map(one => html`<li key=${`${one.executor}:${one.function}:${one.type}:${one.frame}`}>
      <details><summary><b>${count(one.count)} ×</b> <span class="state failed">${one.type}</span> in ${one.function} <span class="note">${nameOf(one.executor)}, last at ${time(one.last)}</span><br /><span class="message">${one.message}</span></summary>
        <dl class="facts"><dt>First</dt><dd>${time(one.first)}</dd><dt>Last</dt><dd>${time(one.last)}</dd>${one.frame && html`<dt>In</dt><dd><code>${one.frame}</code></dd>`}
          <dt>Tasks</dt><dd>${(one.ids ?? []).map(id => html`<a href=${go("tasks", { executor: one.executor, id })}>${id}</a> `)}</dd></dl>
        <${Stack} text=${one.stack} /></details></li>`)}</ol>
    ${reply?.total > page && html`<div class="tools"><button disabled=${offset === 0} onClick=${() => setOffset(offset - page)}>Newer</button>
      <button disabled=${offset + page >= reply.total} onClick=${() => setOffset(offset + page)}>Older</button></div>`}`;
}
