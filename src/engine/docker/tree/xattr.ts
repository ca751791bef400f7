import koffi from "koffi";

/** Long enough for every value that is compared here; a longer one is not one of them. */
const VALUE_LIMIT_BYTES = 64;

// Node has no getxattr. A null library is the process itself, so this finds the C library that Node runs on.
const fgetxattr = koffi
  .load(null)
  .func("intptr_t fgetxattr(int fd, const char *name, _Out_ uint8_t *value, size_t size)");

/** Value of an extended attribute of an open file; undefined when it has none (or one longer than is looked for). */
export function readXattr(fd: number, name: string): string | undefined {
  const value = Buffer.alloc(VALUE_LIMIT_BYTES);
  const length: unknown = fgetxattr(fd, name, value, VALUE_LIMIT_BYTES);
  return typeof length === "number" && length >= 0 ? value.toString("latin1", 0, length) : undefined;
}
