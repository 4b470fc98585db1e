// The events of the server, and requests to it. All addresses are relative: the dashboard works under any path.

import { addPicture, clearHistory, connection, hello, message, tick } from "./state.js";

export function start() {
  const events = new EventSource("events");
  events.addEventListener("hello", event => {
    const next = JSON.parse(event.data);
    if (hello.peek() && hello.peek().pid !== next.pid) clearHistory();
    hello.value = next;
  });
  events.addEventListener("picture", event => {
    addPicture(JSON.parse(event.data));
    connection.value = { state: "live", text: "live" };
  });
  events.addEventListener("lost", event => (connection.value = { state: "lost", ...JSON.parse(event.data) }));
  events.addEventListener("ended", event => (connection.value = { state: "ended", ...JSON.parse(event.data) }));
  events.onerror = () => {
    if (connection.peek().state === "ended") return; // the tool has stopped too: what is known stays
    connection.value = events.readyState === EventSource.CLOSED
      ? { state: "lost", text: "The server refused the connection. Open a new link." }
      : { state: "lost", text: "The connection to the server was lost; trying again." };
  };
  setInterval(() => tick.value++, 500);
}

/** Sends a request of the watch protocol, and returns the reply. Throws an Error with a sentence. */
export async function ask(what, args = {}) {
  return post("api/ask", { what, ...args });
}

export async function post(path, body) {
  let response;
  try {
    response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  } catch {
    throw new Error("The server of the dashboard does not respond.");
  }
  const text = await response.text();
  let reply;
  try {
    reply = JSON.parse(text);
  } catch {
    throw new Error(text.trim() || `The server responded with status ${response.status}.`);
  }
  if (reply.error) throw new Error(reply.error);
  return reply;
}

/** Sends a command and shows its result: a text, or a function of the reply that returns one. */
export async function command(what, args, done, failed) {
  try {
    const reply = await ask(what, args);
    const text = reply.done ? done : failed;
    message.value = { text: typeof text === "function" ? text(reply) : text, isError: !reply.done };
  } catch (error) {
    message.value = { text: error.message, isError: true };
  }
}
