import { basename } from "node:path/posix";
import { PlacedText } from "../../../export/placed-text.ts";
import type { AuditText } from "../../inputs.ts";
import { makeLines } from "./make.ts";
import { groovyScripts } from "./groovy.ts";
import { markdownBlocks } from "./markdown.ts";
import { unitCommands } from "./unit.ts";
import { type Command, shellCommands } from "../words/shell-words.ts";
import { yamlScripts } from "./yaml-scripts.ts";

/** A kind of file in which commands stand, and how they are found in it. */
interface CommandForm {
  readonly isIt: (name: string, text: string) => boolean;
  readonly commands: (text: string) => readonly Command[];
}

const SHELL_NAME = /\.(?:sh|bash|zsh|ksh|ash|dash|command)$/i;
const SHEBANG = /^#!.*\b(?:ba|da|z|k|a)?sh\b/;
const YAML_NAME = /\.(?:ya?ml|json)$/i;
/** Of a text without a name that says it: the keys under which pipelines keep commands. */
const YAML_SCRIPT =
  /^[ \t]*(?:-[ \t]+)?["']?(?:script|run|before_script|after_script|commands|steps|cmds)["']?[ \t]*:/m;
const GROOVY = /^\s*(?:pipeline|node)\b[^\n]*\{/m;

const inShell = (part: PlacedText): readonly Command[] => shellCommands(part);

/** The first that fits; what fits none is a shell script when a line of it begins with an engine. */
const FORMS: readonly CommandForm[] = [
  { isIt: (name, text) => SHELL_NAME.test(name) || SHEBANG.test(text), commands: (text) => shellCommands(whole(text)) },
  {
    isIt: (name) => /^(?:gnu)?makefile(?:\..+)?$|\.mk$/i.test(name),
    commands: (text) => makeLines(text).flatMap((line) => shellCommands(line, "make")),
  },
  { isIt: (name) => /^\.?justfile$|\.just$/i.test(name), commands: (text) => makeLines(text).flatMap(inShell) },
  {
    isIt: (name, text) => /\.(?:service|socket|timer|conf)$/i.test(name) || /^\[Service\][ \t]*\r?$/m.test(text),
    commands: unitCommands,
  },
  {
    isIt: (name, text) =>
      /^jenkinsfile(?:\..+)?$|\.(?:groovy|jenkinsfile)$/i.test(name) || (!YAML_NAME.test(name) && GROOVY.test(text)),
    commands: (text) => groovyScripts(text).flatMap(inShell),
  },
  { isIt: (name) => /\.(?:md|markdown)$/i.test(name), commands: (text) => markdownBlocks(text).flatMap(inShell) },
  {
    isIt: (name, text) => YAML_NAME.test(name) || YAML_SCRIPT.test(text),
    commands: (text) => yamlScripts(text).flatMap(inShell),
  },
  {
    isIt: (_name, text) => /^[ \t]*(?:sudo[ \t]+)?(?:\/usr\/bin\/)?(?:docker|podman)[ \t]/m.test(text),
    commands: (text) => shellCommands(whole(text)),
  },
];

/** How the commands of a text are found; undefined when it is nothing in which commands stand. */
export function commandsIn({ name, text }: AuditText): (() => readonly Command[]) | undefined {
  const form = FORMS.find(({ isIt }) => isIt(basename(name), text));
  return form === undefined ? undefined : () => form.commands(text);
}

function whole(text: string): PlacedText {
  return new PlacedText(text, 0);
}
