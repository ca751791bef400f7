import { describe, expect, test } from "vitest";
import { changed, dir, file, passing, readBack, socket, strategyOf, type World } from "./testing/world.ts";

interface Case extends World {
  /** Each entry: its kind, its path, and the lines of its fix. */
  readonly expected: readonly (readonly string[])[];
}

const MOVES = "# It is replaced as a whole, which a link does not survive: let a setting of the application move it,";
const FINISHED = "# or put the finished file into the image (petrify bake does, where each start makes the same one):";

const KINDS: Readonly<Record<string, Case>> = {
  "a state file in the root": {
    records: [file("/state", { owner: { uid: 7, gid: 7, mode: 0o600 } })],
    expected: [
      ["image", "/state", "RUN mkdir -p /var/lib/app && chown 7 /var/lib/app && ln -s /var/lib/app/state /state"],
    ],
  },
  "what each start makes anew lies well where a tmpfs is": {
    records: [file("/app.env", { renewed: true })],
    expected: [
      [
        "image",
        "/app.env",
        "# Or COPY the finished file (petrify bake does, where each start makes the same one).",
        "RUN mkdir -p /run/app && ln -s /run/app/app.env /app.env",
      ],
    ],
  },
  "a shipped file that is changed in place": {
    tree: ["/usr/share/page.html"],
    records: [changed("/usr/share/page.html")],
    expected: [
      [
        "image",
        "/usr/share/page.html",
        "RUN mkdir -p /var/lib/app && mv /usr/share/page.html /var/lib/app/ && ln -s /var/lib/app/page.html /usr/share/page.html",
      ],
    ],
  },
  "a file that another one replaces": {
    records: [
      file("/state", { done: ["open", "rename", "write"] }),
      passing("/state.new", { done: ["open", "rename", "write"], movesTo: ["/state"] }),
    ],
    expected: [
      ["image", "/state", MOVES, FINISHED, "COPY <file> /state"],
      ["image", "/state.new", "# It becomes another file: what is to be done about that one does for both."],
    ],
  },
  "a file of the image that is removed": {
    tree: ["/usr/share/old"],
    records: [changed("/usr/share/old", { done: ["unlink"], survived: false })],
    expected: [["image", "/usr/share/old", "RUN rm -f /usr/share/old"]],
  },
  "another owner for a file of the image": {
    tree: ["/usr/share/page 0644 0:0"],
    records: [changed("/usr/share/page", { done: ["chown"], owner: { uid: 33, gid: 4, mode: 0o640 } })],
    expected: [["image", "/usr/share/page", "RUN chown 33:4 /usr/share/page && chmod 0640 /usr/share/page"]],
  },
  "a lock is asked for while its process is there": {
    records: [file("/app.lock", { survived: false })],
    expected: [["image", "/app.lock", "RUN mkdir -p /run/app && ln -s /run/app/app.lock /app.lock"]],
  },
  "a socket is missed by whoever connects to it": {
    records: [socket("/app.sock")],
    expected: [
      [
        "image",
        "/app.sock",
        "# A socket is not made through a link: let a setting of the application move it below /run.",
      ],
    ],
  },
  "what comes and goes does no harm": {
    records: [passing("/usr/share/x"), dir("/etc/y-*", { survived: false })],
    expected: [
      ["deny", "/etc/y-*"],
      ["deny", "/usr/share/x"],
    ],
  },
  "a program that is run": {
    records: [file("/usr/bin/helper", { executed: true })],
    expected: [
      [
        "image",
        "/usr/bin/helper",
        "# Programs and what decides who may do what come with the image (petrify bake takes what each start makes alike):",
        "COPY <finished> /usr/bin/helper",
      ],
    ],
  },
  "a name that a shell would read": {
    records: [file("/a;curl evil")],
    expected: [
      [
        "image",
        "/a;curl evil",
        "# The name holds characters that must be quoted: let a setting of the application move it.",
      ],
    ],
  },
  "compiled code is made anew, read back or not": {
    tree: ["/app/main.py"],
    records: [dir("/app/__pycache__"), readBack("/app/__pycache__/main.pyc")],
    expected: [["deny", "/app/__pycache__"]],
  },
  "what is read back is never called harmless": {
    records: [readBack("/etc/timezone")],
    expected: [["image", "/etc/timezone", "RUN mkdir -p /var/lib/app && ln -s /var/lib/app/timezone /etc/timezone"]],
  },
};

describe("what no mount can help", () => {
  test.each(Object.entries(KINDS))("%s", (_name, { expected, ...world }) => {
    const found = strategyOf(world).entries.map((entry) => [
      entry.kind,
      entry.path,
      ...(entry.kind === "image" ? entry.fix : []),
    ]);
    expect(found).toEqual(expected);
  });
});
