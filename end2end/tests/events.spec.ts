import type { Page } from "@playwright/test";
import { expect, freshKey, hydrated, produce, test } from "./fixtures";

const payload = (key: string) =>
  JSON.stringify({ orderId: key, amount: 129.9, customer: { city: "Graz" }, note: "<b>not bold</b>" });

/** The row of the order itself: the shop's services answer it with events of the same key. */
const placed = (page: Page, key: string) =>
  page.getByRole("row").filter({ hasText: key }).filter({ hasText: "order.placed" });

test("finds an event by its key, opens it, sees payload and headers", async ({ page }) => {
  const key = freshKey();
  produce("order.placed", key, payload(key), { "x-origin": "end2end", "ce_type": "order.placed" });
  await page.goto("/events");
  await hydrated(page);
  await page.keyboard.press("/");
  const field = page.getByLabel("Key", { exact: true });
  await expect(field).toBeFocused();
  await expect(async () => {
    await field.fill(key);
    await field.press("Enter");
    await expect(placed(page, key)).toHaveCount(1, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page).toHaveURL(new RegExp(`key=${key}`));

  await placed(page, key).click();
  const inspector = page.getByRole("complementary", { name: "Event" });
  await expect(inspector.getByText("129.9")).toBeVisible();
  await expect(inspector.getByText("<b>not bold</b>")).toBeVisible();
  await inspector.getByRole("tab", { name: /Headers/ }).click();
  await expect(inspector.getByText("x-origin")).toBeVisible();
  await expect(inspector.getByText("end2end")).toBeVisible();
  await expect(page).toHaveURL(/sel=\d+-\d+/);

  // The same view by its link, and the event by its permalink.
  await page.reload();
  await expect(inspector.getByText("x-origin")).toBeVisible();
  const id = new URL(page.url()).searchParams.get("sel");
  await page.goto(`/events/${id}`);
  await expect(page.getByText("129.9")).toBeVisible();
});

test("follows a new event in live tail", async ({ page }) => {
  const key = freshKey();
  await page.goto("/events");
  await hydrated(page);
  await page.keyboard.press("l");
  await expect(page).toHaveURL(/tail=1/);
  await expect(page.getByRole("row").nth(3)).toBeVisible();
  produce("order.placed", key, payload(key));
  await expect(page.getByText(key).first()).toBeVisible();
});

test("a filter that matches nothing says what was searched and how to widen it", async ({ page }) => {
  await page.goto(`/events?key=${freshKey()}`);
  await expect(page.getByText(/no event/i)).toBeVisible();
  await expect(page.getByRole("link", { name: /without|remove|all events/i }).first()).toBeVisible();
});

test("an event that is not there gets a page that says so", async ({ page }) => {
  const response = await page.goto("/events/999999-1");
  expect(response?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});

test("keys move, open and close", async ({ page }) => {
  await page.goto("/events");
  await hydrated(page);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("complementary", { name: "Event" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("complementary", { name: "Event" })).toHaveCount(0);
});

test.describe("without the bundle", () => {
  test.use({ javaScriptEnabled: false });

  test("the list, the filter and the inspector work as plain pages", async ({ page }) => {
    await page.goto("/events");
    const row = page.getByRole("row").nth(1);
    await row.getByRole("link").first().click();
    await expect(page.getByRole("complementary", { name: "Event" })).toBeVisible();
    await page.getByLabel("Key", { exact: true }).fill("no-such-key");
    await page.getByLabel("Key", { exact: true }).press("Enter");
    await expect(page.getByText(/no event/i)).toBeVisible();
  });
});

test("the inspector's tabs can be reached where it is low", async ({ page }) => {
  await page.setViewportSize({ width: 768, height: 640 });
  await page.goto("/events");
  await hydrated(page);
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  const inspector = page.getByRole("complementary", { name: "Event" });
  await inspector.getByRole("tab", { name: "Details" }).click();
  await expect(inspector.getByText("Captured at")).toBeVisible();
});
