import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { expect, freshKey, hydrated, produce, test, world } from "./fixtures";

/** Waits until the event is captured, opens it in the list's inspector, and returns its id. */
async function opened(page: Page, key: string): Promise<string> {
  produce("order.placed", key, JSON.stringify({ orderId: key, note: "seen by somebody" }));
  const placed = page.getByRole("row").filter({ hasText: key }).filter({ hasText: "order.placed" });
  await expect(async () => {
    await page.goto(`/events?key=${key}&source=shop&channel=order.placed`);
    await expect(placed).toHaveCount(1, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await hydrated(page);
  await placed.click();
  await expect(page.getByRole("complementary", { name: "Event" }).getByText("seen by somebody")).toBeVisible();
  return new URL(page.url()).searchParams.get("sel")!;
}

const entries = (page: Page) => page.getByRole("region", { name: "Audit log" }).getByRole("row");

test("who saw an event is one click from it, and one question by its key", async ({ page }) => {
  const key = freshKey();
  const id = await opened(page, key);
  await page.getByRole("link", { name: "Who saw this" }).click();
  await expect(page).toHaveURL(new RegExp(`/audit\\?seen=${id}`));
  await expect(page.getByRole("heading", { level: 1, name: "Audit" })).toBeVisible();
  const opening = entries(page).filter({ hasText: "Opened an event" }).filter({ hasText: world.login });
  await expect(opening.first()).toBeVisible();
  await expect(entries(page).filter({ hasText: "Searched events" }).first()).toContainText(/by .*key/);
  // The key itself stands nowhere.
  await expect(page.getByRole("main")).not.toContainText(key);

  await page.goto("/audit");
  await page.getByLabel("Key", { exact: true }).fill(key);
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page).toHaveURL(new RegExp(`key=${key}`));
  await expect(opening.first()).toBeVisible();
  await expect(opening.first().getByRole("link", { name: `event ${id}` })).toBeVisible();
  await expect(entries(page).filter({ hasText: "Created the first administrator" })).toHaveCount(0);

  // Its own page, by a link that lasts.
  await opening.first().getByRole("rowheader").getByRole("link").click();
  await expect(page).toHaveURL(/\/audit\/\d+$/);
  await expect(page.getByRole("definition").filter({ hasText: "events/detail" })).toBeVisible();
  await expect(page.getByRole("main")).toContainText("kept as hashes");
  await page.reload();
  await expect(page.getByRole("link", { name: `event ${id}` })).toBeVisible();
  await page.getByRole("link", { name: `event ${id}` }).click();
  await expect(page).toHaveURL(new RegExp(`/events/${id}`));

  await page.goto(`/audit?key=${freshKey()}`);
  await expect(page.getByText("No entry", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: "All entries" }).click();
  await expect(page).toHaveURL(/\/audit$/);
  await expect(entries(page).nth(1)).toBeVisible();
});

test("an auditor who was invited finds who saw an event, sees none, and takes the log along", async ({ page, elsewhere }) => {
  const key = freshKey();
  const id = await opened(page, key);
  // Invited as anybody is, with a role and nothing else.
  const login = `vera-${freshKey()}`;
  await page.goto("/people/new");
  await page.getByLabel("Name", { exact: true }).fill("Vera Holt");
  await page.getByLabel("Log-in name").fill(login);
  await page.locator("input[name=role][value=viewer]").uncheck();
  await page.locator("input[name=role][value=auditor]").check();
  await page.getByRole("button", { name: /^invite/i }).click();
  const link = await page.getByLabel("One-time link").inputValue();
  const [theirs, faults] = await elsewhere();
  const vera = await theirs.newPage();
  await vera.goto(link);
  await vera.getByLabel("Password").fill("a sentence nobody guesses");
  await vera.getByRole("button", { name: "Join and sign in" }).click();
  await hydrated(vera);

  await vera.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Audit" }).click();
  await vera.getByLabel("Key", { exact: true }).fill(key);
  await vera.getByRole("button", { name: "Show" }).click();
  const opening = entries(vera).filter({ hasText: "Opened an event" }).first();
  await expect(opening).toContainText(world.login);
  await expect(opening.getByRole("link", { name: `event ${id}` })).toBeVisible();
  await opening.getByRole("rowheader").getByRole("link").click();
  await expect(vera.getByRole("definition").filter({ hasText: "events/detail" })).toBeVisible();

  // What she finds out about is not hers to read.
  await vera.getByRole("link", { name: `event ${id}` }).click();
  await expect(vera).toHaveURL(new RegExp(`/events/${id}`));
  await hydrated(vera);
  await expect(vera.getByText("seen by somebody")).toHaveCount(0);
  await expect(vera.getByRole("main")).toContainText("events.exist");

  // How she came is in the log, with her rights and without her link.
  await vera.goto(`/audit?kind=person&object=${login}`);
  await expect(entries(vera).filter({ hasText: "Followed a one-time link" })).toHaveCount(1);
  await entries(vera).filter({ hasText: "Invited a person" }).getByRole("rowheader").getByRole("link").click();
  await expect(vera.getByRole("row", { name: "Roles – auditor" })).toBeVisible();
  await expect(vera.getByRole("main")).not.toContainText(new URL(link).hash.slice("#token=".length));

  await vera.goto(`/audit?person=${login}`);
  const downloaded = vera.waitForEvent("download");
  await vera.getByRole("link", { name: /export/i }).click();
  const text = readFileSync(await (await downloaded).path(), "utf8");
  const lines = text.trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.every((line) => line.login === login)).toBe(true);
  const refused = lines.find((line) => line.use_case === "events/detail");
  expect(refused).toMatchObject({ outcome: "refused", reason: "events.exist" });
  expect(lines.map((line) => line.use_case)).toEqual(expect.arrayContaining(["people/accept", "audit/list", "audit/detail"]));
  expect(text).not.toContain(key);
  expect(faults).toEqual([]);
  await theirs.close();
});

test("a change tells what was before and after", async ({ page }) => {
  await page.goto("/sources");
  await hydrated(page);
  await page.getByRole("link", { name: "shop" }).first().click();
  await page.getByRole("button", { name: /^pause/i }).click();
  await expect(page.getByText("PAUSED", { exact: true }).first()).toBeVisible();
  await page.getByRole("button", { name: /^resume/i }).first().click();
  await expect(page.getByText("UP", { exact: true })).toBeVisible();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Audit" }).click();
  await page.getByLabel("Act", { exact: true }).selectOption({ label: "Paused a source" });
  await page.getByRole("button", { name: "Show" }).click();
  await entries(page).nth(1).getByRole("rowheader").getByRole("link").click();
  await expect(page.getByRole("row", { name: "Paused no yes" })).toBeVisible();
});

test("the log is exported as lines of JSON", async ({ page }) => {
  await page.goto("/audit?from=-24h");
  const downloaded = page.waitForEvent("download");
  await page.getByRole("link", { name: /export/i }).click();
  const lines = readFileSync(await (await downloaded).path(), "utf8").trim().split("\n");
  expect(lines.length).toBeGreaterThan(1);
  const first = JSON.parse(lines[0]!) as Record<string, unknown>;
  expect(first).toMatchObject({ use_case: "audit/export", outcome: "began", login: world.login });
});

test.describe("without the bundle", () => {
  test.use({ javaScriptEnabled: false });

  test("filter, pages and entries work as plain pages", async ({ page }) => {
    await page.goto("/audit");
    await page.getByLabel("Person").fill(world.login);
    await page.getByLabel("Act", { exact: true }).selectOption({ label: "Created the first administrator" });
    await page.getByRole("button", { name: "Show" }).click();
    await expect(entries(page)).toHaveCount(2);
    await entries(page).nth(1).getByRole("rowheader").getByRole("link").click();
    await expect(page.getByRole("row", { name: /^Password – \(replaced\)/ })).toBeVisible();
  });
});

for (const scheme of ["light", "dark"] as const) {
  for (const width of [1440, 768]) {
    test(`axe finds nothing serious on the audit pages (${scheme}, ${width})`, async ({ page }) => {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      for (const [name, path] of [
        ["list", "/audit"],
        ["key", "/audit?key=ord-00000001&from=-24h"],
        ["empty", `/audit?key=${freshKey()}`],
        ["wrong", "/audit?outcome=x"],
        ["entry", "/audit/1"],
      ]) {
        await page.goto(path!);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        const { violations } = await new AxeBuilder({ page }).analyze();
        const found = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
        expect(found.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html).join(" | ")}`)).toEqual([]);
        const pictures = process.env.WEIR_PICTURES;
        if (pictures) await page.screenshot({ path: `${pictures}/audit-${name}-${scheme}-${width}.png`, fullPage: true });
      }
    });
  }
}
