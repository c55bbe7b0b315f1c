// Links: to searches and events, of values, what became of an event that is gone, and a search in the broker.
import { mkdirSync } from "node:fs";
import { expect, freshKey, hydrated, produce, test } from "./fixtures";

test.describe.configure({ timeout: 180_000 });

/** Pictures of every page that is looked at, in both sizes and schemes, for whoever asks for them. */
const looked = async (page: import("@playwright/test").Page, name: string) => {
  const dir = process.env.WEIR_LOOKS;
  if (!dir) return;
  mkdirSync(dir, { recursive: true });
  for (const width of [1440, 768]) for (const scheme of ["light", "dark"] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    await page.screenshot({ path: `${dir}/${name}-${width}-${scheme}.png`, fullPage: true });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
};

test("a search has a short link that finds the same tomorrow", async ({ page }) => {
  await page.goto("/events?q=type:order.placed&from=-1h");
  await hydrated(page);
  const make = page.getByRole("button", { name: "Link for a chat" });
  await expect(make).toBeVisible();
  await looked(page, "search");
  await make.click();
  await expect(page).toHaveURL(/\/links\/[1-9A-HJ-NP-Za-km-z]{12}$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Link to a search");
  const link = await page.locator(".copied pre").first().innerText();
  expect(link).toMatch(/^https?:\/\/.+\/s\/[1-9A-HJ-NP-Za-km-z]{12}$/);
  const lines = (await page.locator(".copied pre").nth(1).innerText()).split("\n");
  expect(lines).toHaveLength(3);
  expect(lines[0]).toBe("Search: query type:order.placed");
  expect(lines[1]).toMatch(/events?, .* to .* UTC \(counted .* UTC\)$/);
  expect(lines[2]).toBe(link);
  await looked(page, "link");
  await page.goto(link);
  await expect(page).toHaveURL(/\/events\?q=type:order\.placed&from=\d{4}-.*&to=\d{4}-/);
  await hydrated(page);
});

test("who is not signed in lands there after it, and learns nothing before", async ({ page, browser, baseURL }) => {
  await page.goto("/events?q=type:order.placed&from=-1h");
  await hydrated(page);
  await page.getByRole("button", { name: "Link for a chat" }).click();
  await expect(page).toHaveURL(/\/links\//);
  const link = await page.locator(".copied pre").first().innerText();
  const other = await browser.newContext({ ignoreHTTPSErrors: true, storageState: { cookies: [], origins: [] }, baseURL });
  const visitor = await other.newPage();
  await visitor.goto(link);
  await expect(visitor).toHaveURL(/\/sign-in\?next=/);
  expect(await visitor.content()).not.toContain("order.placed");
  await other.close();
});

test("values of an event lead to other systems", async ({ page }) => {
  const key = freshKey(), name = `CRM ${key}`;
  produce("order.placed", key, `{"order":"${key}","amount":12}`, { trace: `t-${key}` });
  await page.goto("/links/templates");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Link templates");
  await looked(page, "templates-empty");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Field", { exact: true }).fill("order");
  await page.getByLabel("Channels", { exact: true }).fill("order.*");
  await page.getByLabel("Address", { exact: true }).fill("javascript:alert({value})");
  await page.getByRole("button", { name: "Add it" }).click();
  await expect(page.getByRole("alert")).toContainText("it must begin with https:// or http://");
  await page.getByLabel("Address", { exact: true }).fill("https://crm.example/o/{value}");
  await page.getByRole("button", { name: "Try it on a recent event" }).click();
  await expect(page.locator(".links-preview")).toBeVisible();
  await looked(page, "templates-tried");
  await page.getByRole("button", { name: "Add it" }).click();
  await expect(page.getByText("The template is kept.")).toBeVisible();
  await looked(page, "templates");

  // In the inspector of an event, with the host in sight; nothing is asked of that host by itself.
  const row = page.locator("tr[data-event]").first();
  await expect(async () => {
    await page.goto(`/events?key=${key}&source=shop&channel=order.placed`);
    await expect(row).toBeVisible({ timeout: 2_000 });
  }).toPass();
  const id = await row.getAttribute("data-event");
  await page.goto(`/events/${id}`);
  await hydrated(page);
  const link = page.locator(".links-of a", { hasText: name });
  await expect(link).toHaveAttribute("href", `https://crm.example/o/${key}`);
  await expect(link).toHaveAttribute("rel", "noopener noreferrer");
  await expect(link).toContainText("crm.example");
  await looked(page, "inspector");

  await page.goto("/links/templates");
  const kept = page.getByRole("row").filter({ hasText: name });
  await kept.getByText("Remove…").click();
  await kept.getByRole("button", { name: "Remove it now" }).click();
  await expect(page.getByText("The template is removed.")).toBeVisible();
  await page.goto(`/events/${id}`);
  await hydrated(page);
  await expect(page.locator(".links-of a", { hasText: name })).toHaveCount(0);

  // One that has not come yet: its page says so, and where it would be.
  const [partition] = id!.split("-");
  await page.goto(`/events/${partition}-99999999`);
  await hydrated(page);
  await expect(page.locator(".gone")).toHaveAttribute("data-fate", "ahead");
  await expect(page.locator(".gone")).toContainText("order.placed");
  await looked(page, "gone");
  await page.goto(`/gone/${partition}-99999999`);
  await expect(page.locator(".gone")).toContainText("Capture has come as far as offset");
});

test("a channel is searched in its broker", async ({ page }) => {
  const key = freshKey();
  produce("order.placed", key, `{"order":"${key}","amount":12}`, {});
  const row = page.locator("tr[data-event]").first();
  await expect(async () => {
    await page.goto(`/events?key=${key}&source=shop&channel=order.placed`);
    await expect(row).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await hydrated(page);
  await page.getByRole("link", { name: "In the broker" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Search in the broker");
  await expect(page.getByLabel("Query", { exact: true })).toHaveValue(`key:"${key}"`);
  await looked(page, "broker");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  const found = page.locator("[data-complete]");
  await expect(found.getByRole("row").filter({ hasText: key })).toHaveCount(1);
  await expect(found).toContainText("read live, not stored");
  await expect(found).toHaveAttribute("data-complete", "true");
  await looked(page, "broker-found");
  // A step of one event stops, says so, and goes on from there.
  await page.getByLabel(/^At most events a step/).fill("1");
  await page.getByLabel("Query", { exact: true }).fill("");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(found).toContainText("Stopped at a limit");
  await page.getByRole("link", { name: "Go on from there" }).click();
  await expect(page).toHaveURL(/after=\d+(-|%2D)\d+/);
  await expect(found).toContainText("Read 1 event");
});
