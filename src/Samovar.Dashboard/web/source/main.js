import "../node_modules/uplot/dist/uPlot.min.css";
import "./dashboard.css";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { html } from "htm/preact";
import { signal } from "@preact/signals";
import { post, start } from "./connect.js";
import { arrived, chosen, connection, executor, executors, hello, latest, message, paused, rateNow, shown, tick, version } from "./state.js";
import { count, duration, figure, time } from "./format.js";
import { Now } from "./pages/now.js";
import { Lanes } from "./pages/lanes.js";
import { Functions } from "./pages/functions.js";
import { Tasks } from "./pages/tasks.js";
import { Workers } from "./pages/workers.js";
import { Failures } from "./pages/failures.js";
import { Tree } from "./pages/tree.js";
import { Primitives } from "./pages/primitives.js";
import { Cluster } from "./pages/cluster.js";
import { System } from "./pages/system.js";

const pages = [
  ["now", "Now", Now], ["lanes", "Lanes", Lanes], ["functions", "Functions", Functions], ["tasks", "Tasks", Tasks], ["workers", "Workers", Workers],
  ["failures", "Failures", Failures], ["tree", "Loops and scopes", Tree], ["primitives", "Queues and locks", Primitives], ["cluster", "Cluster", Cluster], ["system", "System", System],
];

function read() {
  const [path, words] = location.hash.replace(/^#\/?/, "").split("?");
  return { page: pages.some(([name]) => name === path) ? path : "now", args: Object.fromEntries(new URLSearchParams(words ?? "")) };
}

const route = signal(read());
addEventListener("hashchange", () => {
  route.value = read();
  message.value = null;
});

// The number keys choose a page, 0 the tenth, P pauses, unless the viewer types into a field.
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const page = /^[0-9]$/.test(event.key) && pages[(Number(event.key) + 9) % 10];
  if (page) location.hash = `#/${page[0]}`;
  else if (event.key === "p") pause();
});

const pause = () => (paused.value = paused.value ? null : latest.value);

async function newLink() {
  try {
    const { link } = await post("api/launch", {});
    const address = new URL(link, location.href.replace(/#.*/, "")).href;
    await navigator.clipboard?.writeText(address).catch(() => {});
    message.value = { text: `A link for another browser on this machine, which works once: ${address}` };
  } catch (error) {
    message.value = { text: error.message, isError: true };
  }
}

const sum = name => chosen.value.reduce((total, one) => total + (one[name] ?? 0), 0);

function Connection() {
  tick.value;
  const { state, text, at } = connection.value, age = arrived.value ? performance.now() - arrived.value : null;
  const words = state === "live" ? (age > 2000 ? `no picture for ${duration(age)}` : "live") : state === "ended" ? "ended" : text;
  return html`<span class=${`connection ${state === "live" && age > 2000 ? "lost" : state}`} role="status">${words}${at ? ` at ${time(at)}` : ""}</span>
    ${state !== "live" && age !== null && html`<span class="note">last picture ${duration(age)} ago</span>`}`;
}

function Header() {
  version.value;
  const picture = shown.value;
  return html`<header>
    <h1>Samovar <span class="program">${hello.value ? `${hello.value.program} (${hello.value.pid})` : ""}</span></h1>
    <div class="bar-top">
      <label>Executor <select value=${executor.value} onChange=${event => (executor.value = Number(event.target.value))}>
        <option value="0">all</option>${executors.value.map(one => html`<option value=${one.id}>${one.name} (${one.type})</option>`)}</select></label>
      <dl class="counts">
        ${[["a second", figure(rateNow())], ["queued", count(sum("queued") + sum("sent"))], ["running", count(sum("running"))], ["succeeded", count(sum("succeeded"))],
          ["failed", count(sum("failed"))], ["retries", count(sum("retries"))]].map(([name, value]) => html`<div><dt>${name}</dt><dd data-count=${name}>${value}</dd></div>`)}
      </dl>
      <${Connection} />
      ${picture && html`<span class="note" title="How long it takes the program to create a picture">picture ${duration(picture.cost)}</span>`}
      <button aria-pressed=${paused.value !== null} onClick=${pause} disabled=${!latest.value}>${paused.value ? "Resume" : "Pause"}</button>
      <button onClick=${newLink} title="Creates a link for another browser on this machine">Link</button>
    </div>
    <nav aria-label="Pages">${pages.map(([name, title]) => html`<a href=${`#/${name}`} aria-current=${route.value.page === name ? "page" : undefined}>${title}${
      name === "failures" && picture?.failuresTotal > 0 ? html` <span class="badge">${count(picture.failuresTotal)}</span>` : ""}</a>`)}</nav>
  </header>`;
}

function Message() {
  if (!message.value) return null;
  return html`<p class=${message.value.isError ? "message error" : "message"} role="alert">${message.value.text} <button class="small" onClick=${() => (message.value = null)}>Close</button></p>`;
}

function App() {
  const { page, args } = route.value, [, title, Page] = pages.find(([name]) => name === page);
  const state = connection.value;
  useEffect(() => void (document.title = `${title} – ${hello.value?.program ?? "Samovar"}`));
  return html`<${Header} />
    <main id="content">
      <h2 class="hidden">${title}</h2>
      ${state.state === "ended" && html`<p class="ended" role="alert">${state.text} The page shows the last picture${shown.value ? `, of ${time(shown.value.at)}` : ""}.</p>`}
      ${paused.value && html`<p class="note">Paused at ${time(paused.value.at)}. The program continues.</p>`}
      <${Message} />
      ${shown.value ? html`<${Page} args=${args} />` : html`<p class="loading">${state.state === "connecting" ? "Waiting for the first picture…" : state.text}</p>`}
    </main>`;
}

start();
const place = document.getElementById("app");
place.replaceChildren();
render(html`<${App} />`, place);
