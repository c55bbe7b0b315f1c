import { expect, freshKey, hydrated, test } from "./fixtures";

test("a search is saved, opened, renamed, shared and removed", async ({ page }) => {
  const name = freshKey();
  await page.goto("/searches/new?q=type:payment.failed&from=-1h&sel=12-1&page=3");
  await hydrated(page);
  await expect(page.getByRole("definition").filter({ hasText: "type:payment.failed" })).toBeVisible();
  await expect(page.getByRole("definition").filter({ hasText: "Last 1 h" })).toBeVisible();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The search is saved.")).toBeVisible();
  const row = page.getByRole("region", { name: "Your searches" }).getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("type:payment.failed");

  // The range moves on with the clock; where one stood is not kept.
  await row.getByRole("link", { name }).click();
  await expect(page).toHaveURL(/\/events\?q=type:payment\.failed&from=-1h$/);

  // A name is given once.
  await page.goto("/searches/new?q=declined");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toContainText("You have a search of this name.");
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(name);
  await expect(page.getByRole("definition").filter({ hasText: "declined" })).toBeVisible();

  await page.goto("/searches");
  await row.getByText("Rename…").click();
  await row.getByLabel("New name").fill(`${name} again`);
  await row.getByRole("button", { name: "Rename", exact: true }).click();
  await expect(page.getByText("The search has its new name.")).toBeVisible();
  await row.getByRole("button", { name: /^Share/ }).click();
  await expect(page.getByText("Everybody who is signed in sees it now.")).toBeVisible();
  await expect(row.getByText("shared", { exact: true })).toBeVisible();
  await row.getByRole("button", { name: /^Make it private/ }).click();
  await expect(row.getByText("shared", { exact: true })).toHaveCount(0);
  await row.getByText("Remove…").click();
  await row.getByRole("button", { name: "Remove it now" }).click();
  await expect(page.getByText("The search is removed.")).toBeVisible();
  await expect(row).toHaveCount(0);
});

test("what can't be read is not saved", async ({ page }) => {
  await page.goto("/searches/new?q=%28");
  await expect(page.getByRole("alert")).toContainText("The query can't be read at character");
  await expect(page.getByRole("button", { name: "Save" })).toHaveCount(0);
});
