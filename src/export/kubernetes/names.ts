/** Longest label of DNS (RFC 1123), which names of volumes, containers and claims must be. */
const LONGEST = 63;

/** A text as a name of Kubernetes: `a-z`, `0-9`, `-`, at most 63. */
export function dnsLabel(text: string, fallback = "app"): string {
  const label = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, LONGEST - 4)
    .replaceAll(/^-+|-+$/g, "");
  return label === "" ? fallback : label;
}

/** Gives each wish a name that nobody has yet: `tmp`, `tmp-2`. */
export class FreeNames {
  readonly #taken: Set<string>;
  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }
  take(wish: string): string {
    let name = wish;
    for (let number = 2; this.#taken.has(name); number++) name = `${wish}-${number}`;
    this.#taken.add(name);
    return name;
  }
}

/** Bytes as a quantity of Kubernetes: `64Mi`. */
export function quantity(bytes: number): string {
  const units = ["", "Ki", "Mi", "Gi", "Ti"];
  let value = bytes;
  let unit = 0;
  for (; unit < units.length - 1 && value > 0 && value % 1024 === 0; unit++) value /= 1024;
  return `${value}${units[unit]}`;
}

/**
 * Text in which Kubernetes replaces nothing. It takes `$(NAME)` in commands and values for a variable, and `$$` for one `$`
 * (k8s.io/kubernetes third_party/forked/golang/expansion); a single `$` that begins neither stays.
 */
export function literal(text: string): string {
  return text.replaceAll(/\$+(?=\([A-Za-z_][\w.-]*\))|\$\$+/g, (dollars) => dollars + dollars);
}
