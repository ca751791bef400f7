import { expect, test } from "vitest";
import { withoutSecrets } from "./secrets.ts";
import { strategyOf, WORKLOAD } from "./testing/world.ts";
import { formatStrategy } from "./file.ts";

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln";
const SECRETS = [
  "POSTGRES_PASSWORD MYSQL_ROOT_PASSWORD PGPASSWORD DB_PASS REDIS_PASSWD API_TOKEN GITHUB_TOKEN NEO4J_AUTH SENTRY_DSN",
  "AWS_SECRET_ACCESS_KEY SECRET_KEY_BASE APP_KEY APIKEY db_pwd ERLANG_COOKIE GOOGLE_CREDENTIALS RABBITMQ_PASS_FILE",
].flatMap((names) => names.split(" ").map((name) => `${name}=hunter2`));
const SECRET_VALUES = ["DATABASE_URL=postgres://u:hunter2@db/x", `SESSION=${JWT}`, "CERT=-----BEGIN PRIVATE KEY-----"];
const HARMLESS = [
  "PATH=/usr/bin TZ=UTC AUTHOR=me KEYBOARD=de MONKEY=1 COMPASS=north EMPTY= INHERITED PASSENGER_APP_ENV=production",
  "POSTGRES_PASSWORD_FILE=/run/secrets/db URL=https://example.com/a@b PRESSURE=1 PINS=3",
].flatMap((line) => line.split(" "));

test.each([...SECRETS, ...SECRET_VALUES])("%s keeps its name only", (variable) => {
  const [name] = variable.split("=");
  expect(withoutSecrets({ ...WORKLOAD, env: [variable] }).env).toEqual([name]);
});

test.each(HARMLESS)("%s stays", (variable) => {
  expect(withoutSecrets({ ...WORKLOAD, env: [variable] }).env).toEqual([variable]);
});

test("no secret reaches the file", () => {
  const text = formatStrategy(strategyOf({ workload: { env: [...SECRETS, ...SECRET_VALUES] } }));
  expect(text).not.toMatch(/hunter2|BEGIN|eyJ/);
});
