import { gzipSync } from "node:zlib";
import type { Page } from "@playwright/test";
import { expect, freshKey, hydrated, produce, test } from "./fixtures";

/** `{"order": key, "total": 47}` in MessagePack. */
const messagePack = (key: string) =>
  Buffer.concat([
    Buffer.from([0x82, 0xa5]),
    Buffer.from("order"),
    Buffer.from([0xd9, key.length]),
    Buffer.from(key),
    Buffer.from([0xa5]),
    Buffer.from("total"),
    Buffer.from([47]),
  ]);

/** Opens the one event of that key that was sent by hand. */
async function opened(page: Page, key: string) {
  await expect(async () => {
    await page.goto(`/events?q=key:${key}`);
    await expect(page.getByRole("row").filter({ hasText: key })).toHaveCount(1, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await hydrated(page);
  await page.getByRole("row").filter({ hasText: key }).click();
  return page.getByRole("complementary", { name: "Event" });
}

test("packed JSON and MessagePack are read, and Raw has the bytes that were sent", async ({ page }) => {
  const [zipped, packed] = [freshKey(), freshKey()];
  produce("order.placed-dlt", zipped, gzipSync(JSON.stringify({ order: zipped, customer: { city: "Graz" } })));
  produce("order.placed-dlt", packed, messagePack(packed), { "content-type": "application/msgpack" });

  let inspector = await opened(page, zipped);
  const tree = () => inspector.getByRole("list", { name: "Decoded payload" });
  await expect(inspector.getByText("gzip, then JSON", { exact: true })).toBeVisible();
  await expect(tree().getByText('"Graz"')).toBeVisible();
  await inspector.getByRole("tab", { name: "Raw" }).click();
  await expect(inspector.getByRole("group", { name: "Hex dump" })).toContainText("1f 8b 08");
  await expect(inspector.getByText('"customer":{"city":"Graz"}')).toBeVisible();

  inspector = await opened(page, packed);
  await expect(inspector.getByText("MessagePack", { exact: true })).toBeVisible();
  await expect(tree().getByText("47", { exact: true })).toBeVisible();
  await expect(inspector.getByRole("button", { name: "Copy payload" })).toBeVisible();
});

test("a payload that can't be unpacked is shown as it was sent, with the reason", async ({ page }) => {
  const key = freshKey();
  produce("order.placed-dlt", key, gzipSync(`{"order":"${key}"}`).subarray(0, 30));
  const inspector = await opened(page, key);
  await expect(inspector.getByText("It begins like gzip and is left packed: it ends too early.")).toBeVisible();
  await expect(inspector.getByText("Bytes", { exact: true })).toBeVisible();
});
