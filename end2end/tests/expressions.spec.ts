// Expressions behind `cel:`, the names offered for them, and searches that begin with what is oldest.
import type { Page } from "@playwright/test";
import { expect, freshKey, hydrated, produce, test } from "./fixtures";

/** Orders of one customer, in the order of their amounts; shown once all of them are stored. */
async function orders(page: Page): Promise<string> {
  const customer = freshKey();
  for (const amount of [70, 900, 1200]) produce("order.placed", `${customer}-${amount}`, JSON.stringify({ customer, data: { amount } }));
  // It has no amount: an expression that asks for it fails.
  produce("order.placed", `${customer}-none`, JSON.stringify({ customer }));
  await expect(async () => {
    await page.goto(`/events?source=shop&channel=order.placed&q=customer:${customer}`);
    await expect(page.locator("tr[data-event]")).toHaveCount(4, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  return customer;
}

const search = async (page: Page, query: string) => {
  await page.getByLabel("Query", { exact: true }).fill(query);
  await page.getByLabel("Query", { exact: true }).press("Enter");
};

test("an expression finds what it is true for, and says what it could not judge", async ({ page }) => {
  const customer = await orders(page);
  await hydrated(page);
  await search(page, `cel: customer == "${customer}" && data.amount > 800`);
  await expect(page).toHaveURL(/q=cel/);
  const rows = page.locator("tr[data-event]");
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText(`${customer}-1200`);
  const beside = page.locator(".complete__but, .found__told").filter({ hasText: "could not be judged" });
  await expect(beside.first()).toBeVisible();
  // Asked for first, it is judged; whoever has no such member has not that customer either.
  await search(page, `cel: has(payload.customer) && customer == "${customer}" && has(data.amount) && data.amount > 800`);
  await expect(page).toHaveURL(/q=cel.*has/);
  await expect(rows).toHaveCount(2);
  const line = page.locator(".complete, .found__told").first();
  await expect(line).toContainText(/Read|Searched/);
  // What can't be read is said with its place, and nothing is lost of it.
  await search(page, "cel: data.amount >");
  await expect(page.getByText(/expected a value/).first()).toBeVisible();
  await expect(page.getByLabel("Query", { exact: true })).toHaveValue("cel: data.amount >");
});

test("names are offered behind cel:, and taken by the keyboard", async ({ page }) => {
  await page.goto("/events");
  await hydrated(page);
  const field = page.locator("#ev-q"), offers = page.getByRole("listbox", { name: "Names in expressions" });
  await field.click();
  await field.pressSequentially("type");
  await expect(offers).toHaveCount(0);
  await field.fill("");
  await field.pressSequentially("cel: ");
  await expect(offers.getByRole("option").first()).toBeVisible();
  await expect(offers).toContainText("the event's type");
  await field.pressSequentially("ca");
  await expect(offers.getByRole("option")).toHaveCount(1);
  await field.press("ArrowDown");
  await expect(offers.getByRole("option", { selected: true })).toContainText("captured");
  await expect(field).toHaveAttribute("aria-activedescendant", "cel-offer-0");
  await field.press("Enter");
  await expect(field).toHaveValue("cel: captured");
  await expect(offers).toHaveCount(0);
  await field.pressSequentially(" > key.star");
  await expect(offers.getByRole("option")).toHaveText([/startsWith/]);
  await field.press("ArrowDown");
  await field.press("Tab");
  await expect(field).toHaveValue("cel: captured > key.startsWith()");
  // In its brackets, and in quotes nothing is offered.
  await field.pressSequentially('"ti');
  await expect(field).toHaveValue('cel: captured > key.startsWith("ti)');
  await expect(offers).toHaveCount(0);
  // Escape closes what is offered, and then acts as it always does.
  await field.fill("");
  await field.pressSequentially("cel: event.p");
  await expect(offers.getByRole("option")).toHaveText([/partition/, /payload/]);
  await field.press("Escape");
  await expect(offers).toHaveCount(0);
  await expect(field).toHaveValue("cel: event.p");
  await expect(field).toBeFocused();
  await field.press("Escape");
  await expect(field).toHaveValue("");

  await page.goto("/expressions");
  await expect(page.getByRole("heading", { name: "Names in expressions" })).toBeVisible();
  await expect(page.getByText("getDayOfWeek", { exact: true })).toBeVisible();
});

test("the oldest come first, and the line above says so", async ({ page }) => {
  const customer = await orders(page);
  await hydrated(page);
  await page.getByRole("link", { name: "Oldest first", exact: true }).click();
  await expect(page).toHaveURL(/order=oldest/);
  const keys = page.locator(".found-room tbody.ev-rows tr");
  await expect(keys).toHaveCount(4);
  await expect(keys.first()).toContainText(`${customer}-70`);
  await expect(keys.nth(3)).toContainText(`${customer}-none`);
  await expect(page.locator(".found__told")).toContainText("4 found");
  // It stays in the address, and so in a copy of it.
  await page.reload();
  await expect(keys.first()).toContainText(`${customer}-70`);
});

test("what a broker search finds fits a narrow window", async ({ page }) => {
  const customer = await orders(page);
  await hydrated(page);
  await page.setViewportSize({ width: 768, height: 900 });
  await page.getByRole("link", { name: "In the broker" }).click();
  await page.getByRole("button", { name: "Search", exact: true }).click();
  const table = page.locator(".broker-found");
  await expect(table.getByRole("row")).toHaveCount(5);
  await expect(table).toContainText(`${customer}-1200`);
  const [inside, outside] = await table.evaluate((t) => [t.parentElement!.scrollWidth, t.parentElement!.clientWidth]);
  expect(inside).toBeLessThanOrEqual(outside!);
});
