// The operator or architect: how much comes in on a channel, how large it is, who reads it, and who is behind.
import { AxeBuilder } from "@axe-core/playwright";
import { readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { expect, hydrated, test, world } from "./fixtures";
import type { Page } from "@playwright/test";

const fresh = (what: string): string => `${what}.${process.pid}-${Date.now().toString(36)}`;

/** From the list of groups to the page of the channel that one of the shop's reads. */
async function toChannel(page: Page): Promise<void> {
  await page.goto("/lag?q=payment");
  await hydrated(page);
  // Other tests read the same broker under other names.
  const ours = page.locator(".lag__table tbody tr").filter({ has: page.getByText("shop", { exact: true }) });
  await ours.getByRole("link", { name: "payment", exact: true }).click({ timeout: 60_000 });
  await page.getByRole("link", { name: "Who else reads it" }).click();
  await expect(page).toHaveURL(/\/channels\/\d+/);
  await expect(page.getByRole("heading", { level: 1 })).not.toHaveText("payment");
}

test("a channel tells how much comes in, how large it is and who reads it", async ({ page }) => {
  await toChannel(page);
  const name = await page.getByRole("heading", { level: 1 }).innerText();
  await expect(page.locator(".rail__link[aria-current=page]")).toContainText("Sources");
  // The shop may be some minutes old, or just begun.
  const produced = page.getByRole("region", { name: "How much comes in" });
  await expect(produced).toContainText(/[\d.]+\/s (now, as the channel's ends move|captured in the last minute)/, { timeout: 90_000 });
  await expect(produced).toContainText(/on the average|No history yet/);
  await page.getByRole("navigation", { name: "How far back" }).getByRole("link", { name: "24 h" }).click();
  await expect(page).toHaveURL(/hours=24/);
  const facts = page.locator(".facts");
  await expect(facts).toContainText(/on the average, as sent|not counted yet/);
  await expect(facts).toContainText("Reaches back");
  const readers = page.getByRole("region", { name: "Who reads it" });
  await expect(readers.getByRole("link", { name: "payment", exact: true })).toBeVisible();
  await expect(page.getByRole("region", { name: "Partitions" }).first().locator("tbody tr").first()).toBeVisible();

  // What is one click away, and back from the source's page.
  await page.getByRole("link", { name: "Events", exact: true }).last().click();
  await expect(page).toHaveURL(/\/events\?channel=%23\d+/);
  await page.goBack();
  await page.locator(".page__sub").getByRole("link").first().click();
  await expect(page).toHaveURL(/\/sources\/\d+/);
  await page.getByRole("link", { name, exact: true }).first().click();
  await expect(page).toHaveURL(/\/channels\/\d+/);
  await readers.getByRole("link", { name: "payment", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("payment");
});

test("groups are taken along as a table, as they are filtered", async ({ page }) => {
  const [topic, group] = [fresh("refunds"), fresh("=ledger")];
  execFileSync(world.demo, ["groups", "--bootstrap", world.bootstrap, "--topic", topic, "--group", group, "--events", "7", "--at", "0"], { stdio: "pipe" });
  await page.goto(`/lag?q=${encodeURIComponent(group)}`);
  await hydrated(page);
  await expect(page.getByRole("link", { name: group })).toBeVisible({ timeout: 60_000 });
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("weir-groups.csv");
  const rows = readFileSync(await file.path(), "utf8").split("\r\n");
  expect(rows[0]).toMatch(/^status,group,kind,/);
  // What a spreadsheet would take for a formula is none.
  expect(rows[1]).toContain(`,"'${group}",classic,`);
  expect(rows[1]).toContain(`,${topic},7,`);
  expect(rows.filter((row) => row && !row.startsWith("#"))).toHaveLength(2);

  // It is told in the audit log.
  await page.goto("/audit");
  await expect(page.getByText("exported consumer groups").filter({ visible: true }).first()).toBeVisible();
});

test("axe finds nothing on a channel's page, wide and narrow", async ({ page }) => {
  await toChannel(page);
  for (const width of [1440, 768]) {
    await page.setViewportSize({ width, height: 900 });
    expect((await new AxeBuilder({ page }).analyze()).violations, String(width)).toEqual([]);
  }
});
