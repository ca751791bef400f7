import { expect, test } from "vitest";
import { holdsSecret } from "./secret-variable.ts";

test.each([
  "POSTGRES_PASSWORD=gitea",
  "GITEA__database__PASSWD=gitea",
  "API_TOKEN=0123456789abcdef",
  "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI",
  "DATABASE_URL=postgres://app:hunter2@db/app",
  "TOKEN_URL=https://app:hunter2@idp/token",
  "CALLBACKS=https://a:${A}@x https://b:hunter2@y",
  "SECRET_KEY_BASE=/4Vh1+x",
  "PIN=123456",
])("%s is a secret", (variable) => expect(holdsSecret(variable)).toBe(true));

test.each([
  "AUTH_METHOD=scram-sha-256",
  "TOKEN_URL=https://idp.example/token",
  "KEY_PREFIX=shop",
  "SESSION_COOKIE_NAME=sid",
  "AWS_ACCESS_KEY_ID=minio",
  "PASSWORD_RESET_TIMEOUT=3600",
  "ACCESS_TOKEN_AGE=15m",
  "DATABASE_URL=postgres://app:${DB_PASSWORD}@db/app",
  "DATABASE_URL=postgres://app:$(DB_PASSWORD)@db/app",
  "DATABASE_URL=redis://:$REDIS_PASSWORD@db",
  "DATABASE_URL=postgres://app:@db/app",
  "DB_PASSWORD={{ vault_db_password }}",
  "DB_PASSWORD=<your password>",
  "TLS_KEY=/etc/tls/tls.key",
  "DB_PASSWORD=",
  "DB_PASSWORD",
])("%s is none", (variable) => expect(holdsSecret(variable)).toBe(false));
