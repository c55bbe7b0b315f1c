// What proxies do to live data, and how the console copes. Real nginx each time, before the server of the project
// "proxied".
import type { Page } from "@playwright/test";
import { join } from "node:path";
import { nginx, type Proxy } from "../nginx";
import { expect, freshKey, hydrated, produce, test as base, world } from "./fixtures";

const mark = (page: Page) => page.locator(".topbar .live");
const tail = (page: Page) => page.locator(".ev-tail");

/** The example of README.md with other lines in it. */
const test = base.extend<{ before: (name: string, changes: [string, string][]) => Promise<Proxy> }>({
  before: async ({ place }, use) => {
    const proxies: Proxy[] = [];
    await use(async (name, changes) => {
      const proxy = await nginx(join(world.dir, name), place.upstream, changes);
      proxies.push(proxy);
      return proxy;
    });
    for (const proxy of proxies) await proxy.stop();
  },
});

/** Lines more, in the place of what the proxy is told of the host. */
const HOST = "proxy_set_header Host $http_host;";

test("a proxy that takes the path off and holds streams back: the page asks instead, and says so", async ({ page, place, before }) => {
  const more = "proxy_ignore_headers X-Accel-Buffering; proxy_buffering on; gzip on; gzip_proxied any; gzip_types *;";
  const proxy = await before("buffering", [
    [HOST, `proxy_set_header Host localhost; ${more}`],
    [`http://127.0.0.1:${place.upstream};`, `http://127.0.0.1:${place.upstream}/;`],
  ]);
  const asked: string[] = [];
  page.on("request", (r) => void (new URL(r.url()).pathname.endsWith("/live") && asked.push(r.url())));
  const key = freshKey();
  await page.goto(`https://localhost:${proxy.port}${place.root}/events?key=${key}&source=shop&channel=order.placed&tail=1`);
  await hydrated(page);
  // Twice for a stream, then for short answers.
  await expect(mark(page)).toContainText("Polling", { timeout: 40_000 });
  const polls = asked.filter((url) => url.includes("poll=1")).length;
  expect(polls).toBeGreaterThan(0);
  for (const nth of [1, 2, 3]) {
    produce("order.placed", key, `{"nth":${nth}}`);
    await expect(page.getByRole("row").filter({ hasText: key }).filter({ hasText: "order.placed" })).toHaveCount(nth);
  }
  await expect(tail(page)).not.toContainText(/missed/i);

  // Another tab is told the same, by the one that asks for both.
  const other = await page.context().newPage();
  await other.goto(`https://localhost:${proxy.port}${place.root}/`);
  await hydrated(other);
  await expect(mark(other)).toContainText("Polling");
});

test("a proxy that cuts what is silent: the stream goes on where it stood", async ({ page, place, before, faults }) => {
  const proxy = await before("cutting", [
    [HOST, "proxy_set_header Host localhost;"],
    ["proxy_read_timeout 60s;", "proxy_read_timeout 1s;"],
  ]);
  // The browser says that it was cut off; that is the proxy's doing.
  const push = faults.push.bind(faults);
  faults.push = (...more) => push(...more.filter((fault) => !fault.includes("ERR_INCOMPLETE_CHUNKED_ENCODING")));
  // Without the figures of the shell nothing comes between the events of one key.
  const began: number[] = [];
  await page.route("**/live?*", (route) => {
    const url = new URL(route.request().url());
    const topics = (url.searchParams.get("topics") ?? "").split(",").filter((topic) => topic.startsWith("tail"));
    if (route.request().method() === "GET" && topics.length) began.push(Date.now());
    url.searchParams.set("topics", topics.join(",") || "tail");
    return route.continue({ url: url.href });
  });
  const key = freshKey();
  await page.goto(`https://localhost:${proxy.port}${place.root}/events?key=${key}&source=shop&channel=order.placed&tail=1`);
  await hydrated(page);
  await expect.poll(() => began.length, { timeout: 40_000 }).toBeGreaterThan(2);
  for (const nth of [1, 2, 3]) {
    produce("order.placed", key, `{"nth":${nth}}`);
    await expect(page.getByRole("row").filter({ hasText: key }).filter({ hasText: "order.placed" })).toHaveCount(nth);
  }
  await expect(tail(page)).not.toContainText(/missed/i);
});

test("streams of a proxy as README.md has it come as they are sent", async ({ page }) => {
  await page.goto("/events?tail=1");
  await hydrated(page);
  await expect(mark(page)).toContainText(/^Live/);
  const key = freshKey();
  produce("order.placed", key, "{}");
  await expect(page.getByText(key).first()).toBeVisible();
});

test("links are copied whole, and a form that needs no script works below the path", async ({ page, place, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: place.address });
  await page.goto("/events");
  await hydrated(page);
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  await page.getByRole("complementary", { name: "Event" }).getByRole("button", { name: "Copy link" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(
    new RegExp(`^${place.address}${place.root}/events/\\d+-\\d+$`),
  );
  await page.goto(await page.evaluate(() => navigator.clipboard.readText()));
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  // Back to the overview by key, and by its own link; both are the same page.
  await hydrated(page);
  await page.keyboard.press("g");
  await page.keyboard.press("o");
  await expect(page.locator(".rail__link[aria-current=page]")).toHaveText(/Overview/);
  await page.reload();
  await expect(page.locator(".rail__link[aria-current=page]")).toHaveText(/Overview/);
});
