import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseReference } from "./reference.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

/** As Docker's own tests have them (distribution/reference, normalize_test.go), and what users type. */
const READ: Readonly<Record<string, { repository: string; tag?: string; digest?: string }>> = {
  nginx: { repository: "docker.io/library/nginx" },
  "nginx:1.27-alpine": { repository: "docker.io/library/nginx", tag: "1.27-alpine" },
  "library/nginx": { repository: "docker.io/library/nginx" },
  "docker.io/nginx": { repository: "docker.io/library/nginx" },
  "index.docker.io/nginx": { repository: "docker.io/library/nginx" },
  "index.docker.io/team/app": { repository: "docker.io/team/app" },
  "team/app": { repository: "docker.io/team/app" },
  "localhost/app": { repository: "localhost/app" },
  "localhost:5000/app": { repository: "localhost:5000/app" },
  "registry:5000/app:1": { repository: "registry:5000/app", tag: "1" },
  "app:5000": { repository: "docker.io/library/app", tag: "5000" },
  "UPPER.example.com/app": { repository: "UPPER.example.com/app" },
  "UPPER/app": { repository: "UPPER/app" },
  "[2001:db8::1]:5000/app": { repository: "[2001:db8::1]:5000/app" },
  "192.168.0.1/a/b/c": { repository: "192.168.0.1/a/b/c" },
  "a__b/c--d/e.f_g": { repository: "docker.io/a__b/c--d/e.f_g" },
  [`nginx@${DIGEST}`]: { repository: "docker.io/library/nginx", digest: DIGEST },
  [`host:1/nginx:tag@${DIGEST}`]: { repository: "host:1/nginx", tag: "tag", digest: DIGEST },
};

describe("a reference is read as Docker reads it", () => {
  test.each(Object.entries(READ))("%s", (text, expected) => {
    const { repository, tag, digest } = parseReference(text);
    expect({ repository, tag, digest }).toEqual({ tag: undefined, digest: undefined, ...expected });
  });
});

const REFUSED: readonly string[] = [
  "",
  " nginx",
  "nginx ",
  "nginx:",
  "nginx@",
  ":tag",
  "@" + DIGEST,
  "nginx:la test",
  "nginx:-x",
  "nginx:" + "x".repeat(129),
  "Nginx",
  "team/App",
  "nginx/",
  "/nginx",
  "a//b",
  "a/../b",
  "../etc/passwd",
  "a/./b",
  "a_/b",
  "-a",
  "a..b",
  "a___b",
  "http://host/app",
  "host:port/app",
  "host:/app",
  "[::1/app",
  "[]:5000/app",
  "-host.example/app",
  "nginx@sha256:abc",
  "nginx@sha256",
  `nginx@${DIGEST}@${DIGEST}`,
  "nginx\n",
  "ng\0inx",
  "ng\u202einx",
  "nginx:tag\n",
  "$(reboot)",
  "--privileged",
  DIGEST,
  DIGEST.slice("sha256:".length),
  "host.example/" + "a".repeat(255),
  "a/".repeat(100_000) + "a",
  "a" + "-".repeat(1000) + "!",
  "a".repeat(1000) + "!",
];

test.each(REFUSED)("refused: %j", (text) => {
  expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: "E_IMAGE_REFERENCE" }));
});

test("the message shows no sign that steers a terminal, and no megabyte", () => {
  for (const text of ["\u001b[2J", "x".repeat(2 ** 20), "a\u202eb!"])
    expect(() => parseReference(text)).toThrow(/^[^\p{Cc}\p{Cf}]{1,150}$/u);
});

test("what is read is a fixed point", () => {
  const name = fc.stringMatching(/^(?:[a-z0-9.-]{1,9}(?::[0-9]{1,4})?\/)?[a-z0-9_.\-/]{1,12}(?::[\w.-]{1,5})?$/);
  fc.assert(
    fc.property(name, (text) => {
      const repository = repositoryOf(text);
      expect(repository === undefined ? undefined : repositoryOf(repository)).toBe(repository);
    }),
    { numRuns: 2000 },
  );
});

function repositoryOf(text: string): string | undefined {
  try {
    return parseReference(text).repository;
  } catch {
    return undefined;
  }
}
