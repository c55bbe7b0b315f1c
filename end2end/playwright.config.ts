import { defineConfig } from "@playwright/test";

// Debian's Chromium: Playwright's own download is not needed and not everywhere to be had.
export const chromium = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
  ],
};

export default defineConfig({
  testDir: "tests",
  globalSetup: "./world.ts",
  // Two cores are shared by browser, server, broker and database.
  workers: 1,
  // A flaky test is a bug in the product or in the test: it is never tried again.
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: { browserName: "chromium", launchOptions: chromium, viewport: { width: 1440, height: 900 }, trace: "off" },
  // Every test runs against the server itself, and behind nginx with TLS below a path (`world.ts`). What pages look like
  // is the same there, so axe looks once.
  projects: [
    { name: "direct", testIgnore: "proxy.spec.ts" },
    { name: "proxied", grepInvert: /axe finds/, use: { ignoreHTTPSErrors: true } },
  ],
});
