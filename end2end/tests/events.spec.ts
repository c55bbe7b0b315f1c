import type { Page } from "@playwright/test";
import { expect, freshKey, hydrated, produce, test, world } from "./fixtures";

const payload = (key: string) =>
  JSON.stringify({ orderId: key, amount: 129.9, customer: { city: "Graz" }, note: "<b>not bold</b>" });

/** The row of the order itself: the shop's services answer it with events of the same key. */
const placed = (page: Page, key: string) =>
  page.getByRole("row").filter({ hasText: key }).filter({ hasText: "order.placed", hasNotText: "order.placed-dlt" });

test("finds an event by its key, opens it, sees payload and headers", async ({ page }) => {
  const key = freshKey();
  produce("order.placed", key, payload(key), { "x-origin": "end2end", "ce_type": "order.placed" });
  await page.goto("/events");
  await hydrated(page);
  await page.keyboard.press("/");
  const field = page.getByLabel("Query", { exact: true });
  await expect(field).toBeFocused();
  await expect(async () => {
    await field.fill(`key:${key}`);
    await field.press("Enter");
    await expect(placed(page, key)).toHaveCount(1, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page).toHaveURL(new RegExp(`q=key:${key}`));

  await placed(page, key).click();
  const inspector = page.getByRole("complementary", { name: "Event" });
  await expect(inspector.getByText("129.9")).toBeVisible();
  await expect(inspector.getByText("<b>not bold</b>")).toBeVisible();
  await inspector.getByRole("tab", { name: /Headers/ }).click();
  await expect(inspector.getByText("x-origin")).toBeVisible();
  await expect(inspector.getByText("end2end")).toBeVisible();
  await expect(page).toHaveURL(/sel=\d+-\d+/);

  // The same view by its link, and the event by its permalink.
  await page.reload();
  await expect(inspector.getByText("x-origin")).toBeVisible();
  const id = new URL(page.url()).searchParams.get("sel");
  await page.goto(`/events/${id}`);
  await expect(page.getByText("129.9")).toBeVisible();
});

test("follows a new event in live tail", async ({ page }) => {
  const key = freshKey();
  await page.goto("/events");
  await hydrated(page);
  await page.keyboard.press("l");
  await expect(page).toHaveURL(/tail=1/);
  await expect(page.getByRole("row").nth(3)).toBeVisible();
  produce("order.placed", key, payload(key));
  await expect(page.getByText(key).first()).toBeVisible();
});

test("a filter that matches nothing says what was searched and how to widen it", async ({ page }) => {
  await page.goto(`/events?key=${freshKey()}`);
  await expect(page.getByText(/no event/i)).toBeVisible();
  await expect(page.getByRole("link", { name: /without|remove|all events/i }).first()).toBeVisible();
});

test("an event that is not there gets a page that says so", async ({ page }) => {
  const response = await page.goto("/events/999999-1");
  expect(response?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});

test("keys move, open and close", async ({ page }) => {
  await page.goto("/events");
  await hydrated(page);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("complementary", { name: "Event" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("complementary", { name: "Event" })).toHaveCount(0);
});

test.describe("without the bundle", () => {
  test.use({ javaScriptEnabled: false });

  test("the list, the filter and the inspector work as plain pages", async ({ page }) => {
    await page.goto("/events");
    const row = page.getByRole("row").nth(1);
    await row.getByRole("link").first().click();
    await expect(page.getByRole("complementary", { name: "Event" })).toBeVisible();
    await page.getByLabel("Query", { exact: true }).fill("no-such-key");
    await page.getByLabel("Query", { exact: true }).press("Enter");
    await expect(page.getByText(/no event/i)).toBeVisible();
  });
});

test("the inspector's tabs can be reached where it is low", async ({ page }) => {
  await page.setViewportSize({ width: 768, height: 640 });
  await page.goto("/events");
  await hydrated(page);
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  const inspector = page.getByRole("complementary", { name: "Event" });
  await inspector.getByRole("tab", { name: "Details" }).click();
  await expect(inspector.getByText("Captured at")).toBeVisible();
});

test("the hex dump stands side by side", async ({ page }) => {
  // An event whose bytes are kept.
  await page.goto("/events?source=shop");
  await hydrated(page);
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  const inspector = page.getByRole("complementary", { name: "Event" });
  await inspector.getByRole("tab", { name: "Raw" }).click();
  const columns = inspector.getByRole("group", { name: "Hex dump" }).locator("pre");
  await expect(columns).toHaveCount(3);
  const boxes = await columns.evaluateAll((all) => all.map((e) => e.getBoundingClientRect()).map((b) => [b.top, b.left, b.height]));
  expect(new Set(boxes.map(([top]) => top)).size).toBe(1);
  expect(new Set(boxes.map(([, , height]) => height)).size).toBe(1);
  expect(boxes[0][1]).toBeLessThan(boxes[1][1]);
  expect(boxes[1][1]).toBeLessThan(boxes[2][1]);
});

test("the live tail is in order, pauses from a row, and leaves its rows when it is switched off", async ({ page }) => {
  await page.goto("/events?tail=1");
  await hydrated(page);
  const bar = page.locator(".ev-tail");
  await expect(bar).toContainText("Following new events");
  const before = await page.locator("tr[data-event]").first().getAttribute("data-event");
  await expect(page.locator("tr[data-event]").first()).not.toHaveAttribute("data-event", before!);
  // Said as soon as the tail itself brought rows; until then it is the list that was read again.
  await expect(page.getByText(/^Counted at/)).toBeVisible();

  await page.keyboard.press("j");
  await page.keyboard.press("Space");
  await expect(bar).toContainText("Paused");
  const times = await page.locator("tr[data-event] time").evaluateAll((all) => all.map((e) => e.getAttribute("datetime")!));
  expect(times).toEqual([...times].sort().reverse());

  await page.keyboard.press("Enter");
  const inspector = page.getByRole("complementary", { name: "Event" });
  await expect(inspector).toContainText(/1 of \d+ on this page/);
  const ids = () => page.locator("tr[data-event]").evaluateAll((all) => all.map((e) => e.getAttribute("data-event")));
  const read = await ids();
  await page.keyboard.press("l");
  await expect(bar).toContainText("Live tail is off");
  await expect(inspector).toContainText(/1 of \d+ on this page/);
  expect(await ids()).toEqual(read);
  await bar.getByRole("button", { name: "Read anew" }).click();
  await expect(bar).toHaveCount(0);
});

test("events are searched by words and by fields of their payload", async ({ page }) => {
  const key = freshKey();
  produce("order.placed", key, `{"order":"${key}","total":4711.5,"note":"left at the Neighbour's"}`);
  await page.goto("/events");
  await hydrated(page);
  const field = page.getByLabel("Query", { exact: true });
  const asked = async (query: string) => {
    await field.fill(query);
    await field.press("Enter");
    await expect(page).toHaveURL((url) => url.searchParams.get("q") === query);
  };
  await expect(async () => {
    await asked(`channel:order.placed total>4711 "at the neighbour" key:${key}`);
    await expect(placed(page, key)).toHaveCount(1, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await asked(`total>4712 ${key}`);
  await expect(page.getByText(/no event/i)).toBeVisible();
  // Of a mistake it is said where it is, and what belongs there; what was typed stands.
  await asked("total>4711 AND (declined");
  await expect(page.getByRole("alert")).toContainText("at character 25: expected");
  await expect(field).toHaveValue("total>4711 AND (declined");
  await asked(`channel:order.placed total:4711.5 ${key}`);
  await expect(placed(page, key)).toHaveCount(1);
  // The same by its link, and followed.
  await page.reload();
  await expect(placed(page, key)).toHaveCount(1);
  await hydrated(page);
  await page.keyboard.press("l");
  await expect(page).toHaveURL(/tail=1/);
  await expect(page.locator(".ev-tail")).toContainText("Following new events");
  produce("order.placed", `${key}-2`, `{"order":"${key}","total":4711.5}`);
  await expect(placed(page, `${key}-2`)).toHaveCount(1);
});

test("the query's field and the filter's fields show what filters", async ({ page }) => {
  await page.goto("/events?q=ord-1");
  await hydrated(page);
  const field = page.getByLabel("Query", { exact: true });
  await field.fill("something else");
  await field.press("Escape");
  await expect(field).toHaveValue("ord-1");

  await page.goto("/events");
  await hydrated(page);
  await page.getByRole("complementary", { name: "Filter by" }).getByRole("link", { name: "payment.failed" }).first().click();
  await expect(page).toHaveURL(/channel=%23\d+/);
  await page.locator("#ev-filters > summary").click();
  await expect(page.getByLabel("Channel", { exact: true })).toHaveValue("payment.failed");
  await page.getByLabel("Event type").fill("payment.failed");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/channel=[^&]+&type=payment\.failed/);
  await page.locator(".querybar").getByRole("link", { name: "Clear all" }).click();
  await expect(page).toHaveURL(/\/events$/);
});

test("how the search counts is explained where it says so", async ({ page }) => {
  await page.goto("/events");
  await hydrated(page);
  await page.getByRole("link", { name: "How counted" }).click();
  await expect(page.getByRole("heading", { name: /search for events counts/ })).toBeInViewport();
});

test("a range is written and read in the zone of the rows", async ({ elsewhere, place }) => {
  const [context] = await elsewhere({ storageState: place.state, timezoneId: "Europe/Berlin" });
  const page = await context.newPage();
  await page.goto("/events?from=2026-07-01T10:00:00Z&to=2026-07-01T11:00:00Z");
  await hydrated(page);
  const range = page.locator("#ev-range > summary");
  await expect(range).toContainText("2026-07-01 10:00:00 to 11:00:00 UTC");
  await page.keyboard.press("u");
  await expect(range).toContainText("2026-07-01 12:00:00 to 13:00:00 local");
  await page.keyboard.press("t");
  await expect(page.getByLabel("From (local)")).toHaveValue(/^2026-07-01T12:00(:00)?$/);
  await page.getByLabel("From (local)").fill("2026-07-01T12:30:00");
  await page.getByRole("button", { name: "Set range" }).click();
  await expect(page).toHaveURL(/from=2026-07-01T10:30:00\.000Z&to=2026-07-01T11:00:00\.000Z/);
  await context.close();
});

test("a copy in another channel looks different where the channel has no column", async ({ page }) => {
  const key = freshKey();
  produce("order.placed-dlt", key, payload(key), { ce_type: "order.placed" });
  await page.setViewportSize({ width: 768, height: 900 });
  await expect(async () => {
    await page.goto(`/events?key=${key}`);
    const what = page.getByRole("row").filter({ hasText: key }).locator(".ev-what");
    await expect(what).toBeVisible({ timeout: 2_000 });
    expect(await what.evaluate((e) => getComputedStyle(e, "::after").content)).toBe('"order.placed-dlt"');
  }).toPass({ timeout: 60_000 });
});

test("older events are a click away while the live tail runs", async ({ page }) => {
  // The demo has written more than a page by then.
  await expect(async () => {
    await page.goto("/events");
    await expect(page.getByRole("link", { name: "Older", exact: true })).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await page.goto("/events?tail=1");
  await hydrated(page);
  const older = page.getByRole("link", { name: "Older", exact: true });
  await expect(older).toBeVisible();
  await older.click();
  await expect(page).not.toHaveURL(/tail=1/);
});

test("what is found is counted over time, and dragging over bars narrows the range", async ({ page }) => {
  const key = freshKey();
  produce("order.placed", key, payload(key));
  await page.goto("/events");
  await hydrated(page);
  const bars = page.locator("[data-brush] a");
  await expect(bars.first()).toBeAttached();
  await expect(page.locator("[data-brush] .spread__bar").first()).toBeVisible();
  await page.getByText("Top values").click();
  const values = page.locator(".spread__values");
  await expect(values.getByRole("link", { name: "order.placed" }).first()).toBeVisible();

  // What is searched for is what is counted.
  await expect(async () => {
    await page.goto(`/events?key=${key}`);
    await expect(values.getByRole("link", { name: key })).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.locator("[data-brush] .spread__all").first()).toBeAttached();
  await hydrated(page);
  await values.getByRole("link", { name: "order.placed" }).first().click();
  await expect(page).toHaveURL(/type=order\.placed&key=/);
  await expect(values).toBeVisible();

  // Any field of the payload, on the page of its own; a value leads to its events.
  await page.goto(`/breakdown?key=${key}`);
  await page.getByLabel("Values of a field").fill("customer.city");
  await page.getByRole("button", { name: "Count" }).click();
  await page.getByRole("link", { name: "Graz" }).click();
  await expect(page).toHaveURL(/\/events\?key=.*q=customer\.city/);
  await expect(placed(page, key)).toHaveCount(1);

  await page.goto("/events");
  await hydrated(page);
  await expect(bars.first()).toBeAttached();
  const chart = (await page.locator("[data-brush]").boundingBox())!;
  await page.mouse.move(chart.x + chart.width * 0.5, chart.y + 20);
  await page.mouse.down();
  await page.mouse.move(chart.x + chart.width * 0.75, chart.y + 20, { steps: 4 });
  await page.mouse.up();
  await expect(page).toHaveURL(/from=2.*to=2/);
  await page.goBack();
  await expect(page).not.toHaveURL(/from=/);
});

test("what lies around an event is told, compared and copied for a chat", async ({ page }) => {
  const key = freshKey();
  produce("order.placed", key, payload(key));
  produce("order.placed", key, payload(key).replace("129.9", "77.5"));
  await expect(async () => {
    await page.goto(`/events?source=shop&channel=order.placed&key=${key}`);
    await expect(placed(page, key)).toHaveCount(2, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await hydrated(page);
  await placed(page, key).first().click();
  const inspector = page.getByRole("complementary", { name: "Event" });
  await inspector.getByText("Around it").click();
  const around = inspector.locator(".around");
  await expect(around.getByRole("heading", { name: `Of the key ${key}` })).toBeVisible();
  await expect(around.getByText("this one").first()).toBeVisible();
  const lines = around.locator("pre");
  await expect(lines).toContainText(`order.placed in order.placed of shop, key ${key}`);
  await expect(lines).toContainText(/\/events\/\d+-\d+$/);

  // The other one of the key opens beside the list as well.
  const before = new URL(page.url()).searchParams.get("sel");
  const beside = around.locator("section").first().getByRole("row").filter({ hasNotText: " of " });
  await beside.getByRole("link", { name: "order.placed" }).first().click();
  await expect(page).toHaveURL((url) => url.pathname.endsWith("/events") && url.searchParams.get("sel") !== before);
  await expect(around.getByText("this one").first()).toBeVisible();

  // The shop's services answer with other types of the same key.
  const named = around.locator("section").first().getByRole("row").filter({ has: page.getByRole("link", { name: "order.placed", exact: true }) });
  // Of another source that reads the same broker they are copies.
  const other = named.filter({ hasNotText: " of " });
  await other.getByRole("link", { name: /Compare with/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Compare two events" })).toBeVisible();
  const differs = page.locator(".compare__differs").filter({ hasText: "amount" });
  await expect(differs).toContainText("129.9");
  await expect(differs).toContainText("77.5");
});
