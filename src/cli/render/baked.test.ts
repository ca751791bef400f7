import { expect, test } from "vitest";
import type { LeftOut } from "../../bake/plan/types.ts";
import { bakedJson, renderBaked, type ToldBake } from "./baked.ts";

const SURFACE = { writableMounts: 2, writablePaths: 3, deniedWrites: 0 };
const TOLD: ToldBake = {
  outcome: "baked",
  image: "app:1",
  tag: "app:1-baked",
  folder: "app-bake",
  strategyFile: "app-bake/app.strategy.yaml",
  before: SURFACE,
  after: { writableMounts: 1, writablePaths: 1, deniedWrites: 1 },
  bake: {
    items: [
      { what: "file", path: "/etc/conf", uid: 0, gid: 5, mode: 0o640, content: new Uint8Array(3), why: "w" },
      { what: "log", path: "/var/log/a.log", target: "/dev/stdout", why: "x" },
    ],
    leftOut: [{ path: "/etc/a\n\u001B[2J", kind: "unsafe", reason: "its name is a trap" }],
  },
};

test("what was baked, what was left out, and what it is worth", () => {
  expect(renderBaked(TOLD, { width: 100 })).toBe(`BAKED           WHAT                 WHY
/etc/conf       file 0640 0:5        w
/var/log/a.log  link to /dev/stdout  x

Left out:
- /etc/a\\n\\e[2J: its name is a trap

writable mounts:       2 before, 1 after
paths written on them: 3 before, 1 after
denied writes:         0 before, 1 after

app:1-baked is built from app-bake/Dockerfile, and works read-only. Next: petrify export
app-bake/app.strategy.yaml --to compose
`);
});

test("more than fit on a screen are counted", () => {
  const leftOut = Array.from({ length: 30 }, (_, index): LeftOut => ({ path: `/a/${index}`, kind: "differs", reason: "r" })); // prettier-ignore
  const text = renderBaked({ ...TOLD, outcome: "nothing", bake: { items: [], leftOut } }, { width: 100 });
  expect(text).toContain("and 10 more (--json has all)\n");
});

test("as JSON a file has its size instead of its content", () => {
  expect(JSON.parse(JSON.stringify(bakedJson(TOLD)))).toMatchObject({
    outcome: "baked",
    baked: [{ path: "/etc/conf", sizeBytes: 3 }, { path: "/var/log/a.log" }],
    leftOut: [{ kind: "unsafe" }],
    before: SURFACE,
  });
  expect(JSON.stringify(bakedJson(TOLD))).not.toContain('"content"');
});
