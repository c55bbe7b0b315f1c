import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { expect, freshKey, hydrated, produce, test } from "./fixtures";

/** What the browser saves of the page's own address, as Help tells it. */
async function saved(page: Page, format: string): Promise<[string, string]> {
  const address = new URL(page.url());
  address.pathname = address.pathname.replace(/\/events$/, "/events/export");
  address.searchParams.set("format", format);
  const downloaded = page.waitForEvent("download");
  await page.evaluate((to) => {
    location.href = to;
  }, address.href);
  const download = await downloaded;
  return [download.suggestedFilename(), readFileSync(await download.path(), "utf8")];
}

test("all that the page of events finds is a file", async ({ page }) => {
  const key = freshKey();
  for (const note of ["first", "=2+3", 'say "hi"']) produce("order.placed", key, JSON.stringify({ orderId: key, note }));
  await expect(async () => {
    await page.goto(`/events?key=${key}&source=shop&channel=order.placed`);
    await expect(page.getByRole("row").filter({ hasText: key })).toHaveCount(3, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await hydrated(page);

  const [lines, ndjson] = await saved(page, "ndjson");
  expect(lines).toBe("weir-events.ndjson");
  const read = ndjson.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Record<string, never>);
  const end = read.pop()!;
  expect(read.map((event) => (event.payload as { note: string }).note)).toEqual(['say "hi"', "=2+3", "first"]);
  expect(read.every((event) => event.key === key)).toBe(true);
  expect(end).toMatchObject({ complete: true, matches: 3, next: null });

  const [table, csv] = await saved(page, "csv");
  expect(table).toBe("weir-events.csv");
  // A record that begins with # tells what a table may leave out; of this source all was read.
  expect(csv.trim().split("\r\n").filter((line) => !line.startsWith("#weir.export.completeness,"))).toHaveLength(4);
  expect(csv).toContain(`"{""orderId"":""${key}"",""note"":""say \\""hi\\""""}",json,`);

  await page.goto("/help#export");
  await expect(page.getByRole("heading", { name: "Exporting what a search finds" })).toBeVisible();
});
