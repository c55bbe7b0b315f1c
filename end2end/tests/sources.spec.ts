import type { Page } from "@playwright/test";
import { expect, hydrated, test } from "./fixtures";

/** The row of the demo's source: others may stand beside it. */
const shop = (page: Page) => page.getByRole("row").filter({ has: page.getByRole("link", { name: "shop", exact: true }) });

const mark = ".topbar .live";

test("a pause is undone from the list, and from another page", async ({ page }) => {
  await page.goto("/sources");
  await hydrated(page);
  for (const elsewhere of [false, true]) {
    await shop(page).getByRole("button", { name: /^pause/i }).click();
    await expect(shop(page).getByText("PAUSED", { exact: true })).toBeVisible();
    await expect(page.getByRole("button", { name: /undo/i })).toBeVisible();
    if (elsewhere) {
      await page.keyboard.press("g");
      await page.keyboard.press("e");
      await expect(page).toHaveURL(/\/events/);
    }
    await page.keyboard.press("z");
    await expect(page.getByText(/^Resumed/)).toBeVisible();
    if (elsewhere) {
      await page.keyboard.press("g");
      await page.keyboard.press("s");
    }
    await expect(shop(page).getByText("UP", { exact: true })).toBeVisible();
    await expect(page.getByText(/^Resumed/)).toHaveCount(0);
  }
});

test("what stands still says so wherever its figures stand", async ({ page }) => {
  await page.goto("/sources");
  await hydrated(page);
  await shop(page).getByRole("button", { name: /^pause/i }).click();
  await expect(shop(page).getByText("PAUSED", { exact: true })).toBeVisible();
  try {
    await expect(page.locator(mark)).toContainText("Live, 1 source paused");
    // Clear to read: what it is, how it stands and what can be done.
    const row = shop(page);
    for (const part of [row.getByRole("rowheader"), row.getByText("PAUSED", { exact: true }), row.getByRole("button")]) {
      expect(await part.evaluate((e) => { let o = 1; for (let x: Element | null = e; x; x = x.parentElement) o *= +getComputedStyle(x).opacity; return o; })).toBe(1);
    }
    await page.goto("/");
    await expect(page.getByRole("listitem").filter({ hasText: "shop is paused" })).toContainText(/wait/);
    await expect(page.getByText("Nothing needs you")).toHaveCount(0);
    await expect(page.locator(".tile", { hasText: "Behind" })).toContainText("1 source paused");
    await page.goto("/events?tail=1");
    await expect(page.locator(".ev-tail")).toContainText("Following, but 1 source paused");
  } finally {
    await page.goto("/sources");
    await hydrated(page);
    await shop(page).getByRole("button", { name: /^resume/i }).click();
    await expect(shop(page).getByText("UP", { exact: true })).toBeVisible();
  }
});
