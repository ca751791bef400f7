import { describe, expect, test } from "vitest";
import type { Answer, ApiCall, Gate, Plan } from "../api-call.ts";
import { PLANS } from "../gate/meaning.ts";
import { routeOf } from "../gate/routes.ts";
import { authorize } from "./authorize.ts";
import { readAuthzRequest } from "./message.ts";

const FORWARD: Answer = { kind: "forward", warnings: [] };

function ask(answer: Answer, message: Readonly<Record<string, unknown>>) {
  const calls: ApiCall[] = [];
  const gate: Gate = {
    plan: (call): Plan => PLANS[routeOf(call).meaning.kind],
    judge: (call) => {
      calls.push(call);
      return Promise.resolve(answer);
    },
  };
  const request = readAuthzRequest(JSON.stringify({ RequestMethod: "POST", ...message }));
  if (request === undefined) throw new Error("not read");
  return { calls, denial: authorize(request, gate) };
}
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const JSON_HEADERS = { "Content-Type": "application/json" };

describe("what dockerd asks", () => {
  test("is the same call as on a socket, with the user that dockerd has authenticated", async () => {
    const { calls, denial } = ask(FORWARD, {
      RequestUri: "/v1.41/containers/cr%65ate?name=x",
      RequestBody: base64("{}"),
      RequestHeaders: { "Content-Type": "application/json; charset=utf-8" },
      User: "alice",
      UserAuthNMethod: "TLS",
    });
    expect(await denial).toBeUndefined();
    expect(calls).toEqual([
      {
        method: "POST",
        target: { version: "1.41", libpod: false, parts: ["containers", "create"], query: [["name", "x"]] },
        contentType: "application/json",
        caller: { user: "alice" },
      },
    ]);
  });

  test("names nobody without authentication", async () => {
    const { calls } = ask(FORWARD, { RequestUri: "/build", User: "alice", UserAuthNMethod: "" });
    expect(calls[0]?.caller).toEqual({});
  });

  test.each([
    "nonsense",
    "[]",
    "{}",
    '{"RequestMethod":"GET"}',
    '{"RequestMethod":"POST","RequestUri":"/x","RequestBody":"%"}',
  ])("is not read from %s", (text) => {
    expect(readAuthzRequest(text)).toBeUndefined();
  });
});

test.each(["GET", "HEAD"])(
  "%s passes without a look at anything: the gate's own questions come this way",
  async (method) => {
    const { calls, denial } = ask(
      { kind: "refuse", refusal: { status: 403, message: "no" } },
      {
        RequestMethod: method,
        RequestUri: "/containers/web/json",
      },
    );
    expect(await denial).toBeUndefined();
    expect(calls).toEqual([]);
  },
);

test("what would be changed is denied, with the flags to add", async () => {
  const message = { RequestUri: "/containers/create", RequestBody: base64("{}"), RequestHeaders: JSON_HEADERS };
  const body = Buffer.from("{}");
  const patched: Answer = { kind: "forward", warnings: [], body, flags: ["--read-only", "--tmpfs /run"] };
  expect(await ask(patched, message).denial).toMatch(/Add: --read-only --tmpfs \/run$/);
  expect(await ask({ ...patched, flags: [] }, message).denial).toMatch(/no flag/);
  expect(await ask({ kind: "forward", warnings: [], body }, message).denial).toBeUndefined();
});

test("an image that is missing is dockerd's to say, so that clients pull", async () => {
  const message = { RequestUri: "/containers/create", RequestBody: base64("{}"), RequestHeaders: JSON_HEADERS };
  expect(
    await ask({ kind: "refuse", refusal: { status: 404, message: "No such image" } }, message).denial,
  ).toBeUndefined();
  expect(await ask({ kind: "refuse", refusal: { status: 400, message: "bad" } }, message).denial).toBe("bad");
});

describe("a start must have no body", () => {
  const start = "/v1.23/containers/web/start";
  test.each([
    ["JSON that dockerd shows no body of: it is too long, or comes in chunks", { RequestHeaders: JSON_HEADERS }],
    ["the same in another spelling", { RequestHeaders: { "content-type": "Application/JSON" } }],
    ["a length that no body is shown of", { RequestHeaders: { "Content-Type": "text/plain", "Content-Length": "9" } }],
    [
      "another type without a length, as JSON may stand before it",
      { RequestHeaders: { "Content-Type": "text/plain" } },
    ],
    ["an empty type without a length", { RequestHeaders: { "Content-Type": "" } }],
    ["a form", { RequestHeaders: { "Content-Type": "application/x-www-form-urlencoded" } }],
  ])("%s is denied", async (_, message) => {
    const { calls, denial } = ask(FORWARD, { RequestUri: start, ...message });
    expect(await denial).toBeTypeOf("string");
    expect(calls).toEqual([]);
  });

  test.each([
    { "Content-Type": "text/plain", "Content-Length": "0" },
    { "Content-Type": "application/json", "Content-Length": "0" },
    { "Content-Length": "0" },
    {},
  ])("as clients send it passes: %j", async (headers) => {
    expect(await ask(FORWARD, { RequestUri: start, RequestHeaders: headers }).denial).toBeUndefined();
  });
});

test("parameters in a form's body, which dockerd does not show, are denied", async () => {
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  expect(await ask(FORWARD, { RequestUri: "/commit?container=a", RequestHeaders: headers }).denial).toMatch(/form/);
});

test.each([
  "/v1.41/containers//create",
  "/v1.41/x/../containers/create",
  "/v1.41/containers/%",
  "http://x/containers/create",
])("a target that could be read in two ways is denied: %s", async (uri) => {
  expect(await ask(FORWARD, { RequestUri: uri }).denial).toBeTypeOf("string");
});
