import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { chosen, executor, history, ofChosen, shown, version, nameOf } from "../state.js";
import { count, duration, figure, percent, resourcesText, time } from "../format.js";
import { Bar, CancelButton, go, Table, TaskLink } from "../parts.js";

export function Now() {
  const picture = shown.value;
  if (!picture) return null;
  const running = ofChosen(picture.running).slice(0, 10);
  return html`
    <${Advice} advice=${(picture.advice ?? []).filter(one => !one.executor || executor.value === 0 || one.executor === executor.value)} />
    <section aria-labelledby="maps"><h2 id="maps">Maps</h2><${Maps} maps=${ofChosen(picture.maps)} /></section>
    <section aria-labelledby="charts"><h2 id="charts">Last two minutes</h2>
      <div class="charts"><${Chart} at=${1} label="Completed tasks a second" /><${Chart} at=${2} label="Mean run time, in ms" /></div></section>
    <section aria-labelledby="executors"><h2 id="executors">Executors</h2>
      <${Table} label="Executors" rows=${chosen.value} keyOf=${one => one.id} empty="No executor runs." columns=${[
        { head: "Executor", value: one => one.name, cell: one => html`<a href=${go("workers")} onClick=${() => (executor.value = one.id)}>${one.name}</a>` },
        { head: "Type", value: one => one.type },
        { head: "Workers", isNumber: true, value: one => one.live, cell: one => `${count(one.busy)} of ${count(one.live)} busy` },
        { head: "Queued", isNumber: true, value: one => one.queued, cell: one => count(one.queued) },
        { head: "Sent", isNumber: true, value: one => one.sent, cell: one => count(one.sent) },
        { head: "Running", isNumber: true, value: one => one.running, cell: one => count(one.running) },
        { head: "Succeeded", isNumber: true, value: one => one.succeeded, cell: one => html`<span data-figure=${`succeeded-${one.id}`}>${count(one.succeeded)}</span>` },
        { head: "Failed", isNumber: true, value: one => one.failed, cell: one => html`<span data-figure=${`failed-${one.id}`}>${count(one.failed)}</span>` },
        { head: "Canceled", isNumber: true, value: one => one.canceled, cell: one => count(one.canceled) },
        { head: "Retries", isNumber: true, value: one => one.retries, cell: one => count(one.retries) },
        ...(chosen.value.some(one => one.resources) ? [{ head: "Resources", cell: one => resourcesText(one.resources) }] : []),
        { head: "Trouble", cell: one => one.brokenBy ?? one.startError ?? "" },
      ]} /></section>
    <section aria-labelledby="longest"><h2 id="longest">Running for the longest</h2>
      <${Table} label="Running tasks" rows=${running} keyOf=${one => `${one.executor}:${one.id}`} empty="No task is running." columns=${[
        { head: "Task", cell: one => html`<${TaskLink} task=${one} />` },
        { head: "Executor", cell: one => nameOf(one.executor) },
        { head: "Worker", cell: one => one.workerName ?? one.worker ?? "" },
        { head: "For", isNumber: true, cell: one => duration(one.for) },
        { head: "Attempt", isNumber: true, cell: one => one.attempt },
        { head: "Progress", cell: one => html`${one.fraction === undefined ? "" : html`<${Bar} share=${one.fraction} label=${percent(one.fraction)} />`} ${one.message ?? ""}` },
        { head: "", cell: one => html`<${CancelButton} task=${one} />` },
      ]} />
      ${picture.runningTotal > running.length && html`<p class="note">${count(picture.runningTotal)} tasks are running.</p>`}</section>`;
}



function Advice({ advice }) {
  if (advice.length === 0) return null;
  return html`<section aria-labelledby="advice"><h2 id="advice">Advice</h2><ul class="advice">${advice.map(one =>
    html`<li key=${`${one.rule}${one.executor}${one.function}`} class=${one.severity}><strong>${one.severity}</strong> ${one.text} <${AdviceLink} advice=${one} /></li>`)}</ul></section>`;
}

/** Where the figures of each rule are: a page with a filter. */
const places = {
  "broken": "workers", "restarts": "failures", "failing-function": "failures", "held-loop": "tree", "starved-pool": "system", "gc-pauses": "system",
  "ignored-stop": "running", "long-queue": "lanes", "slow-source": "lanes", "too-many-workers": "workers", "shipping": "functions", "tiny-tasks": "functions", "captured-data": "functions",
};

function AdviceLink({ advice }) {
  const place = places[advice.rule] ?? (advice.executor ? "workers" : "system");
  const [page, args, text] = place === "running" ? ["tasks", { executor: advice.executor, state: "running", ...(advice.function && { function: advice.function }) }, "these tasks"]
    : place === "functions" && advice.function ? ["functions", { function: advice.function }, "this function"]
    : [place, {}, place === "tree" ? "loops and scopes" : place];
  return html`<a href=${go(page, args)} onClick=${() => advice.executor && (executor.value = advice.executor)} aria-label=${`Show ${text}, for the advice ${advice.rule}`}>Show ${text}</a>`;
}

function Maps({ maps }) {
  if (maps.length === 0) return html`<p class="empty">No map is running.</p>`;
  return html`<ul class="maps">${maps.map(one => html`<li key=${`${one.executor}:${one.id}`}>
    <strong title=${one.function}>${one.name ?? one.function}</strong> in ${nameOf(one.executor)}
    <progress aria-label=${`Progress of ${one.name ?? one.function}`} max=${one.total || 1} value=${one.total ? one.done : one.ended ? 1 : undefined}></progress>
    ${count(one.done)}${one.total ? ` of ${count(one.total)}` : ""} done, ${count(one.failed)} failed, ${count(one.running)} running, ${figure(one.rate)} a second${one.ended ? `, over after ${duration(one.elapsed)}` : one.left === undefined ? "" : `, about ${duration(one.left)} left`}
    ${one.run && html`<span class="note">p50 ${duration(one.run.p50)}, p95 ${duration(one.run.p95)}${one.slowest?.length > 0 && html`; slowest: ${one.slowest.slice(0, 3).map(item => `item ${count(item.index)}${item.item === undefined ? "" : ` (${item.item})`} ${duration(item.took)}`).join(", ")}`}</span>`}</li>`)}</ul>`;
}

function Chart({ at, label }) {
  const place = useRef(null), plot = useRef(null);
  const data = version.value >= 0 ? history() : null;
  const series = [data[0], data[at]];
  useEffect(() => {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const create = () => {
      plot.current?.destroy();
      const style = getComputedStyle(place.current), ink = style.getPropertyValue("--muted"), grid = style.getPropertyValue("--line");
      const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: "11px system-ui" };
      plot.current = new uPlot({
        width: place.current.clientWidth || 300, height: 120, legend: { show: false }, cursor: { show: false },
        axes: [{ ...axis, space: 90, values: (_, values) => values.map(at => time(at * 1000)) }, { ...axis, size: 56, space: 20, values: (_, values) => values.map(figure) }],
        scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
        series: [{}, { stroke: style.getPropertyValue("--accent"), width: 1.5, spanGaps: true, points: { show: false } }],
      }, series, place.current);
    };
    create();
    const size = new ResizeObserver(([entry]) => plot.current?.setSize({ width: entry.contentRect.width, height: 120 }));
    size.observe(place.current);
    dark.addEventListener("change", create);
    return () => {
      size.disconnect();
      dark.removeEventListener("change", create);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [at]);
  useEffect(() => plot.current?.setData(series));
  const last = series[1].findLast(value => value !== null);
  return html`<figure><figcaption>${label}: <b>${figure(last)}</b></figcaption><div ref=${place} class="chart" role="img" aria-label=${`${label}, last value ${figure(last)}`}></div></figure>`;
}
