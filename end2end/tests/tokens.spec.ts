import { expect, freshKey, hydrated, test } from "./fixtures";

test("a token is made, shown once, copied, used and revoked", async ({ page, context, request, place, program }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/");
  await hydrated(page);
  await page.getByRole("button", { name: /your settings/i }).click();
  await page.getByRole("link", { name: "Access tokens" }).click();
  await expect(page).toHaveURL(/\/account\/tokens$/);
  const name = freshKey();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Expires after days").fill("30");
  await page.getByLabel(/^support/).check();
  await page.getByRole("button", { name: "Make the token" }).click();

  const made = page.getByRole("region", { name: "Your new token" });
  const token = (await made.locator("pre").innerText()).trim();
  expect(token).toMatch(/^weir_[A-Za-z0-9_-]{43}$/);
  await hydrated(page);
  await made.getByRole("button", { name: "Copy the token" }).click();
  await expect(made.getByText("Copied")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token);
  expect(page.url()).not.toContain("weir_");

  // A program has no cookie.
  const ask = () => program("/api/v1/me", { authorization: `Bearer ${token}` });
  const me = (await (await ask()).json()) as { roles: string[]; token: { name: string } };
  expect([me.roles, me.token.name]).toEqual([["viewer", "support"], name]);
  expect((await request.get(`${place.root}/api/v1/me`)).status()).toBe(401);

  await page.goto("/account/tokens");
  await expect(page.getByText(token)).toHaveCount(0);
  const row = page.getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("viewer, support");
  await expect(row).toContainText(/in (29|30) days/);
  await row.getByText("Revoke…").click();
  await row.getByRole("button", { name: "Revoke it now" }).click();
  await expect(page.getByText("The token is revoked.")).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: name })).toHaveCount(0);
  expect((await ask()).status()).toBe(401);
});

test("what can't be carried out is told, and what was typed stands", async ({ page }) => {
  await page.goto("/account/tokens");
  await page.getByLabel("Name", { exact: true }).fill("nothing chosen");
  await page.getByLabel(/^viewer/).uncheck();
  await page.getByRole("button", { name: "Make the token" }).click();
  await expect(page.getByRole("alert")).toContainText("A token without a role may do nothing.");
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("nothing chosen");
  await expect(page.getByLabel(/^viewer/)).not.toBeChecked();
});

test("the interface can be browsed, and each operation tried", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/help");
  await hydrated(page);
  await page.getByRole("link", { name: "By program", exact: true }).click();
  await expect(page).toHaveURL(/\/api$/);
  const list = page.locator("details#events_list");
  await list.locator("summary").click();
  await expect(list).toContainText("events.exist");
  await expect(list).toContainText("cursor");
  await list.getByRole("button", { name: "Copy the command" }).click();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  expect(command).toContain("$WEIR_URL/api/v1/events?");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "OpenAPI document" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("weir-openapi.json");
});
