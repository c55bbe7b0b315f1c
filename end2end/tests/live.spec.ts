import type { Page, Route } from "@playwright/test";
import { expect, hydrated, test, world } from "./fixtures";

const bar = (page: Page) => page.locator(".ev-tail");
const mark = (page: Page) => page.locator(".topbar .live");

/** Answers a stream with one `bye` in place of the server. */
const bye = (route: Route, what: object) =>
  route.fulfill({ contentType: "text/event-stream", body: `retry: 1000\nevent: bye\ndata: ${JSON.stringify(what)}\n\n` });

test.describe("signed out elsewhere", () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test("live data says so, and signing in again leads back", async ({ page, context }) => {
    const signIn = async (on: Page) => {
      await on.getByLabel("Log-in name").fill(world.login);
      await on.getByLabel("Password").fill(world.password);
      await on.getByRole("button", { name: "Sign in", exact: true }).click();
    };
    await page.goto("/events?type=order.placed&tail=1");
    await signIn(page);
    await hydrated(page);
    await expect(bar(page)).toContainText("Following new events");

    const other = await context.newPage();
    await other.goto("/help");
    await hydrated(other);
    await other.getByRole("button", { name: /your settings/i }).click();
    await other.getByRole("button", { name: "Sign out" }).click();
    await expect(other).toHaveURL(/\/sign-in/);

    for (const place of [bar(page), mark(page)]) {
      await expect(place).toContainText("You are signed out");
      await expect(place.getByRole("button", { name: "Sign in again" })).toBeVisible();
    }
    await expect(page).toHaveURL(/\/events\?type=order\.placed&tail=1/);
    await bar(page).getByRole("button", { name: "Sign in again" }).click();
    await expect(page).toHaveURL(/\/sign-in\?next=/);
    await signIn(page);
    await expect(page).toHaveURL(/\/events\?type=order\.placed&tail=1/);
    await hydrated(page);
    await expect(bar(page)).toContainText("Following new events");
  });
});

test("a tail whose permission is gone says so, and the rest stays live", async ({ page }) => {
  // The first stream with the tail: it alone is over. The next one is the server's again, without it.
  await page.route("**/live?*", (route) => {
    const topics = new URL(route.request().url()).searchParams.get("topics") ?? "";
    const tail = topics.split(",").find((t) => t.startsWith("tail"));
    return tail ? bye(route, { topic: tail, reason: "not_allowed" }) : route.continue();
  });
  await page.goto("/events?tail=1");
  await hydrated(page);
  await expect(bar(page)).toContainText("Your roles don't show this any more");
  await expect(bar(page).getByRole("button", { name: "Reload" })).toBeVisible();
  await expect(bar(page).getByRole("button", { name: /pause/i })).toBeHidden();
  await expect(mark(page)).toContainText("Live");
});

test("a server that restarts is waited for", async ({ page }) => {
  let away = true;
  await page.route("**/live?*", (route) => (away ? bye(route, { reason: "restarting" }) : route.continue()));
  await page.goto("/events?tail=1");
  await hydrated(page);
  for (const place of [bar(page), mark(page)]) await expect(place).toContainText("Weir is restarting");
  away = false;
  await expect(bar(page)).toContainText("Following new events");
  await expect(mark(page)).toContainText("Live");
});

test("what a tail could not judge is counted in what it says", async ({ page }) => {
  await page.route("**/live?*", (route) => {
    const topics = new URL(route.request().url()).searchParams.get("topics")!.split(",");
    const frame = JSON.stringify({ rows: [], skipped: 0, unjudged: 3, at: 0 });
    const frames = topics.filter((name) => name.startsWith("tail")).map((name) => `event: ${name}\ndata: ${frame}\n\n`);
    return route.fulfill({ contentType: "text/event-stream", body: `retry: 60000\n${frames.join("")}` });
  });
  await page.goto("/events?tail=1&q=cel%3A%20data.amount%20%3E%201");
  await hydrated(page);
  await expect(bar(page)).toContainText(/Could not be judged: [36]/);
});

test("a page of another build asks to be reloaded, once, and keeps what is typed", async ({ page }) => {
  await page.goto("/events");
  await hydrated(page);
  const build = (await page.locator('meta[name="weir-build"]').getAttribute("content"))!;
  expect(build).not.toBe("");
  const updated = page.locator("#weir-updated");
  await expect(updated).toBeHidden();

  // The server sees another build from now on, as after an update.
  const sent: (string | undefined)[] = [];
  await page.route("**/api/**", (route) => {
    const headers = route.request().headers();
    sent.push(headers["x-weir-build"]);
    return route.continue({ headers: { ...headers, "x-weir-build": "of-last-year" } });
  });
  const field = page.getByLabel("Query", { exact: true });
  await field.fill("half a k");
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  await expect(updated).toBeVisible();
  await expect(field).toHaveValue("half a k");
  expect(new Set(sent)).toEqual(new Set([build]));

  await page.unroute("**/api/**");
  await updated.getByRole("button", { name: "Reload" }).click();
  await hydrated(page);
  await expect(updated).toBeHidden();
});

test("a stream of another build is refused and leads to the same bar", async ({ page }) => {
  await page.route("**/live?*", (route) => {
    const url = new URL(route.request().url());
    expect(url.searchParams.get("build")).toBeTruthy();
    url.searchParams.set("build", "of-last-year");
    return route.continue({ url: url.href });
  });
  await page.goto("/");
  await hydrated(page);
  await expect(page.locator("#weir-updated")).toBeVisible();
  await expect(mark(page)).toContainText("Weir was updated");
});

test("what one tab asks too much of ends there, and the other tabs stay live", async ({ page, context }) => {
  await page.goto("/");
  await hydrated(page);
  await expect(mark(page)).toContainText("Live");
  const other = await context.newPage();
  await other.goto(`/events?tail=1&key=${"L".repeat(5000)}`);
  await hydrated(other);
  await expect(bar(other)).toContainText("This filter is too long to be followed live");
  await expect(mark(other)).toContainText("Live");
  await expect(mark(page)).toContainText("Live");
  // What the tab can follow begins again.
  await other.goto("/events?tail=1");
  await hydrated(other);
  await expect(bar(other)).toContainText("Following new events");
});

test("older events in a live tail go on where its rows end", async ({ page }) => {
  await page.goto("/events?tail=1");
  await hydrated(page);
  const rows = page.locator(".ev-rows tr");
  const ids = () => rows.evaluateAll((all) => all.map((r) => (r as HTMLElement).dataset.event!));
  // The demo's shop goes on selling until rows are pushed off the end.
  await expect(rows).toHaveCount(200, { timeout: 60_000 });
  await bar(page).getByRole("button", { name: /pause/i }).click();
  await expect(page.getByText(/^Counted at/)).toBeVisible();
  const first = await ids();
  await page.getByRole("link", { name: "Older", exact: true }).click();
  await expect(page).not.toHaveURL(/tail=1/);
  // A page is 100; the shop may not have sold as much yet.
  await expect.poll(() => rows.count()).toBeLessThanOrEqual(100);
  await expect(rows.first()).toBeVisible();
  const second = await ids();

  // Everything between the newest of the first page and the oldest of the second is on one of them.
  const all: string[] = [];
  const captured = new Map<string, number>();
  for (let before = ""; !all.includes(second.at(-1)!) && all.length < 5_000; ) {
    const listed = await page.evaluate(
      (query) => {
        const { outside } = (window as unknown as { weirCalls: { outside(path: string): string } }).weirCalls;
        return fetch(outside(`/api/events/list?query=${encodeURIComponent(query)}`)).then((r) => r.json());
      },
      before,
    );
    for (const row of listed.page.rows as { id: { partition: number; position: number }; captured_at: number }[]) {
      all.push(`${row.id.partition}-${row.id.position}`);
      captured.set(all.at(-1)!, row.captured_at);
    }
    const { time, id } = listed.page.next;
    before = `before=${time}.${id.partition}-${id.position}`;
  }
  const between = all.slice(all.indexOf(first[0]!), all.indexOf(second.at(-1)!));
  expect(between.length).toBeGreaterThan(200);
  const shown = new Set([...first, ...second]);
  // What was stored after the pause, out of the order of its time, was on neither: partitions are stored side by side,
  // so for a moment one may be behind another.
  const until = Math.max(...first.map((id) => captured.get(id) ?? 0)) - 2_000_000;
  expect(between.filter((id) => !shown.has(id) && captured.get(id)! <= until)).toEqual([]);
});

test("a page of somebody who is signed out does nothing as who signed in since", async ({ page }) => {
  await page.goto("/");
  await hydrated(page);
  const updated = page.locator("#weir-updated");
  await expect(updated).toBeHidden();
  // As if somebody else had signed in in another tab: the page is not theirs.
  const sent: (string | undefined)[] = [];
  await page.route("**/api/**", (route) => {
    const headers = route.request().headers();
    sent.push(headers["x-weir-person"]);
    return route.continue({ headers: { ...headers, "x-weir-person": "018f0000-0000-7000-8000-000000000000" } });
  });
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Sources" }).click();
  await expect(updated).toContainText("This browser is signed in as somebody else now.");
  await expect(updated).toContainText("Reload to go on as them.");
  const person = await page.locator('meta[name="weir-person"]').getAttribute("content");
  expect(new Set(sent)).toEqual(new Set([person]));
  await page.unroute("**/api/**");
  await updated.getByRole("button", { name: "Reload" }).click();
  await hydrated(page);
  await expect(updated).toBeHidden();
});
