import * as fc from "fast-check";
import { expect, test } from "vitest";
import { seeded, strategy, tmpfs, volume } from "../../../test/support/strategy-samples.ts";
import { PetrifyError } from "../../model/errors.ts";
import { spliceKubernetes } from "../kubernetes-splice.ts";

const APP = strategy([tmpfs("/run"), seeded("/etc/app"), volume("/data", { gid: 5 })]);
const MANIFEST = `# ours
apiVersion: v1
kind: Service
metadata: {name: web}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web # the site
spec:
  template:
    spec: &pod
      securityContext:
        runAsUser: 33

      containers:
        # beside it
        - name: proxy
          image: "envoy"
        - image: app:1
          name: web
          env:
          - {name: A, value: "b"}
          volumeMounts: [{name: conf, mountPath: /conf}]
      volumes:
      - name: conf
        configMap: {name: conf}
--- # more
{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf"}}
`;

const text = fc
  .tuple(
    fc.nat(MANIFEST.length),
    fc.nat(12),
    fc.string({
      unit: fc.constantFrom("\n", " ", "-", "a", ":", "{", "}", "&", "*", "#", '"', "\t", "\r"),
      maxLength: 4,
    }),
  )
  .map(([at, length, inserted]) => MANIFEST.slice(0, at) + inserted + MANIFEST.slice(at + length));

test("every line of the file is there afterwards, as it was and in its place", () => {
  const after = spliceKubernetes(MANIFEST, APP).text.split("\n");
  let place = -1;
  for (const line of MANIFEST.split("\n").filter((each) => !each.includes("volumeMounts: ["))) {
    place = after.indexOf(line, place + 1);
    expect([line, place]).not.toEqual([line, -1]);
  }
});

test("a damaged file is changed safely or refused, and never ends in another error", () => {
  fc.assert(
    fc.property(text, (damaged) => {
      const changed = spliced(damaged);
      expect(changed === undefined ? undefined : spliced(changed)).toBe(changed);
    }),
    { numRuns: 100 },
  );
});

/** The file after the splice; undefined when it is refused. */
function spliced(file: string): string | undefined {
  try {
    return spliceKubernetes(file, APP).text;
  } catch (error) {
    if (error instanceof PetrifyError) return undefined;
    throw error;
  }
}
