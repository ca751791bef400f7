/** Stands for the variable part of a name, or for all names of a crowded directory. */
export const WILDCARD = "*";

interface NameRule {
  /** The rule holds only for names that match. */
  readonly when?: RegExp;
  readonly find: RegExp;
  readonly put: string;
}

/** Python's tempfile: `tmp` and 8 of [a-z0-9_]; a separator with a plain word behind it is a name people chose. */
const PYTHON_DEFAULT = /^tmp(?!_[a-z]+$)[a-z0-9_]{8}(?=$|\.)/;

/** Names whose number is an address that people configure, not a chance: they stay as they are. */
const KEPT_NAMES: readonly RegExp[] = [
  /^\.s\.PGSQL\.\d+(\.lock)?$/,
  /^[a-z]+[-_.]?\d{4,5}\.(sock|socket|pid)(\.lock)?$/,
  /\.so(\.\d+)+$/,
];

/** A file opened with O_TMPFILE, called by its inode until a link gives it a name (fs/dcache.c, d_tmpfile). */
const UNNAMED = /^#\d+( \(deleted\))?$/;

export function isUnnamed(name: string): boolean {
  return UNNAMED.test(name);
}

const TEMPORARY_WORD = /^#sql|(?:^|[^A-Za-z])(?:tmp|temp)(?![A-Za-z])/i;

/** commons-fileupload writes them with underscores (DiskFileItem). */
const UUID = /[0-9a-f]{8}([-_])[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}/gi;

/**
 * Variable parts of names, most specific first. Each rule rewrites what is left by the ones before it.
 * A rule must match every form that its generator can give: one form that slips through gives another profile on each run.
 */
const NAME_RULES: readonly NameRule[] = [
  // Renamed by an NFS client when an open file is removed (fs/nfs/unlink.c).
  { find: /^\.nfs[0-9a-f]{8,}$/, put: ".nfs*" },
  { find: UNNAMED, put: "#*" },
  // PHP sessions (session.sid_length 22..256).
  { find: /^sess_[A-Za-z0-9,-]{22,256}$/, put: "sess_*" },
  // mktemp(1) without a template.
  { find: /^tmp\.[A-Za-z0-9]{10}$/, put: "tmp.*" },
  // BIND's isc_file_mktemplate (lib/isc/file.c).
  { find: /^tmp-[A-Za-z0-9]{10}$/, put: "tmp-*" },
  { find: PYTHON_DEFAULT, put: "tmp*" },
  // What gcc hands from one of its programs to the next (libiberty/make-temp-file.c; gcc/gcc.cc and gcc/collect2.cc for the suffixes).
  { find: /^cc[A-Za-z0-9]{6}(?=\.(?:[cios]|ii|res|l[de]|args|(?:cdtor|lto|ltrans)\.[cos])$)/, put: "cc*" },
  // Pids: the JVM's and .NET's diagnostics, core files, PostgreSQL's xlogtemp.PID, lock and pid files with a pid behind them.
  { find: /(?<![A-Za-z])(pid[-_.]?)\d+/g, put: "$1*" },
  // MySQL and MariaDB number theirs in hexadecimal: `#sql-alter-1f-3.ibd`, `#sql-temptable-1-b-bd.MAD`.
  { when: /^#sql/, find: /(?<=[-_])[0-9a-f]+(?=$|[-_.])/g, put: "*" },
  { find: /^core\.\d+$/, put: "core.*" },
  { find: /((?:temp|tmp|lock|lck|new)[-_.])\d+$/, put: "$1*" },
  { when: /^(?:dotnet-diagnostic|clr-debug-pipe)-/, find: /\d+/g, put: "*" },
  // Exim's message ids: time, pid and fraction in base 62, with 6-6-2 or 6-11-4 digits (Exim specification, chapter 3).
  {
    find: /(?<![A-Za-z0-9])[12][A-Za-z0-9]{5}-00[A-Za-z0-9]{4}(?:-[A-Za-z0-9]{2}|[A-Za-z0-9]{5}-[A-Za-z0-9]{4})(?![A-Za-z0-9])/g,
    put: "*",
  },
  // Dates with or without a time behind them; year and month alone need a separator.
  {
    find: /(?<!\d)(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01])(?:[T_. -]?[0-2]\d[-_.:h]?[0-5]\d(?:[-_.:m]?[0-5]\d)?s?(?:[.,_]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?(?!\d)/g,
    put: "*",
  },
  { find: /(?<![\d.])(?:19|20)\d\d[-_](?:0[1-9]|1[0-2])(?!\.?\d)/g, put: "*" },
  { find: /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)/g, put: "*" },
  // Hexadecimal ids from 8 digits on (container host names, hashes); a word of a-f alone is no id.
  { find: /(?<![A-Za-z0-9])(?=[a-f]*\d)[0-9a-f]{8,}(?![A-Za-z0-9])/g, put: "*" },
  { find: /(?<![A-Za-z0-9])(?=[A-F]*\d)[0-9A-F]{8,}(?![A-Za-z0-9])/g, put: "*" },
  // Temporary by their own word, once ids are known as a whole: `temp-123.rdb`, `pgsql_tmp17.0`, `x.tmp.4`, `#sql-1f_3.ibd`.
  { when: TEMPORARY_WORD, find: /\d+/g, put: "*" },
  // Years, ports and versions have at most four digits; from five on it is a pid, a time or a counter.
  { find: /\d{5,}/g, put: "*" },
];

/** Lengths of the random part that mkstemp(3) and its relatives give. */
const TEMPLATE_LENGTHS: ReadonlySet<number> = new Set([6, 8, 10]);
/** mkstemp(3) takes no shorter one; programs may ask for more (ssh: 11). */
const SHORTEST_TEMPLATE = 6;
const LAST_TEMPLATE = /[A-Za-z0-9]{6,}(?!.*[A-Za-z0-9]{6})/;
/** Programs that put mkstemp's six characters right behind their own name. */
const GLUED_TEMPLATE = /(?<=^(?:Cu|sed|php|git|sh-thd\.|vi\.))([A-Za-z0-9]{6})$/;

/** Nothing varies without a digit or a capital letter, but for generators that may happen to give neither. */
const PLAIN_NAME = /^(?!tmp|sess_|cc[a-z]{6}\.)[^0-9A-Z]*$/;

/** The name with its variable parts replaced by `*`, so that two runs of one program give the same name. */
export function generaliseName(name: string): string {
  if (PLAIN_NAME.test(name) || KEPT_NAMES.some((kept) => kept.test(name))) return name;
  // Taken apart by its digits, an id or a random part would no longer be known as one.
  let result = name.replace(UUID, WILDCARD);
  if (TEMPORARY_WORD.test(result) && !PYTHON_DEFAULT.test(result)) result = withoutRandom(result);
  for (const { when, find, put } of NAME_RULES)
    if (when === undefined || when.test(result)) result = result.replace(find, put);
  const glued = GLUED_TEMPLATE.exec(result)?.[1];
  if (glued !== undefined && !isWord(glued)) result = withoutGlued(result);
  result = withoutRandom(result);
  // A number behind a variable part is a pid or a counter however short: Postfix' `476829.155`, a log's `2024-01-01.1`.
  return result.replace(/\*(?:[-_]?\*)+/g, WILDCARD).replace(/\*\.\d+$/, "*.*");
}

/**
 * The name of a file that was renamed to `finalName`: what was appended or prepended is a template's random part
 * even when chance made it look like a word.
 */
export function generaliseTemporaryName(name: string, finalName: string): string {
  if (finalName === "") return generaliseName(name);
  const at = name.indexOf(finalName);
  if (at < 0) {
    // The random part stands in place of the extension: slapd makes `x.qcfkxd` and renames it to `x.ldif`.
    const stem = commonStem(name, finalName);
    if (stem !== "") return generaliseName(stem + withoutTokens(name.slice(stem.length), isTemplate));
    return generaliseUnrelated(name);
  }
  const around = [name.slice(0, at), name.slice(at + finalName.length)];
  return generaliseName(around.map((part) => withoutTokens(part, isTemporary)).join(finalName));
}

/** Renamed to another name altogether: crontab's `tmp.mloytv`, PHP's upload `phpFSSO16`. */
function generaliseUnrelated(name: string): string {
  const known = generaliseName(name);
  if (known !== name) return known;
  // Nothing looks drawn. In a name that says it is temporary chance made a word of it, and it stands last.
  return generaliseName(TEMPORARY_WORD.test(name) ? name.replace(LAST_TEMPLATE, WILDCARD) : withoutGlued(name));
}

function withoutGlued(name: string): string {
  return name.replace(GLUED_TEMPLATE, WILDCARD);
}

function withoutTokens(part: string, isVariable: (token: string) => boolean): string {
  return part.replace(/[A-Za-z0-9]+/g, (token) => (isVariable(token) ? WILDCARD : token));
}

function isTemplate(token: string): boolean {
  return token.length >= SHORTEST_TEMPLATE;
}

/** A template's random part, or a number: a pid in a container has few digits (PostgreSQL's `pg_internal.init.12`). */
function isTemporary(token: string): boolean {
  return isTemplate(token) || /^\d+$/.test(token);
}

/** What both names start with, up to and with a separator. */
function commonStem(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return /^.*[.\-_]/s.exec(a.slice(0, length))?.[0] ?? "";
}

/** Where names are mostly drawn by programs: a word there may be chance as well (a tenth of Python's names have no digit). */
const TEMPORARY_FOLDERS: ReadonlySet<string> = new Set(["/tmp", "/var/tmp", "/dev/shm"]);

/** Whether the names in a directory are those of temporary files. */
export function holdsTemporaryNames(directory: string): boolean {
  return TEMPORARY_FOLDERS.has(directory);
}

/** Python's 8 of [a-z0-9_] behind a prefix; every third has a `_` that would take it apart. */
const PYTHON_ENDING = /(?<=[-_.@])[a-z0-9_]{8}(?=$|\.(?!(?:sock|pid|lock)$))/;

/** What a temporary name ends in: Python's 8 with a prefix or without, the 10 of Perl's File::Temp, mkstemp's 6 or 10 behind a separator or a program's name. */
const DRAWN_ENDINGS: readonly RegExp[] = [
  /^[a-z0-9_]{8}$/,
  /^[A-Za-z0-9_]{10}$/,
  PYTHON_ENDING,
  /(?<=[-_.@])(?:[A-Za-z0-9]{6}|[A-Za-z0-9]{10})$/,
  GLUED_TEMPLATE,
];

/** `generaliseName` for a name straight in a directory of temporary files. */
export function generaliseTemporaryFile(name: string): string {
  if (KEPT_NAMES.some((kept) => kept.test(name))) return name;
  const ending = DRAWN_ENDINGS.find((pattern) => pattern.test(name));
  return generaliseName(ending === undefined ? name : name.replace(ending, WILDCARD));
}

/** mkstemp(3)'s six, of which chance makes words as well; behind a dot small letters are an extension. */
const MKSTEMP_ENDING = /(?<=[-_@])[A-Za-z0-9]{6}$|(?<=\.)(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{6}$/;

/**
 * The pattern of a file that was made private (mode 0600), as Python's tempfile makes all of its own wherever they are, and mkstemp
 * those that `isRead` as well (O_RDWR); undefined for other names.
 */
export function privatePattern(name: string, isRead: boolean): string | undefined {
  const ending = [PYTHON_ENDING, ...(isRead ? [MKSTEMP_ENDING, GLUED_TEMPLATE] : [])].find((pattern) =>
    pattern.test(name),
  );
  if (ending === undefined || KEPT_NAMES.some((kept) => kept.test(name))) return undefined;
  return generaliseName(name.replace(ending, WILDCARD));
}

const DRAWN_TAIL = /^(.+)([A-Za-z0-9]{6})$/;

/** The pattern of a name that is a shipped one with mkstemp's six characters right behind it, as `sed -i` of busybox makes it. */
export function besideShipped(name: string, isShipped: (name: string) => boolean): string | undefined {
  const [, stem = "", tail = ""] = DRAWN_TAIL.exec(name) ?? [];
  return stem !== "" && !isWord(tail) && isShipped(stem) ? stem + WILDCARD : undefined;
}

/** Every name of a path generalised; for paths that are in no tree, such as executables that were removed. */
export function generalisePath(path: string): string {
  return path.split("/").map(generaliseName).join("/");
}

function withoutRandom(name: string): string {
  return name.replace(/[A-Za-z0-9]+/g, (token, at: number) => (isRandom(token, name[at - 1]) ? WILDCARD : token));
}

function isRandom(token: string, before: string | undefined): boolean {
  const separated = before !== undefined && ".-_@".includes(before);
  if (separated && token.length === 6) return !isWord(token);
  if (separated && TEMPLATE_LENGTHS.has(token.length)) return !isWords(token);
  if (token.length < 8) return false;
  const changes = classChanges(token);
  // Words in camel case change their class at most every third letter; names like `utf8mb4` have few letter-digit borders.
  return changes.digit >= 4 || (token.length >= 12 && changes.digit >= 3) || changes.all * 2 > token.length;
}

/** `config`, `Backup`, `LOCK`, `log001`: letters of one kind, and then at most four digits. */
function isWord(token: string): boolean {
  return /^\d+$|^(?:[A-Z]?[a-z]+|[A-Z]+)$|^(?:[A-Z]?[a-z]{2,}|[A-Z]{2,})\d{1,4}$/.test(token);
}

function isWords(token: string): boolean {
  return /^\d+$|^(?:[A-Z]?[a-z]{2,}|[A-Z]{2,})+\d{0,4}$/.test(token);
}

function classChanges(token: string): { readonly all: number; readonly digit: number } {
  const kinds = token.replace(/[a-z]/g, "l").replace(/[A-Z]/g, "U").replace(/\d/g, "0");
  let all = 0;
  let digit = 0;
  for (let i = 1; i < kinds.length; i++) {
    if (kinds[i] === kinds[i - 1]) continue;
    all++;
    if (kinds[i] === "0" || kinds[i - 1] === "0") digit++;
  }
  return { all, digit };
}
