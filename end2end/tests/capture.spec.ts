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
