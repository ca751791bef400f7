import { expect, test } from "vitest";
import type { Workload } from "../../model/workload.ts";
import { type Bench, eventually } from "./bench.ts";

type Row = readonly [setting: string, workload: Partial<Workload>, script: string, seen: string];

/** Each setting of a workload, and what a process in the container sees of it. */
const ROWS: readonly Row[] = [
  ["env", { env: ["A=1", "B=x y"] }, 'echo "$A|$B"', "1|x y"],
  ["user", { user: "1234" }, "id -u; id -g", "1234\n1235"],
  ["workingDir", { workingDir: "/seed/sub" }, "pwd", "/seed/sub"],
  ["hostname", { hostname: "stone" }, "hostname", "stone"],
  ["groupAdd", { groupAdd: ["4321"] }, "id -G", "0 4321"],
  ["capDrop", { capDrop: ["CHOWN"] }, "chown 1:1 /seed 2>/dev/null || echo refused", "refused"],
  ["capAdd", { capDrop: ["ALL"], capAdd: ["CHOWN"] }, "grep CapEff /proc/self/status", "CapEff:\t0000000000000001"],
  ["securityOpt", { securityOpt: ["no-new-privileges"] }, "grep NoNewPrivs /proc/self/status", "NoNewPrivs:\t1"],
  ["sysctls", { sysctls: { "net.ipv4.ip_default_ttl": "77" } }, "cat /proc/sys/net/ipv4/ip_default_ttl", "77"],
  ["ulimits", { ulimits: [{ name: "nofile", soft: 99, hard: 111 }] }, "ulimit -Sn; ulimit -Hn", "99\n111"],
  ["extraHosts", { extraHosts: ["stone:10.1.2.3"] }, "grep stone /etc/hosts", "10.1.2.3\tstone"],
  ["dns", { dns: ["10.9.8.7"] }, "grep ^nameserver /etc/resolv.conf", "nameserver 10.9.8.7"],
  ["shmSizeBytes", { shmSizeBytes: 3 * 2 ** 20 }, "df -k /dev/shm | awk 'NR==2{print $2}'", "3072"],
  ["init", { init: true }, "[ $$ -ne 1 ] && echo child", "child"],
  ["no init", { init: false }, "echo $$", "1"],
  ["entrypoint", { entrypoint: ["echo", "entry"], command: ["word"] }, "", "entry word"],
  ["network none", { network: "none" }, "ls /sys/class/net", "lo"],
];

export function settingsContract(bench: Bench): void {
  test.for(ROWS)("%s", async ([setting, workload, script, seen], { skip }) => {
    if (setting === "ulimits") bench.need("resource limits", skip);
    const { stdout, stderr, exitCode } = await bench.run(script, { workload });
    expect({ exitCode, stdout: stdout.trim(), stderr }).toEqual({ exitCode: 0, stdout: seen, stderr: "" });
  });

  test("a pids limit stops a fork", async () => {
    const { stderr } = await bench.run("for i in 1 2 3 4 5 6 7 8; do sleep 1 & done", { workload: { pidsLimit: 4 } });
    expect(stderr).toContain("fork");
  });

  test("restart on failure runs it again, as often as allowed", async () => {
    const workload = { command: ["sh", "-c", "echo run; exit 1"], restart: "on-failure:1" };
    await bench.with({ workload }, async (container) => {
      await container.start();
      expect(await eventually(async () => ((await container.logs(10)) === "run\nrun\n" ? true : undefined))).toBe(true);
    });
  });

  test("a restart policy that is none is refused", async () => {
    await expect(bench.with({ workload: { restart: "sometimes" } }, async () => undefined)).rejects.toMatchObject({
      code: "E_USAGE",
    });
  });
}
