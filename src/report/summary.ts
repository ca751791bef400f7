import { counted } from "../model/units.ts";
import { SENSORS, TESTS, total } from "./coverage.ts";
import { type Content, type Html, markup, names, size, timeText } from "./html.ts";
import type { Place } from "./places.ts";
import type { Report, ReportedWorkload } from "./report.ts";
import { isMount } from "../strategy/kinds.ts";
import { facts } from "./table.ts";

/** What is good, what must be known, what is wrong; told by sign and word, not by colour alone. */
export interface Mark {
  readonly state: "good" | "warn" | "bad";
  readonly text: string;
}
const SIGNS: Readonly<Record<Mark["state"], string>> = { good: "✓", warn: "!", bad: "✕" };

/** The head of a workload's report: what it is about, what holds, and the figures that matter. */
export function summary(
  workload: ReportedWorkload,
  places: readonly Place[],
  { command, writtenAtMs }: Report,
  id: string,
): Html {
  const { strategy, profile, verdict } = workload;
  const { image, sensor, engine, incomplete } = profile.header;
  return markup`<header class="about">
    <h2 id="${id}-h">${strategy.name}</h2>
    <p class="image"><code>${image.reference}</code></p>
    <ul class="marks">
      ${marksOf(workload).map(markItem)}
    </ul>
    ${
      incomplete.length > 0 &&
      markup`<div class="incomplete">
        <p><strong>Incomplete: do not take this strategy for safe.</strong></p>
        <ul>
          ${incomplete.map((reason) => markup`<li>${reason}</li>`)}
        </ul>
      </div>`
    }
    <ul class="figures">
      ${figuresOf(places).map(([figure, what]) => markup`<li><b>${figure}</b> <span>${what}</span></li>`)}
    </ul>
    ${facts([
      ["Image", [names([image.id]), image.repoDigests.length > 0 && [markup`<br />`, names(image.repoDigests)]], true],
      ...(verdict === undefined || verdict.imageId === image.id
        ? []
        : [["Tried image", names([verdict.imageId]), true] as const]),
      ["Engine", `${engine.kind}, runtime ${engine.runtime}`],
      ["Sensor", SENSORS[sensor]],
      ["Exercised by", TESTS[strategy.test.kind]],
      ["Written", `by petrify ${command}, ${timeText(writtenAtMs)}`],
      ["Profile", names([`${strategy.profile.file} sha256:${strategy.profile.sha256}`]), true],
    ])}
  </header>`;
}

export function markItem({ state, text }: Mark): Html {
  return markup`<li class="mark ${state}"><span aria-hidden="true">${SIGNS[state]}</span> ${text}</li>`;
}

/** Verdict, completeness, test and losses. */
export function marksOf({ strategy, profile, verdict, checked }: ReportedWorkload): readonly Mark[] {
  const { incomplete, loss } = profile.header;
  const lost = total(loss);
  return [
    ...(checked === undefined
      ? []
      : [
          checked.newWrites.length === 0
            ? ({ state: "good", text: "No new write" } as const)
            : ({ state: "bad", text: counted(checked.newWrites.length, "new write") } as const),
        ]),
    outcomeOf(strategy.verifiedOn.length, verdict),
    incomplete.length === 0
      ? { state: "good", text: "Observed completely" }
      : { state: "warn", text: `Incomplete: ${counted(incomplete.length, "reason")}` },
    strategy.test.kind === "none"
      ? { state: "bad", text: "Nothing was tested" }
      : {
          state: strategy.test.kind === "command" ? "good" : "warn",
          text: `Tested: ${TEST_WORDS[strategy.test.kind]}`,
        },
    lost === 0 ? { state: "good", text: "Nothing lost" } : { state: "warn", text: counted(lost, "loss") + " counted" },
  ];
}
const TEST_WORDS = {
  command: "by a command",
  external: "from outside",
  probe: "by HTTP probe only",
  healthcheck: "by health check only",
} as const;

function outcomeOf(verifiedImages: number, verdict: ReportedWorkload["verdict"]): Mark {
  if (verdict?.outcome === "passed") return { state: "good", text: "Verified: works read-only" };
  if (verdict !== undefined)
    return { state: "bad", text: `Failed: ${counted(verdict.regressions.length, "regression")}` };
  if (verifiedImages > 0) return { state: "good", text: `Verified before, on ${counted(verifiedImages, "image")}` };
  return { state: "warn", text: "Not verified yet" };
}

/** What can be written, where code can be run, what outlives the container. */
function figuresOf(places: readonly Place[]): readonly (readonly [figure: Content, what: string])[] {
  const entries = places.flatMap(({ entry }) => (entry === undefined ? [] : [entry]));
  const writable = entries.filter((entry) => isMount(entry) && !(entry.kind === "bind" && entry.readOnly));
  const inMemory = entries.filter((entry) => entry.kind === "tmpfs");
  const runnable = writable.filter((entry) => !("exec" in entry) || entry.exec);
  const kept = writable.filter(({ kind }) => kind === "volume" || kind === "bind");
  const mustChange = entries.filter(({ kind }) => kind === "image").length;
  return [
    [writable.length, "writable places"],
    [runnable.length, "of them may hold code that is run"],
    [kept.length, "outlive the container"],
    [size(inMemory.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)), "of memory at most, in tmpfs"],
    [entries.filter(({ kind }) => kind === "deny").length, "denied on purpose"],
    ...(mustChange === 0 ? [] : [[mustChange, "must change in the image"] as const]),
    [places.reduce((sum, { seen }) => sum + seen.length, 0), "paths seen"],
  ];
}
