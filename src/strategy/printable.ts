/** The text on one line and without signs that steer a terminal or run backwards: for messages that quote what somebody else wrote. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "?");
}
