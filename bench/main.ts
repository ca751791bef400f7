// `npm run bench`: every script of this folder, one after the other, because they would disturb each other. Arguments are passed on.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const scripts = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".ts") && file !== "main.ts");
for (const script of scripts.toSorted()) {
  process.stderr.write(`bench/${script}\n`);
  const args = process.argv.slice(2);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, script), ...args], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
