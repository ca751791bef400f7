import { counted } from "../model/units.ts";
import { type Html, markup, size } from "./html.ts";
import { type Kind, kindBadge, kindLabel, KINDS } from "./kinds.ts";
import { type Cell, type Group, type GroupLayout, groupsOf, layOut, type Measure } from "./map-layout.ts";
import type { Place } from "./places.ts";
import type { Rectangle } from "./squarify.ts";

export interface WriteMap {
  readonly content: Html;
  /** CSS rules that put its cells in their places: numbers and ids of this program's making only. */
  readonly rules: string;
}

/** Shape of the map on a wide and on a narrow page, about in pixels. */
const WIDE = { width: 1080, height: 500 };
const NARROW = { width: 360, height: 620 };

/** The treemap of all places: lists of links without its rules, areas with them. */
export function writeMap(places: readonly Place[], id: string): WriteMap {
  const groups = groupsOf(places);
  const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => places.some((place) => place.kind === kind));
  const content = markup`<figure class="map" id="${id}-figure">
    <div class="map-bar">
      <fieldset class="choice">
        <legend>Area shows</legend>
        ${choice(id, "size", "the size of what is written")}${choice(id, "count", "the number of paths")}
      </fieldset>
      <a class="skip" href="#${id}-after">Skip the map</a>
    </div>
    <ul class="groups">
      ${groups.map(groupItem)}
    </ul>
    <p class="readout" aria-hidden="true">
      Point at an area, or reach it with Tab and the arrow keys. Enter leads to the decision.
    </p>
    <figcaption id="${id}-after">
      <ul class="legend">
        ${kinds.map((kind) => markup`<li>${kindBadge(kind)} ${KINDS[kind]}</li>`)}
      </ul>
      <p>
        A size is the class of the largest content seen at a path: powers of two from 64 KiB on. Paths without content,
        and those too small to be seen, are drawn at a minimum size. A directory is drawn apart from what is in it.
      </p>
    </figcaption>
  </figure>`;
  return { content, rules: rulesOf(groups, id) };
}

function choice(id: string, measure: Measure, text: string): Html {
  const checked = measure === "size" ? markup` checked` : "";
  return markup`<label><input type="radio" name="${id}-area" class="by-${measure}" ${checked} /> ${text}</label>`;
}

function groupItem({ place, cells }: Group): Html {
  const { id, kind, entry } = place;
  const bound = entry !== undefined && "sizeBytes" in entry ? ` ${size(entry.sizeBytes)}` : "";
  return markup`<li class="group k-${kind}" id="g-${id}">
    <a
      class="group-name"
      href="#${id}"
      data-told="${place.path}: ${kindLabel(kind)}${bound}, ${counted(place.seen.length, "path")}"
      ><b><code>${place.path}</code></b> <span>${kindLabel(kind)}${bound}</span></a
    >
    <ul>
      ${cells.map((cell) => cellItem(cell, place))}
    </ul>
  </li>`;
}

function cellItem({ id, seen, sizeBytes, count }: Cell, place: Place): Html {
  const content = sizeBytes === 0 ? "no content" : `up to ${size(sizeBytes)}`;
  if (seen === undefined)
    return markup`<li class="cell" id="c-${id}">
      <a href="#${place.id}" data-told="${counted(count, "more path")} in ${place.path}"><b>and ${count} more</b></a>
    </li>`;
  const { record, figures } = seen;
  const attempts = figures === undefined || figures.events === 0 ? "" : `, ${counted(figures.events, "attempt")}`;
  const told = `${record.path}: ${record.type}, ${content}${attempts}${record.by.length === 0 ? "" : `, by ${record.by.join(", ")}`}`;
  const { folder, name } = partsBelow(record.path, place.path);
  return markup`<li class="cell" id="c-${id}">
    <a href="#${id}" data-told="${told}"
      ><b
        ><code><span class="folder">${folder}</span>${name}</code></b
      >
      <span>${content}</span></a
    >
  </li>`;
}

/** A path without what its place says already, its last name apart. */
function partsBelow(full: string, below: string): { readonly folder: string; readonly name: string } {
  const rest = below !== "/" && full.startsWith(`${below}/`) ? full.slice(below.length + 1) : full;
  const cut = rest.lastIndexOf("/") + 1;
  return { folder: rest.slice(0, cut), name: rest.slice(cut) };
}

/** Sizes are what counts without the choice; the other rules win by being longer. */
function rulesOf(groups: readonly Group[], id: string): string {
  const rules = (measure: Measure, { width, height }: typeof WIDE): string => {
    const scope = measure === "size" ? "" : `#${id}-figure:has(.by-count:checked) `;
    return layOut(groups, measure, width, height)
      .flatMap((layout, index) => rulesOfGroup(scope, groups[index] as Group, layout))
      .join("\n");
  };
  const narrow = `@media screen and (max-width: 40rem) {\n${rules("size", NARROW)}\n${rules("count", NARROW)}\n}`;
  return `${rules("size", WIDE)}\n${rules("count", WIDE)}\n${narrow}`;
}

function rulesOfGroup(scope: string, { place, cells }: Group, layout: GroupLayout): readonly string[] {
  return [
    `${scope}#g-${place.id}{${placed(layout.group)}}`,
    ...cells.map((cell, at) => `${scope}#c-${cell.id}{${placed(layout.cells[at] as Rectangle)}}`),
  ];
}

function placed(rectangle: Rectangle): string {
  return Object.entries(rectangle)
    .map(([side, value]) => `${side}:${value.toFixed(2)}%`)
    .join(";");
}
