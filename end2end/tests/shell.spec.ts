import { AxeBuilder } from "@axe-core/playwright";
import type { Page, Request } from "@playwright/test";
import { expect, hydrated, test } from "./fixtures";

const PAGES = ["/", "/events", "/sources", "/audit", "/help", "/no-such-page"];

const serious = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
  return found.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html).join(" | ")}`);
};

test("live events appear within 60 s of the page opening", async ({ page }) => {
  await page.goto("/events?tail=1");
  await expect(page.getByRole("row").nth(2)).toBeVisible({ timeout: 60_000 });
});

test("the palette goes to pages and channels", async ({ page }) => {
  await page.goto("/");
  await hydrated(page);
  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox", { name: /search/i });
  await expect(box).toBeFocused();
  await box.fill("order.pl");
  await page.getByRole("option", { name: /order\.placed/ }).first().waitFor();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/events\?/);
});

test("keys lead to pages, and do nothing while typing", async ({ page }) => {
  await page.goto("/");
  await hydrated(page);
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await expect(page).toHaveURL(/\/sources/);
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await expect(page).toHaveURL(/\/events/);
  await page.getByLabel("Query", { exact: true }).fill("");
  await page.getByLabel("Query", { exact: true }).pressSequentially("gs?");
  await expect(page).toHaveURL(/\/events/);
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("the theme is kept", async ({ page }) => {
  await page.goto("/");
  await hydrated(page);
  await page.getByRole("button", { name: /your settings/i }).click();
  await page.getByRole("group", { name: /theme/i }).getByText("Dark").click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("a source is paused and resumed", async ({ page }) => {
  await page.goto("/sources");
  await hydrated(page);
  await page.getByRole("link", { name: "shop" }).first().click();
  await page.getByRole("button", { name: /^pause/i }).click();
  await expect(page.getByText(/paused/i).first()).toBeVisible();
  await page.getByRole("button", { name: /^resume/i }).first().click();
  // The word of the state, not "up to date"; and the test must not leave before it is so.
  await expect(page.getByText("UP", { exact: true })).toBeVisible();
});

test("single keys are turned off and on in the user's menu", async ({ page }) => {
  await page.goto("/");
  await hydrated(page);
  const keys = page.getByRole("dialog", { name: "Keyboard" });
  const set = async (on: boolean) => {
    await page.getByRole("button", { name: /your settings/i }).click();
    await page.locator("#user-menu").getByLabel("Single keys act").setChecked(on);
    await page.keyboard.press("Escape");
    await expect(page.locator("#user-menu")).toBeHidden();
    await page.locator("h1").click();
  };
  await set(false);
  await page.keyboard.press("?");
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await expect(keys).toBeHidden();
  await expect(page).toHaveURL(/\/$/);
  await set(true);
  await page.keyboard.press("?");
  await expect(keys).toBeVisible();
});

test("eight tabs stay usable and share one stream", async ({ context }) => {
  const streams = new Set<Request>();
  const isStream = (r: Request) => new URL(r.url()).pathname.endsWith("/live");
  context.on("request", (r) => void (isStream(r) && streams.add(r)));
  for (const end of ["requestfinished", "requestfailed"] as const) context.on(end, (r) => void streams.delete(r));
  const tabs = await Promise.all(
    Array.from({ length: 8 }, async (_, i) => {
      const tab = await context.newPage();
      await tab.goto(i % 2 ? "/events?tail=1" : "/");
      await hydrated(tab);
      return tab;
    }),
  );
  for (const tab of tabs) {
    await tab.bringToFront();
    await tab.keyboard.press("g");
    await tab.keyboard.press("s");
    await expect(tab).toHaveURL(/\/sources/);
    await expect(tab.getByRole("link", { name: "shop" }).first()).toBeVisible();
  }
  // Each change of what the tabs want opens it anew; then there is one for all of them.
  await expect.poll(() => streams.size).toBe(1);
  for (const tab of tabs) await tab.close();
});

for (const scheme of ["light", "dark"] as const) {
  for (const path of PAGES) {
    test(`axe finds nothing serious on ${path} (${scheme})`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      expect(await serious(page)).toEqual([]);
    });
  }
}

test("axe finds nothing serious on the inspector", async ({ page }) => {
  await page.goto("/events");
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  await expect(page.getByRole("complementary", { name: "Event" })).toBeVisible();
  expect(await serious(page)).toEqual([]);
});

test("axe finds nothing serious on a source, an event, signing in and setting up", async ({ page, browser }) => {
  await page.goto("/sources");
  await page.getByRole("link", { name: "shop" }).first().click();
  await expect(page).toHaveURL(/\/sources\/\d+/);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect(await serious(page)).toEqual([]);
  await page.goto("/events");
  const id = await page.locator("tr[data-event]").first().getAttribute("data-event");
  await page.goto(`/events/${id}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect(await serious(page)).toEqual([]);
  const nobody = await browser.newContext({ storageState: { cookies: [], origins: [] } });
  for (const path of ["/sign-in", "/setup"]) {
    const gate = await nobody.newPage();
    await gate.goto(new URL(path, page.url()).href);
    await expect(gate.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await serious(gate)).toEqual([]);
  }
  await nobody.close();
});

test("a channel's longest name leaves room for the figures", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto("/");
  await hydrated(page);
  const name = page.locator(".table th[scope=row] a").first();
  await expect(name).toHaveAttribute("title", (await name.textContent())!);
  await name.evaluate((a) => (a.firstChild!.nodeValue = "n".repeat(249)));
  const table = page.locator(".tablewrap", { has: page.locator("th[scope=row] a") }).first();
  expect(await table.evaluate((t) => t.scrollWidth - t.clientWidth)).toBeLessThanOrEqual(0);
});
