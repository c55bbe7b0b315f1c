import { AxeBuilder } from "@axe-core/playwright";
import { readFileSync } from "node:fs";
import { expect, freshKey, hydrated, produce, test } from "./fixtures";

test("a list from a ticket is answered key by key, and the found ones become a search", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const [first, second, missing] = [freshKey(), freshKey(), freshKey()];
  for (const key of [first, second]) produce("order.placed", key, JSON.stringify({ orderId: key }));
  const answer = page.getByRole("region", { name: /keys found$/ });
  await expect(async () => {
    await page.goto("/keys");
    await page.getByLabel("Keys", { exact: true }).fill(`${first}\n${missing}, ${second};${first}`);
    await page.getByRole("button", { name: "Look for them" }).click();
    await expect(page.getByRole("heading", { name: "2 of 3 keys found" })).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await hydrated(page);
  await expect(answer).toContainText("1 key stood there before");
  const rows = answer.getByRole("row");
  await expect(rows.nth(1)).toContainText(first);
  await expect(rows.nth(2)).toContainText(missing);
  await expect(rows.nth(2)).toContainText("not found");
  await expect(rows.nth(3)).toContainText(second);
  await expect(rows.nth(3)).toContainText("· shop");
  // Keys are often persons: none stands in the address.
  expect(page.url()).not.toContain(first);
  await expect(page.getByLabel("Keys", { exact: true })).toHaveValue(`${first}\n${missing}, ${second};${first}`);

  await answer.getByLabel("Only those not found").check();
  await expect(rows.filter({ hasText: first })).toHaveCount(0);
  await expect(rows.filter({ hasText: missing })).toBeVisible();
  await answer.getByText("Copy the 1 not found").click();
  await answer.getByRole("button", { name: "Copy the keys that were not found" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(missing);
  await answer.getByLabel("Only those not found").uncheck();

  const [download] = await Promise.all([page.waitForEvent("download"), answer.getByRole("button", { name: "CSV" }).click()]);
  expect(download.suggestedFilename()).toBe("weir-keys.csv");
  const lines = readFileSync(await download.path(), "utf8").trim().split("\r\n");
  expect(lines[0]).toMatch(/^key,found,events,/);
  expect(lines[2]).toBe(`${missing},no,0,,,,,,`);

  const beside = async (act: Promise<void>, address: RegExp) => {
    const [other] = await Promise.all([context.waitForEvent("page"), act]);
    await expect(other).toHaveURL(address);
    return other;
  };
  await (await beside(rows.nth(1).getByTitle(/^This event/).click(), /\/events\/\d+-\d+/)).close();
  const found = await beside(answer.getByRole("link", { name: "Search for the found ones" }).click(), /\/events\?q=key/);
  for (const key of [first, second]) await expect(found.getByRole("row").filter({ hasText: key }).first()).toBeVisible();
  await found.close();
});

test("a file is read into the field, and what is too much loses nothing", async ({ page }) => {
  await page.goto("/keys");
  await hydrated(page);
  const many = Array.from({ length: 10_001 }, (_, i) => `no-${i}`).join("\n");
  await page.getByLabel("Or from a file").setInputFiles({ name: "k.txt", mimeType: "text/plain", buffer: Buffer.from(many) });
  await expect(page.getByLabel("Keys", { exact: true })).toHaveValue(many);
  await page.getByRole("button", { name: "Look for them" }).click();
  await expect(page.getByRole("alert")).toContainText("holds 10001 different keys");
  await expect(page.getByLabel("Keys", { exact: true })).toHaveValue(many);
  await hydrated(page);
  // More than the server would read is not even sent.
  await page.getByLabel("Keys", { exact: true }).fill("x".repeat(2_100_000));
  await page.getByRole("button", { name: "Look for them" }).click();
  expect(await page.getByLabel("Keys", { exact: true }).evaluate((e: HTMLTextAreaElement) => [e.validationMessage, e.value.length]))
    .toEqual([expect.stringContaining("send it in parts"), 2_100_000]);
});

test("ten thousand keys are pasted, are one question, and the page stays usable", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/keys");
  await hydrated(page);
  const many = Array.from({ length: 10_000 }, (_, i) => `0193e7a2-4c1b-7d52-a0f3-${String(i).padStart(12, "0")}`).join("\n");
  await page.evaluate((text) => navigator.clipboard.writeText(text), many);
  await page.getByLabel("Keys", { exact: true }).focus();
  await page.keyboard.press("Control+V");
  await expect.poll(() => page.locator("#keys").evaluate((field: HTMLTextAreaElement) => field.value.length)).toBe(many.length);
  await page.getByRole("button", { name: "Look for them" }).click();
  await expect(page.getByRole("heading", { name: "0 of 10,000 keys found" })).toBeVisible({ timeout: 30_000 });
  await hydrated(page);
  await page.getByLabel("Only those not found").check();
});

test("it works without scripts, and axe finds nothing serious", async ({ elsewhere, place, page }) => {
  const [context, faults] = await elsewhere({ javaScriptEnabled: false, storageState: place.state });
  const plain = await context.newPage();
  await plain.goto("/keys");
  await plain.getByLabel("Keys", { exact: true }).fill(freshKey());
  await plain.getByRole("button", { name: "Look for them" }).click();
  await expect(plain.getByRole("heading", { name: "0 of 1 key found" })).toBeVisible();
  expect(faults).toEqual([]);
  await context.close();

  await page.goto("/keys");
  await page.getByLabel("Keys", { exact: true }).fill(freshKey());
  await page.getByRole("button", { name: "Look for them" }).click();
  await hydrated(page);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => v.id)).toEqual([]);
});
