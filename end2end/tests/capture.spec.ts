import { expect, hydrated, test } from "./fixtures";

test("a channel's policy is changed, after a question where something is given up, and changed back", async ({ page }) => {
  await page.goto("/capture");
  await hydrated(page);
  const row = page.getByRole("row").filter({ hasText: "order.delivered" }).first();
  await expect(row).toContainText("everything");
  await row.getByRole("link").first().click();
  await expect(page.getByText("Payloads on disk")).toBeVisible();
  const address = page.url();

  await page.getByRole("radio", { name: /^A sample/ }).check();
  await page.getByLabel("Percent of keys").fill("100");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toContainText("more than 0 and less than 100 %");
  await page.getByLabel("Percent of keys").fill("12,5");
  await page.getByRole("button", { name: "Save" }).click();
  // Nothing is given up without a question.
  await expect(page.getByRole("alert")).toContainText("Nothing is saved yet");
  await expect(page.getByRole("radio", { name: /^A sample/ })).toBeChecked();
  await page.getByRole("button", { name: "Save it all the same" }).click();
  await expect(page.getByText("Saved. It holds for what is captured from 10 s on")).toBeVisible();
  await expect(page.getByRole("region", { name: "Cost" })).toContainText("a sample of 12.5 %");
  await expect(page.getByRole("radio", { name: /^Failures/ })).toBeDisabled();

  // Back, which gives up nothing; Enter in a field is as good as the button.
  await page.getByRole("radio", { name: /^Everything/ }).check();
  await page.getByLabel("At most so many GB of payloads").press("Enter");
  await expect(page.getByRole("region", { name: "Cost" })).toContainText("everything");
  expect(page.url()).toContain(new URL(address).pathname);

  await page.goto("/audit");
  await expect(page.locator("tbody").getByText("changed what is captured of a channel").first()).toBeVisible();
});

test("a source's page says what its channels cost, and leads to them", async ({ page }) => {
  await page.goto("/sources");
  await hydrated(page);
  await page.getByRole("link", { name: "shop", exact: true }).first().click();
  const panel = page.getByRole("region", { name: "What is kept, and what it costs" });
  await expect(panel.getByRole("row").filter({ hasText: "order.delivered" })).toBeVisible();
  await panel.getByRole("link", { name: "order.delivered" }).click();
  await expect(page.getByRole("heading", { name: "Policy" })).toBeVisible();
});

test("the store's budget: what is used, a question before channels have to give way, and what was done", async ({ page }) => {
  await page.goto("/capture");
  await hydrated(page);
  const panel = page.getByRole("region", { name: "The store's budget" });
  await expect(panel).toContainText("none: nothing gives way");
  // Upkeep measures every minute, and once at the start.
  await expect(panel.getByText("Used", { exact: true })).toBeVisible();
  await expect(page.getByRole("region", { name: "Who gives way first" }).getByRole("row").nth(1)).toContainText("as its policy says");

  const field = page.getByLabel("At most so many GB of captured events");
  await field.fill("0.001");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toContainText("A budget is 10 MB to 1,000,000 GB");
  await field.fill("900");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved. What is used is measured every minute")).toBeVisible();
  await expect(panel).toContainText("900 GB");
  await expect(page.getByRole("region", { name: "What was done about the budget" }).getByRole("row").nth(1)).toContainText("Set");

  // Everybody finds it among what changed, and who did it in the audit log.
  await page.goto("/changes");
  await expect(page.getByText("The store's budget: 900 GB").first()).toBeVisible();
  await page.goto("/audit");
  await expect(page.locator("tbody").getByText("changed the store's budget").first()).toBeVisible();

  // And away again.
  await page.goto("/capture");
  await field.fill("");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(panel).toContainText("none: nothing gives way");
});
