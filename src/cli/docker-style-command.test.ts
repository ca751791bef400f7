import { Command, CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { DockerStyleCommand } from "./docker-style-command.ts";
import type { CommandPlace, RunRequest } from "./run-flags.ts";
import { RUN_FLAGS } from "./run-flags/flag-table.ts";

function run(place: CommandPlace, args: readonly string[]) {
  let outcome: { request: RunRequest; options: Record<string, unknown> } | undefined;
  let printed = "";
  const command = new DockerStyleCommand("run", place)
    .argument("<image>")
    .argument("[command...]")
    .option("--test <command>", "exercise it")
    .option("-j, --json", "machine-readable")
    .option("--stable [k]", "an optional number")
    .exitOverride()
    .configureOutput({ writeOut: (text) => (printed += text), writeErr: (text) => (printed += text) });
  command.action((image: string, rest: string[], options: Record<string, unknown>) => {
    outcome = { request: command.runRequest(image, rest, { cwd: "/", env: {}, readTextFile: () => "" }), options };
  });
  // --version of the program and --volume of the command share -v: positional options keep them apart.
  const program = new Command().version("1", "-v").enablePositionalOptions().exitOverride().addCommand(command);
  try {
    program.parse(["run", ...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
  }
  return { outcome, printed };
}

describe("Petrify's flags beside docker's", () => {
  test("both are read, in any order, also inside one cluster", () => {
    const { outcome } = run("after image", [
      "-tj",
      "-v",
      "a1:/b",
      "--test",
      "-v curl",
      "-e=A=1",
      "nginx",
      "-j",
      "--json",
    ]);
    expect(outcome?.options).toEqual({ json: true, test: "-v curl" });
    expect(outcome?.request.workload).toMatchObject({
      tty: true,
      env: ["A=1"],
      mounts: [{ source: "a1" }],
      command: ["-j", "--json"],
    });
  });
  test("learn's own flags may follow the image", () => {
    const { outcome } = run("after dashes", ["nginx", "--test=curl x", "-p80:80", "--", "nginx", "--json"]);
    expect(outcome?.options).toEqual({ test: "curl x" });
    expect(outcome?.request.workload).toMatchObject({ ports: [{ hostPort: 80 }], command: ["nginx", "--json"] });
  });
  test.for<[args: readonly string[], stable: string | true]>([
    [["--stable", "3", "nginx"], "3"],
    [["--stable=3", "nginx"], "3"],
    [["nginx", "--stable", "3"], "3"],
    [["--stable", "nginx"], true],
    [["nginx", "--stable"], true],
    [["--stable", "3com/nginx", "--", "5"], true],
  ])("an optional number is taken from what follows only when it is one: %j", ([args, stable]) => {
    expect(run("after dashes", args).outcome?.options).toEqual({ stable });
  });
  test("an unknown flag of either kind is refused by name", () => {
    expect(() => run("after image", ["--tets", "x", "nginx"])).toThrow("no flag --tets");
  });
  test("-h is docker's host name, --help is the help, which lists Petrify's own flags and then docker's", () => {
    expect(run("after image", ["-h", "web", "nginx"]).outcome?.request.workload.hostname).toBe("web");
    const { outcome, printed } = run("after image", ["--help"]);
    expect(outcome).toBeUndefined();
    for (const flag of RUN_FLAGS) expect(printed).toContain(`--${flag.long}`);
    expect(printed.indexOf("--test <command>")).toBeLessThan(printed.indexOf("Flags of docker run:"));
  });
});
