import { test as base, expect, type BrowserContext, type Page } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What `world.ts` started. */
export interface World {
  address: string;
  bootstrap: string;
  demo: string;
  state: string;
  login: string;
  password: string;
}

export const world: World = JSON.parse(readFileSync(process.env.WEIR_WORLD!, "utf8"));

/** Everything a page may not do: break the content security policy, log an error, throw. */
export function watch(context: BrowserContext): string[] {
  const faults: string[] = [];
  context.on("weberror", (e) => faults.push(`page error: ${e.error().message}`));
  context.on("console", (m) => {
    // A refused log-in is answered with an error status, which Chromium reports by itself.
    if (m.type() === "error" && !/status of (400|401|403|404|409|422|429|503)/.test(m.text())) faults.push(`console: ${m.text()}`);
    if (m.type() === "warning" && /hydrat/i.test(m.text())) faults.push(`hydration: ${m.text()}`);
  });
  void context.exposeBinding("weirViolation", (_source, what: string) => void faults.push(`policy: ${what}`));
  void context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (e) => {
      (window as unknown as { weirViolation(what: string): void }).weirViolation(`${e.violatedDirective} ${e.blockedURI}`);
    });
  });
  return faults;
}

/** A test whose pages must not break any rule while it runs. */
export const test = base.extend<{ faults: string[] }>({
  storageState: world.state,
  baseURL: world.address,
  faults: [
    async ({ context }, use) => {
      const faults = watch(context);
      await use(faults);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Sends one event to the broker, as any producer would. */
export function produce(topic: string, key: string, payload: string, headers: Record<string, string> = {}): void {
  const args = ["send", "--bootstrap", world.bootstrap, "--topic", topic, "--key", key, "--payload", payload];
  for (const [name, value] of Object.entries(headers)) args.push("--header", `${name}=${value}`);
  execFileSync(world.demo, args, { stdio: "pipe" });
}

/** Waits until the bundle is alive: only then do keys and live data work. */
export async function hydrated(page: Page): Promise<void> {
  await page.locator("html[data-hydrated]").waitFor({ state: "attached" });
}

let counter = 0;
/** A key no other test uses. */
export const freshKey = (): string => `e2e-${process.pid}-${Date.now().toString(36)}-${counter++}`;
