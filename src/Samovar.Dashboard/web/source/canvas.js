// Draws the lanes of workers, with bars that grow while tasks run.

export const rowHeight = 20;
const labelWidth = 150;
const axisHeight = 20;

export class LaneCanvas {
  /** view() returns { list, span, range }; now() the program's time; onRange gets a zoomed range or null, onHover what is under the pointer or null. */
  constructor(canvas, view, now, onRange, onHover) {
    Object.assign(this, { canvas, view, now, onRange, onHover, drag: null, frame: 0 });
    this.context = canvas.getContext("2d");
    this.listeners = {
      pointerdown: event => this.onDown(event), pointermove: event => this.onMove(event), pointerup: event => this.onUp(event),
      pointerleave: () => this.onHover(null), dblclick: () => onRange(null), wheel: event => this.onWheel(event),
    };
    for (const [name, listener] of Object.entries(this.listeners)) canvas.addEventListener(name, listener, { passive: name !== "wheel" });
    this.colours = null;
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.onScheme = () => (this.colours = null);
    this.scheme.addEventListener("change", this.onScheme);
    this.loop();
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.scheme.removeEventListener("change", this.onScheme);
    for (const [name, listener] of Object.entries(this.listeners)) this.canvas.removeEventListener(name, listener);
  }

  loop() {
    this.frame = requestAnimationFrame(() => this.loop());
    this.draw();
  }

  range() {
    const { range, span } = this.view();
    if (range) return range;
    const now = this.now();
    return [now - span * 1000, now];
  }

  readColours() {
    const style = getComputedStyle(this.canvas), names = ["succeeded", "failed", "timed_out", "canceled", "crashed", "retried", "running", "paused", "wait", "ink", "muted", "line", "accent"];
    this.colours = Object.fromEntries(names.map(name => [name, style.getPropertyValue(`--${name}`).trim()]));
  }

  draw() {
    if (!this.colours) this.readColours();
    const { canvas, context, colours } = this, ratio = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const { list } = this.view(), [from, to] = this.range(), scale = (width - labelWidth) / Math.max(1, to - from);
    const x = at => labelWidth + (at - from) * scale;
    this.drawAxis(from, to, x, height);
    context.font = "12px system-ui";
    context.textBaseline = "middle";
    list.forEach((lane, row) => {
      const top = row * rowHeight;
      context.fillStyle = colours.line;
      context.fillRect(0, top + rowHeight - 1, width, 1);
      context.fillStyle = colours.ink;
      context.fillText(fit(context, lane.label ?? "", labelWidth - 12), 4, top + rowHeight / 2);
      context.save();
      context.beginPath();
      context.rect(labelWidth, top, width - labelWidth, rowHeight);
      context.clip();
      const now = this.now(), first = firstAfter(lane.bars, from);
      for (let i = first; i < lane.bars.length; i++) this.drawWait(x(lane.bars[i].queued), x(lane.bars[i].from), top);
      for (const task of lane.open) this.drawWait(x(task.queued), x(task.since), top);
      for (let i = first; i < lane.bars.length; i++) {
        const bar = lane.bars[i];
        if (bar.from <= to) this.drawBar(x(bar.from), x(bar.to), top, bar.outcome, bar.count);
      }
      for (const task of lane.open) if (task.since <= to) this.drawBar(x(task.since), x(now), top, "running");
      context.restore();
    });
    if (this.drag) {
      context.fillStyle = colours.accent;
      context.globalAlpha = 0.2;
      context.fillRect(Math.min(this.drag.from, this.drag.to), 0, Math.abs(this.drag.to - this.drag.from), height);
      context.globalAlpha = 1;
    }
  }

  drawWait(queued, left, top) {
    if (!(queued < left)) return;
    this.context.fillStyle = this.colours.wait;
    this.context.fillRect(queued, top + rowHeight / 2 - 1, left - queued, 1.5);
  }

  drawBar(left, right, top, outcome, count) {
    const { context, colours } = this;
    context.fillStyle = colours[outcome] ?? colours.failed;
    const width = Math.max(1.5, right - left - 1); // bars that follow one another remain distinct
    context.globalAlpha = count > 1 ? 0.7 : 1;
    context.fillRect(left, top + 3, width, rowHeight - 7);
    context.globalAlpha = 1;
    const mark = { crashed: "✕", retried: "↻", canceled: "■" }[outcome];
    if (!mark) return;
    context.fillStyle = colours.ink;
    context.fillText(mark, right + 1, top + rowHeight / 2);
  }

  drawAxis(from, to, x, height) {
    const { context, colours } = this, steps = [10, 50, 100, 500, 1000, 2000, 5000, 10000, 30000, 60000, 120000, 300000];
    const step = steps.find(one => (to - from) / one <= 8) ?? 600000;
    context.font = "11px system-ui";
    context.textBaseline = "alphabetic";
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
      context.fillStyle = colours.line;
      context.fillRect(x(at), 0, 1, height - axisHeight);
      context.fillStyle = colours.muted;
      context.fillText(new Date(at).toISOString().slice(11, step < 1000 ? 23 : 19), x(at) + 3, height - 6);
    }
  }

  onDown(event) {
    if (event.offsetX < labelWidth) return;
    this.drag = { from: event.offsetX, to: event.offsetX };
    this.canvas.setPointerCapture(event.pointerId);
  }

  onMove(event) {
    if (this.drag) {
      this.drag.to = event.offsetX;
      return;
    }
    const { list } = this.view(), lane = list[Math.floor(event.offsetY / rowHeight)], at = this.timeAt(event.offsetX);
    const bar = lane && event.offsetX >= labelWidth
      ? lane.open.find(task => task.since <= at && at <= this.now()) ?? lane.bars.findLast(one => one.from - 2 / this.scale() <= at && at <= one.to + 2 / this.scale())
      : null;
    this.onHover(bar ? { bar, lane, x: event.offsetX + 12, y: event.offsetY + 12 } : null);
  }

  onUp() {
    const drag = this.drag;
    this.drag = null;
    if (drag && Math.abs(drag.to - drag.from) > 5) this.onRange([this.timeAt(Math.min(drag.from, drag.to)), this.timeAt(Math.max(drag.from, drag.to))]);
  }

  onWheel(event) {
    if (!event.ctrlKey) return; // the page scrolls
    event.preventDefault();
    const [from, to] = this.range(), at = this.timeAt(event.offsetX), factor = event.deltaY > 0 ? 1.25 : 0.8;
    this.onRange([at - (at - from) * factor, at + (to - at) * factor]);
  }

  scale() {
    const [from, to] = this.range();
    return (this.canvas.clientWidth - labelWidth) / Math.max(1, to - from);
  }

  timeAt(x) {
    return this.range()[0] + (x - labelWidth) / this.scale();
  }
}

/** Bars are in the order in which they ended: the first one that ends after a time, by halving. */
function firstAfter(bars, at) {
  let low = 0, high = bars.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bars[middle].to < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function fit(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width) length--;
  return `${text.slice(0, length)}…`;
}
