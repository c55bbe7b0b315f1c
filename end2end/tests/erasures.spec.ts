import { expect, freshKey, hydrated, test } from "./fixtures";

test("an erasure is asked for, counted and withdrawn", async ({ page }) => {
  const [key, reason] = [freshKey(), `Request ${freshKey()}`];
  await page.goto("/erasures/new");
  await hydrated(page);
  await page.getByLabel("Key, value or events").fill(key);
  await page.getByRole("textbox", { name: "Channels" }).fill("no.such.channel");
  await page.getByLabel("Why", { exact: true }).fill(reason);
  await page.getByRole("button", { name: "Count what it would erase" }).click();
  // What was typed is still there, and what is wrong is said.
  await expect(page.getByRole("alert")).toContainText("There is no channel");
  await expect(page.getByLabel("Key, value or events")).toHaveValue(key);
  await page.getByRole("textbox", { name: "Channels" }).fill("");
  await page.getByRole("button", { name: "Count what it would erase" }).click();
  await expect(page).toHaveURL(/\/erasures\/[0-9a-f-]{36}\?done=asked$/);
  expect(page.url()).not.toContain(key);
  const counted = page.getByRole("region", { name: "Counted" });
  await expect(async () => {
    await page.reload();
    await expect(counted).toContainText("No stored event holds it.", { timeout: 500 });
  }).toPass();
  await expect(page.getByText("somebody else who may erase has to decide")).toBeVisible();
  await expect(page.getByText("Erase now")).toHaveCount(0);
  await page.getByRole("button", { name: "Withdraw" }).click();
  await expect(page.getByText("Withdrawn; what it was to erase is forgotten.")).toBeVisible();
  await expect(page.getByText(key)).toHaveCount(0);
  await page.getByRole("link", { name: "Erasures", exact: true }).click();
  await expect(page.getByRole("row").filter({ hasText: reason })).toContainText("withdrawn");
});

test("a hold is placed and ended", async ({ page }) => {
  const name = freshKey();
  await page.goto("/holds/new");
  await hydrated(page);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("radio", { name: /^A key/ }).check();
  await page.getByLabel("Channel, key or events").fill(freshKey());
  await page.getByLabel("Ends after the day (UTC)").fill(new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10));
  await page.getByLabel("Why", { exact: true }).fill("Court order 17");
  await page.getByRole("button", { name: "Place the hold" }).click();
  await expect(page.getByText("The hold stands.")).toBeVisible();
  const row = page.getByRole("region", { name: "Standing" }).getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("one key");
  await expect(row).toContainText("nothing yet");
  await row.getByText("End…").click();
  await row.getByRole("button", { name: "End it now" }).click();
  await expect(page.getByText("The hold has ended.")).toBeVisible();
  await expect(page.getByRole("region", { name: "Ended" }).getByRole("row").filter({ hasText: name })).toBeVisible();
});
