import { Option, type Command } from "commander";
import type { AuditText, ReadContainers } from "../audit/inputs.ts";
import { PetrifyError } from "../model/errors.ts";
import { interruption } from "./cleanup.ts";

export interface KubernetesFlags {
  readonly render?: boolean;
  readonly cluster?: boolean;
  readonly kubeContext?: string;
}

/** Adds the options of `petrify audit` that run a tool of the user's. */
export function kubernetesOptions<C extends Command>(command: C): C {
  return command
    .option(
      "--render",
      "render Helm charts and Kustomize folders by your own helm, kustomize or kubectl: only those you trust",
    )
    .option("--cluster", "audit the cluster of the kubeconfig's current context, by your own kubectl")
    .addOption(new Option("--kube-context <name>", "audit the cluster of this context").conflicts("cluster"));
}

/** The containers of the cluster that was asked for; undefined when none was. Throws E_USAGE, E_CLUSTER, E_INTERRUPTED. */
export async function clusterContainers(
  { cluster, kubeContext, render }: KubernetesFlags,
  operands: readonly string[],
): Promise<ReadContainers | undefined> {
  if (cluster !== true && kubeContext === undefined) return undefined;
  if (operands.length > 0 || render === true)
    throw new PetrifyError("E_USAGE", "A cluster is audited by itself, without files.", {
      hint: "Run petrify audit twice.",
    });
  const { auditCluster } = await import("../audit/sources/cluster.ts");
  return auditCluster({ signal: interruption, ...(kubeContext === undefined ? {} : { context: kubeContext }) });
}

/** The texts, with what is to be rendered rendered when that was asked for. Throws E_INTERRUPTED. */
export async function renderedTexts(
  texts: readonly AuditText[],
  { render }: KubernetesFlags,
): Promise<Pick<ReadContainers, "problems"> & { readonly texts: readonly AuditText[] }> {
  if (render !== true) return { texts, problems: [] };
  const { renderTexts } = await import("../audit/sources/rendered.ts");
  return renderTexts(texts, interruption);
}
