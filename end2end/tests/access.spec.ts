import { expect, test, world } from "./fixtures";

test.describe("signed out", () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test("a page asks for the log-in and comes back to where one wanted to go", async ({ page }) => {
    await page.goto("/events?type=order.placed");
    await expect(page).toHaveURL(/\/sign-in\?/);
    await page.getByLabel("Log-in name").fill(world.login);
    await page.getByLabel("Password").fill(world.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(/\/events\?type=order\.placed/);
  });

  test("a wrong password and an unknown name get the same words", async ({ page }) => {
    const said: string[] = [];
    for (const login of [world.login, "nobody-of-that-name"]) {
      await page.goto("/sign-in");
      await page.getByLabel("Log-in name").fill(login);
      await page.getByLabel("Password").fill("not the password at all");
      await page.getByRole("button", { name: "Sign in" }).click();
      const alert = page.getByRole("alert");
      await expect(alert).toBeVisible();
      said.push((await alert.innerText()).trim());
    }
    expect(said[0]).toBe(said[1]);
    expect(said[0]).not.toBe("");
  });

  test("the one-time link works once", async ({ page }) => {
    await page.goto(world.link);
    await expect(page.getByText("There is an administrator already")).toBeVisible();
    await expect(page.getByRole("button")).toHaveCount(0);
    await expect(page.getByRole("navigation", { name: "Main" })).toHaveCount(0);
  });

  test("sign in, sign out", async ({ page }) => {
    await page.goto("/sign-in");
    await page.getByLabel("Log-in name").fill(world.login);
    await page.getByLabel("Password").fill(world.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page.getByRole("button", { name: /your settings/i }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page).toHaveURL(/\/sign-in/);
    await expect(page.getByText("You are signed out")).toBeVisible();
    await page.goto("/");
    await expect(page).toHaveURL(/\/sign-in/);
  });
});
