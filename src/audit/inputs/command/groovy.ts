import { PlacedBuilder, PlacedText } from "../../../export/placed-text.ts";

// What a pipeline runs in a shell: sh '...', sh(script: """...""", returnStdout: true).
const STEP = /\b(?:sh|bash|script)\b[ \t]*(?:\([^()'"\n]{0,200})?(?:script[ \t]*:[ \t]*)?('''|"""|'|")/g;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

/** The shell texts of a Jenkinsfile, with Groovy's escapes undone. */
export function groovyScripts(text: string): readonly PlacedText[] {
  const scripts: PlacedText[] = [];
  const steps = new RegExp(STEP);
  for (let step = steps.exec(text); step !== null; step = steps.exec(text)) {
    const mark = step[1] ?? "";
    const { script, end } = textFrom(text, steps.lastIndex, mark);
    if (/\b(?:docker|podman)\b/.test(script.text)) scripts.push(script);
    steps.lastIndex = Math.max(end, steps.lastIndex);
  }
  return scripts;
}

function textFrom(text: string, start: number, mark: string): { readonly script: PlacedText; readonly end: number } {
  const builder = new PlacedBuilder();
  for (let at = start; at < text.length; at++) {
    if (text.startsWith(mark, at)) return { script: builder.build(), end: at + mark.length };
    const character = text.charAt(at);
    if (character === "\n" && mark.length === 1) break;
    if (character !== "\\") builder.add(character, at);
    else {
      const sign = text.charAt(at + 1);
      // A line break that is escaped is gone.
      if (sign !== "\n") builder.add(ESCAPES[sign] ?? sign, at);
      at++;
    }
  }
  return { script: new PlacedText("", start), end: start };
}
