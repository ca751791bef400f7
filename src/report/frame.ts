import { type Content, Html, markup } from "./html.ts";

/** What a page is dressed with: texts of this program's own. */
export interface Dress {
  readonly style: string;
  readonly script: string;
  /** SHA-256 in base64, as Content-Security-Policy wants it. */
  readonly sha256: (text: string) => string;
}

export interface PageParts {
  readonly title: string;
  readonly heading: string;
  readonly command: string;
  readonly version: string;
  /** Style rules that belong to this page alone. */
  readonly rules: string;
  readonly main: Content;
  readonly footer: string;
}

/**
 * One HTML file that loads nothing, and runs no code but the script of its dress. Without that script all of it can be read.
 */
export function renderPage(
  { title, heading, command, version, rules, main, footer }: PageParts,
  { style, script, sha256 }: Dress,
): string {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${sha256(style)}' 'sha256-${sha256(rules)}'`,
    `script-src 'sha256-${sha256(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${new Html(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="generator" content="petrify ${version}" />
        <title>${title}</title>
        <style>${new Html(style)}</style>
        <style>${new Html(rules)}</style>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the report</a>
        <header class="masthead">
          <h1>${heading}</h1>
          <p>petrify ${command} ${version}</p>
        </header>
        <main id="main" tabindex="-1">${main}</main>
        <footer>
          <p>${footer}</p>
        </footer>
        <script>${new Html(script)}</script>
      </body>
    </html> `;
  return page.text;
}

/** One part of an article; by the script, one of its tabs. */
export interface Panel {
  readonly name: string;
  readonly title: string;
  readonly content: Content;
}

/** An article whose head holds a heading with the id `ID-h`, and its parts. */
export function articleOf(id: string, name: string, head: Content, panels: readonly Panel[]): Html {
  return markup`<article class="workload" id="${id}" tabindex="-1" aria-labelledby="${id}-h">
    ${head}
    <nav class="tabs" aria-label="Parts of the report on ${name}">
      <ul>
        ${panels.map((panel) => markup`<li><a href="#${id}-${panel.name}">${panel.title}</a></li>`)}
      </ul>
    </nav>
    ${panels.map(
      (panel) =>
        markup`<section class="panel" id="${id}-${panel.name}" tabindex="-1" aria-labelledby="${id}-${panel.name}-h">
          <h3 id="${id}-${panel.name}-h">${panel.title}</h3>
          ${panel.content}
        </section> `,
    )}
  </article> `;
}
