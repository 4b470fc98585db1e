// Texts of numbers, times and states.

const numbers = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

export const count = value => (value === undefined || value === null ? "–" : numbers.format(value));

export const figure = value => (value === undefined || value === null || !isFinite(value) ? "–" : short.format(value));

/** A duration in milliseconds as text. */
export function duration(ms) {
  if (ms === undefined || ms === null) return "–";
  if (ms === 0) return "0";
  if (ms < 1) return `${short.format(ms * 1000)} µs`;
  if (ms < 1000) return `${short.format(ms)} ms`;
  if (ms < 60000) return `${short.format(ms / 1000)} s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const hours = Math.floor(seconds / 3600);
  return hours < 48 ? `${hours} h ${Math.floor((seconds % 3600) / 60)} min` : `${Math.floor(hours / 24)} days`;
}

export function bytes(value) {
  if (value === undefined || value === null) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? numbers.format(value) : short.format(value)} ${units[unit]}`;
}

export const time = at => (at ? clock.format(new Date(at)) : "–");

export const percent = share => (share === undefined || share === null || !isFinite(share) ? "–" : `${short.format(share * 100)} %`);

const outcomes = {
  succeeded: "succeeded", failed: "failed", timed_out: "timed out", canceled: "canceled", crashed: "worker crashed", retried: "retried", running: "running",
};

export const outcome = name => outcomes[name] ?? name;

/** The colours of outcomes are classes and CSS variables of these names. */
export const colourOf = name => (name in outcomes ? name : "failed");

/** The resources of an executor or a node, and what is in use of them. */
export const resourcesText = list => (list ?? []).map(one => `${one.name} ${figure(one.inUse)} of ${figure(one.total)}${one.waiting > 0 ? ` (${count(one.waiting)} waiting)` : ""}`).join(", ");
