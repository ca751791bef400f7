import { EngineLookups } from "../../src/guard/gate/engine-lookups.ts";
import type { Lookups } from "../../src/guard/gate/lookups.ts";
import { PolicyGate } from "../../src/guard/gate/policy-gate.ts";
import { TRANSLATORS } from "../../src/guard/gate/translators.ts";
import { parseTarget } from "../../src/guard/http/target.ts";
import { DecisionLog } from "../../src/guard/observe/decision-log.ts";
import type { ApiCall } from "../../src/guard/api-call.ts";
import { decide } from "../../src/policy/decide.ts";
import { parsePolicy } from "../../src/policy/file.ts";
import { type ContainerRequest, NOTHING_ASKED } from "../../src/policy/request.ts";
import type { ImageFacts } from "../../src/model/image.ts";
import type { Figure } from "../support/report.ts";

const SECONDS = 3;
const CIRCUMSTANCES = { caller: {}, nowMs: Date.now(), strategies: [], policySinceMs: 0 };

/** Bodies of `POST /containers/create` judged in one process: with the engine asked, without, and the policy alone. */
export async function decisions(socketPath: string, image: string, policyText: string): Promise<readonly Figure[]> {
  const policy = parsePolicy(policyText, "policy.yaml");
  const engine = new EngineLookups(socketPath);
  try {
    const facts = await engine.image(image);
    if (facts === undefined) throw new Error(`no image ${image}`);
    const request: ContainerRequest = { ...NOTHING_ASKED, imageReference: image, image: facts };
    const snapshot = { policy, strategies: [], sinceMs: 0, enginePaths: [], guardPaths: [] };
    const log = new DecisionLog({ write: () => undefined }, "bench");
    const gate = (lookups: Lookups): PolicyGate =>
      new PolicyGate({ snapshot, lookups, translators: TRANSLATORS, decide, observer: log, dryRun: false });
    const alone = await perSecond(1, () => {
      decide({ action: "create", container: request }, policy, CIRCUMSTANCES);
    });
    const [asking, answered] = [gate(engine), gate(new Answered(facts))];
    const judge = (by: PolicyGate) => async (): Promise<void> => {
      const answer = await by.judge(CREATE, body(image));
      if (answer.kind !== "forward" || answer.body === undefined) throw new Error("not made read-only");
    };
    const without = await perSecond(1, judge(answered));
    const one = await perSecond(1, judge(asking));
    const many = await perSecond(16, judge(asking));
    return [
      ["create bodies judged, engine asked", one],
      ["the same, 16 at a time", many],
      ["create bodies judged, engine not asked", without],
      ["the policy alone", alone],
    ].map(([name, value]) => ({ name: String(name), unit: "/s", value: Number(value), baseline: alone }));
  } finally {
    engine.close();
  }
}

const CREATE: ApiCall = {
  method: "POST",
  target: parseTarget("/v1.41/containers/create"),
  contentType: "application/json",
  caller: {},
};

/** As the docker command sends it, without what is empty. */
function body(image: string): Buffer {
  const host = { NetworkMode: "default", RestartPolicy: { Name: "no" }, LogConfig: { Type: "", Config: {} } };
  const limits = { Memory: 0, PidsLimit: 0, CpuShares: 0, OomKillDisable: false, Binds: null, CapAdd: null, Dns: [] };
  const config = { Hostname: "", User: "", AttachStdout: true, Tty: false, Env: null, Cmd: ["true"], Image: image };
  return Buffer.from(
    JSON.stringify({ ...config, Labels: {}, HostConfig: { ...host, ...limits }, NetworkingConfig: {} }),
  );
}

/** An engine that has answered already. */
class Answered implements Lookups {
  readonly image: Lookups["image"];
  constructor(facts: ImageFacts) {
    this.image = () => Promise.resolve(facts);
  }
  container = (): Promise<undefined> => Promise.resolve(undefined);
  exec = (): Promise<undefined> => Promise.resolve(undefined);
  pod = (): Promise<undefined> => Promise.resolve(undefined);
  volume = (): Promise<undefined> => Promise.resolve(undefined);
  dataRoot = (): Promise<undefined> => Promise.resolve(undefined);
  hostPlace = (): Promise<undefined> => Promise.resolve(undefined);
}

async function perSecond(atATime: number, work: () => Promise<void> | void): Promise<number> {
  for (let time = 0; time < 500; time++) await work();
  const until = performance.now() + SECONDS * 1000;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      await work();
      done++;
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return done / SECONDS;
}
