import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, hydrated, test, world } from "./fixtures";

// One story, told in order: whoever is invited in the first test is there in the next.
test.describe.configure({ mode: "serial" });

const password = "a sentence nobody guesses";
/** Of this run: others invite a Kim as well. */
const kimDoe = `Kim Doe ${Date.now().toString(36)}`;
const login = `kim-${Date.now().toString(36)}`;

const serious = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
  return found.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html).join(" | ")}`);
};

const role = (page: Page, name: string) => page.locator(`input[name=role][value=${name}]`);

/** What the page says was done. */
const said = (page: Page, what: string) => expect(page.getByRole("status").filter({ hasText: what })).toBeVisible();

const signIn = async (page: Page, name: string, secret: string) => {
  await page.goto("/sign-in");
  await page.getByLabel("Log-in name").fill(name);
  await page.getByLabel("Password").fill(secret);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await hydrated(page);
};

test("somebody is invited with a role on one pattern of channels, comes, and sees those channels only", async ({ page, elsewhere }) => {
  await page.goto("/");
  await hydrated(page);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "People" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "People" })).toBeVisible();
  await page.getByRole("link", { name: "Invite somebody" }).click();
  await page.getByLabel("Name", { exact: true }).fill(kimDoe);
  await page.getByLabel("Log-in name").fill(login);
  await role(page, "viewer").uncheck();
  await role(page, "support").check();
  await page.getByLabel("Channels of grant 1").fill("payment.*");
  // A row comes and goes, and what was typed stays.
  await page.getByRole("button", { name: "Add a grant" }).click();
  await expect(page.getByLabel("Channels of grant 2")).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(kimDoe);
  await page.getByRole("button", { name: "Remove grant 2" }).click();
  await expect(page.getByLabel("Channels of grant 2")).toHaveCount(0);
  await expect(role(page, "support")).toBeChecked();
  await page.getByLabel("Channels of grant 1").press("Enter");
  const link = await page.getByLabel("One-time link").inputValue();
  expect(new URL(link).hash).toMatch(/^#token=\S{43}$/);
  expect(page.url()).not.toContain("token");
  await page.reload();
  await expect(page.getByLabel("One-time link")).toHaveCount(0);

  const [theirs, faults] = await elsewhere();
  const kim = await theirs.newPage();
  await kim.goto(link);
  await expect(kim.getByRole("heading", { level: 1, name: "Welcome" })).toBeVisible();
  expect(kim.url()).not.toContain("token");
  await expect(kim.getByLabel("Your name")).toHaveValue(kimDoe);
  await expect(kim.getByLabel("Log-in name")).toHaveValue(login);
  await kim.getByLabel("Password").fill(password);
  await kim.getByRole("button", { name: "Join and sign in" }).click();
  await hydrated(kim);
  await expect(kim.getByText(/\d channels? you may not see/).first()).toBeVisible();
  await expect(kim.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "People" })).toHaveCount(0);

  await kim.goto("/events");
  await hydrated(kim);
  await expect(kim.locator(".complete")).toContainText(/channels? you may not see/);
  const rows = kim.locator("tr[data-event] .ev-channel");
  await expect(rows.first()).toBeVisible();
  for (const channel of await rows.allInnerTexts()) expect(channel.trim()).toMatch(/^payment\./);
  await expect(kim.getByRole("complementary", { name: "Filter by" })).toContainText(/channels? you may not see/);
  await kim.goto("/sources");
  await expect(kim.getByText(/\d channels? you may not see/).first()).toBeVisible();
  await kim.goto("/account");
  await expect(kim.getByText("payment.* everywhere")).toBeVisible();

  // The link worked once.
  const late = await theirs.newPage();
  await late.goto(link);
  await expect(late.getByRole("alert")).toContainText("This link is not valid");
  expect(faults).toEqual([]);
  await theirs.close();
});

test("what is kept away leads to asking for it, and an administrator answers", async ({ page, elsewhere }) => {
  const [theirs, faults] = await elsewhere();
  const kim = await theirs.newPage();
  await signIn(kim, login, password);
  await kim.goto("/people");
  await expect(kim.getByRole("alert")).toContainText("people.edit");
  await kim.getByRole("link", { name: "Ask for access" }).click();
  await expect(kim.getByRole("heading", { level: 1, name: "Ask for access" })).toBeVisible();
  await expect(role(kim, "admin")).toBeChecked();
  await kim.getByLabel("What for").fill("To invite a colleague.");
  await kim.getByRole("button", { name: "Ask" }).click();
  await said(kim, "Asked");
  await expect(kim.getByText("WAITS")).toBeVisible();

  await page.goto("/");
  await expect(page.locator(".rail__count:visible")).toHaveText("1");
  await page.goto("/people");
  const request = page.getByRole("listitem").filter({ hasText: "To invite a colleague." });
  await expect(request).toContainText("asks for the role admin");
  expect(await serious(page)).toEqual([]);
  await request.getByLabel(/a word/i).fill("Ask Mara to invite them.");
  await request.getByRole("button", { name: "Decline" }).click();
  await said(page, "Declined");
  await kim.goto("/account");
  await expect(kim.getByText("Ask Mara to invite them.")).toBeVisible();
  expect(faults).toEqual([]);
  await theirs.close();
});

test("whoever is deactivated is signed out of the open page", async ({ page, elsewhere }) => {
  const [theirs, faults] = await elsewhere();
  const kim = await theirs.newPage();
  await signIn(kim, login, password);
  await expect(kim.locator(".topbar .live")).toContainText("Live");
  await page.goto("/people");
  await page.getByRole("link", { name: kimDoe }).click();
  await page.getByText("Deactivate…").click();
  await page.getByRole("button", { name: "Deactivate now" }).click();
  await said(page, "Deactivated");
  await expect(page.getByText("DEACTIVATED", { exact: true })).toBeVisible();
  await expect(kim.locator(".topbar .live")).toContainText("You are signed out", { timeout: 30_000 });
  await kim.goto("/events");
  await expect(kim).toHaveURL(/\/sign-in/);
  expect(faults).toEqual([]);
  await theirs.close();
});

test("one's own password and sessions", async ({ page, elsewhere }) => {
  const [theirs, faults] = await elsewhere();
  const other = await theirs.newPage();
  await signIn(other, world.login, world.password);
  await page.goto("/");
  await hydrated(page);
  await page.getByRole("button", { name: /your settings/i }).click();
  await page.getByRole("link", { name: "Your account" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Your account" })).toBeVisible();
  await page.getByLabel("Present password").fill("not this one at all");
  await page.getByLabel("New password").fill("another sentence that is long");
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByRole("alert")).toContainText("The present password is wrong");
  await page.getByRole("button", { name: "End all others" }).click();
  await said(page, "Ended");
  await other.goto("/help");
  await expect(other).toHaveURL(/\/sign-in/);
  expect(faults).toEqual([]);
  await theirs.close();
});

for (const scheme of ["light", "dark"] as const) {
  test(`axe finds nothing serious on the pages of people (${scheme})`, async ({ page, elsewhere }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.goto("/people");
    const person = await page.getByRole("link", { name: kimDoe }).getAttribute("href");
    for (const path of ["/people", "/people/new", person!, "/account", "/account/ask?role=support&for=events.payload", "/help#roles"]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      expect(await serious(page), path).toEqual([]);
    }
    const [theirs] = await elsewhere();
    const gate = await theirs.newPage();
    await gate.emulateMedia({ colorScheme: scheme });
    await gate.goto("/invite");
    await expect(gate.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await serious(gate)).toEqual([]);
    await theirs.close();
  });
}
