import { counted } from "../model/units.ts";
import type { Moment } from "../learn/fold/moment.ts";
import type { PhaseName } from "../model/profile.ts";
import { type Html, markup } from "./html.ts";
import { type Kind, kindBadge, KINDS } from "./kinds.ts";
import { PHASES } from "./phases.ts";

/** That something of a kind was first tried at a moment. */
export interface Beginning {
  readonly kind: Kind;
  readonly first: Moment;
}

/** Places of bars in their track, in hundredths of it. */
export const BAR_RULES = Array.from({ length: 101 }, (_, x) => `.x${x}{left:calc((100% - 8px)*${x / 100})}`).join("\n");
/** Steps of a bar's height: `h1` to `h5` in strips.css. */
const HEIGHTS = 5;

/** For each run a lane for each kind, with a bar for each hundredth of its time: the taller, the more began then. */
export function strips(phases: readonly PhaseName[], beginnings: readonly Beginning[]): Html {
  const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => beginnings.some((one) => one.kind === kind));
  return markup`<div class="strips" aria-hidden="true">
    ${phases.map((phase) => {
      const own = beginnings.filter(({ first }) => first.phase === phase);
      return own.length === 0
        ? markup`<h5>${PHASES[phase].label} <span>no new path</span></h5>`
        : strip(phase, kinds, own);
    })}
  </div>`;
}

function strip(phase: PhaseName, kinds: readonly Kind[], beginnings: readonly Beginning[]): Html {
  const lastMs = Math.max(1, ...beginnings.map(({ first }) => first.afterMs));
  const at = (ms: number): number => Math.round((ms / lastMs) * 100);
  const upMs = beginnings.find(({ first }) => first.stage === "up")?.first.afterMs;
  const up = upMs === undefined ? "" : markup`<i class="up x${at(upMs)}"></i>`;
  const counts = kinds.map((kind) =>
    countedBy(beginnings.filter((one) => one.kind === kind).map(({ first }) => at(first.afterMs))),
  );
  const most = Math.max(...counts.flatMap((lane) => [...lane.values()]));
  const bar = (kind: Kind, x: number, count: number): Html =>
    markup`<i class="bar k-${kind} x${x} h${Math.max(1, Math.round((count / most) * HEIGHTS))}"></i>`;
  return markup`<div class="strip">
    <h5>${PHASES[phase].label} <span>${counted(beginnings.length, "new path")} in ${duration(lastMs)}</span></h5>
    ${kinds.map(
      (kind, index) =>
        markup`<div class="lane">
          ${kindBadge(kind)}
          <div class="track">${up}${[...(counts[index] ?? [])].map(([x, count]) => bar(kind, x, count))}</div>
        </div>`,
    )}
    <div class="lane axis">
      <span></span>
      <div class="track">
        <span>0</span>
        <span>${upMs === undefined ? "" : "shaded: the workload is up, the test runs"}</span>
        <span>${duration(lastMs)}</span>
      </div>
    </div>
  </div>`;
}

function countedBy(list: readonly number[]): ReadonlyMap<number, number> {
  return new Map([...Map.groupBy(list, (x) => x)].map(([x, same]) => [x, same.length]));
}

/** `12 ms`, `3.4 s`, `5 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}
