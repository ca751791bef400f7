import { counted } from "../model/units.ts";
import { exportTo, type Target, TARGETS } from "../export/targets.ts";
import type { ExportResult } from "../export/result.ts";
import { PetrifyError } from "../model/errors.ts";
import type { Strategy } from "../model/strategy.ts";
import { type Html, markup, isPlain, lines } from "./html.ts";

const TITLES: Readonly<Record<Target, string>> = {
  docker: "docker run",
  podman: "podman run",
  compose: "Compose",
  kubernetes: "Kubernetes",
  kustomize: "Kustomize",
  "helm-values": "Helm values",
  quadlet: "Quadlet",
  systemd: "systemd",
};

/** The strategy in the words of every target, each with what that cannot say. */
export function exportsPanel(strategy: Strategy): Html {
  return markup`<p class="lead">
      What <code>petrify export</code> writes with default options. Notes say what a target cannot express, or what must
      be known there.
    </p>
    ${TARGETS.map((target, index) => exportBlock(target, strategy, index === 0))}`;
}

function exportBlock(target: Target, strategy: Strategy, isOpen: boolean): Html {
  const result = attempt(target, strategy);
  if (result instanceof PetrifyError)
    return markup`<details class="export">
      <summary>${TITLES[target]} <span class="back">cannot express it</span></summary>
      <p><strong>${result.message}</strong> ${result.hint}</p>
    </details> `;
  const { text, notes } = result;
  const open = isOpen ? markup` open` : "";
  return markup`<details class="export" ${open}>
    <summary>${TITLES[target]} <span class="back">${counted(notes.length, "note")}</span></summary>
    ${
      notes.length > 0 &&
      markup`<ul>
        ${notes.map((note) => markup`<li>${note}</li>`)}
      </ul>`
    }
    ${!isPlain(text) && markup`<p><strong>Shown with escapes:</strong> it holds characters that act on the display. Take it from <code>petrify export</code> instead.</p>`}
    <pre class="copyable" tabindex="0" role="group" aria-label="${TITLES[target]}"><code>${lines(text)}</code></pre>
  </details> `;
}

function attempt(target: Target, strategy: Strategy): ExportResult | PetrifyError {
  try {
    return exportTo(target, strategy);
  } catch (error) {
    if (error instanceof PetrifyError) return error;
    throw error;
  }
}
