import * as z from "zod";

/** More is a mistake or an attack: GitHub takes 25,000 results a run. */
const MOST_RESULTS = 100_000;
export const MOST_OF_A_MESSAGE = 10_000;

const TEXT = z.string().transform((text) => text.slice(0, MOST_OF_A_MESSAGE));
const LEVEL = z.enum(["none", "note", "warning", "error"]);
const MESSAGE = z.object({
  text: TEXT.optional(),
  id: z.string().optional(),
  arguments: z.array(TEXT).max(100).optional(),
});
const COUNT = z
  .number()
  .int()
  .min(1)
  .max(2 ** 31);
const RULE = z.object({
  id: z.string(),
  shortDescription: MESSAGE.optional(),
  messageStrings: z.record(z.string(), MESSAGE).optional(),
  defaultConfiguration: z.object({ level: LEVEL.optional() }).optional(),
  properties: z.object({ "security-severity": z.union([z.string(), z.number()]).optional() }).optional(),
});
const LOCATION = z.object({
  physicalLocation: z
    .object({
      artifactLocation: z.object({ uri: z.string().optional(), index: z.number().int().optional() }).optional(),
      region: z
        .object({
          startLine: COUNT.optional(),
          startColumn: COUNT.optional(),
          endLine: COUNT.optional(),
          endColumn: COUNT.optional(),
        })
        .optional(),
    })
    .optional(),
});
const RESULT = z.object({
  ruleId: z.string().optional(),
  ruleIndex: z.number().int().optional(),
  rule: z.object({ id: z.string().optional(), index: z.number().int().optional() }).optional(),
  kind: z.string().optional(),
  level: LEVEL.optional(),
  baselineState: z.string().optional(),
  message: MESSAGE,
  locations: z.array(LOCATION).max(1_000).optional(),
  suppressions: z.array(z.object({ status: z.string().optional() })).optional(),
});
const RUN = z.object({
  tool: z.object({ driver: z.object({ name: z.string(), rules: z.array(RULE).max(MOST_RESULTS).optional() }) }),
  artifacts: z
    .array(z.object({ location: z.object({ uri: z.string().optional() }).optional() }))
    .max(MOST_RESULTS)
    .optional(),
  results: z.array(RESULT).max(MOST_RESULTS).nullish(),
  properties: z.object({ imageName: z.string().optional() }).optional(),
});
/** The part of SARIF 2.1.0 that is read; everything else may be there. */
export const LOG = z.object({ version: z.literal("2.1.0"), runs: z.array(RUN).max(1_000) });

export type Run = z.infer<typeof RUN>;
export type Result = z.infer<typeof RESULT>;
export type Rule = z.infer<typeof RULE>;
