// Starts what the tests run against: the demo with its real brokers, database and server, in a directory of its own,
// and creates the first administrator in a real browser, as a new user would.
import { chromium as browsers, expect, type FullConfig } from "@playwright/test";
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync, createWriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "./playwright.config";

const LIMIT = 180_000;

export default async function world(_config: FullConfig): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), "weir-e2e-"));
  // The database runs under an account of its own, which must reach its directory below this one.
  chmodSync(dir, 0o755);
  const binaries = resolve(process.env.WEIR_BINARIES ?? "../target/debug");
  const demo = join(binaries, "weir-demo");
  const child = spawn(demo, ["--data", join(dir, "data"), "--weir", join(binaries, "weir"), "--port", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = createWriteStream(process.env.WEIR_E2E_LOG ?? join(dir, "demo.log"));
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const stop = async () => {
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await gone;
    rmSync(dir, { recursive: true, force: true });
  };

  const started = await new Promise<{ link: string; bootstrap: string }>((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`the demo was not ready after ${LIMIT / 1000} s`)), LIMIT);
    let [link, bootstrap] = ["", ""];
    child.once("exit", (code) => fail(new Error(`the demo ended with ${code}; its log: ${String(log.path)}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      link ||= /https?:\/\/\S+\/setup#token=\S+/.exec(line)?.[0] ?? "";
      bootstrap ||= /Kafka\D*(127\.0\.0\.1:\d+)/.exec(line)?.[1] ?? "";
      if (link && bootstrap) {
        clearTimeout(timer);
        done({ link, bootstrap });
      }
    });
  });

  const state = join(dir, "admin.json");
  const [login, password] = ["mara", "correct horse battery staple"];
  const browser = await browsers.launch(chromium);
  const page = await browser.newPage();
  await page.goto(started.link);
  await page.getByLabel("Your name").fill("Mara Lindqvist");
  await page.getByLabel("Log-in name").fill(login);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: /create/i }).click();
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
  await page.context().storageState({ path: state });
  await browser.close();

  const file = join(dir, "world.json");
  const address = new URL(started.link).origin;
  writeFileSync(file, JSON.stringify({ address, bootstrap: started.bootstrap, demo, state, login, password, link: started.link }));
  process.env.WEIR_WORLD = file;
  return stop;
}
