import { describe, expect, test } from "vitest";
import { candidates } from "./candidates.ts";
import { dir, file, inputOf, passing, readBack, socket, type World } from "./testing/world.ts";

const python = { exe: "/usr/bin/python3.11" };
const COMPILED = [dir("/app/__pycache__", python), file("/app/__pycache__/main.cpython-311.pyc", python)];
const PYTHON = "PYTHONDONTWRITEBYTECODE=1 /app/__pycache__";

interface Case extends World {
  readonly imageEnv?: readonly string[];
  /** `NAME=VALUE PATH,...` */
  readonly expected: readonly string[];
}

const CASES: Readonly<Record<string, Case>> = {
  "compiled code of Python": { tree: ["/app/main.py"], records: COMPILED, expected: [PYTHON] },
  "what the run sets already": {
    tree: ["/app/main.py"],
    records: COMPILED,
    workload: { env: ["PYTHONDONTWRITEBYTECODE"] },
    expected: [],
  },
  "what the image has decided by another name": {
    tree: ["/app/main.py"],
    records: COMPILED,
    imageEnv: ["PYTHONPYCACHEPREFIX=/tmp/py"],
    expected: [],
  },
  "compiled code in many directories is told by the one that holds them": {
    tree: ["/app/main.py"],
    records: Array.from({ length: 9 }, (_, n) => dir(`/app/p${n}/__pycache__`, python)),
    expected: ["PYTHONDONTWRITEBYTECODE=1 /app"],
  },
  "a mount that only the virtual machine needs": {
    records: [dir("/tmp/hsperfdata_root", { survived: false }), passing("/tmp/hsperfdata_root/*")],
    expected: ["JAVA_TOOL_OPTIONS=-XX:-UsePerfData /tmp/hsperfdata_root"],
  },
  "a mount that is there anyway saves nothing": {
    records: [passing("/tmp/hsperfdata_root/*"), passing("/tmp/upload")],
    expected: [],
  },
  "sockets of .NET": {
    records: [socket("/tmp/dotnet-diagnostic-*-socket")],
    expected: ["DOTNET_EnableDiagnostics=0 /tmp/dotnet-diagnostic-*-socket"],
  },
  "a cache in the root goes where a mount is anyway": {
    records: [dir("/.cache"), file("/.cache/font"), passing("/tmp/x")],
    expected: ["XDG_CACHE_HOME=/tmp/.cache /.cache"],
  },
  "without such a mount it stays": { records: [dir("/.cache"), file("/.cache/font")], expected: [] },
  "a home that the image has can be mounted": {
    tree: ["/home/app/.profile"],
    records: [dir("/home/app/.cache"), file("/home/app/.cache/font"), passing("/tmp/x")],
    expected: [],
  },
  "dot files of a home that the image lacks": {
    records: [dir("/home/app", { survived: false }), passing("/home/app/.tool-lock"), passing("/tmp/x")],
    expected: [],
  },
  "what is read back is not moved to where it would be lost": {
    records: [readBack("/.settings"), passing("/tmp/x")],
    expected: [],
  },
  "dot files in the root": {
    records: [passing("/.tool"), passing("/tmp/x")],
    expected: ["HOME=/tmp /.tool"],
  },
  "temporary files in the root": {
    records: [passing("/tmp*"), passing("/tmp/x")],
    expected: ["TMPDIR=/tmp /tmp*"],
  },
  "nothing of all this": { records: [passing("/run/x.pid")], expected: [] },
};

describe("settings worth a try", () => {
  test.each(Object.entries(CASES))("%s", (_name, { expected, imageEnv = [], ...world }) => {
    const found = candidates(inputOf(world), imageEnv).map(({ setting }) => setting);
    expect(found.map(({ name, value, paths }) => `${name}=${value} ${paths.join(",")}`)).toEqual(expected);
  });
});
