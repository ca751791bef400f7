import type { PathRecord } from "../model/profile.ts";
import { ancestors } from "./paths.ts";
import { ASKED_BY_HABIT } from "./rules/limits.ts";

/**
 * Executables that ask access(W_OK) of whatever they look at: their question says nothing of what they are going to write.
 * Erlang's file:read_file_info does, for a field of its answer (erts/emulator/nifs/unix/unix_prim_file.c, efile_read_info).
 */
export function habitualAskers(records: readonly PathRecord[]): ReadonlySet<string> {
  const written = new Set(
    records
      .filter((record) => !isOnlyAsked(record))
      .flatMap(({ path, by }) => by.flatMap((exe) => [path, ...ancestors(path)].map((place) => `${exe}\0${place}`))),
  );
  const asked = records.filter(isOnlyAsked).flatMap(({ path, by }) => by.map((exe) => ({ path, exe })));
  // Of what it writes, and of the directories above that, the question may well be meant.
  const idle = Map.groupBy(
    asked.filter(({ path, exe }) => !written.has(`${exe}\0${path}`)),
    ({ exe }) => exe,
  );
  return new Set([...idle].filter(([, { length }]) => length >= ASKED_BY_HABIT).map(([exe]) => exe));
}

function isOnlyAsked({ done, failed }: PathRecord): boolean {
  const all = [...done, ...failed.map(({ operation }) => operation)];
  return all.includes("access") && all.every((operation) => operation === "access" || operation === "read");
}
