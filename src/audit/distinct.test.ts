import { expect, test } from "vitest";
import { distinct } from "./distinct.ts";
import { readFiles } from "./inputs/compose/testing.ts";

test("a container that is reached from several files is there once, and so is a problem", () => {
  const base = "include: [more.yml, no.yml]\nservices: {web: {image: x}, db: {image: y}}\n";
  const files = {
    "shop/compose.yaml": base,
    "shop/compose.override.yml": "services: {web: {user: '1'}}\n",
    "shop/more.yml": "services: {web: {image: z}}\n",
    "./shop/compose.yaml": base,
  };
  const reads = Object.keys(files).map((name) => readFiles(files, name));
  const { containers, problems } = distinct(reads);
  expect(containers.map(({ source, workload }) => [source.name, workload])).toEqual([
    ["shop/compose.yaml", "web"],
    ["shop/compose.yaml", "db"],
    ["shop/more.yml", "web"],
  ]);
  expect(problems).toHaveLength(1);
});
