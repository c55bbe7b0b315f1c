// Content that was not kept is filled from the broker.
import { expect, freshKey, hydrated, produce, test, world } from "./fixtures";

test.describe.configure({ timeout: 180_000 });

test("the content of a range that was kept as metadata is counted, filled, and found by its key", async ({ page }) => {
  const name = `fill-${Date.now().toString(36)}`;
  const choose = (group: string, label: string) =>
    page.getByRole("group", { name: group }).getByText(label, { exact: true }).click();
  await page.goto("/sources/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Addresses").fill(world.bootstrap);
  await choose("Encryption", "None");
  await choose("Sign in", "Not at all");
  await page.getByLabel("Channels", { exact: true }).fill("order.placed");
  await choose("Environment", "demo");
  await page.getByRole("button", { name: "Add source" }).click();
  await expect(page).toHaveURL(/\/sources\/\d+$/);
  const at = page.url(), id = /\d+$/.exec(at)![0];
  await expect(page.getByText("UP", { exact: true })).toBeVisible({ timeout: 90_000 });
  await hydrated(page);
  // Its channel is to keep metadata.
  await page.goto(`/capture`);
  const row = page.getByRole("row").filter({ hasText: name }).filter({ hasText: "everything" });
  await expect(async () => {
    await page.reload();
    await expect(row).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await row.getByRole("link", { name: "order.placed" }).click();
  await expect(page).toHaveURL(/\/channels\/\d+\/capture$/);
  const channel = /channels\/(\d+)\/capture/.exec(page.url())![1];
  await page.getByRole("radio", { name: /^Metadata/ }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Save it all the same" }).click();
  await expect(page.getByText("Saved. It holds for what is captured from 10 s on")).toBeVisible();

  // Until taps know it, some are kept.
  let key = "", event = "";
  await expect(async () => {
    key = freshKey();
    produce("order.placed", key, `{"order":"${key}","amount":12}`);
    await expect(async () => {
      await page.goto(`/events?source=%23${id}&key=${key}`);
      await page.goto(`/events?source=%23${id}`);
      await expect(page.locator("tr[data-event]").first()).toBeVisible({ timeout: 1_000 });
    }).toPass();
    event = (await page.locator("tr[data-event]").first().getAttribute("data-event"))!;
    await page.goto(`/events/${event}`);
    await expect(page.getByRole("heading", { name: /metadata/i })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 90_000 });

  // From the event to where it can be filled.
  await hydrated(page);
  await page.getByRole("link", { name: "Fill the content of a range" }).click();
  await expect(page).toHaveURL(new RegExp(`/channels/${channel}/content$`));
  await page.getByLabel("From (UTC)").fill("nonsense");
  await page.getByRole("button", { name: "Count" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("From (UTC)").fill("-1h");
  await page.getByRole("button", { name: "Count" }).click();
  const lacking = page.getByRole("region", { name: "Lacking content" });
  await expect(lacking).toContainText("have no content from");
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/content-counted.png`, fullPage: true });
  await lacking.getByLabel("MB/s").fill("5");
  await lacking.getByRole("button", { name: "Fill their content" }).click();
  const filled = page.getByRole("region", { name: "Filled" });
  await expect(async () => {
    await page.goto(`/channels/${channel}/content`);
    await expect(filled.getByText("DONE", { exact: true })).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await expect(filled).toContainText(/[1-9]\d* events?/);
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/content-done.png`, fullPage: true });
  await page.goto(`/events/${event}`);
  await hydrated(page);
  await expect(page.locator("main")).toContainText("amount");
  // The source's page of fillings tells of it as well.
  await page.goto(`/sources/${id}/backfill`);
  await expect(page.getByRole("region", { name: "Content filled" }).getByRole("link", { name: "order.placed" })).toBeVisible();
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/backfill.png`, fullPage: true });

  await page.goto(`${at}/remove`);
  await page.getByRole("button", { name: new RegExp(`^Stop reading ${name}`) }).click();
  await expect(page).toHaveURL(/\/sources$/);
});
