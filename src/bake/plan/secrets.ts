import { basename } from "node:path/posix";
import type { Refusal } from "./types.ts";

interface Rule extends Refusal {
  readonly pattern: RegExp;
  /** Of what the pattern found. */
  readonly unless?: RegExp;
}
const secret = (reason: string, pattern: RegExp): Rule => ({ kind: "secret", reason, pattern });
const host = (reason: string, pattern: RegExp): Rule => ({ kind: "host", reason, pattern });

/** Paths whose content belongs to one host, whatever it is: machine-id(5), random-seed(8), hostid(1), resolv.conf(5). */
const PATHS: readonly Rule[] = [
  host("it identifies one machine", /^\/etc\/(?:machine-id|hostid)$|^\/var\/lib\/dbus\/|\/machine[-_]?id$/),
  host("it is a seed of random numbers", /random[-_.]?seed|\.rnd$|entropy/i),
  host("it belongs to the network of one host", /^\/etc\/(?:resolv\.conf|hosts|hostname|mtab)$/),
  secret("its name is that of a password file", /(?<!^\/etc)\/passwd$/),
];

/** Names under which keys, password files and tokens are kept. */
const NAMES: readonly Rule[] = [
  secret("its name is that of a host key", /^ssh_host_.*key$/),
  secret(
    "its name is that of a private key",
    /^(?:id_(?:rsa|dsa|ecdsa|ed25519)|identity|.*(?:\.(?:key|ppk)|[_-]key))$/i,
  ),
  secret("its name is that of a key store", /\.(?:jks|jceks|keystore|truststore|p12|pfx|kdbx|keytab|gpg|asc|age)$/i),
  secret(
    "its name is that of a password file",
    /^(?:shadow|gshadow)-?$|^\.?(?:htpasswd|pgpass|netrc|my\.cnf|npmrc|pypirc|git-credentials|dockercfg|vault-token|xauthority)$/i,
  ),
  secret(
    "its name says that it holds a secret",
    /passwd(?!$)|password|passphrase|secret|token|credential|cookie|api[-_]?key/i,
  ),
];

const TEXTS: readonly Rule[] = [
  secret(
    "it holds a private key",
    /-----BEGIN [A-Z0-9 ]*PRIVATE KEY|PuTTY-User-Key-File|AGE-SECRET-KEY-|LS0tLS1CRUdJTi/,
  ),
  secret(
    "it holds the hash of a password",
    /\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|argon2(?:i|d|id))\$|\{S?SHA(?:\d+)?\}|SCRAM-SHA-/,
  ),
  secret(
    "it holds a token",
    /\beyJ[\w-]{8,512}\.[\w-]{8,512}\.|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\b(?:gh[opsu]_|github_pat_|glpat-|xox[abp]-|sk-)\w{12,}/,
  ),
  secret("it holds a password in a URL", /:\/\/[^/@\s:]*:[^/@\s]+@/),
  {
    kind: "secret",
    reason: "it sets a password, a token or a key",
    pattern:
      /(?:passw(?:or)?d|passphrase|secret|token|credentials?|api[-_]?key|private[-_]?key|auth[-_]?key|requirepass|masterauth)["']?(?:\s*[:=]\s*|[ \t]+)["']?[^\s"'#;:=<>{}()$]{3,}/i,
    unless: /[:=\s]["']?(?:true|false|yes|none|null|off|required|optional|enabled|disabled|\/[^\s"']*)$/i,
  },
  secret(
    "it is an identifier that was drawn",
    /^\s*(?:[0-9a-f]{32,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s*$/i,
  ),
];

/** First bytes of content that cannot be searched, or is no configuration. Source: file(1), magic/Magdir. */
const BINARIES: readonly (Refusal & { readonly magic: string })[] = [
  ...["feedfeed", "cececece"].map((magic) => ({ kind: "secret" as const, reason: "it is a key store", magic })),
  ...["1f8b", "504b0304", "fd377a58", "28b52ffd", "425a68", "377abcaf"].map((magic) => ({
    kind: "unsafe" as const,
    reason: "it is compressed: whether it holds a secret cannot be seen",
    magic,
  })),
  { kind: "data", reason: "it is a database", magic: "53514c69746520666f726d6174203300" },
];

/** DER: a SEQUENCE that begins with a version, as private keys and PKCS #12 stores do (RFC 5208, 5915, 8017, 7292). */
const DER_SECRET = /^30(?:8[0-4](?:[0-9a-f]{2}){0,4}|[0-7][0-9a-f])0201/;

/** Why what lies at a path is not to be copied into an image, by its name; undefined when it may. */
export function secretName(path: string): Refusal | undefined {
  const name = basename(path);
  return strip(PATHS.find(({ pattern }) => pattern.test(path)) ?? NAMES.find(({ pattern }) => pattern.test(name)));
}

/** The same by its content. */
export function secretContent(content: Uint8Array): Refusal | undefined {
  const hex = [...content.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const binary = BINARIES.find(({ magic }) => hex.startsWith(magic));
  if (binary !== undefined) return strip(binary);
  if (DER_SECRET.test(hex)) return { kind: "secret", reason: "it looks like a private key" };
  // UTF-16 is text with zeros in between.
  const text = asText(content).replaceAll("\0", "");
  return strip(TEXTS.find((rule) => finds(rule, text)));
}

function finds({ pattern, unless }: Rule, text: string): boolean {
  if (unless === undefined) return pattern.test(text);
  return [...text.matchAll(new RegExp(pattern, `${pattern.flags}g`))].some(([found]) => !unless.test(found));
}

/** Every byte as one character: nothing is lost where it is no UTF-8. */
export function asText(content: Uint8Array): string {
  return new TextDecoder("latin1").decode(content);
}

function strip(rule: Refusal | undefined): Refusal | undefined {
  return rule === undefined ? undefined : { kind: rule.kind, reason: rule.reason };
}
