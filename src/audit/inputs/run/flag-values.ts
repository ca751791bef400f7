import { parseNanoCpus } from "../../../run-flags/values.ts";
import type { Settings } from "../../container.ts";
import { parsePort } from "../compose/short-syntax.ts";
import type { Given, ListName, RunDraft } from "./draft.ts";
import { numberOf, switchOf, ulimitOf } from "./values.ts";

/** Gives a draft what a flag says; `from` is the file in which it is written. */
export type Apply = (draft: RunDraft, given: Given, from: string) => void;

type TextName =
  | "user"
  | "network"
  | "pid"
  | "ipc"
  | "uts"
  | "userns"
  | "cgroupParent"
  | "logDriver"
  | "workingDir"
  | "runtime";

export function text(name: TextName): Apply {
  return (draft, given) => draft.setText(name, given);
}

export function boolean(
  set: (draft: RunDraft, value: boolean, given: Given) => void,
  name: "readOnlyRoot" | "privileged",
): Apply {
  return (draft, given) => {
    const value = given.unknown ? undefined : switchOf(given.text);
    if (value === undefined) draft.setUnknown(name);
    else set(draft, value, given);
  };
}

/** Zero is the same as nothing to the engine. */
export function number(name: "memoryBytes" | "cpus", parse: (text: string) => number | undefined): Apply {
  return (draft, given) => {
    const value = given.unknown ? undefined : parse(given.text);
    if (value === undefined) draft.setUnknown(name);
    else if (value > 0) draft.set(name, value, given.at);
  };
}

export function list(name: ListName, parts: (text: string) => readonly string[]): Apply {
  return (draft, { text: value, unknown, at }) => {
    if (unknown) draft.doubt(name);
    else draft.add(name, parts(value), at);
  };
}

export const capabilities = (value: string): readonly string[] =>
  value.split(",").map((name) => name.trim().toUpperCase().replace(/^CAP_/, ""));

export function cpusOf(value: string): number | undefined {
  try {
    return parseNanoCpus(value) / 1e9;
  } catch {
    return undefined;
  }
}

/** `--cpu-quota` and `--cpu-period`, in microseconds; the period is mostly the kernel's. */
export const quota: Apply = (draft, given) => {
  const value = given.unknown ? undefined : numberOf(given.text);
  if (value === undefined) draft.setUnknown("cpus");
  else if (value > 0) draft.set("cpus", value / 100_000, given.at);
};

export const environment: Apply = (draft, { text: value, unknown, at }) => {
  // What comes from a variable is no secret that stands here.
  const own = unknown ? value.replace(/=.*/s, "") : value;
  draft.addVariable(own, at);
};

export const publish: Apply = (draft, { text: value, unknown, at }) => {
  const port = unknown ? undefined : parsePort(value);
  if (port === undefined) draft.doubt("ports");
  else draft.ports.push({ ...port, at });
};

export const restart: Apply = (draft, given) => {
  const [policy = "", retries] = given.text.split(":");
  if (given.unknown) draft.setUnknown("restart");
  else {
    const value: NonNullable<Settings["restart"]>["value"] =
      Number(retries) > 0 ? { policy, maxRetries: Number(retries) } : { policy };
    draft.set("restart", value, given.at);
  }
};

export const pidsLimit: Apply = (draft, given) => {
  const value = given.unknown ? undefined : numberOf(given.text);
  if (value === undefined) draft.setUnknown("pidsLimit");
  else draft.set("pidsLimit", value, given.at);
};

/** `HOST[:CONTAINER[:PERMISSIONS]]`. */
export const device: Apply = (draft, { text: value, unknown, at }) => {
  if (unknown) draft.doubt("devices");
  else draft.add("devices", [value.replace(/:.*/s, "")], at);
};

export const health: Apply = (draft, { text: value, unknown, at }) => {
  if (unknown) draft.setUnknown("healthcheck");
  else if (value !== "") draft.set("healthcheck", value !== "none", at);
};

export const logOption: Apply = (draft, { text: value, unknown, at }) => {
  const [, name = "", rest = ""] = /^([^=]*)=?(.*)$/s.exec(value) ?? [];
  if (unknown) draft.doubt("logOptions");
  draft.addLogOption(name, rest, at);
};

export const entrypoint: Apply = (draft, given) => {
  if (given.unknown) draft.setUnknown("entrypoint");
  else draft.set("entrypoint", wordsOf(given.text), given.at);
};

/** Podman takes a list as JSON, too. */
function wordsOf(value: string): readonly string[] {
  if (!value.startsWith("[")) return [value];
  try {
    const words: unknown = JSON.parse(value);
    return Array.isArray(words) ? words.filter((word): word is string => typeof word === "string") : [value];
  } catch {
    return [value];
  }
}

export const ulimit: Apply = (draft, given) => {
  const value = given.unknown ? undefined : ulimitOf(given.text);
  if (value === undefined) draft.doubt("ulimits");
  else draft.add("ulimits", [value], given.at);
};
