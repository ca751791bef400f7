import { basename } from "node:path/posix";
import type { PlacedText } from "../../../export/placed-text.ts";
import type { Word } from "../words/word.ts";

/** A `docker run` or `podman create` among the words of a command. */
export interface EngineLine {
  readonly engine: "docker" | "podman";
  /** The engine's name, or the variable that holds it. */
  readonly program: Word;
  /** What stands behind `run`. */
  readonly args: readonly Word[];
}

/** Words that stand before the command that they run. */
const PREFIXES = new Set(
  (
    "sudo doas exec nohup time command env nice ionice chrt taskset timeout setsid stdbuf flock xargs watch parallel systemd-run " +
    "unshare if then else elif do while until ! { builtin chronic dbus-run-session fakeroot catchsegv"
  ).split(" "),
);
/** A function that runs what it is given: `retry 3 docker run`. */
const PASSING = /^(?:[\w.-]*[_-])?(?:run|retry|try|exec|sudo|repeat|quiet(?:ly)?|silent(?:ly)?)(?:[_-][\w.-]*)?$/i;
/** What shows its words instead of running them. */
const TALKING =
  /^(?:echo|printf|print|log\w*|info|warn\w*|error|die|cat|grep|egrep|sed|awk|which|type|man|git|logger)$/;
/** Programs that run a text as a command. */
const SHELLS = /^(?:ba|da|z|k|a)?sh$|^(?:eval|ssh|su|runuser|nsenter|chroot|vagrant|script|wsl)$/;
/** Variables in which scripts keep the name of the engine. */
const ENGINE_VARIABLE = /^\$\{[^}]*(?:docker|podman|container|engine|oci)[^}]*\}$/i;
/** docker's and podman's own flags that take no value (docker/cli cli/flags/options.go, podman cmd/podman/root.go). */
const OWN_SWITCHES = /^(?:-[DvrhR]|--(?:debug|tls|tlsverify|version|remote|noout|syslog|trace|transient-store|help))$/;

/** The engine's lines in a command, and the texts in it that a shell runs. */
export function engineLine(words: readonly Word[]): {
  readonly line?: EngineLine;
  readonly scripts: readonly PlacedText[];
} {
  let isPassing = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as Word;
    const { text } = word.placed;
    const name = basename(text);
    const line = lineAt(words, at);
    if (line !== undefined) return { line, scripts: [] };
    if (SHELLS.test(name)) return { scripts: scriptsIn(words.slice(at + 1)) };
    if (TALKING.test(name)) return { scripts: [] };
    if (isPassing || /^\w+\+?=/.test(text)) continue;
    if (PREFIXES.has(name) || PASSING.test(name) || word.unknown) isPassing = true;
    else return { scripts: [] };
  }
  return { scripts: [] };
}

function scriptsIn(words: readonly Word[]): readonly PlacedText[] {
  return words.flatMap(({ placed }) => (/\b(?:docker|podman)\b[^]*\s/.test(placed.text) ? [placed] : []));
}

function lineAt(words: readonly Word[], at: number): EngineLine | undefined {
  const program = words[at] as Word;
  const name = basename(program.placed.text).replace(/\.exe$/, "");
  const isNamed = name === "docker" || name === "podman";
  if (!isNamed && !ENGINE_VARIABLE.test(program.placed.text)) return undefined;
  let next = at + 1;
  for (; next < words.length; next++) {
    const { text } = (words[next] as Word).placed;
    if (!text.startsWith("-")) {
      if ((words[next] as Word).many) continue;
      break;
    }
    if (!text.includes("=") && !OWN_SWITCHES.test(text)) next++;
  }
  if (words[next]?.placed.text === "container") next++;
  const verb = words[next]?.placed.text;
  if (verb !== "run" && verb !== "create") return undefined;
  const engine = isNamed ? name : /podman/i.test(program.placed.text) ? "podman" : "docker";
  return { engine, program, args: words.slice(next + 1) };
}
