import { PetrifyError } from "../../model/errors.ts";
import type { ReadContainers } from "../inputs.ts";
import { readCluster } from "../inputs/kubernetes/cluster.ts";
import { runTool } from "./tool.ts";

export interface ClusterOptions {
  /** Of the kubeconfig; absent: its current one. */
  readonly context?: string;
  readonly signal?: AbortSignal;
}

// Pods, and what names them; objects of other kinds are seen by their pods.
const KINDS = "pods,replicasets,replicationcontrollers,deployments,statefulsets,daemonsets,jobs,cronjobs";
const TIMEOUT_MS = 300_000;
const OUTPUT_BYTES = 2 ** 28;

/**
 * The containers of a cluster, by the user's own kubectl and its rights: only read, and what may not be read is a problem.
 * Throws E_CLUSTER, E_INTERRUPTED.
 */
export async function auditCluster({ context, signal }: ClusterOptions): Promise<ReadContainers> {
  const name = context === undefined ? "cluster" : `cluster (context ${context})`;
  const result = await runTool({
    program: "kubectl",
    args: [
      ...(context === undefined ? [] : [`--context=${context}`]),
      "get",
      KINDS,
      "--all-namespaces",
      "--output=json",
      "--request-timeout=60s",
    ],
    code: "E_CLUSTER",
    timeoutMs: TIMEOUT_MS,
    outputBytes: OUTPUT_BYTES,
    ...(signal === undefined ? {} : { signal }),
  });
  if (result === undefined)
    throw new PetrifyError("E_CLUSTER", "A cluster is read by kubectl, and there is none on PATH.", {
      hint: "Install kubectl, or run `kubectl get pods -A -o json` elsewhere and audit the file.",
    });
  const { exitCode, stdout, said } = result;
  if (exitCode === 0) return readCluster(stdout, name);
  const message = `kubectl: ${said === "" ? `it ended with ${exitCode ?? "a signal"}` : said}`;
  const hint = "`kubectl get pods -A` must work for this context; what may not be listed is not audited.";
  // It prints what it got when some kinds may not be listed.
  if (stdout.trim() === "") throw new PetrifyError("E_CLUSTER", message, { hint });
  const read = readCluster(stdout, name);
  return { ...read, problems: [...read.problems, { source: name, code: "E_CLUSTER", message, hint }] };
}
