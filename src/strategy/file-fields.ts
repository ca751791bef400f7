import * as z from "zod";

/** Values that every kind of file writes alike: paths, sizes, modes. */

export const PATH_PART = String.raw`(?!\.{1,2}(?:/|$))[^/\u0000]+`;
export const absolutePath = z
  .string()
  .max(4096)
  .regex(
    new RegExp(`^(?:/${PATH_PART})+$`),
    "must be an absolute path, not /, without '.', '..', '//' or a slash at its end",
  );
/** Without a pattern. */
export const mountPath = absolutePath.regex(/^[^*]*$/, "must be one path: only deny and image take a '*'");

export const size = z
  .string()
  .regex(/^[1-9]\d{0,14}(?:\.\d{1,3})?(?:B|[kKmMgGtT](?:i?[bB])?)$/, "must be a size with its unit, like 64MiB")
  .meta({ examples: ["16MiB", "1GiB"] });
export const mode = z
  .string()
  .regex(/^[0-7]{3,4}$/, 'must be an octal mode in quotes, like "0755"')
  .meta({ examples: ["0755", "1777"] });
// 2^32 - 1 means "leave it" to chown(2), so no file belongs to it.
export const id = z
  .int()
  .min(0)
  .max(2 ** 32 - 2);

export const text = z.string().max(65_536);
export const texts = z.array(text).max(10_000);
export const textMap = z.record(text, text);

/** As a file is read: nobody changes it. */
export type Frozen<T> = T extends readonly (infer E)[]
  ? readonly Frozen<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;
