import type { AuditedContainer } from "../container.ts";
import type { AuditText, ReadBeside, ReadContainers } from "../inputs.ts";
import { readText } from "../recognise.ts";

interface Given {
  readonly containers: readonly AuditedContainer[];
  readonly texts: ReadonlyMap<string, string>;
  readonly beside: ReadBeside;
  readonly along: (name: string) => AuditText | undefined;
}

/** A text with what it was read with. */
interface Reading {
  readonly read: ReadContainers;
  /** Names of the files that it made its reader read. */
  readonly along: ReadonlySet<string>;
}

/** The audited texts, as they are and as they would be after a change: a file that others take something from changes those, too. */
export class Readings {
  readonly #given: Given;
  readonly #changed = new Map<string, string>();
  readonly #readings = new Map<string, Reading>();
  /** Manifests name no other files. */
  readonly #manifests: ReadonlySet<string>;

  constructor(given: Given) {
    this.#given = given;
    this.#manifests = new Set(
      given.containers.flatMap(({ source }) => (source.kind === "kubernetes" ? [source.name] : [])),
    );
  }

  /** A file as it is now; undefined when it may not be changed. */
  textOf(name: string): AuditText | undefined {
    const known = this.#given.texts.get(name);
    const text = known === undefined ? this.#given.along(name) : { name, text: known };
    return text === undefined ? undefined : { ...text, text: this.#changed.get(text.name) ?? text.text };
  }

  change(name: string, text: string): void {
    this.#changed.set(name, text);
    for (const [one, { along }] of this.#readings) if (one === name || along.has(name)) this.#readings.delete(one);
  }

  /** What every text that has to do with a file says, and what it would say if the file were changed. */
  again(name: string, text: string): readonly { readonly before: ReadContainers; readonly after: ReadContainers }[] {
    const changed = new Map([[name, text]]);
    return [...this.#given.texts.keys()].flatMap((one) => {
      if (one !== name && this.#manifests.has(one)) return [];
      const { read, along } = this.#known(one);
      return one === name || along.has(name) ? [{ before: read, after: this.#read(one, changed).read }] : [];
    });
  }

  #known(name: string): Reading {
    const known = this.#readings.get(name) ?? this.#read(name);
    this.#readings.set(name, known);
    return known;
  }

  #read(name: string, changed: ReadonlyMap<string, string> = new Map()): Reading {
    const along = new Set<string>();
    const now = ({ name: file, text }: AuditText): AuditText => ({
      name: file,
      text: changed.get(file) ?? this.#changed.get(file) ?? text,
    });
    const beside: ReadBeside = (from, path) => {
      const found = this.#given.beside(from, path);
      if (found === undefined) return undefined;
      along.add(found.name);
      return now(found);
    };
    const text = now({ name, text: this.#given.texts.get(name) ?? "" });
    return { read: readText(text, beside) ?? { containers: [], problems: [] }, along };
  }
}
