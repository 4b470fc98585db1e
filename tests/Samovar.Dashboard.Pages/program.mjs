// The program whose dashboard the tests view: tests/Samovar.Dashboard.Tests.Child, commanded over its input.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const folder = process.env.SAMOVAR_OUTPUT ?? "debug";

export class Program {
  constructor(child) {
    this.child = child;
    this.lines = [];
    this.waiting = [];
    this.link = null;
    createInterface({ input: child.stdout }).on("line", line => {
      const link = line.match(/http:\S+\?token=\w+/);
      if (link) this.link = link[0];
      else if (/^(ready|worked|failed|holding|pressed|bustled|crashed|mapped|collected|looping|refused|locked|\[|')/.test(line)) (this.waiting.shift() ?? (one => this.lines.push(one)))(line);
    });
    this.exited = new Promise(resolve => child.on("exit", (code, signal) => resolve({ code, signal })));
  }

  static async start() {
    const path = join(root, "artifacts/bin/Samovar.Dashboard.Tests.Child", folder, "Samovar.Dashboard.Tests.Child.dll");
    const program = new Program(spawn("dotnet", [path], { stdio: ["pipe", "pipe", "inherit"] }));
    await program.next();
    while (!program.link) await new Promise(resolve => setImmediate(resolve)); // the log is written by a thread of its own
    return program;
  }

  next() {
    return this.lines.length > 0 ? Promise.resolve(this.lines.shift()) : new Promise(resolve => this.waiting.push(resolve));
  }

  async run(command) {
    this.child.stdin.write(`${command}\n`);
    return this.next();
  }

  async statistics() {
    return JSON.parse(await this.run("statistics"));
  }

  async stop() {
    this.child.stdin.end();
    return this.exited;
  }

  kill() {
    this.child.kill("SIGKILL");
    return this.exited;
  }
}

/** `samovar dashboard PID`. */
export class Tool {
  static async start(pid) {
    const path = join(root, "artifacts/bin/Samovar.Cli", folder, "Samovar.Cli.dll");
    const tool = new Tool();
    tool.child = spawn("dotnet", [path, "dashboard", String(pid), "--no-browser"], { stdio: ["ignore", "pipe", "inherit"] });
    tool.exited = new Promise(resolve => tool.child.on("exit", resolve));
    tool.link = await new Promise((resolve, reject) => {
      createInterface({ input: tool.child.stdout }).on("line", line => {
        const link = line.match(/http:\S+\?token=\w+/);
        if (link) resolve(link[0]);
      });
      tool.exited.then(code => reject(new Error(`the tool exited with code ${code}`)));
    });
    return tool;
  }

  stop() {
    this.child.kill("SIGINT");
    return this.exited;
  }
}
