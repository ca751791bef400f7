/** What SELinux denied, of a line of the kernel's audit log (`avc:  denied`). */
export interface AvcDenial {
  /** CLOCK_REALTIME. */
  readonly timeMs: number;
  /** `write`, `add_name`, ... */
  readonly permissions: readonly string[];
  /** Name of the thread, 15 bytes at most. */
  readonly comm: string;
  /** Last part of the path, or the directory's where a name was to be added; absent when the kernel did not know it. */
  readonly name?: string;
  readonly path?: string;
  /** Types of the process and of what it wanted: `container_t`, `user_home_t`. */
  readonly sourceType: string;
  readonly targetType: string;
}

const DENIED = /audit\((\d+)\.(\d{3}):\d+\):\s+avc:\s+denied\s+\{ ([a-z_ ]+) \} for\s+(.*)$/;
const FIELD = /(\w+)=("[^"]*"|\S+)/g;

/**
 * A line of auditd's log (`type=AVC msg=audit(...)`) or of the kernel's own (`audit: type=1400 audit(...)`). Undefined for every
 * other line, and for what a permissive policy only noted.
 */
export function parseAvc(line: string): AvcDenial | undefined {
  const [, seconds, milliseconds, permissions = "", rest = ""] = DENIED.exec(line) ?? [];
  if (seconds === undefined) return undefined;
  const fields = new Map([...rest.matchAll(FIELD)].map(([, key = "", value = ""]) => [key, value]));
  const sourceType = typeOf(fields.get("scontext"));
  const targetType = typeOf(fields.get("tcontext"));
  if (sourceType === undefined || targetType === undefined || fields.get("permissive") === "1") return undefined;
  const name = textOf(fields.get("name"));
  const path = textOf(fields.get("path"));
  return {
    timeMs: Number(seconds) * 1000 + Number(milliseconds),
    permissions: permissions.split(" "),
    comm: textOf(fields.get("comm")) ?? "",
    ...(name === undefined ? {} : { name }),
    ...(path === undefined ? {} : { path }),
    sourceType,
    targetType,
  };
}

/** `user:role:type:level` */
function typeOf(context: string | undefined): string | undefined {
  return /^[^:]+:[^:]+:(\w+)(?::|$)/.exec(context ?? "")?.[1];
}

/** In quotes, or in hexadecimal when it holds a space, a quote or a control character (audit_log_untrustedstring). */
function textOf(value: string | undefined): string | undefined {
  if (value === undefined || value.startsWith('"')) return value?.slice(1, -1);
  return /^(?:[0-9A-F]{2})+$/.test(value) ? Buffer.from(value, "hex").toString() : undefined;
}
