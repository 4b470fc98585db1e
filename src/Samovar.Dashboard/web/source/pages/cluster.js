import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { command } from "../connect.js";
import { connection, executor, hello, shown } from "../state.js";
import { bytes, count, duration, resourcesText, time } from "../format.js";
import { Facts, Table, useAsk } from "../parts.js";

const silent = 10000; // milliseconds without a beacon: a node sends one every five seconds

export function Cluster() {
  const members = (shown.value.clusters ?? []).filter(one => executor.value === 0 || one.executor === undefined || one.executor === executor.value);
  const owners = members.filter(one => one.role === "executor"), nodes = members.filter(one => one.role === "node");
  if (members.length === 0) return html`<p class="empty">This program is no member of a cluster.</p>`;
  const broker = owners[0] ?? nodes[0]; // all members of a cluster have the same queues
  return html`${owners.map(one => html`<${Owner} key=${one.member} member=${one} />`)}
    ${nodes.length > 0 && html`<section aria-labelledby="own-nodes"><h2 id="own-nodes">Nodes of this program</h2><${Table} label="Nodes of this program" rows=${nodes} keyOf=${one => one.member} columns=${[
      { head: "Node", cell: one => one.name },
      { head: "Cluster", cell: one => one.cluster },
      { head: "Connection", cell: one => html`<${Link} member=${one} />` },
      { head: "State", cell: one => one.self.state },
      { head: "Running", isNumber: true, cell: one => `${count(one.self.running)} of ${count(one.self.workers)}` },
      { head: "Held", isNumber: true, cell: one => count(one.self.held) },
      { head: "Messages received", isNumber: true, cell: one => count(one.received) },
      { head: "Refused", isNumber: true, cell: one => count(one.refused) },
      { head: "Trouble", cell: one => one.error ?? one.startError ?? "" },
    ]} /></section>`}
    ${[...new Map([...nodes, ...owners].map(one => [one.cluster, one])).values()].map(one => html`<${Queues} key=${one.cluster} member=${one.cluster === broker.cluster ? broker : one} />`)}`;
}

const Link = ({ member }) => html`<span class=${`link ${member.state}`}>${member.state}</span>`;

function Owner({ member }) {
  const nodes = member.nodes ?? [];
  return html`<section aria-labelledby=${`member-${member.member}`}><h2 id=${`member-${member.member}`}>Executor ${member.name} in the cluster ${member.cluster}</h2>
    <${Facts} facts=${[
      ["Connection", html`<${Link} member=${member} />${member.interruptions > 0 ? `, interrupted ${count(member.interruptions)} ×` : ""}`], ["Trouble", member.error],
      ["Broker", member.broker && `${member.broker} at ${member.endpoint}`], ["Limitations", member.limitations?.join(" ")], ["Build", member.build && html`<code>${member.build}</code>`],
      ["Nodes lost", count(member.nodesLost)], ["Duplicate outcomes", count(member.duplicates)], ["Messages refused", count(member.refused)],
    ]} />
    <${Table} label=${`Nodes that ${member.name} knows`} rows=${nodes} keyOf=${one => one.id} sortBy=${{ at: 0, isDown: false }} empty="No node has reported." columns=${[
      { head: "Node", value: one => one.name },
      { head: "State", value: one => one.state },
      { head: "Last beacon", isNumber: true, value: one => one.beacon, cell: one => html`<span class=${one.beacon > silent ? "stuck" : ""}>${one.beacon === undefined ? "none" : `${duration(one.beacon)} ago`}</span>` },
      { head: "Workers", isNumber: true, value: one => one.workers, cell: one => count(one.workers) },
      { head: "Running", isNumber: true, value: one => one.running, cell: one => count(one.running) },
      { head: "For this executor", isNumber: true, value: one => one.own, cell: one => count(one.own) },
      { head: "Held", isNumber: true, value: one => one.held, cell: one => count(one.held) },
      ...(nodes.some(one => one.resources) ? [{ head: "Resources", cell: one => resourcesText(one.resources) }] : []),
      { head: "Build", value: one => one.build, cell: one => one.build && html`<code>${one.build}</code>${one.build === member.build ? "" : " (another program)"}` },
    ]} />
    ${member.nodesTotal > nodes.length && html`<p class="note">${count(nodes.length)} of ${count(member.nodesTotal)} nodes are shown.</p>`}
    <${Builds} nodes=${nodes} own=${member.build} /></section>`;
}

function Builds({ nodes, own }) {
  const builds = Map.groupBy(nodes.filter(one => one.build), one => one.build);
  if (builds.size < 2) return null;
  return html`<p class="note">${count(builds.size)} builds: ${[...builds].map(([build, list]) => `${build}${build === own ? " (this program)" : ""} on ${count(list.length)}`).join(", ")}. Nodes of another build run this program's tasks from a copy of it.</p>`;
}

function Queues({ member }) {
  const { reply, error } = useAsk("cluster", { member: member.member }, 2000);
  return html`<section aria-labelledby=${`queues-${member.member}`}><h2 id=${`queues-${member.member}`}>Queues of the cluster ${member.cluster}</h2>
    ${error && html`<p class="error" role="alert">${error}</p>`}
    ${reply && html`<${Facts} facts=${[
      ["Waiting, high priority", count(reply.high)], ["Waiting, normal priority", count(reply.normal)], ["Waiting, low priority", count(reply.low)], ["Dead letters", html`<span data-figure="dead">${count(reply.dead)}</span>`],
    ]} /><p class="note">Messages, each of which has up to 256 tasks.</p>
    ${reply.dead > 0 && html`<${Letters} member=${member.member} dead=${reply.dead} />`}`}</section>`;
}

function Letters({ member, dead }) {
  const [limit, setLimit] = useState(50), [changes, setChanges] = useState(0);
  const { reply, error } = useAsk("letters", { member, limit, dead, changes }, 0); // not again until something has changed: the broker sends all of them
  const letters = reply?.letters ?? [], canSettle = hello.value?.commands && connection.value.state === "live";
  const settle = async (action, which, text) => {
    const words = action === "retry" ? "put back into the queue" : "removed for good";
    if (action === "drop" && !confirm(`Remove ${text} for good? The tasks stay queued at their program until it cancels them.`)) return;
    await command("settle", { member, action, ...which }, `${text[0].toUpperCase()}${text.slice(1)} ${which.all ? "were" : "was"} ${words}.`, "There is no such dead letter any more.");
    setChanges(changes + 1);
  };
  return html`<h3>Dead letters</h3>
    ${error && html`<p class="error" role="alert">${error}</p>`}
    ${canSettle && html`<div class="tools"><button onClick=${() => settle("retry", { all: true }, "all dead letters")}>Retry all</button>
      <button class="danger" onClick=${() => settle("drop", { all: true }, "all dead letters")}>Drop all</button></div>`}
    <${Table} label="Dead letters" rows=${letters} keyOf=${one => one.id} empty=${reply ? "None." : "Loading…"} columns=${[
      { head: "Id", cell: one => html`<code>${one.id}</code>` },
      { head: "Moved", cell: one => `${one.time ? time(one.time) : "unknown"}, by ${one.movedBy ?? "the broker"}` },
      { head: "Queue", cell: one => one.queue },
      { head: "Reason", cell: one => one.reason },
      { head: "Tasks", cell: one => (one.problem ? `unknown: ${one.problem}` : html`${count(one.tasks)}: ${one.firstTasks.join("; ")}${one.tasks > one.firstTasks.length ? "; …" : ""}`) },
      { head: "Deliveries", isNumber: true, cell: one => count(one.deliveries) },
      { head: "Size", isNumber: true, cell: one => bytes(one.bytes) },
      ...(canSettle ? [{ head: "", cell: one => html`<button class="small" aria-label=${`Retry ${one.id}`} onClick=${() => settle("retry", { ids: [one.id] }, `dead letter ${one.id}`)}>Retry</button>
        <button class="small danger" aria-label=${`Drop ${one.id}`} onClick=${() => settle("drop", { ids: [one.id] }, `dead letter ${one.id}`)}>Drop</button>` }] : []),
    ]} />
    ${dead > letters.length && letters.length === limit && limit < 100 && html`<p class="note">The oldest ${count(letters.length)} are shown. <button class="small" onClick=${() => setLimit(100)}>Show 100</button></p>`}`;
}
