import { statfsSync, writeFileSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PetrifyError } from "../model/errors.ts";
import { renderError, toPetrifyError } from "./errors.ts";

const PLAIN = { json: false, debug: false };

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

test("an error is one sentence with its code, and the way out below it", () => {
  const error = new PetrifyError("E_NOT_ROOT", "The sensor needs root.", { hint: "Use sudo." });
  expect(renderError(error, PLAIN)).toEqual({
    stdout: "",
    stderr: "petrify: The sensor needs root.  [E_NOT_ROOT]\nhint: Use sudo.\n",
  });
});

test("text of others in an error cannot act on the terminal: a path in a profile, a key in a strategy", () => {
  const error = new PetrifyError("E_PROFILE_INVALID", "/srv/\u001B[2J\n\u202E is there twice.", {
    hint: "Ask \u0007.",
  });
  expect(renderError(error, PLAIN).stderr).toBe(
    "petrify: /srv/\\e[2J\\n\\u{202e} is there twice.  [E_PROFILE_INVALID]\nhint: Ask \\u{7}.\n",
  );
});

test("with --json the error is an object on stdout, without a hint that there is not", () => {
  const { stdout, stderr } = renderError(new PetrifyError("E_PORT", "Port 80 is taken."), { json: true, debug: false });
  expect(JSON.parse(stdout)).toEqual({ error: { code: "E_PORT", message: "Port 80 is taken." } });
  expect(stderr).toBe("");
});

test("PETRIFY_DEBUG shows the whole chain of causes", () => {
  const root = new Error("ECONNRESET in the socket");
  const middle = new Error("request failed", { cause: root });
  const { stderr } = renderError(new PetrifyError("E_ENGINE_LOST", "The engine has gone.", { cause: middle }), {
    json: false,
    debug: true,
  });
  expect(stderr).toContain("request failed");
  expect(stderr).toContain("ECONNRESET in the socket");
  expect(stderr).toContain("errors.test.ts");
});

test("a real full disk is E_DISK_FULL", () => {
  const error = toPetrifyError(thrownBy(() => writeFileSync("/dev/full", "x")));
  expect(error.code).toBe("E_DISK_FULL");
  expect(error.message).toContain("No space is left");
});

test.each([
  ["a file that is not there", () => readFileSync("/nowhere/strategy.yaml"), "/nowhere/strategy.yaml"],
  ["a folder that is not there", () => statfsSync("/nowhere"), "/nowhere"],
])("%s is E_IO with its path", (_name, action, path) => {
  const error = toPetrifyError(thrownBy(action));
  expect(error.code).toBe("E_IO");
  expect(error.message).toContain(`'${path}': no such file or directory.`);
});

test.each([
  ["a bug", new TypeError("x is\n  undefined"), "x is undefined"],
  ["a thrown string", "boom", "'boom'"],
  ["nothing", undefined, "undefined"],
])("%s is E_INTERNAL, says how to report it, and stays on one line", (_name, thrown, message) => {
  const error = toPetrifyError(thrown);
  expect(error.code).toBe("E_INTERNAL");
  expect(error.message).toBe(message);
  expect(error.hint).toContain("PETRIFY_DEBUG=1");
});
