import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Packages whose code is inside a release, besides Petrify's own. */
const RELEASED = ["commander", "koffi", "yaml", "zod", `node-linux-${process.arch}`];

/** The licence texts of everything a release contains that others wrote. Throws when a package brings none. */
export function thirdPartyNotices(root: string): string {
  const sections = RELEASED.map((name) => {
    const directory = join(root, "node_modules", name);
    const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} brings no licence text.`);
    const { version } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
    return `${name} ${version}\n\n${readFileSync(join(directory, file), "utf8").trim()}\n`;
  });
  return `Petrify contains software by others, under these licences.\n\n${sections.join(`\n${"=".repeat(80)}\n\n`)}`;
}
