import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { useAsk } from "../parts.js";

/** Nodes with a depth, in the order of the tree, as nested nodes. */
function nest(nodes) {
  const roots = [], above = [];
  for (const node of nodes) {
    const next = { ...node, children: [] };
    above.length = Math.min(node.depth, above.length);
    (above.length ? above.at(-1).children : roots).push(next);
    above.push(next);
  }
  return roots;
}

const Node = ({ node }) => html`<li><span class="node">${node.label}</span> <span class=${/stuck|blocked|not responding/.test(node.state) ? "stuck" : "note"}>${node.state}</span>
  ${node.awaits?.length > 0 && html`<span class="awaits">${node.awaits.join(" ← ")}</span>`}
  ${node.children.length > 0 && html`<ul>${node.children.map(child => html`<${Node} node=${child} />`)}</ul>`}</li>`;

export function Tree() {
  const [most, setMost] = useState(20);
  const { reply, error } = useAsk("tree", { most }, 2000);
  return html`
    <div class="tools"><label>At most <select value=${most} onChange=${event => setMost(Number(event.target.value))}>${[20, 100, 1000].map(one => html`<option value=${one}>${one}</option>`)}</select> children of a node</label></div>
    ${error && html`<p class="error" role="alert">${error}</p>`}
    ${reply && html`<ul class="tree">${nest(reply.nodes ?? []).map(node => html`<${Node} node=${node} />`)}</ul>
      ${reply.nodes?.length === 0 && html`<p class="empty">No executor runs.</p>`}
      ${reply.cut && html`<p class="note">There are more nodes than are shown.</p>`}`}`;
}
