// Sources made in the browser, from an empty form to the first event, and every kind of mistake on the way there: on the
// demo's own broker, and on one with TLS, sign-in and rights.
import { AxeBuilder } from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect, freshKey, hydrated, produce, test, world } from "./fixtures";

interface Secured {
  plain: string;
  tls: string;
  sasl: string;
  user: string;
  password: string;
  ca: string;
  read: string;
  described: string;
}

// Each test of a connection waits for a broker; on a busy machine a dozen of them take longer than one page.
test.describe.configure({ timeout: 240_000 });

let child: ChildProcess;
let secured: Secured;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  child = spawn(world.demo, ["secured"], { stdio: ["ignore", "pipe", "inherit"] });
  const said: Record<string, string> = {};
  await new Promise<void>((done, fail) => {
    child.once("exit", (code) => fail(new Error(`the broker ended with ${code}`)));
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const [, label, value] = /^ {2}(\w[\w -]+): +(.+)$/.exec(line) ?? [];
      if (label && value) said[label] = value;
      if (label === "May only see that it is") done();
    });
  });
  secured = {
    plain: said["Without anything"]!,
    tls: said["With TLS"]!,
    sasl: said["With TLS and sign-in"]!,
    user: said["User"]!,
    password: said["Password"]!,
    ca: readFileSync(said["Certificate authority"]!, "utf8"),
    read: said["May read"]!,
    described: said["May only see that it is"]!,
  };
});

test.afterAll(async () => {
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  await gone;
});

const serious = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
  return found.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html).join(" | ")}`);
};

const choose = (page: Page, group: string, label: string): Promise<void> =>
  page.getByRole("group", { name: group }).getByText(label, { exact: true }).click();

/** Presses "Test connection" and returns the list of steps. */
async function tested(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByRole("heading", { name: "Test of the connection" })).toBeVisible({ timeout: 30_000 });
  return page.getByRole("list").filter({ has: page.getByRole("heading", { name: "The name has an address" }) });
}

const failed = (steps: Locator): Locator => steps.getByRole("listitem").filter({ hasText: /FAILED/ });

test("the demo's broker becomes a source, from the empty form to the first event", async ({ page }) => {
  await page.goto("/sources");
  await hydrated(page);
  await page.getByRole("link", { name: "Add a source" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Add a source" })).toBeVisible();
  const name = `again-${Date.now().toString(36)}`;
  const key = freshKey();

  // Nothing typed: every field that needs something says so, and nothing is stored.
  await page.getByRole("button", { name: "Add source" }).click();
  await expect(page.getByRole("alert")).toContainText("to be put right. Nothing was stored.");
  await expect(page.getByLabel("Addresses")).toHaveAttribute("aria-invalid", "true");

  // A wrong port.
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Addresses").fill("127.0.0.1:1");
  await choose(page, "Encryption", "None");
  await choose(page, "Sign in", "Not at all");
  let steps = await tested(page);
  await expect(failed(steps)).toContainText("nobody listens on this port");
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(name);

  // TLS where there is none.
  await page.getByLabel("Addresses").fill(world.bootstrap);
  await choose(page, "Encryption", "TLS");
  steps = await tested(page);
  await expect(failed(steps)).toContainText("speaks Kafka without TLS");

  await choose(page, "Encryption", "None");
  steps = await tested(page);
  await expect(page.getByText("The connection works.")).toBeVisible();
  await expect(failed(steps)).toHaveCount(0);

  // What would be read, and how much of it.
  await page.getByLabel("Channels", { exact: true }).fill("order.*");
  await choose(page, "Begin with", "The oldest event there is");
  await page.getByRole("button", { name: "Preview channels" }).click();
  await expect(page.getByRole("region", { name: "Included" })).toContainText("order.placed");
  await expect(page.getByRole("region", { name: "Left out" })).not.toContainText("order.placed");
  await expect(page.getByText(/First of all .* will be read/)).toBeVisible();

  await choose(page, "Begin with", "What comes from now on");
  await choose(page, "Environment", "demo");
  await page.getByRole("button", { name: "Add source" }).click();
  await expect(page).toHaveURL(/\/sources\/\d+$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
  await expect(page.getByText("UP", { exact: true })).toBeVisible();
  await hydrated(page);
  await expect(page.getByRole("region", { name: "Positions, per partition" })).toContainText("order.placed");
  const id = /\d+$/.exec(page.url())![0];
  const at = page.url();

  produce("order.placed", key, `{"order":"${key}"}`);
  await expect(async () => {
    await page.goto(`/events?key=${key}&source=%23${id}`);
    // The shop puts what it can't read into the dead letters, which come in as well.
    const rows = page.locator("tr[data-event]").filter({ hasNotText: "order.placed-dlt" });
    await expect(rows).toHaveCount(1, { timeout: 2_000 });
  }).toPass();

  // Changed, and then given up: the event stays.
  await page.goto(at);
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await expect(page.getByLabel("Addresses")).toHaveValue(world.bootstrap);
  await page.getByRole("link", { name: "What is read" }).click();
  await page.getByLabel("Channels", { exact: true }).fill("order.*\npayment.*");
  await page.getByRole("button", { name: "Save what is read" }).click();
  await expect(page.getByRole("status").first()).toContainText("Saved");
  await page.getByRole("link", { name: "Remove" }).click();
  await page.getByRole("button", { name: `Stop reading ${name} and keep its events` }).click();
  await expect(page).toHaveURL(/\/sources$/);
  await expect(page.getByRole("row").filter({ hasText: name })).toContainText("not configured");
  await page.goto(`/events?key=${key}&source=%23${id}`);
  await expect(page.locator("tr[data-event]")).toHaveCount(1);
});

test("a broker with TLS, sign-in and rights: each mistake is explained, and what may be read is read", async ({ page }) => {
  await page.goto("/sources/new");
  const name = `secured-${Date.now().toString(36)}`;
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Addresses").fill(secured.sasl);
  await choose(page, "Encryption", "None");
  await choose(page, "Sign in", "SCRAM-SHA-512");
  await page.getByLabel("User", { exact: true }).fill(secured.user);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await choose(page, "Environment", "demo");

  // No TLS.
  let steps = await tested(page);
  await expect(failed(steps)).toContainText("speaks TLS, and these settings are without");
  // An authority that this machine does not know.
  await choose(page, "Encryption", "TLS");
  steps = await tested(page);
  await expect(failed(steps)).toContainText("signed by an authority that is not trusted");
  // A wrong password: typed before, carried along, and not shown.
  await page.getByLabel("Certificate authority").fill(secured.ca);
  await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
  steps = await tested(page);
  await expect(failed(steps)).toContainText("wrong user or password");
  expect(await page.content()).not.toContain("not the password");
  // A missing right, with the command that grants it.
  await page.getByLabel("Password", { exact: true }).fill(secured.password);
  steps = await tested(page);
  await expect(failed(steps)).toContainText(`lacks the right READ on 1 of 2 included channels: ${secured.described}`);
  await expect(failed(steps)).toContainText("The other 1 can be read, and are read all the same.");
  await expect(page.getByText(`--operation READ --operation DESCRIBE --topic ${secured.described}`)).toBeVisible();
  expect(await page.content()).not.toContain(secured.password);

  // Added all the same: the one channel is read, the other says what is missing.
  await choose(page, "Begin with", "The oldest event there is");
  await page.getByRole("button", { name: "Add source" }).click();
  await expect(page).toHaveURL(/\/sources\/\d+$/);
  await hydrated(page);
  const id = /\d+$/.exec(page.url())![0];
  const at = page.url();
  await expect(page.getByRole("region", { name: "Positions, per partition" })).toContainText(
    `${secured.user} lacks the right READ on this topic`,
    { timeout: 40_000 },
  );
  await expect(async () => {
    await page.goto(`/events?key=inv-0007&source=%23${id}`);
    await expect(page.locator("tr[data-event]")).toHaveCount(1, { timeout: 2_000 });
  }).toPass();

  // The password is kept where it is left empty, unless the connection would lead elsewhere.
  await page.goto(`${at}/edit`);
  await page.getByLabel("Rack or zone of this server").fill("a");
  await page.getByRole("button", { name: "Save connection" }).click();
  await expect(page.getByRole("status").first()).toContainText("Saved");
  await page.getByLabel("Addresses").fill("127.0.0.1:9");
  await page.getByRole("button", { name: "Save connection" }).click();
  await expect(page.getByRole("alert")).toContainText("leads elsewhere");
  await page.goto(`${at}/remove`);
  await page.getByRole("button", { name: new RegExp(`^Stop reading ${name}`) }).click();
  await expect(page).toHaveURL(/\/sources$/);
});

test("a source of the file is read-only here", async ({ page }) => {
  await page.goto("/sources");
  await hydrated(page);
  await page.getByRole("link", { name: "shop", exact: true }).first().click();
  await expect(page.getByText("from weir.toml")).toBeVisible();
  await expect(page.getByRole("link", { name: "Edit", exact: true })).toBeHidden();
  await page.goto(`${page.url()}/edit`);
  await expect(page.getByRole("heading", { level: 1, name: "Nothing here" })).toBeVisible();
});

for (const scheme of ["light", "dark"] as const) {
  test(`axe finds nothing serious on the forms (${scheme})`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.goto("/sources/new");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await serious(page)).toEqual([]);
    await page.getByLabel("Addresses").fill(secured.plain);
    await choose(page, "Encryption", "None");
    await choose(page, "Sign in", "Not at all");
    await tested(page);
    expect(await serious(page)).toEqual([]);
    await page.getByLabel("Addresses").fill(secured.sasl);
    await tested(page);
    expect(await serious(page)).toEqual([]);
    await page.getByRole("button", { name: "Add source" }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    expect(await serious(page)).toEqual([]);
  });
}
