import { malformed } from "./http-refusal.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes once. Throws HttpRefusal for `%` without two digits and for what is no UTF-8. */
export function percentDecode(text: string, where: "path" | "query"): string {
  if (!text.includes("%")) return text;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw malformed(`The ${where} has a percent sign that encodes nothing.`);
  const bytes = text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  try {
    return utf8.decode(Buffer.from(bytes, "latin1"));
  } catch {
    throw malformed(`The ${where} encodes something that is no UTF-8.`);
  }
}

/** Encodes all but the ASCII characters that match `plain`. */
export function percentEncode(text: string, plain: RegExp): string {
  let encoded = "";
  for (const byte of Buffer.from(text, "utf8")) {
    const character = String.fromCharCode(byte);
    encoded +=
      byte < 0x80 && plain.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}
