import { expect, test } from "vitest";
import { secretContent, secretName } from "./secrets.ts";

test.each([
  ["/etc/machine-id", "host"],
  ["/var/lib/dbus/machine-id", "host"],
  ["/srv/app/machine-id", "host"],
  ["/etc/hostid", "host"],
  ["/var/lib/systemd/random-seed", "host"],
  ["/root/.rnd", "host"],
  ["/etc/resolv.conf", "host"],
  ["/etc/hosts", "host"],
  ["/etc/ssh/ssh_host_rsa_key", "secret"],
  ["/root/.ssh/id_ed25519", "secret"],
  ["/etc/tls/server.key", "secret"],
  ["/etc/app/host_key", "secret"],
  ["/opt/app/keys.jks", "secret"],
  ["/etc/krb5.keytab", "secret"],
  ["/etc/shadow", "secret"],
  ["/etc/gshadow-", "secret"],
  ["/etc/nginx/.htpasswd", "secret"],
  ["/mosquitto/passwd", "secret"],
  ["/root/.pgpass", "secret"],
  ["/root/.npmrc", "secret"],
  ["/var/lib/rabbitmq/.erlang.cookie", "secret"],
  ["/app/api_key.txt", "secret"],
  ["/app/db-password", "secret"],
  ["/app/credentials.json", "secret"],
])("the name %s says that it stays out: %s", (path, kind) => {
  expect(secretName(path)?.kind).toBe(kind);
});

test.each([
  "/etc/passwd",
  "/etc/group",
  "/etc/ssl/certs/ca.pem",
  "/etc/ssh/ssh_host_rsa_key.pub",
  "/etc/app/keyboard.conf",
  "/app/monkey",
])("the name %s says nothing", (path) => {
  expect(secretName(path)).toBeUndefined();
});

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  ["a private key", "-----BEGIN PRIVATE KEY-----\nMII"],
  ["one of OpenSSH", "-----BEGIN OPENSSH PRIVATE KEY-----\n"],
  ["one of PGP", "-----BEGIN PGP PRIVATE KEY BLOCK-----"],
  ["one as Base64", `data: ${btoa("-----BEGIN RSA PRIVATE KEY-----\nAAAA")}`],
  ["one as UTF-16", "-----BEGIN PRIVATE KEY-----".split("").join("\0")],
  ["the hash of a password", "admin:$2y$05$abcdefghijklmnopqrstuv"],
  ["one of LDAP", "userPassword:: {SSHA}abc"],
  ["one of PostgreSQL", '"app" "SCRAM-SHA-256$4096:abc"'],
  ["a JSON web token", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln"],
  ["a token of GitHub", "ghp_abcdefghijklmnopqrstuvwxyz012345"],
  ["a key of AWS", "AKIAIOSFODNN7EXAMPLE"],
  ["a password in a URL", "url=postgres://app:hunter2@db/app"],
  ["a password in an INI file", "password = hunter2"],
  ["one in JSON", '{"password": "hunter2"}'],
  ["one in YAML", "db:\n  passwd: 'hunter2'\n"],
  ["one of redis", "requirepass hunter2"],
  ["a secret of an application", "SECRET_KEY_BASE=abc\nclient_secret=0123456789"],
  ["an identifier that was drawn", "0123456789abcdef0123456789abcdef\n"],
  ["a UUID", "123e4567-e89b-12d3-a456-426614174000"],
])("the content stays out: %s", (_what, text) => {
  expect(secretContent(encode(text))?.kind).toBe("secret");
});

test.each([
  ["a configuration", "server { listen 8080; server_tokens off; ssl_certificate_key /etc/tls/tls.key; }"],
  ["a certificate", "-----BEGIN CERTIFICATE-----\nMIIB"],
  ["a user without a password", "root:x:0:0:root:/root:/bin/sh"],
  ["a switch", "password: required\nuse_token = true\nsecret: /run/secrets/db"],
  ["nothing", ""],
])("the content may be copied: %s", (_what, text) => {
  expect(secretContent(encode(text))).toBeUndefined();
});

test.each([
  ["a Java key store", "feedfeed00000002", "secret"],
  ["a PKCS #12 store", "308209f302010330", "secret"],
  ["a private key as DER", "308204bd020100300d", "secret"],
  ["gzip", "1f8b0800", "unsafe"],
  ["zip", "504b030414", "unsafe"],
  ["SQLite", "53514c69746520666f726d6174203300", "data"],
  ["a certificate as DER", "308205a23082048aa003020102", undefined],
])("%s", (_what, hex, kind) => {
  expect(secretContent(Uint8Array.from(Buffer.from(hex, "hex")))?.kind).toBe(kind);
});

test("a mebibyte made to be slow to search is searched", () => {
  for (const piece of ["eyJ-", "secret ", "-----BEGIN ", "://a", "$2", "0".repeat(40), "password: true\n"]) {
    expect(() => secretContent(encode(piece.repeat(2 ** 20 / piece.length)))).not.toThrow();
  }
});
