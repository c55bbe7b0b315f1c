// The page of many groups in a real browser: from a key to what it shows, while the page keeps up by itself.
// node measure/groups.mjs HOST:PORT COOKIE
import { chromium } from "@playwright/test";

const [address, cookie] = process.argv.slice(2);
const [name, ...value] = cookie.split("=");
const GOAL = 100, TIMES = 20;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.context().addCookies([{ name, value: value.join("="), url: `http://${address}` }]);
await page.goto(`http://${address}/lag`);
await page.locator("html[data-hydrated]").waitFor({ state: "attached" }).catch(() => undefined);
await page.locator(".lag__table tbody tr").nth(20).waitFor();
// Every input is noted with the time to the frame that answers it (Event Timing).
await page.evaluate(() => {
  window.noted = [];
  new PerformanceObserver((list) => {
    for (const e of list.getEntries()) if (e.interactionId) window.noted.push({ name: e.name, ms: e.duration });
  }).observe({ type: "event", durationThreshold: 16, buffered: false });
});

/** Milliseconds until the rows are what was asked for, with the frame that shows them. */
const until = async (act, rows) => {
  await page.evaluate((wanted) => {
    window.shown = new Promise((done) => {
      const look = () => {
        const first = document.querySelector(".lag__table tbody tr th")?.textContent ?? "";
        const count = document.querySelectorAll(".lag__table tbody tr").length;
        if (first.includes(wanted.first) && (!wanted.count || count === wanted.count)) {
          requestAnimationFrame(() => done(performance.now()));
        } else requestAnimationFrame(look);
      };
      addEventListener("keydown", () => { window.begun = performance.now(); }, { capture: true, once: true });
      look();
    });
  }, rows);
  await act();
  return page.evaluate(async () => (await window.shown) - window.begun);
};
const told = (times) => {
  const sorted = [...times].sort((a, b) => a - b);
  return `median ${sorted[sorted.length >> 1].toFixed(0)} ms, longest ${sorted.at(-1).toFixed(0)} ms of ${sorted.length}`;
};

const found = [];
await page.keyboard.press("/");
for (let n = 0; n < TIMES; n++) {
  const group = `group-0${1000 + n * 37}`;
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(group.slice(0, -1));
  found.push(await until(() => page.keyboard.press(group.at(-1)), { first: group, count: 1 }));
}
console.log(`from the last key to the group it finds, with the wait for the next key: ${told(found)}`);
await page.keyboard.press("Control+a");
await page.keyboard.press("Delete");
await page.locator(".lag__table tbody tr").nth(20).waitFor();
await page.keyboard.press("Escape");
await page.evaluate(() => { document.activeElement?.blur(); window.noted = []; });
// Rows by key for longer than the page takes to ask anew twice.
const end = Date.now() + 25_000;
for (let n = 0; Date.now() < end; n++) await page.keyboard.press(n % 50 < 25 ? "j" : "k");
const noted = await page.evaluate(() => window.noted.map((e) => e.ms));
const worst = Math.max(16, ...noted);
console.log(`keys through the rows while the page keeps up: longest ${worst} ms to the next frame (goal: ${GOAL} ms)`);
await browser.close();
