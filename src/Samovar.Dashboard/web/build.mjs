// Bundles source/ into dist/: dashboard.js and dashboard.css, and the files that are served as they are. The first line of the bundle has the hash of
// everything that it was made from, so that a test finds out when it is out of date.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative, sep } from "node:path";

const root = import.meta.dirname;

function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesOf(path) : [path];
  });
}

// The order and the form are those of WebFilesTests: path, a zero, contents, a zero; by path, ordinal.
const inputs = [...filesOf(join(root, "source")), ...["build.mjs", "package.json", "package-lock.json"].map(name => join(root, name))]
  .map(path => [relative(root, path).split(sep).join("/"), path])
  .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
const hash = createHash("sha256");
for (const [name, path] of inputs) hash.update(name).update("\0").update(readFileSync(path)).update("\0");

rmSync(join(root, "dist"), { recursive: true, force: true });
mkdirSync(join(root, "dist"));
const licences = "preact, @preact/signals: MIT, Jason Miller and others; htm: Apache-2.0, Google; uPlot: MIT, Leon Sorokin";
await build({
  entryPoints: { dashboard: join(root, "source/main.js") },
  outdir: join(root, "dist"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  charset: "utf8",
  banner: { js: `/* sources: ${hash.digest("hex")} | ${licences} */` },
});
for (const name of ["dashboard.html", "icon.svg"]) copyFileSync(join(root, "source", name), join(root, "dist", name));
