import { readFileSync, existsSync } from "node:fs";
import koffi from "koffi";
import { PetrifyError } from "../model/errors.ts";

const BTF = "/sys/kernel/btf/vmlinux";
const EPERM = 1;
const EAGAIN = 11;
const EACCES = 13;
const LOAD_ATTEMPTS = 3;
const BPF_ANY = 0n;
/** include/uapi/linux/bpf.h, struct bpf_prog_info */
const PROG_INFO_BYTES = 232;
const RECURSION_MISSES_AT = 208;

/** Every hook is there twice, told apart by the end of its name: attached by BTF, and as a raw tracepoint. */
export type ProgramSet = "_btf" | "_raw";
/** The end of the names of io_uring's hooks, which not every kernel accepts. */
const RING_PROGRAMS = "_ring";

export type Pointer = { readonly __pointer: never };

/** The calls of libbpf.so.1 that are used. Negative numbers are errnos, null is a failure with koffi.errno(). */
function bind() {
  const lib = loadLibrary();
  return {
    setPrint: lib.func("void *libbpf_set_print(void *print)"),
    openMemory: lib.func("void *bpf_object__open_mem(const void *bytes, size_t size, const void *options)"),
    load: lib.func("int bpf_object__load(void *object)"),
    close: lib.func("void bpf_object__close(void *object)"),
    findMap: lib.func("void *bpf_object__find_map_by_name(void *object, const char *name)"),
    nextProgram: lib.func("void *bpf_object__next_program(void *object, void *program)"),
    programName: lib.func("const char *bpf_program__name(void *program)"),
    setAutoload: lib.func("int bpf_program__set_autoload(void *program, bool autoload)"),
    attach: lib.func("void *bpf_program__attach(void *program)"),
    programFd: lib.func("int bpf_program__fd(void *program)"),
    destroyLink: lib.func("int bpf_link__destroy(void *link)"),
    mapFd: lib.func("int bpf_map__fd(void *map)"),
    setMaxEntries: lib.func("int bpf_map__set_max_entries(void *map, uint32_t entries)"),
    update: lib.func("int bpf_map_update_elem(int fd, const void *key, const void *value, uint64_t flags)"),
    lookup: lib.func("int bpf_map_lookup_elem(int fd, const void *key, _Out_ uint8_t *value)"),
    delete: lib.func("int bpf_map_delete_elem(int fd, const void *key)"),
    lookupBatch: lib.func(
      "int bpf_map_lookup_batch(int fd, const void *from, _Out_ uint8_t *to, _Out_ uint8_t *keys, _Out_ uint8_t *values, _Inout_ uint32_t *count, const void *options)",
    ),
    objectInfo: lib.func("int bpf_obj_get_info_by_fd(int fd, _Out_ uint8_t *info, _Inout_ uint32_t *size)"),
    possibleCpus: lib.func("int libbpf_num_possible_cpus(void)"),
  };
}

function loadLibrary() {
  try {
    return koffi.load("libbpf.so.1");
  } catch (cause) {
    throw new PetrifyError("E_SENSOR_UNAVAILABLE", "libbpf.so.1 (libbpf 1.0 or later) is not installed.", {
      hint: "Install it: apt-get install libbpf1 (Debian, Ubuntu), dnf install libbpf (Fedora, RHEL).",
      cause,
    });
  }
}

/** What is tried, in this order. */
const SETS: readonly (readonly [ProgramSet, ...string[]])[] = [
  ["_btf", RING_PROGRAMS],
  ["_btf"],
  ["_raw", RING_PROGRAMS],
  ["_raw"],
];

/** One loaded and attached BPF object. Everything of it is gone with `close`, or with the process. */
export class BpfObject {
  readonly #lib: ReturnType<typeof bind>;
  readonly #object: Pointer;
  readonly #programs: Pointer[];
  readonly #links: Pointer[] = [];
  readonly possibleCpus: number;
  /** Whether requests made through io_uring are seen. */
  readonly decodesRings: boolean;

  /**
   * Loads the object and attaches its programs: those whose name ends in `_btf`, or their twins in `_raw` on a kernel that
   * refuses the first; with those of io_uring where it takes them. Throws E_SENSOR_UNAVAILABLE with the reason.
   */
  constructor(bytes: Buffer, mapEntries: Readonly<Record<string, number>>, programs?: ProgramSet) {
    this.#lib = bind();
    this.#lib.setPrint(null);
    if (!existsSync(BTF))
      throw new PetrifyError("E_SENSOR_UNAVAILABLE", `The kernel carries no BTF (${BTF} is missing).`, {
        hint: "Use a kernel of 5.17 or later, built with CONFIG_DEBUG_INFO_BTF=y, as distributions do.",
      });
    const sets = SETS.filter(([set]) => programs === undefined || set === programs);
    let loaded;
    // A signal in the middle of the verifier's work ends it (kernel/bpf/verifier.c, do_check): that says nothing of the program.
    for (let attempt = 0; attempt < LOAD_ATTEMPTS && loaded === undefined; attempt++) {
      for (const set of sets) loaded ??= this.#loadVariant(bytes, mapEntries, set);
      if (koffi.errno() !== EAGAIN) break;
    }
    if (loaded === undefined) throw refusal(koffi.errno());
    this.#object = loaded.object;
    this.#programs = loaded.programs;
    this.decodesRings = loaded.set.includes(RING_PROGRAMS);
    this.possibleCpus = this.#lib.possibleCpus() as number;
  }

  attach(): void {
    for (const program of this.#programs) {
      const link = this.#lib.attach(program) as Pointer | null;
      if (link === null) throw refusal(koffi.errno());
      this.#links.push(link);
    }
  }

  /** Descriptor of a map, which lives as long as the object. */
  map(name: string): number {
    const map = this.#lib.findMap(this.#object, name) as Pointer | null;
    if (map === null) throw new PetrifyError("E_INTERNAL", `The BPF object has no map '${name}'.`);
    return this.#lib.mapFd(map) as number;
  }

  update(map: number, key: Buffer, value: Buffer): void {
    const error = this.#lib.update(map, key, value, BPF_ANY) as number;
    if (error < 0)
      throw new PetrifyError("E_SENSOR_LOST", `The kernel refused an entry of a BPF map (errno ${-error}).`);
  }

  lookup(map: number, key: Buffer, valueBytes: number): Buffer | undefined {
    const value = Buffer.alloc(valueBytes);
    return (this.#lib.lookup(map, key, value) as number) < 0 ? undefined : value;
  }

  delete(map: number, key: Buffer): void {
    this.#lib.delete(map, key);
  }

  /** Every entry of a hash map, in the kernel's order. The buffers are reused: copy what is kept. */
  *entries(map: number, keyBytes: number, valueBytes: number): Generator<readonly [key: Buffer, value: Buffer]> {
    // A batch must hold the fullest bucket of the table; more makes fewer calls.
    const batch = 4096;
    const keys = Buffer.alloc(batch * keyBytes);
    const values = Buffer.alloc(batch * valueBytes);
    const position = Buffer.alloc(8);
    const count = [0];
    for (let from: Buffer | null = null, error = 0; error === 0; from = position) {
      count[0] = batch;
      error = this.#lib.lookupBatch(map, from, position, keys, values, count, null) as number;
      // The last batch comes with ENOENT.
      const got = error === 0 || error === -2 ? (count[0] ?? 0) : 0;
      for (let index = 0; index < got; index++) {
        yield [
          keys.subarray(index * keyBytes, (index + 1) * keyBytes),
          values.subarray(index * valueBytes, (index + 1) * valueBytes),
        ];
      }
    }
  }

  /** Runs that the kernel left out because a program was already running on that processor. */
  recursionMisses(): number {
    let misses = 0n;
    for (const program of this.#programs) {
      const info = Buffer.alloc(PROG_INFO_BYTES);
      const error = this.#lib.objectInfo(this.#lib.programFd(program), info, [info.length]) as number;
      if (error === 0) misses += info.readBigUInt64LE(RECURSION_MISSES_AT);
    }
    return Number(misses);
  }

  close(): void {
    for (const link of this.#links.splice(0)) this.#lib.destroyLink(link);
    this.#lib.close(this.#object);
  }

  #loadVariant(bytes: Buffer, mapEntries: Readonly<Record<string, number>>, set: readonly string[]) {
    const object = this.#lib.openMemory(bytes, bytes.length, null) as Pointer | null;
    if (object === null) throw refusal(koffi.errno());
    const programs: Pointer[] = [];
    let program: Pointer | null = null;
    while ((program = this.#lib.nextProgram(object, program) as Pointer | null) !== null) {
      const name = this.#lib.programName(program) as string;
      const wanted = set.some((end) => name.endsWith(end));
      this.#lib.setAutoload(program, wanted);
      if (wanted) programs.push(program);
    }
    for (const [name, entries] of Object.entries(mapEntries))
      this.#lib.setMaxEntries(this.#lib.findMap(object, name), entries);
    if ((this.#lib.load(object) as number) === 0) return { object, programs, set };
    const errno = koffi.errno();
    this.#lib.close(object);
    koffi.errno(errno);
    return undefined;
  }
}

function refusal(errno: number): PetrifyError {
  if (errno !== EPERM && errno !== EACCES)
    return new PetrifyError(
      "E_SENSOR_UNAVAILABLE",
      `The kernel does not accept the sensor's program (errno ${errno}).`,
      {
        hint: "The sensor needs Linux 5.17 or later with BTF; `petrify doctor` shows what is there.",
      },
    );
  if (!hasBpfCapabilities())
    return new PetrifyError("E_SENSOR_UNAVAILABLE", "The kernel sensor needs root (or CAP_BPF and CAP_PERFMON).", {
      hint: "Run Petrify with sudo.",
    });
  return new PetrifyError("E_SENSOR_UNAVAILABLE", "The kernel forbids BPF tracing programs here.", {
    hint: "Look at /sys/kernel/security/lockdown (must not be `confidentiality`) and at the seccomp profile Petrify runs under.",
  });
}

const CAP_SYS_ADMIN = 21n;
const CAP_PERFMON = 38n;
const CAP_BPF = 39n;

function hasBpfCapabilities(): boolean {
  const line = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync("/proc/self/status", "utf8"));
  const effective = BigInt("0x" + (line?.[1] ?? "0"));
  const has = (capability: bigint): boolean => ((effective >> capability) & 1n) === 1n;
  return has(CAP_SYS_ADMIN) || (has(CAP_BPF) && has(CAP_PERFMON));
}
