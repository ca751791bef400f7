import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/cli.ts";

const pages = globSync(["*.md", "docs/**/*.md", "demo/**/*.md", "bench/**/*.md"], { cwd: ROOT });

test.each(pages)("%s: links to files lead somewhere", (page) => {
  const text = readFileSync(join(ROOT, page), "utf8");
  const targets = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((match) => match[1] as string);
  const local = targets.filter((target) => !target.includes("://"));
  expect(local.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
});
