import { expect, test } from "vitest";
import { parse } from "yaml";
import { bind, strategy, volume, workload } from "../../test/support/strategy-samples.ts";
import { exportCompose } from "./compose.ts";

test("no value of a workload or a volume takes a variable from the environment of whoever runs Compose", () => {
  const settings: Readonly<Record<string, string | readonly string[]>> = {
    ...Object.fromEntries(
      ["image", "user", "workingDir", "hostname", "network", "runtime", "stopSignal", "restart", "platform"].map(
        (field) => [field, "$X"],
      ),
    ),
    ...Object.fromEntries(
      ["entrypoint", "command", "env", "capAdd", "capDrop", "securityOpt", "groupAdd", "extraHosts", "dns"].map(
        (field) => [field, ["$X"]],
      ),
    ),
  };
  const run = workload({
    ...settings,
    labels: { l: "$X" },
    sysctls: { s: "$X" },
    ports: [{ hostIp: "$X", containerPort: 80, protocol: "tcp" }],
  });
  const stored = volume("/v", { source: "v$X", driver: "d$X", options: { o: "$X" } });
  const { text } = exportCompose(strategy([stored, bind("/b", { source: "/$X" })], { workload: run }));
  const values: string[] = [];
  JSON.stringify(parse(text), (_key, value: unknown) => {
    if (typeof value === "string" && value.includes("X")) values.push(value);
    return value;
  });
  expect(values.length).toBeGreaterThan(24);
  expect(values.filter((value) => !/^[^$]*\$\$X[^$]*(?::\/v)?$/.test(value))).toEqual([]);
});
