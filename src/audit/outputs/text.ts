import type { Output } from "../outputs.ts";

/** For people. */
export const text: Output = ({ findings, problems }, { style }) =>
  [
    ...findings.map(
      ({ severity, source, workload, message }) => `${style("bold", severity)} ${source.name} ${workload}: ${message}`,
    ),
    ...problems.map(({ source, message }) => `${source}: ${message}`),
  ]
    .map((line) => `${line}\n`)
    .join("");
