// Starts what the tests run against: the demo with its real brokers, database and server, in a directory of its own,
// and creates the first administrator in a real browser, as a new user would. Beside the demo's server a second one on
// the same database stands behind nginx, with TLS and below a path: the project "proxied" runs against that.
import { chromium as browsers, expect, type FullConfig } from "@playwright/test";
import { spawn } from "node:child_process";
import { chmodSync, createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { freePort, listens, nginx } from "./nginx";
import { chromium } from "./playwright.config";

const LIMIT = 180_000;
/** Where the proxied server stands on its host. */
const ROOT = "/tools/weir";
/** What is started here ends with these tests, even if they are killed. */
const WITH_US = ["--pdeathsig", "TERM", "--"];
const [login, password] = ["mara", "correct horse battery staple"];

export default async function world(config: FullConfig): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), "weir-e2e-"));
  // The database runs under an account of its own, which must reach its directory below this one.
  chmodSync(dir, 0o755);
  const binaries = resolve(process.env.WEIR_BINARIES ?? "../target/debug");
  const demo = join(binaries, "weir-demo");
  const data = join(dir, "data");
  const child = spawn("setpriv", [...WITH_US, demo, "--data", data, "--weir", join(binaries, "weir"), "--port", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = createWriteStream(process.env.WEIR_E2E_LOG ?? join(dir, "demo.log"));
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const one of stops.reverse()) await one();
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

  const { origin: address, pathname, hash } = new URL(started.link);
  const state = join(dir, "admin.json");
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
  const places: Record<string, Place> = { direct: { address, root: "", upstream: Number(new URL(address).port), state } };
  if (config.projects.some((project) => project.name === "proxied")) {
    const upstream = await second(join(binaries, "weir"), data, dir, stops);
    const proxy = await nginx(join(dir, "nginx"), upstream.port);
    stops.push(proxy.stop);
    const address = `https://localhost:${proxy.port}`;
    await upstream.start(`${address}${ROOT}`);
    places.proxied = { address, root: ROOT, upstream: upstream.port, state: join(dir, "proxied.json") };
  }

  const file = join(dir, "world.json");
  const link = pathname + hash;
  writeFileSync(file, JSON.stringify({ places, dir, bootstrap: started.bootstrap, demo, login, password, link }));
  process.env.WEIR_WORLD = file;
  return stop;
}

/** One of the servers, as the tests see it. */
export interface Place {
  /** Scheme, host and port. */
  address: string;
  /** The path that Weir stands under; "" at the top. */
  root: string;
  /** Port of the server itself. */
  upstream: number;
  /** File of the administrator's session; made by the first test that needs it. */
  state: string;
}

/** Another server of the demo's installation, reached through a proxy. */
async function second(weir: string, data: string, dir: string, stops: (() => Promise<void>)[]) {
  const port = await freePort();
  const start = async (publicUrl: string) => {
    const config = join(data, "weir-proxied.toml");
    const more = `listen = "127.0.0.1:${port}"\npublic_url = "${publicUrl}"\ntrusted_proxies = ["127.0.0.1"]\nallow_addresses = ["127.0.0.0/8", "::1/128"]`;
    writeFileSync(config, readFileSync(join(data, "weir.toml"), "utf8").replace(/^listen = .*$/m, more));
    const log = createWriteStream(process.env.WEIR_E2E_LOG ? `${process.env.WEIR_E2E_LOG}.proxied` : join(dir, "proxied.log"));
    const child = spawn("setpriv", [...WITH_US, weir, "serve", "--config", config], { stdio: ["ignore", "pipe", "pipe"] });
    child.stderr.pipe(log);
    let over: string | undefined;
    child.once("exit", (code) => { over = `the server behind the proxy ended with ${code}; its log: ${String(log.path)}`; });
    const last = () => void child.kill("SIGKILL");
    process.once("exit", last);
    stops.push(async () => {
      const gone = new Promise((done) => child.once("exit", done));
      process.off("exit", last);
      if (child.exitCode === null && child.kill("SIGTERM")) await gone;
    });
    await listens(port, () => over);
    for (const begun = Date.now(); ; await new Promise((next) => setTimeout(next, 100))) {
      const ready = await fetch(`http://127.0.0.1:${port}/readyz`).then((answer) => answer.ok, () => false);
      if (ready) return;
      if (over || Date.now() - begun > LIMIT) throw new Error(over ?? "the server behind the proxy was not ready in time");
    }
  };
  return { port, start };
}
