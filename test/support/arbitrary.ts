import * as fc from "fast-check";

/** Any Unicode text, also halves of surrogate pairs and controls. (fast-check's own `binary` unit takes seconds to set up.) */
export const anyText: fc.Arbitrary<string> = fc.string({
  unit: fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
});
