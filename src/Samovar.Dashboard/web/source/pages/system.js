import { html } from "htm/preact";
import { chosen, hello, shown } from "../state.js";
import { bytes, count, duration, figure, percent, time } from "../format.js";
import { Table } from "../parts.js";

export function System() {
  const picture = shown.value, process = picture.process, about = hello.value ?? {};
  const facts = [
    ["Program", about.program], ["Process", about.pid], ["Machine", about.host], ["Runtime", about.framework], ["Samovar", about.version],
    ["Started", about.started && `${time(about.started)} (${duration(picture.at - about.started)} ago)`],
    ["Processors", `${figure(process.cpu)} of ${count(about.cores)} in use`], ["Resident memory", bytes(process.memory)], ["Managed heap", bytes(process.heap)],
    ["Allocated since the start", bytes(process.allocated)], ["Pauses of the garbage collector", `${percent(process.gcPause)} of the time`],
    ["Collections of generation 0, 1, 2", `${count(process.gen0)}, ${count(process.gen1)}, ${count(process.gen2)}`],
    ...(process.threads === undefined ? [] : [["Threads", count(process.threads)]]),
    ["Threads of the thread pool", count(process.poolThreads)], ["Work items in the thread pool's queue", count(process.poolQueue)],
    ["Cost of a picture", duration(picture.cost)],
  ];
  return html`<section aria-labelledby="process"><h2 id="process">Process</h2>
      <dl class="facts">${facts.filter(([, value]) => value !== undefined).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></section>
    <section aria-labelledby="recording"><h2 id="recording">Recording and shipping</h2>
      <${Table} label="Recording and shipping" rows=${chosen.value} keyOf=${one => one.id} empty="No executor runs." columns=${[
        { head: "Executor", cell: one => one.name },
        { head: "Submitted", isNumber: true, cell: one => count(one.submitted) },
        { head: "Recorded", isNumber: true, cell: one => count(one.recorded) },
        { head: "Only counted", isNumber: true, cell: one => count(one.skipped) },
        { head: "Serializing", isNumber: true, cell: one => duration(one.shipping) },
        { head: "Bytes shipped", isNumber: true, cell: one => bytes(one.shippedBytes) },
        { head: "Timed out", isNumber: true, cell: one => count(one.timedOut) },
        { head: "Abandoned", isNumber: true, cell: one => count(one.abandoned) },
        { head: "Unobserved failures", isNumber: true, cell: one => count(one.unobserved) },
        { head: "Failed starts", isNumber: true, cell: one => count(one.failedStarts) },
      ]} /></section>`;
}
