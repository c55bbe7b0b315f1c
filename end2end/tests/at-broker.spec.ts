// What is read beside capture: an event whose content is not stored, and how far what is stored was compared.
import { expect, freshKey, hydrated, produce, test, world } from "./fixtures";

test.describe.configure({ timeout: 180_000 });

test("an event of which only metadata is kept is read from its broker", async ({ page }) => {
  const name = `meta-${Date.now().toString(36)}`, key = freshKey();
  const choose = (group: string, label: string) =>
    page.getByRole("group", { name: group }).getByText(label, { exact: true }).click();
  await page.goto("/sources/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Addresses").fill(world.bootstrap);
  await choose("Encryption", "None");
  await choose("Sign in", "Not at all");
  await page.getByLabel("Channels", { exact: true }).fill("order.placed");
  await page.getByText("Metadata", { exact: true }).click();
  await choose("Environment", "demo");
  await page.getByRole("button", { name: "Add source" }).click();
  await expect(page).toHaveURL(/\/sources\/\d+$/);
  const at = page.url(), id = /\d+$/.exec(at)![0];
  await expect(page.getByText("UP", { exact: true })).toBeVisible({ timeout: 30_000 });
  await hydrated(page);
  await expect(page.getByRole("region", { name: "Positions, per partition" })).toContainText("order.placed");

  produce("order.placed", key, `{"order":"${key}","amount":12}`, { trace: `t-${key}` });
  // Nothing is kept of its key, so it is found as the newest of the source.
  const newest = page.locator("tr[data-event]").first();
  await expect(async () => {
    await page.goto(`/events?source=%23${id}`);
    await expect(newest).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await hydrated(page);
  // The shop sends orders too: the one that was sent here is looked for among the newest.
  const ids = await page.locator("tr[data-event]").evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.event!));
  await page.goto(`/events/${ids[0]}`);
  await hydrated(page);
  await expect(page.getByRole("heading", { name: "Only metadata is kept" })).toBeVisible();
  const offer = page.locator(".at-broker__ask");
  await expect(offer).toHaveCount(1);
  await expect(page.locator(".at-broker")).toHaveCount(0);
  await offer.getByText("Read it from the broker").click();
  await expect(page.getByText("read live, not stored")).toBeVisible();
  await expect(page.locator(".at-broker pre")).toContainText("{");
  // Closed again when another event is opened: what is read so is asked for each time.
  if (ids[1]) {
    await page.goto(`/events/${ids[1]}`);
    await hydrated(page);
    await expect(page.locator(".at-broker__ask")).toHaveCount(1);
    await expect(page.locator(".at-broker")).toHaveCount(0);
  }

  // The other tab of the same event says it too.
  await page.getByRole("tab", { name: /Headers/ }).click();
  await expect(page.locator(".at-broker__ask")).toHaveCount(1);

  // On the source's page stands how far it was compared.
  await page.goto(`/sources/${id}`);
  await hydrated(page);
  const compared = page.getByRole("region", { name: "Compared with the broker" });
  await expect(compared).toHaveCount(1);
  await expect(compared.getByRole("row").filter({ hasText: "order.placed" })).toBeVisible();
  await compared.getByText("How counted").click();
  await expect(compared.getByText("under 1 % of a channel's traffic")).toBeVisible();
  await page.getByRole("link", { name: "Overview" }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Overview");
  await expect(compared).toHaveCount(0);

  // Other tests look at all sources: what it has is without content.
  await page.goto(`${at}/remove`);
  await page.getByRole("button", { name: new RegExp(`^Stop reading ${name}`) }).click();
  await expect(page).toHaveURL(/\/sources$/);
});
