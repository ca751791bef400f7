import type { Strategy } from "../../model/strategy.ts";
import type { Workload } from "../../model/workload.ts";
import { fits } from "./service.ts";
import { listOf } from "../splice/edits.ts";
import type { YamlData, Data } from "../splice/source.ts";

const COMPARED: readonly (readonly [
  setting: string,
  learned: (workload: Workload) => string | readonly string[] | undefined,
])[] = [
  ["user", ({ user }) => user],
  ["working_dir", ({ workingDir }) => workingDir],
  ["entrypoint", ({ entrypoint }) => entrypoint],
  ["command", ({ command }) => command],
];

/** How a service differs from the run that was learned, as far as the file tells; one sentence each. */
export function serviceNotes(name: string, settings: YamlData, strategy: Strategy): string[] {
  const { image } = settings;
  const different = COMPARED.filter(
    ([setting, learned]) => words(settings[setting]) !== words(learned(strategy.workload)),
  ).map(([setting]) => setting);
  return [
    ...(fits(settings, strategy)
      ? []
      : [
          `The service '${name}' has ${typeof image === "string" ? `the image ${image}` : "no image"}; the strategy is made for ${strategy.fits.repositories.join(", ")}.`,
        ]),
    ...(different.length === 0
      ? []
      : [`The service '${name}' has another ${different.join(", ")} than the run that was learned: verify it.`]),
    ...(strategy.workload.privileged || settings["privileged"] === true
      ? [`The service '${name}' is privileged: it can make its root writable again.`]
      : []),
  ];
}

/** A setting as one text, whether it is written as a list or as a string. */
function words(value: Data | readonly string[] | undefined): string {
  return listOf(value)
    .map((word) => (typeof word === "string" ? word : JSON.stringify(word)))
    .join(" ")
    .replaceAll("$$", "$");
}
