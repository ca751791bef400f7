import { type Content, type Html, markup } from "./html.ts";

export interface Column {
  readonly title: string;
  /** Figures are set flush right. */
  readonly align?: "right";
}

export interface Row {
  /** Anchor; must be unique in the page. */
  readonly id?: string;
  /** What a search in the page looks through. */
  readonly search?: string;
  readonly cells: readonly Content[];
}

/**
 * A table whose first cell is the head of its row. On narrow pages each row becomes a block whose cells tell their column; roles
 * are written out because that takes them away.
 */
export function table(caption: Content, columns: readonly Column[], rows: readonly Row[]): Html {
  return markup`<table role="table">
    <caption>
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map(({ title, align }) => markup`<th role="columnheader" scope="col" ${right(align)}>${title}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map((row) => tableRow(columns, row))}
    </tbody>
  </table>`;
}

function tableRow(columns: readonly Column[], { id, search, cells }: Row): Html {
  const anchor = id === undefined ? "" : markup` id="${id}" tabindex="-1"`;
  const found = search === undefined ? "" : markup` data-search="${search.toLowerCase()}"`;
  return markup`<tr role="row" ${anchor}${found}>
    ${cells.map((cell, index) => tableCell(columns[index] as Column, cell, index))}
  </tr> `;
}

function tableCell({ title, align }: Column, cell: Content, index: number): Html {
  return index === 0
    ? markup`<th role="rowheader" scope="row" ${right(align)}>${cell}</th>`
    : markup`<td role="cell" data-title="${title}" ${right(align)}>${cell}</td>`;
}

function right(align: "right" | undefined): Content {
  return align === undefined ? "" : markup` class="right"`;
}

/** Terms with their values; wide ones take a whole line where others share one. */
export function facts(list: readonly (readonly [term: string, value: Content, isWide?: boolean])[]): Html {
  return markup`<dl class="facts">
    ${list.map(
      ([term, value, isWide]) =>
        markup`<div${isWide === true && markup` class="wide"`}>
          <dt>${term}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
