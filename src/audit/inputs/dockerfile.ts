import { basename } from "node:path/posix";
import type { AuditText, Input, ReadContainers } from "../inputs.ts";
import { locatorOf } from "../locator.ts";
import { factsOf } from "./dockerfile/facts.ts";
import { instructionsOf } from "./dockerfile/instructions.ts";
import { lastStage } from "./dockerfile/last-stage.ts";

/** Dockerfiles and Containerfiles: the image of the last stage, which is what is built when nobody says otherwise. */
export const dockerfile: Input = { kind: "dockerfile", recognise, read };

const NAME = /^(?:docker|container)file(?:\..+)?$|\.(?:docker|container)file$/i;
/** The first instruction, behind directives and comments. A carriage return must match in one way only: two double the time with each line. */
const BEGINNING = /^\uFEFF?(?:[ \t\r]*(?:#[^\n]*)?\n)*[ \t]*(?:FROM[ \t]+(?:--\S+[ \t]+)*\S|ARG[ \t]+\w)/i;
const FROM = /^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*\S+(?:[ \t]+AS[ \t]+\S+)?[ \t]*(?:[\\`][ \t]*)?\r?$/im;
/** What a text of another name must have, too: SQL begins with FROM in no language, but prose may. */
const OTHERS = /^[ \t]*(?:RUN|CMD|ENTRYPOINT|COPY|ADD|ENV|USER|WORKDIR|LABEL|EXPOSE|VOLUME|HEALTHCHECK|SHELL)[ \t]/m;

function recognise({ name, text }: AuditText): boolean {
  const isNamed = NAME.test(basename(name));
  return (isNamed || BEGINNING.test(text)) && FROM.test(text) && (isNamed || OTHERS.test(text));
}

function read({ name, text: whole }: AuditText): ReadContainers {
  const text = whole.replace(/^\uFEFF/, "");
  const locate = locatorOf(text);
  const stage = lastStage(instructionsOf(text), locate);
  if (stage === undefined) return { containers: [], problems: [] };
  const { settings, unknown, volumes, steps, at, isWindows, name: stageName } = stage;
  return {
    containers: [
      {
        source: { kind: "dockerfile", name },
        workload: stageName ?? "last stage",
        role: "main",
        os: isWindows ? "windows" : "linux",
        at,
        settings,
        ...(unknown.size > 0 ? { unknown: [...unknown] } : {}),
        image: factsOf(steps, volumes),
        build: steps,
        strategy: { standing: "none" },
      },
    ],
    problems: [],
  };
}
