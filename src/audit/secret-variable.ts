import { isSecret } from "../strategy/secrets.ts";

/** Last words of names that say how a secret is used, made or found, and hold none: `AUTH_METHOD`, `TOKEN_URL`. */
const ABOUT_SECRETS = new RegExp(
  "_(?:ALGORITHM|ALG|AUDIENCE|CLASS|DIR|DOMAIN|DURATION|ENABLED?|ENDPOINT|EXPIRATION|EXPIRES(?:_IN)?|EXPIRY|HEADER|HOST|ID|ISSUER|" +
    "LENGTH|LIFETIME|MAX_AGE|METHODS?|MODE|NAME|PATH|POLICY|PREFIX|PROVIDER|SAMESITE|SCOPES?|SECURE|SERVER|TIMEOUT|TTL|TYPE|URI|URL)$",
  "i",
);
/** A switch, a number of a few digits, a duration, a reference to another variable, a template, a placeholder, a file. */
const NO_SECRET =
  /^(?:|true|false|yes|no|on|off|none|null|\d{1,5}(?:ms|[smhdw])?|\$.*|\{\{.*|<.*>|(?:file:\/\/)?\/(?:app|certs?|config|data|etc|home|keys?|mnt|opt|root|run|secrets?|srv|tmp|usr|var)\/.*)$/is;
/** A password in a URL that is not there, or comes from elsewhere: `://app:@db`, `://app:${PASSWORD}@db`, `://app:$(PASSWORD)@db`. */
const PASSWORD_FROM_ELSEWHERE = /:\/\/[^/@\s:]*:(?:|\$\w+|\$\{[^}]*\}|\$\([^)]*\)|\{\{[^}]*\}\})@/g;

/**
 * Whether `NAME=VALUE` in a text holds a secret, by its name and value. Narrower than what is kept out of files that are
 * committed: there a name too many does no harm, here it is a false finding.
 */
export function holdsSecret(variable: string): boolean {
  const equals = variable.indexOf("=");
  if (equals <= 0) return false;
  const name = variable.slice(0, equals);
  const value = variable.slice(equals + 1).trim();
  if (NO_SECRET.test(value)) return false;
  const told = value.replaceAll(PASSWORD_FROM_ELSEWHERE, "://");
  return isSecret(`${ABOUT_SECRETS.test(name) || told !== value ? "X" : name}=${told}`);
}
