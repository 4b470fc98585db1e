import { html } from "htm/preact";
import { command } from "../connect.js";
import { connection, executors, hello, nameOf, ofChosen, shown } from "../state.js";
import { bytes, count, duration } from "../format.js";
import { Table, TaskLink } from "../parts.js";

export function Workers() {
  const workers = ofChosen(shown.value.workers), types = new Map(executors.value.map(one => [one.id, one.type]));
  const live = ofChosen(executors.value.map(one => ({ ...one, executor: one.id }))).reduce((sum, one) => sum + one.live, 0);
  return html`<${Table} label="Workers" rows=${workers} keyOf=${one => `${one.executor}:${one.worker}`} sortBy=${{ at: 0, isDown: false }} empty="There is no worker." columns=${[
      { head: "Worker", value: one => one.worker, cell: one => html`<a href=${`#/tasks?executor=${one.executor}&worker=${one.worker}`}>${one.name}</a>` },
      { head: "Executor", value: one => nameOf(one.executor) },
      { head: "Process", isNumber: true, value: one => one.process, cell: one => one.process ?? "" },
      { head: "State", value: one => one.state, cell: one => html`<span class=${`worker ${one.state}`}>${one.state}</span>` },
      { head: "Task", value: one => one.function, cell: one => one.task !== undefined && html`<${TaskLink} task=${{ executor: one.executor, id: one.task, function: one.function }} />` },
      { head: "For", isNumber: true, value: one => one.for, cell: one => (one.for === undefined ? "" : duration(one.for)) },
      { head: "Tasks", isNumber: true, value: one => one.tasks, cell: one => count(one.tasks) },
      { head: "Memory", isNumber: true, value: one => one.memory, cell: one => (one.memory === undefined ? "" : bytes(one.memory)) },
      { head: "", cell: one => html`<${Buttons} worker=${one} type=${types.get(one.executor)} />` },
    ]} />
    ${live > workers.length && html`<p class="note">${count(workers.length)} of ${count(live)} workers are shown.</p>`}`;
}

function Buttons({ worker, type }) {
  if (!hello.value?.commands || type !== "process" || connection.value.state !== "live") return null;
  return html`<button class="small" aria-label=${`Retire ${worker.name}`}
      onClick=${() => command("retire", { executor: worker.executor, worker: worker.worker }, `${worker.name} exits after its task.`, `${worker.name} could not be retired.`)}>Retire</button>
    ${worker.task !== undefined && html`<button class="small danger" aria-label=${`Kill ${worker.name}`}
      onClick=${() => confirm(`Kill the process of ${worker.name}? Its running task fails, or is retried.`)
        && command("kill", { executor: worker.executor, id: worker.task }, `${worker.name} was killed.`, `${worker.name} could not be killed: its task has completed.`)}>Kill</button>`}`;
}
