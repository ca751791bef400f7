import type { Decided, Observer } from "./observer.ts";

/** Upper bounds of the duration of a decision: without a look at the engine, with one, and an engine that is busy. */
const DURATION_BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5] as const;

type Labels = Readonly<Record<string, string>>;

/**
 * What the guard counts, in Prometheus' text form. Written by hand: three counters, a histogram and a few gauges, whose labels all
 * come from the guard's own tables, so that no client can make series without end.
 */
export class Metrics implements Observer {
  readonly #decisions = new Map<string, number>();
  readonly #rules = new Map<string, number>();
  readonly #reloads = { ok: 0, failed: 0 };
  readonly #buckets: number[] = DURATION_BUCKETS_SECONDS.map(() => 0);
  readonly #read: { type: "gauge" | "counter"; name: string; help: string; read: () => number | undefined }[] = [];
  #durationSeconds = 0;
  #count = 0;
  #upstreamErrors = 0;

  decided({ verdict, request, mode, rules, durationMs }: Decided): void {
    add(this.#decisions, labelText({ verdict, action: request?.action ?? "none", mode }));
    for (const rule of rules) add(this.#rules, labelText({ verdict, rule }));
    if (verdict === "error") this.#upstreamErrors += rules.includes("engine-unanswered") ? 1 : 0;
    const seconds = durationMs / 1000;
    this.#count += 1;
    this.#durationSeconds += seconds;
    for (const [index, bound] of DURATION_BUCKETS_SECONDS.entries())
      if (seconds <= bound) this.#buckets[index] = (this.#buckets[index] ?? 0) + 1;
  }

  reloaded(outcome: "ok" | "failed"): void {
    this.#reloads[outcome] += 1;
  }

  /** Of the engine that calls go to: it could not be asked, or broke off. */
  upstreamFailed(): void {
    this.#upstreamErrors += 1;
  }

  /** A value that is read when it is asked for; undefined leaves it out. `name` without `petrify_guard_`. */
  gauge(name: string, help: string, read: () => number | undefined): void {
    this.#read.push({ type: "gauge", name, help, read });
  }

  /** The same for what only grows and is counted elsewhere. */
  counter(name: string, help: string, read: () => number): void {
    this.#read.push({ type: "counter", name, help, read });
  }

  /** Prometheus' text exposition format 0.0.4. */
  text(): string {
    const lines = [
      ...series("decisions_total", "counter", "Decisions by verdict, action and mode.", this.#decisions),
      ...series("rules_total", "counter", "Rules that had a say, by the decision's verdict.", this.#rules),
      ...series("upstream_errors_total", "counter", "Times that the engine could not be asked or broke off.", [
        ["", this.#upstreamErrors],
      ]),
      ...series("policy_reloads_total", "counter", "Reloads of the policy.", [
        [labelText({ outcome: "ok" }), this.#reloads.ok],
        [labelText({ outcome: "failed" }), this.#reloads.failed],
      ]),
      ...this.#histogram(),
    ];
    for (const { type, name, help, read } of this.#read) {
      const value = read();
      if (value !== undefined) lines.push(...series(name, type, help, [["", value]]));
    }
    return `${lines.join("\n")}\n`;
  }

  #histogram(): readonly string[] {
    const name = `${PREFIX}decision_duration_seconds`;
    return [
      `# HELP ${name} Time that a decision took, with what the engine was asked for it.`,
      `# TYPE ${name} histogram`,
      ...DURATION_BUCKETS_SECONDS.map((bound, index) => `${name}_bucket{le="${bound}"} ${this.#buckets[index] ?? 0}`),
      `${name}_bucket{le="+Inf"} ${this.#count}`,
      `${name}_sum ${this.#durationSeconds}`,
      `${name}_count ${this.#count}`,
    ];
  }
}

const PREFIX = "petrify_guard_";

function series(
  name: string,
  type: "counter" | "gauge",
  help: string,
  values: Iterable<readonly [labels: string, value: number]>,
): readonly string[] {
  const head = [`# HELP ${PREFIX}${name} ${help}`, `# TYPE ${PREFIX}${name} ${type}`];
  return [...head, ...[...values].map(([labels, value]) => `${PREFIX}${name}${labels} ${value}`)];
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${parts.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
