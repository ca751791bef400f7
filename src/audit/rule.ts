import type { InputKind, Location, Severity } from "../model/finding.ts";
import type {
  AuditImage,
  AuditedContainer,
  AuditState,
  BuildStep,
  SettingName,
  Settings,
  StrategyStanding,
} from "./container.ts";

/** One thing that an audit looks for. A rule is data and a pure function; its page of the documentation is made of it. */
export interface Rule {
  /** `read-only-root`: words joined by dashes, never renamed (suppressions and baselines name it). */
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  /** Two sentences: what goes wrong, and why it matters. */
  readonly why: string;
  /** What to do in general; a hit may say it better for its place. */
  readonly fix: string;
  /** What to do first: groups of the report, in this order. */
  readonly topic: Topic;
  readonly maps: Mapping;
  /** Settings that it judges: where an input cannot say one of them, it is silent. */
  readonly needs: readonly SettingName[];
  /** Inputs for which it has a meaning; absent: all that can say what it needs. */
  readonly inputs?: readonly InputKind[];
  /** Absent: all but ephemeral containers, which nobody deploys and which can have neither limits nor volumes of their own. */
  readonly roles?: readonly AuditedContainer["role"][];
  /** Judged on Windows containers, too. */
  readonly windows?: true;
  /** What to write, by input: `read_only: true`. An engine takes what a command line takes, Swarm what Compose takes. */
  readonly spelled?: Readonly<Partial<Record<InputKind, string>>>;
  readonly check: (container: AuditedContainer) => readonly Hit[];
  readonly fires: readonly Example[];
  readonly silent: readonly Example[];
}

/** Those of a pod, the ephemeral ones among them. */
export const EVERY_ROLE: NonNullable<Rule["roles"]> = ["main", "init", "sidecar", "ephemeral"];

/** What to do first: a writable root makes the rest matter less, and data that is lost cannot be mended later. */
export const TOPICS = ["read-only root", "data", "isolation", "limits", "image", "operation"] as const;
export type Topic = (typeof TOPICS)[number];

/** Ids in other catalogues; each list may be empty. */
export interface Mapping {
  /** CIS Docker Benchmark 1.6, as docker-bench-security numbers it: `5.13`. */
  readonly cisDocker?: readonly string[];
  /** CIS Docker Benchmark up to 1.5, where it has another number: `5.12` (docker-bench-security, tags v1.3.5 to v1.6.0). */
  readonly cisDockerBefore?: readonly string[];
  /** CIS Kubernetes Benchmark 1.10: `5.7.3`. */
  readonly cisKubernetes?: readonly string[];
  /** NSA/CISA Kubernetes Hardening Guide, by the names of Trivy's k8s-nsa-1.0. */
  readonly nsa?: readonly string[];
  /** NIST SP 800-190, its countermeasures: `4.4.4`. */
  readonly nist800190?: readonly string[];
  /** NIST SP 800-53 revision 5: `AC-6`. */
  readonly nist80053?: readonly string[];
  /** Rules of the STIG "Docker Enterprise 2.x Linux/UNIX" (`V-235808`) and of SRGs. */
  readonly stig?: readonly string[];
}

/** That a rule fires, at one place. */
export interface Hit {
  /** One sentence: what is so here. */
  readonly message: string;
  /** Absent: the rule's. */
  readonly fix?: string;
  readonly at?: Location | undefined;
  /** Tells several hits of one rule in one container apart, whatever moves: a mount's target. */
  readonly key?: string | undefined;
}

/** A container that a rule fires on, or is silent on, for tests and documentation. */
export interface Example {
  readonly what: string;
  readonly input?: InputKind;
  readonly settings: Settings;
  readonly workload?: string;
  readonly role?: AuditedContainer["role"];
  readonly os?: AuditedContainer["os"];
  readonly image?: AuditImage;
  readonly build?: readonly BuildStep[];
  readonly state?: AuditState;
  readonly strategy?: StrategyStanding;
}
