import * as z from "zod";

/*
 * The part of SARIF 2.1.0 (OASIS Standard, errata 01) that Petrify writes, by its sections: names, types, bounds. Strict, so that
 * a property which the standard does not have is an error.
 */
const MESSAGE = z.strictObject({ text: z.string() }); // 3.11
const MULTIFORMAT = z.strictObject({ text: z.string(), markdown: z.string().optional() }); // 3.12
const LEVEL = z.enum(["none", "note", "warning", "error"]); // 3.27.10
const POSITIVE = z.number().int().min(1);
/** RFC 3986, URI-reference: what a name of a file becomes. */
const URI = z.string().regex(/^(?:file:\/\/)?(?:[A-Za-z0-9\-._~!$&'()*+,;=@/]|%[0-9A-F]{2})+$/);
const LOCATION = z.strictObject({
  // 3.28 to 3.30
  physicalLocation: z
    .strictObject({
      artifactLocation: z.strictObject({ uri: URI, uriBaseId: z.literal("%SRCROOT%").optional() }),
      region: z
        .strictObject({ startLine: POSITIVE, startColumn: POSITIVE, endColumn: POSITIVE.optional() })
        .refine(({ startColumn, endColumn = startColumn }) => endColumn >= startColumn)
        .optional(),
    })
    .optional(),
  logicalLocations: z.array(z.strictObject({ name: z.string(), fullyQualifiedName: z.string() })).optional(), // 3.33
});
const DESCRIPTOR = z.strictObject({
  // 3.49
  id: z.string().min(1),
  shortDescription: MULTIFORMAT,
  fullDescription: MULTIFORMAT,
  help: MULTIFORMAT,
  defaultConfiguration: z.strictObject({ level: LEVEL }),
  properties: z.strictObject({
    // 3.8.2: a tag is there once.
    tags: z.array(z.string()).refine((tags) => new Set(tags).size === tags.length),
    precision: z.enum(["very-high", "high", "medium", "low"]),
    "security-severity": z.string().regex(/^(?:10|\d)\.\d$/),
  }),
});
const RESULT = z.strictObject({
  // 3.27
  ruleId: z.string(),
  ruleIndex: z.number().int().min(0).optional(),
  level: LEVEL,
  message: MESSAGE,
  locations: z.array(LOCATION).optional(),
  partialFingerprints: z.record(z.string(), z.string()).optional(),
  suppressions: z
    .array(
      z.strictObject({
        // 3.35
        kind: z.enum(["inSource", "external"]),
        status: z.enum(["accepted", "underReview", "rejected"]),
        justification: z.string(),
      }),
    )
    .optional(),
  properties: z.strictObject({ imageName: z.string() }).optional(),
});
const NOTIFICATION = z.strictObject({
  // 3.58
  level: LEVEL,
  message: MESSAGE,
  descriptor: z.strictObject({ id: z.string() }).optional(),
  locations: z.array(LOCATION).optional(),
});
const RUN = z
  .strictObject({
    // 3.14
    tool: z.strictObject({
      driver: z.strictObject({
        name: z.string(),
        semanticVersion: z.string().optional(),
        rules: z.array(DESCRIPTOR).optional(),
      }),
    }),
    columnKind: z.enum(["utf16CodeUnits", "unicodeCodePoints"]),
    invocations: z
      .array(z.strictObject({ executionSuccessful: z.boolean(), toolExecutionNotifications: z.array(NOTIFICATION) }))
      .optional(),
    results: z.array(RESULT),
  })
  .refine(({ tool, results }) =>
    // 3.27.6: the index leads to the rule of that id.
    results.every(({ ruleIndex, ruleId }) => ruleIndex === undefined || tool.driver.rules?.[ruleIndex]?.id === ruleId),
  );

export const SARIF = z.strictObject({
  $schema: z.string(),
  version: z.literal("2.1.0"),
  runs: z.array(RUN),
});
