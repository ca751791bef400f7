import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { RUN, spliced } from "../../../test/support/splice.ts";
import { bind, scratch, seeded, strategy, tmpfs, volume } from "../../../test/support/strategy-samples.ts";

describe("mounts that the service has are kept, and a difference is named", () => {
  test.each([
    [`tmpfs: ["${RUN}"], volumes: ["mine:/data"]`, []],
    [`tmpfs: "/run:noexec,size=1024k,gid=0,uid=0,mode=755"`, []],
    [`tmpfs: ["/run:mode=0755"]`, [/\/run stays.*'mode=0755'/]],
    [`volumes: ["./run:/run/"]`, [/\/run stays.*stored/]],
    [`volumes: ["./run:/run:ro,z"]`, [/\/run stays.*read-only/]],
    ['tmpfs: "/data:size=1g"', [/\/data stays.*loses/]],
    ["volumes: [{type: tmpfs, target: /data}]", [/\/data stays.*loses/]],
    ["volumes: [{type: bind, source: ., target: /data, read_only: true}]", [/\/data stays.*read-only/]],
    ['volumes: ["${DIR:-./data}:/data:ro"]', [/\/data stays.*read-only/]],
  ])("%s", (service, differences) => {
    const { text, notes } = spliced(`services: {web: {image: app, ${service}}}`);
    expect(notes).toEqual(differences.map((pattern) => expect.stringMatching(pattern) as string));
    const { tmpfs: temporary = [], volumes = [] } = (parse(text) as { services: { web: Record<string, unknown> } })
      .services.web;
    const mounts = [temporary, volumes].flat().map((item) => (typeof item === "string" ? item : JSON.stringify(item)));
    for (const target of ["/run", "/data"])
      expect(mounts.filter((mount) => new RegExp(`(^|[:"])${target}(/?$|[:"/])`).test(mount))).toHaveLength(1);
  });

  test.each([
    ["seeded", "volumes: [/d]", []],
    ["seeded", 'volumes: ["v:/d"]', [/\/d stays.*a new image does not renew/]],
    ["seeded", "volumes: [{type: volume, target: /d}]", []],
    ["seeded", "tmpfs: /d", [/\/d stays.*hides what the image has there/]],
    ["scratch", "volumes: [/d]", []],
    ["scratch", "tmpfs: /d", []],
    ["scratch", 'volumes: ["./d:/d"]', [/\/d stays.*must last/]],
    ["volume", "volumes: [/d]", [/\/d stays.*without a name/]],
    ["tmpfs", "volumes: [/d]", [/\/d stays.*must last/]],
  ] as const)("%s in the strategy, %s in the file", (kind, service, differences) => {
    const subject = strategy([{ seeded, scratch, volume, tmpfs }[kind]("/d")]);
    const { text, notes } = spliced(`services: {web: {image: app, ${service}}}`, subject);
    expect(notes.filter((note) => note.startsWith("The mount"))).toEqual(
      differences.map((pattern) => expect.stringMatching(pattern) as string),
    );
    expect(text).toBe(`services: {web: {image: app, ${service}, read_only: true}}`);
  });

  test("what is inside a stored directory gets no mount that would hide its files", () => {
    const { text, notes } = spliced(
      "services: {web: {image: app, volumes: [lib:/var/lib]}}",
      strategy([volume("/var/lib/x", { exec: true })]),
    );
    expect(text).toBe("services: {web: {image: app, volumes: [lib:/var/lib], read_only: true}}");
    expect(notes).toEqual([expect.stringMatching(/\/var\/lib\/x gets no mount.*\/var\/lib/)]);
  });

  test("a bind that is read-only in the strategy and writable in the file", () => {
    const subject = strategy([bind("/etc/app", { readOnly: true })]);
    expect(spliced("services: {web: {image: app, volumes: [.:/etc/app]}}", subject).notes).toEqual([
      expect.stringMatching(/\/etc\/app stays.*writable/),
    ]);
  });
});

test("a mount at a place that a variable decides is told, because it may be a second one there", () => {
  const { notes } = spliced(
    "services:\n  app:\n    image: app\n    volumes: ['x:$WHERE', 'y:/$$y', {type: tmpfs, target: '${T}'}]\n",
  );
  expect(notes.filter((note) => note.includes("a variable decides"))).toEqual([
    "What is mounted at $WHERE was not compared: a variable decides where that is.",
    "What is mounted at ${T} was not compared: a variable decides where that is.",
  ]);
});
