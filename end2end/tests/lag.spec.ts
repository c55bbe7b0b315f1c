// The operator: which of two thousand groups will lose data, why, and another group's positions moved, with a way back.
import { execFileSync } from "node:child_process";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, hydrated, test, world } from "./fixtures";

let counter = 0;
const fresh = (what: string): string => `${what}.${process.pid}-${Date.now().toString(36)}-${counter++}`;

interface Wanted {
  topic: string;
  group: string;
  partitions?: number;
  retentionMs?: number;
  events?: number;
  ageS?: number;
  count?: number;
  at?: number;
}

/** Consumer groups as applications leave them behind: positions, and nobody in them. */
function groups(wanted: Wanted): void {
  const args = ["groups", "--bootstrap", world.bootstrap, "--topic", wanted.topic, "--group", wanted.group];
  const more: [string, number | undefined][] = [
    ["--partitions", wanted.partitions], ["--retention-ms", wanted.retentionMs], ["--events", wanted.events],
    ["--age-s", wanted.ageS], ["--count", wanted.count], ["--at", wanted.at],
  ];
  for (const [name, value] of more) if (value !== undefined) args.push(name, String(value));
  execFileSync(world.demo, args, { stdio: "pipe" });
}

test("among two thousand groups the one that loses data comes first, and says why", async ({ page }) => {
  const [topic, lost, idle] = [fresh("clicks"), fresh("analytics"), fresh("idle")];
  groups({ topic: `${topic}.all`, group: idle, partitions: 2, events: 5, count: 2_000 });
  // An hour of retention, events that are older than half of it, and nobody who reads them.
  groups({ topic, group: lost, partitions: 2, retentionMs: 3_600_000, events: 200, ageS: 2_400, at: 0 });
  await page.goto("/lag");
  await hydrated(page);
  const rows = page.locator(".lag__table tbody tr");
  const [first, ours] = [rows.first(), rows.filter({ hasText: lost })];
  // Groups come in by themselves, without the page being loaded again.
  await expect(ours).toContainText("Loses unread data in", { timeout: 60_000 });
  await expect(ours).toContainText("STOP");
  // Nothing comes before it but what loses data as well: that of this test's other run, if there was one.
  const before = (await rows.allTextContents()).findIndex((row) => row.includes(lost));
  expect(before).toBeLessThan(3);
  for (let n = 0; n < before; n++) await expect(rows.nth(n)).toContainText("Loses unread data");
  await expect(page.locator(".page__sub")).toContainText(/[2-9],\d\d\d groups/);

  // What is typed is looked for at once, over all of them, and stands in the address.
  await page.keyboard.press("/");
  const filter = page.getByRole("searchbox", { name: /Filter groups/ });
  await expect(filter).toBeFocused();
  await filter.fill(`${idle}-1999`);
  await expect(page.locator(".lag__table tbody tr")).toHaveCount(1);
  await expect(page).toHaveURL(new RegExp(`q=${idle}-1999`));
  await filter.fill(lost);
  await expect(first).toContainText(lost);

  await first.getByRole("link", { name: lost }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(lost);
  const says = page.locator(".lag__says");
  await expect(says).toContainText("Restart a member before");
  await expect(says).toContainText("nobody is in the group; ");
  await expect(says).toContainText("retention of 1 h");
  await expect(page.getByRole("img", { name: /Unread events over time; now 400/ })).toBeVisible();
  await page.getByRole("link", { name: /^Partitions/ }).click();
  const partitions = page.locator("table[data-rows] tbody tr");
  await expect(partitions).toHaveCount(2);
  await expect(partitions.first()).toContainText("nobody");
});

test("positions are moved after a look at what that means, and moved back", async ({ page }) => {
  const [topic, group] = [fresh("orders"), fresh("billing")];
  groups({ topic, group, partitions: 3, events: 10 });
  await page.goto("/lag");
  await hydrated(page);
  const filter = page.getByRole("searchbox", { name: /Filter groups/ });
  await filter.fill(group);
  const link = page.getByRole("link", { name: group });
  await expect(link).toBeVisible({ timeout: 60_000 });
  await link.click();
  await page.getByRole("link", { name: "Reset offsets…" }).click();
  await page.getByLabel("Partitions").fill("0-1");
  await page.getByRole("radio", { name: /Earliest/ }).check();
  await page.getByRole("button", { name: "Preview" }).click();
  const plan = page.getByRole("region", { name: "What would happen" });
  await expect(plan).toContainText("2 partitions are moved: up to 20 events are read again.");
  await expect(plan.locator("tbody tr")).toHaveCount(2);
  await plan.getByRole("button", { name: /^Move positions of/ }).click();
  await expect(page.getByRole("status").filter({ hasText: "The positions were moved" })).toBeVisible();
  const moved = page.getByRole("table", { name: "Positions moved by people" });
  await expect(moved).toContainText("0: 10 → 0, 1: 10 → 0");
  await expect(moved).toContainText("Mara Lindqvist");
  await moved.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("status").filter({ hasText: "where they are before" })).toHaveCount(0);
  await expect(moved).toContainText("0: 0 → 10, 1: 0 → 10");
  await expect(moved.locator("tbody tr").last()).toContainText("taken back");

  // What can't be read is said, and what was typed is still there.
  await page.getByRole("link", { name: "Reset offsets…" }).click();
  await page.getByRole("radio", { name: /By so many/ }).check();
  await page.getByLabel("How many, for a shift").fill("many");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("How far is no whole number.")).toBeVisible();
  await expect(page.getByLabel("How many, for a shift")).toHaveValue("many");
});

test("a group that is read by somebody is not moved, and says by whom", async ({ page }) => {
  await page.goto("/lag?q=payment");
  await hydrated(page);
  // Other tests read the same broker under other names.
  const ours = page.locator(".lag__table tbody tr").filter({ has: page.getByText("shop", { exact: true }) });
  await ours.getByRole("link", { name: "payment", exact: true }).click({ timeout: 60_000 });
  await expect(page.locator(".page__sub")).toContainText("stable");
  await page.getByRole("link", { name: /^Members/ }).click();
  await expect(page.locator("tbody tr").first()).toContainText("in the group");
  await page.getByRole("link", { name: "Reset offsets…" }).click();
  await page.getByRole("radio", { name: /Latest/ }).check();
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("It can't be done now.")).toBeVisible();
  await expect(page.getByText(/has a member: payment at/)).toBeVisible();
  await expect(page.getByRole("button", { name: /^Move positions/ })).toHaveCount(0);
});

test("what is expected of a group, and whose it is, is said and kept", async ({ page }) => {
  const [topic, group] = [fresh("nightly"), fresh("export")];
  groups({ topic, group, events: 1 });
  await page.goto(`/lag?q=${group}`);
  await hydrated(page);
  await page.getByRole("link", { name: group }).click({ timeout: 60_000 });
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByLabel("Expectation").fill("daily 02:00-02:40");
  await page.getByLabel("Owner").fill("Data platform");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("owner Data platform")).toBeVisible();
  await expect(page.getByLabel("Expectation")).toHaveValue("daily 02:00-02:40");
  await page.getByRole("button", { name: "Archive" }).click();
  await expect(page.getByText(/archived by Mara/)).toBeVisible();
  await page.goto(`/lag?q=${group}`);
  await expect(page.getByText("No group matches")).toBeVisible();
});

for (const path of ["/lag", "/lag?sort=forecast&q=a"]) {
  test(`axe finds nothing on ${path}`, async ({ page }) => {
    await page.goto(path);
    await hydrated(page);
    await expect(page.locator(".lag__table tbody tr").first()).toBeVisible({ timeout: 60_000 });
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  });
}

test("axe finds nothing on a group's pages", async ({ page }) => {
  await page.goto("/lag");
  await hydrated(page);
  await page.locator(".lag__table tbody a").first().click({ timeout: 60_000 });
  for (const tab of [/^Overview/, /^Partitions/, /^Members/, /^What happened/, /^Settings/]) {
    const link = page.getByRole("navigation", { name: "About this group" }).getByRole("link", { name: tab });
    await link.click();
    await expect(link).toHaveAttribute("aria-current", "page");
    expect((await new AxeBuilder({ page }).analyze()).violations, String(tab)).toEqual([]);
  }
});
