import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { strategy } from "../../test/support/strategy-samples.ts";
import { formatStrategy } from "../strategy/file.ts";
import { loadStrategy } from "./files.ts";

test("a byte that is not UTF-8 is refused: verify would write another one back", async () => {
  const folder = mkdtempSync(join(tmpdir(), "strategy-bytes-"));
  const file = join(folder, "app.strategy.yaml");
  const text = Buffer.from(formatStrategy(strategy([])));
  try {
    writeFileSync(file, text);
    expect((await loadStrategy(file)).name).toBe("app");
    writeFileSync(file, Buffer.concat([text, Buffer.from("# caf\u00e9\n", "latin1")]));
    await expect(loadStrategy(file)).rejects.toMatchObject({ code: "E_STRATEGY_INVALID" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
