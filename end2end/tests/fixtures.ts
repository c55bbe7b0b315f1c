import {
  test as base, expect, type APIResponse, type Browser, type BrowserContext, type BrowserContextOptions, type Page,
} from "@playwright/test";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { Place } from "../world";

/** What `world.ts` started. */
export interface World {
  /** By the name of the project. */
  places: Record<string, Place>;
  dir: string;
  bootstrap: string;
  demo: string;
  login: string;
  password: string;
  /** Path and fragment of the one-time link, which is used up. */
  link: string;
}

export const world: World = JSON.parse(readFileSync(process.env.WEIR_WORLD!, "utf8"));

/** Everything a page may not do: break the content security policy, log an error, throw, ask beside Weir's own path. */
export function watch(context: BrowserContext, place: Place): string[] {
  const faults: string[] = [];
  context.on("request", (r) => {
    const { origin, pathname } = new URL(r.url());
    if (origin === place.address && !pathname.startsWith(`${place.root}/`)) faults.push(`beside the path: ${r.url()}`);
  });
  context.on("weberror", (e) => faults.push(`page error: ${e.error().message}`));
  context.on("console", (m) => {
    // A refused log-in is answered with an error status, which Chromium reports by itself.
    if (m.type() === "error" && !/status of (400|401|403|404|409|422|429|503)/.test(m.text())) faults.push(`console: ${m.text()}`);
    if (/permissions-policy/i.test(m.text())) faults.push(`header: ${m.text()}`);
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

/** Signs the administrator in, as anybody would, and keeps the session. */
async function signIn(browser: Browser, place: Place): Promise<void> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(`${place.address}${place.root}/`);
  await page.getByLabel("Log-in name").fill(world.login);
  await page.getByLabel("Password").fill(world.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
  await context.storageState({ path: place.state });
  await context.close();
}

/** Addresses of the page that lead beside the path that Weir stands under. */
const astray = (page: Page, root: string): Promise<string[]> =>
  page.evaluate((root) => {
    const names = ["href", "src", "action", "formaction"];
    const all = names.flatMap((n) => [...document.querySelectorAll(`[${n}^="/"]`)].map((e) => e.getAttribute(n)!));
    return all.filter((address) => address !== root && !address.startsWith(`${root}/`));
  }, root);

/** Lets `goto` take paths of Weir's own, wherever it stands. */
const at = (context: BrowserContext, place: Place): BrowserContext => {
  const newPage = context.newPage.bind(context);
  context.newPage = async () => {
    const page = await newPage();
    const goto = page.goto.bind(page);
    page.goto = (to, options) => goto(to.startsWith("/") ? place.root + to : to, options);
    return page;
  };
  return context;
};

interface Parts {
  faults: string[];
  /** A browser of somebody else, signed out unless told otherwise, and what its pages did wrong. */
  elsewhere: (options?: BrowserContextOptions) => Promise<[BrowserContext, string[]]>;
  /** Asks as a program does, without a cookie. */
  program: (path: string, headers?: Record<string, string>) => Promise<APIResponse>;
}

/** A test whose pages must not break any rule while it runs. `goto` takes paths of Weir's own. */
export const test = base.extend<Parts, { place: Place }>({
  place: [
    async ({ browser }, use, info) => {
      const place = world.places[info.project.name]!;
      // Only now: tests of another project end the sessions of this person.
      if (!existsSync(place.state)) await signIn(browser, place);
      await use(place);
    },
    { scope: "worker" },
  ],
  storageState: async ({ place }, use) => use(place.state),
  baseURL: async ({ place }, use) => use(place.address),
  context: async ({ context, place }, use) => use(at(context, place)),
  elsewhere: async ({ browser, place }, use) => {
    const nobody = { storageState: { cookies: [], origins: [] }, baseURL: place.address, ignoreHTTPSErrors: true };
    await use(async (options = {}) => {
      const context = at(await browser.newContext({ ...nobody, ...options }), place);
      return [context, watch(context, place)];
    });
  },
  program: async ({ playwright, place }, use) => {
    const asking = await playwright.request.newContext({ baseURL: place.address, ignoreHTTPSErrors: true });
    await use((path, headers = {}) => asking.get(place.root + path, { headers }));
    await asking.dispose();
  },
  faults: [
    async ({ context, place }, use) => {
      const faults = watch(context, place);
      await use(faults);
      for (const page of context.pages()) faults.push(...(await astray(page, place.root)));
      expect([...faults]).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Sends one event to the broker, as any producer would. */
export function produce(
  topic: string,
  key: string,
  payload: string | Buffer,
  headers: Record<string, string> = {},
): void {
  const args = ["send", "--bootstrap", world.bootstrap, "--topic", topic, "--key", key];
  args.push(...(typeof payload === "string" ? ["--payload", payload] : ["--payload-hex", payload.toString("hex")]));
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
