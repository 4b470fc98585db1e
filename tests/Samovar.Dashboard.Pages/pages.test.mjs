// The pages of the dashboard in Chromium: each shows what the program did. Run by build/test-dashboard.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { Program, Tool } from "./program.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const screenshots = process.env.SAMOVAR_SCREENSHOTS;
const pages = ["now", "lanes", "functions", "tasks", "workers", "failures", "tree", "primitives", "cluster", "system"];

let browser, context, page, program, complaints;

before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  program = await Program.start();
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  page = await context.newPage();
  page.setDefaultTimeout(30000);
  complaints = [];
  page.on("console", line => line.type() === "error" && complaints.push(line.text()));
  page.on("pageerror", error => complaints.push(String(error)));
  await page.goto(program.link);
  await page.waitForSelector("header nav");
  await connected(page);
});

after(async () => {
  await browser?.close();
  await program?.stop();
});

const connected = one => one.waitForSelector(".connection.live");
const go = async name => {
  await page.evaluate(hash => (location.hash = hash), `#/${name}`);
  await page.waitForSelector(`nav a[aria-current=page][href='#/${name.split("?")[0]}']`);
};
const show = async name => {
  if (!screenshots) return;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
};

test("the link leads to the page, without the token in the address", () => {
  assert.match(page.url(), /\/samovar\/(#.*)?$/);
});

test("the counts are those of the executor", async () => {
  await program.run("work 25");
  await program.run("fail 3");
  const [kettles] = await program.statistics();
  assert.equal(kettles.Succeeded, 25);
  await go("now");
  const row = page.locator("tr", { has: page.getByRole("link", { name: "kettles", exact: true }) });
  await row.locator("[data-figure^=succeeded]", { hasText: /^25$/ }).waitFor();
  await row.locator("[data-figure^=failed]", { hasText: /^3$/ }).waitFor();
  await page.locator("[data-count=failed]", { hasText: /^3$/ }).waitFor();
  await show("now");
});

test("a running task has a bar that grows, and a cancel button that cancels it", async () => {
  await program.run("hold endless");
  await go("lanes");
  await page.locator("canvas[data-open='1']").waitFor();
  const width = () => page.evaluate(() => {
    const canvas = document.querySelector("canvas"), pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const colour = getComputedStyle(canvas).getPropertyValue("--running").trim().match(/[0-9a-f]{2}/gi).map(one => parseInt(one, 16));
    let most = 0;
    for (let y = 0; y < canvas.height; y++) {
      let count = 0;
      for (let x = 0; x < canvas.width; x++) {
        const at = (y * canvas.width + x) * 4;
        if (colour.every((one, i) => Math.abs(pixels[at + i] - one) < 3)) count++;
      }
      most = Math.max(most, count);
    }
    return most;
  });
  let first = 0;
  while ((first = await width()) === 0) await page.evaluate(() => new Promise(requestAnimationFrame));
  while ((await width()) <= first + 20) await page.evaluate(() => new Promise(requestAnimationFrame));
  await show("lanes");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download" }).click()]);
  const { traceEvents } = JSON.parse(readFileSync(await download.path(), "utf8"));
  assert.ok(traceEvents.some(one => one.ph === "X" && one.args.outcome === "running" && one.dur > 0));
  assert.ok(traceEvents.some(one => one.ph === "M" && one.name === "process_name" && one.args.name === "kettles"));

  await go("now");
  await page.locator("tr", { hasText: "endless" }).getByRole("button", { name: /^Cancel task/ }).click();
  await page.getByRole("alert").filter({ hasText: "is being cancelled" }).waitFor();
  await page.locator("section", { has: page.getByRole("heading", { name: "Running for the longest" }) }).getByText("No task is running.").waitFor();
  assert.equal((await program.statistics())[0].Canceled, 1);
});

test("functions have their counts and percentiles", async () => {
  await go("functions");
  const row = page.locator("tbody tr", { hasText: "Program.Brew" });
  await row.locator("td").nth(2).filter({ hasText: /^25$/ }).waitFor();
  assert.match(await row.locator("td").nth(7).innerText(), /µs|ms|ns|s$/);
  await page.getByLabel("Filter").fill("spill");
  await page.locator("tbody tr").filter({ hasNotText: "Spill" }).first().waitFor({ state: "detached" });
  await show("functions");
  await page.getByLabel("Filter").fill("");
});

test("a filter finds a task by the text of its error, and its page has the stack", async () => {
  await go("tasks");
  await page.getByLabel("Text").fill("NO SUCH KETTLE");
  await page.getByText("1 to 3 of 3 that match").waitFor();
  await show("tasks");
  await page.locator("tbody a").first().click();
  await page.getByRole("heading", { name: "Stack" }).waitFor();
  assert.match(await page.locator("pre").innerText(), /Program\.Spill/);
  await show("task");
});

test("a crash of a worker is shown with the failures, in a group with its stack", async () => {
  await program.run("crash");
  await go("failures");
  const group = page.locator(".failures li", { hasText: "WorkerCrashedException" });
  await group.waitFor();
  const spilt = page.locator(".failures li", { hasText: "FormatException" });
  assert.match(await spilt.innerText(), /3 ×/);
  await spilt.locator("summary").click();
  assert.match(await spilt.locator("pre").innerText(), /Program\.Spill/);
  await show("failures");
});

test("a map has a bar, and stays for a while when it has completed", async () => {
  await go("now");
  await program.run("map 1234");
  const map = page.locator(".maps li", { hasText: "slices" });
  await map.filter({ hasText: "1,234 of 1,234 done, 0 failed, 0 running" }).filter({ hasText: "over after" }).waitFor();
  assert.equal(await map.getByRole("progressbar", { name: "Progress of slices" }).getAttribute("value"), "1234");
  await map.getByText(/slowest: item \d+ \d/).waitFor();
  await page.locator("section", { has: page.getByRole("heading", { name: "Maps" }) }).getByText("No map is running.").waitFor();
});

test("a failed task can be retried, and the page of the new one names it", async () => {
  await program.run("stumble");
  await go("failures");
  const group = page.locator(".failures > li", { hasText: "InvalidOperationException" });
  await group.getByRole("button", { name: /^Retry all of/ }).click();
  await page.getByRole("alert").filter({ hasText: "is retried as task" }).waitFor();
  await group.getByText("1 retried").waitFor();
  assert.equal(await group.getByRole("button", { name: /^Retry/ }).count(), 0);
  await group.locator("summary").click();
  await group.getByText(/retried as/).getByRole("link").last().click();
  await page.locator("dd", { hasText: /^succeeded/ }).waitFor();
  await page.locator("dd", { hasText: "requested from this dashboard" }).waitFor();
  await show("retried");
});

test("pauses of the garbage collector have a lane", async () => {
  await go("lanes");
  await program.run("collect");
  await page.getByText("pauses of the garbage collector").waitFor();
});

test("workers can be retired", async () => {
  await program.run("press");
  await go("workers");
  const retire = page.getByRole("button", { name: /^Retire presses/ }).first();
  await retire.waitFor();
  await show("workers");
  await retire.click();
  await page.getByRole("alert").waitFor();
  await page.getByRole("alert").getByRole("button", { name: "Close" }).click();
});

test("the tree shows loops with what their tasks await", async () => {
  await program.run("loop");
  await go("tree");
  await page.locator(".tree").getByText("waits for guests").waitFor();
  await show("tree");
});

test("the page of queues and locks has depths, holders and waiters", async () => {
  await go("primitives");
  await page.getByText("There is no queue.").waitFor();
  await program.run("locks");
  const till = page.locator("tbody tr", { hasText: "till-" });
  await till.getByText(`process ${program.child.pid}`).waitFor();
  await till.locator("td").nth(6).filter({ hasText: /^\d/ }).waitFor(); // for how long it is held, which pictures tell
  assert.equal(await till.locator("td").nth(7).innerText(), "1");
  const dishes = page.locator("tbody tr", { hasText: "dishes-" });
  assert.equal(await dishes.locator("td").nth(4).innerText(), "3");
  assert.equal(await dishes.locator("td").nth(5).innerText(), "8 a process");
  await page.getByLabel("Filter").fill("oven");
  await till.waitFor({ state: "detached" });
  assert.match(await page.locator("tbody tr", { hasText: "oven" }).innerText(), /this process.*held.*code outside any group/s);
  await show("primitives");
  await page.getByLabel("Filter").fill("");
});

test("the cluster page has the nodes with their beacons, and dead letters that can be put back and dropped", async () => {
  await go("cluster");
  await page.getByText("This program is no member of a cluster.").waitFor();
  await program.run("cluster");
  const nodes = page.getByRole("table", { name: "Nodes that orders knows" });
  for (const name of ["node-1", "node-2"]) await nodes.locator("tr", { hasText: name }).getByText(/ago$/).waitFor();
  await page.locator("[data-figure=dead]", { hasText: /^1$/ }).waitFor();
  const letter = page.getByRole("table", { name: "Dead letters" }).locator("tbody tr");
  assert.match(await letter.innerText(), /node-\d.*normal/s);
  await show("cluster");
  await letter.getByRole("button", { name: /^Retry/ }).click();
  await page.getByRole("alert").filter({ hasText: "was put back into the queue" }).waitFor();
  await program.run("refusal"); // a node refuses it again
  page.once("dialog", dialog => dialog.accept());
  await letter.getByRole("button", { name: /^Drop/ }).click();
  await page.getByRole("alert").filter({ hasText: "was removed for good" }).waitFor();
  await page.locator("[data-figure=dead]", { hasText: /^0$/ }).waitFor();
  await page.getByRole("alert").getByRole("button", { name: "Close" }).click();
});

test("the system page names the process", async () => {
  await go("system");
  await page.locator("dd", { hasText: String(program.child.pid) }).first().waitFor();
  await show("system");
});

test("a pause freezes the view, and the keys choose pages", async () => {
  await go("now");
  const done = () => page.locator("[data-count=succeeded]").innerText();
  await page.keyboard.press("p");
  await page.getByText("The program continues.").waitFor();
  const before = await done();
  await program.run("work 5");
  await page.waitForTimeout(1000);
  assert.equal(await done(), before);
  await page.keyboard.press("p");
  await page.locator("[data-count=succeeded]", { hasText: new RegExp(`^${Number(before) + 5}$`) }).waitFor();
  await page.keyboard.press("0");
  await page.waitForSelector("nav a[aria-current=page][href='#/system']");
  await page.keyboard.press("8");
  await page.waitForSelector("nav a[aria-current=page][href='#/primitives']");
});

for (const scheme of ["light", "dark"])
  for (const name of pages)
    test(`axe finds no violation on the page ${name}, ${scheme}`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      await go(name);
      await page.waitForTimeout(300);
      const session = await context.newCDPSession(page); // the policy of the pages forbids other scripts, so that axe comes over the debugger
      await session.send("Runtime.evaluate", { expression: axe });
      const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
      assert.deepEqual(violations.map(one => `${one.id}: ${one.nodes.map(node => node.html.slice(0, 120)).join(" | ")}`), []);
      if (scheme === "dark") await show(`${name}-dark`);
    });

test("pictures of a busy program, for the documents", { skip: !screenshots }, async () => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 560 });
  const bustle = program.run("bustle");
  await go("now");
  await page.waitForTimeout(4000);
  await show("busy-now");
  await go("lanes");
  await page.getByRole("button", { name: "10 s" }).click();
  await page.waitForTimeout(1500);
  await show("busy-lanes");
  await bustle;
});

test("the browser has no complaint, so that the content policy is kept", () => assert.deepEqual(complaints, []));

test("samovar dashboard keeps the last picture of a program that is killed, and shows how it ended", async () => {
  const victim = await Program.start();
  const tool = await Tool.start(victim.child.pid);
  const view = await context.newPage();
  view.setDefaultTimeout(30000);
  try {
    await view.goto(tool.link);
    await connected(view);
    await victim.run("work 7");
    await view.locator("[data-count=succeeded]", { hasText: /^7$/ }).waitFor();
    await victim.kill();
    const ended = view.locator("p.ended");
    await ended.waitFor();
    assert.match(await ended.innerText(), /(signal 9|was killed).*The page shows the last picture/s);
    assert.equal(await view.locator("[data-count=succeeded]").innerText(), "7");
    if (screenshots) await view.screenshot({ path: join(screenshots, "ended.png") });
    await view.reload();
    await view.locator("p.ended").waitFor();
    assert.equal(await view.locator("[data-count=succeeded]").innerText(), "7");
  } finally {
    await view.close();
    await tool.stop();
  }
});
