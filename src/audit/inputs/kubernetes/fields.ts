import type { Path } from "../../../export/kubernetes/pod-kinds.ts";
import { quantity } from "../../../export/kubernetes/quantity.ts";
import { dataAt, listOf } from "../../../export/splice/edits.ts";
import { type Data, type YamlData, isData } from "../../../export/splice/source.ts";
import type { AuditProblem, Location } from "../../../model/finding.ts";
import type { Located } from "../../container.ts";
import type { Manifest } from "./manifest.ts";

// What sigs.k8s.io/yaml takes for a boolean beside true and false, when it has no quotes (YAML 1.1, go-yaml v2 resolve.go).
const BOOLEANS_1_1: Readonly<Record<string, boolean>> = {
  y: true,
  yes: true,
  on: true,
  n: false,
  no: false,
  off: false,
};
const IS_BOOLEAN_1_1 = /^(?:[yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$/;

/**
 * A map of a manifest, read as the API server reads it: what has the wrong type is a problem and counts as not set, because
 * the server refuses it.
 */
export class Fields {
  readonly data: YamlData;
  readonly path: Path;
  readonly #manifest: Manifest;
  readonly #source: string;
  readonly #problems: AuditProblem[];

  constructor(manifest: Manifest, source: string, problems: AuditProblem[], path: Path, data: YamlData) {
    this.data = data;
    this.path = path;
    this.#manifest = manifest;
    this.#source = source;
    this.#problems = problems;
  }

  /** A map below; an empty one where there is none. */
  map(...steps: Path): Fields {
    const data = dataAt(this.data, steps);
    return this.#below(steps, isData(data) ? data : {});
  }

  /** The maps of a list below. */
  maps(...steps: Path): readonly Fields[] {
    return listOf(dataAt(this.data, steps)).flatMap((item, index) =>
      isData(item) ? this.#below([...steps, index], item) : [],
    );
  }

  has(key: string): boolean {
    return Object.hasOwn(this.data, key) && this.data[key] !== null;
  }

  /** Where a key stands, or the map itself. */
  at(...steps: Path): Location | undefined {
    return this.#manifest.place?.([...this.path, ...steps]);
  }

  located<T>(value: T, ...steps: Path): Located<T> {
    const at = this.at(...steps);
    return at === undefined ? { value } : { value, at };
  }

  boolean(key: string): Located<boolean> | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    if (typeof value === "boolean") return this.located(value, key);
    const plain = typeof value === "string" && IS_BOOLEAN_1_1.test(value) ? this.#plain(key) : undefined;
    if (plain !== undefined) return this.located(BOOLEANS_1_1[plain.toLowerCase()] === true, key);
    return this.#refused(key, "true or false");
  }

  text(key: string): Located<string> | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    return typeof value === "string" ? this.located(value, key) : this.#refused(key, "a text");
  }

  integer(key: string): Located<number> | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    const number = integerOf(value, this.#plain(key));
    return number === undefined ? this.#refused(key, "a whole number") : this.located(number, key);
  }

  quantity(key: string): Located<number> | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    const number = quantity(value);
    return number === undefined ? this.#refused(key, "a quantity such as 64Mi or 500m") : this.located(number, key);
  }

  texts(key: string): Located<readonly string[]> | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return this.#refused(key, "a list");
    return this.located(
      listOf(value).filter((item): item is string => typeof item === "string"),
      key,
    );
  }

  #below(steps: Path, data: YamlData): Fields {
    return new Fields(this.#manifest, this.#source, this.#problems, [...this.path, ...steps], data);
  }

  #value(key: string): Data | undefined {
    return Object.hasOwn(this.data, key) ? (this.data[key] ?? undefined) : undefined;
  }

  #plain(key: string): string | undefined {
    return this.#manifest.plain([...this.path, key]);
  }

  #refused(key: string, wanted: string): undefined {
    const at = this.at(key);
    this.#problems.push({
      source: this.#source,
      code: "E_MANIFEST_INVALID",
      message: `${pathText([...this.path, key])} must be ${wanted}, and Kubernetes refuses anything else.`,
      hint: "Write it as that type; a value in quotes is a text.",
      ...(at === undefined ? {} : { at }),
    });
    return undefined;
  }
}

/** `spec.template.spec.containers[0]`. */
export function pathText(path: Path): string {
  return path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${step}`))
    .join("");
}

/** With the octal numbers and underscores of YAML 1.1, which Kubernetes' YAML has. */
function integerOf(value: Data, plain: string | undefined): number | undefined {
  const digits = plain?.replaceAll("_", "") ?? "";
  if (/^[-+]?0o?[0-7]+$/.test(digits)) return Number.parseInt(digits.replace("o", ""), 8);
  if (/^[-+]?\d+$/.test(digits)) return Number(digits);
  return Number.isInteger(value) ? Number(value) : undefined;
}
