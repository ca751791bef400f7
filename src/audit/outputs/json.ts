import type { Output } from "../outputs.ts";

/** Findings, accepted findings and problems; one line. */
export const json: Output = ({ findings, accepted, problems, imported }) =>
  `${JSON.stringify({ findings, accepted, problems, imported })}\n`;
