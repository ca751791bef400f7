import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { RUN, spliced } from "../../test/support/splice.ts";
import { strategy, tmpfs, volume } from "../../test/support/strategy-samples.ts";

describe("the text, before and after", () => {
  test("comments, quotes, blank lines and trailing spaces stay where they are", () => {
    const before = [
      "# My stack   ",
      "version: '3.8'",
      "",
      "services:",
      "    # the app",
      "    web:   ",
      '        image: "app:1"  # pinned',
      "        ports: [ '80:80',443:443 ]",
      "        volumes:",
      "        - ./conf:/etc/app:ro   # ours",
      "        # more to come",
      "",
      "    db:",
      "        image: postgres",
      "",
      "# the end",
      "",
    ].join("\n");
    expect(spliced(before).text).toBe(
      [
        "# My stack   ",
        "version: '3.8'",
        "",
        "services:",
        "    # the app",
        "    web:   ",
        '        image: "app:1"  # pinned',
        "        ports: [ '80:80',443:443 ]",
        "        volumes:",
        "        - ./conf:/etc/app:ro   # ours",
        "        # State.",
        "        - app_data:/data",
        "        read_only: true",
        "        tmpfs:",
        "        # Pid.",
        `        - ${RUN}`,
        "        # more to come",
        "",
        "    db:",
        "        image: postgres",
        "volumes:",
        "    app_data:",
        "",
        "# the end",
        "",
      ].join("\n"),
    );
  });

  test("byte order mark, CRLF and the missing last line break stay", () => {
    const before = "\uFEFFservices:\r\n  web:\r\n    image: app\r\nvolumes:\r\n  old: {}";
    expect(spliced(before).text).toBe(
      [
        "\uFEFFservices:",
        "  web:",
        "    image: app",
        "    read_only: true",
        "    tmpfs:",
        "      # Pid.",
        `      - ${RUN}`,
        "    volumes:",
        "      # State.",
        "      - app_data:/data",
        "volumes:",
        "  old: {}",
        "  app_data:",
      ].join("\r\n"),
    );
  });

  test("a JSON file stays JSON, and is written as its lines are", () => {
    const before = '{\n\t"services": {\n\t\t"web": {\n\t\t\t"image": "app"\n\t\t}\n\t}\n}\n';
    const { text } = spliced(before);
    expect(text).toBe(
      [
        "{",
        '\t"services": {',
        '\t\t"web": {',
        '\t\t\t"image": "app",',
        '\t\t\t"read_only": true,',
        `\t\t\t"tmpfs": ["${RUN}"],`,
        '\t\t\t"volumes": ["app_data:/data"]',
        "\t\t}",
        "\t},",
        '\t"volumes": {"app_data": null}',
        "}",
        "",
      ].join("\n"),
    );
    expect(JSON.parse(text)).toMatchObject({ services: { web: { read_only: true } } });
  });

  test("a JSON file stays JSON where its maps and lists are empty", () => {
    const { text } = spliced('{"services":{"web":{"image":"app","tmpfs":[],"volumes":null}},"volumes":{}}');
    expect(text).toBe(
      `{"services":{"web":{"image":"app","tmpfs":["${RUN}"],"volumes":["app_data:/data"], "read_only": true}},"volumes":{"app_data": null}}`,
    );
  });

  // One line of a service each; `text` is what the service's own lines become.
  test.each([
    [
      "a flow map",
      "{image: app, tmpfs: []}",
      `{image: app, tmpfs: ["${RUN}"], read_only: true, volumes: ["app_data:/data"]}`,
    ],
    [
      "a trailing comma",
      "{image: app, }",
      `{image: app, read_only: true, tmpfs: ["${RUN}"], volumes: ["app_data:/data"], }`,
    ],
  ])("%s", (_, before, after) => {
    expect(spliced(`services:\n  web: ${before} # c\n`).text).toBe(
      `services:\n  web: ${after} # c\nvolumes:\n  app_data:\n`,
    );
  });
});

describe("each form that a setting can have already", () => {
  const VOLUME = "volumes: [app_data:/data]";
  const TMPFS = `tmpfs: ["${RUN}"]`;
  test.each<[name: string, before: string[], after: string[]]>([
    ["read_only: true", ["read_only: true", TMPFS, VOLUME], ["read_only: true", TMPFS, VOLUME]],
    ["read_only: yes, as a string", ["read_only: 'yes'", TMPFS, VOLUME], ["read_only: 'yes'", TMPFS, VOLUME]],
    ["read_only: false", ["read_only: false # why?", TMPFS, VOLUME], ["read_only: true # why?", TMPFS, VOLUME]],
    ["read_only: quoted", ['read_only: "false"', TMPFS, VOLUME], ["read_only: true", TMPFS, VOLUME]],
    ["read_only: a variable", ["read_only: ${RO:-false}", TMPFS, VOLUME], ["read_only: true", TMPFS, VOLUME]],
    ["read_only: nothing", ["read_only:", TMPFS, VOLUME], ["read_only: true", TMPFS, VOLUME]],
    ["tmpfs: a string", ["tmpfs: /tmp # t", VOLUME], [`tmpfs: ["/tmp", "${RUN}"] # t`, VOLUME, "read_only: true"]],
    ["tmpfs: nothing", ["tmpfs: # t", VOLUME], ["tmpfs: # t", "  # Pid.", `  - ${RUN}`, VOLUME, "read_only: true"]],
    ["tmpfs: null", ["tmpfs: ~", VOLUME], [`tmpfs: ["${RUN}"]`, VOLUME, "read_only: true"]],
    ["tmpfs: a folded text", ["tmpfs: >-", "  /tmp", VOLUME], [`tmpfs: ["/tmp", "${RUN}"]`, VOLUME, "read_only: true"]],
    [
      "tmpfs: a list over several lines",
      ["tmpfs: [", "    /tmp, # t", "  ]", VOLUME],
      ["tmpfs: [", "    /tmp,", `    "${RUN}", # t`, "  ]", VOLUME, "read_only: true"],
    ],
    [
      "volumes: long items",
      [TMPFS, "volumes:", "  - type: bind", "    source: .", "    target: /src"],
      [
        TMPFS,
        "volumes:",
        "  - type: bind",
        "    source: .",
        "    target: /src",
        "  # State.",
        "  - app_data:/data",
        "read_only: true",
      ],
    ],
    [
      "the last value is a text that keeps its line breaks",
      [TMPFS, VOLUME, "x-note: |+", "  a", "", ""],
      [TMPFS, VOLUME, "x-note: |+", "  a", "", "", "read_only: true"],
    ],
  ])("%s", (_, before, after) => {
    expect(spliced(serviceFile(before)).text).toBe(serviceFile(after));
  });

  test.each([
    ["missing", "", "volumes:\n  app_data:\n"],
    ["nothing", "volumes: # none yet\n", "volumes: # none yet\n  app_data:\n"],
    ["null", "volumes: null\n", 'volumes: {"app_data": null}\n'],
    ["an empty flow map", "volumes: {}\n", "volumes: {app_data: null}\n"],
    ["a flow map", "volumes: { a: {} }\n", "volumes: { a: {}, app_data: null }\n"],
    ["a map", "volumes:\n    a:\n    # b\n", "volumes:\n    a:\n    app_data:\n    # b\n"],
    ["the very volume", "volumes:\n  app_data: {external: true}\n", "volumes:\n  app_data: {external: true}\n"],
  ])("top-level volumes: %s", (_, before, after) => {
    const service = `services: {web: {image: app, read_only: true, tmpfs: ["${RUN}"]`;
    expect(spliced(`${service}}}\n${before}`).text).toBe(`${service}, volumes: ["app_data:/data"]}}\n${after}`);
  });

  test("a volume with a driver, and `$`, which Compose would replace", () => {
    const subject = strategy([volume("/a$b", { driver: "nfs", options: { device: ":/$x" } }), tmpfs("/t$t")]);
    const { text } = spliced("services:\n  web:\n    image: app\n", subject);
    expect(parse(text)).toEqual({
      services: {
        web: {
          image: "app",
          read_only: true,
          tmpfs: ["/t$$t:rw,nosuid,nodev,noexec,size=1m,mode=0755,uid=0,gid=0"],
          volumes: ["app_a.24b:/a$$b"],
        },
      },
      volumes: { "app_a.24b": { driver: "nfs", driver_opts: { device: ":/$$x" } } },
    });
  });
});

function serviceFile(settings: readonly string[]): string {
  const lines = settings.map((line) => (line === "" ? "" : `    ${line}`));
  return ["services:", "  web:", "    image: app", ...lines, "volumes: {app_data: }", ""].join("\n");
}
