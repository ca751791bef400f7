import { expect, test } from "vitest";
import { parseAvc } from "./avc.ts";

const SCONTEXT = "scontext=system_u:system_r:container_t:s0:c159,c177";
const HOME = "tcontext=unconfined_u:object_r:user_home_t:s0 tclass=dir";

// In the forms of auditd (Fedora 26 to 35) and of the kernel's own log.
test.for([
  [
    "auditd, a directory",
    `type=AVC msg=audit(1503978775.261:360): avc:  denied  { write } for  pid=4546 comm="touch" name="xxx" dev="sdb5" ino=6947856 ${SCONTEXT} ${HOME} permissive=0`,
    { timeMs: 1_503_978_775_261, permissions: ["write"], comm: "touch", name: "xxx", targetType: "user_home_t" },
  ],
  [
    "the kernel's log, several permissions",
    `[  566.812451] audit: type=1400 audit(1758000000.123:4): avc:  denied  { add_name write } for  pid=9 comm="nginx" name="a.pid" ${SCONTEXT} ${HOME} permissive=0`,
    { timeMs: 1_758_000_000_123, permissions: ["add_name", "write"], comm: "nginx", name: "a.pid" },
  ],
  [
    "/dev/kmsg, a path, without a level",
    `5,1234,566812451,-;audit: type=1400 audit(1700046645.531:510): avc:  denied  { append } for  pid=17368 comm="postgres" path="/data/log/Mon.log" dev="vda1" ino=234338 scontext=system_u:system_r:container_t tcontext=system_u:object_r:container_file_t tclass=file permissive=0`,
    { permissions: ["append"], path: "/data/log/Mon.log", targetType: "container_file_t" },
  ],
  [
    "names in hexadecimal, before permissive= came",
    `type=AVC msg=audit(1226874073.147:96): avc:  denied  { getattr } for  pid=2465 comm=6120646F67 name=6D7920646F67 dev=dm-0 ino=284133 ${SCONTEXT} ${HOME}`,
    { comm: "a dog", name: "my dog" },
  ],
] as const)("%s", ([, line, expected]) => {
  expect(parseAvc(line)).toMatchObject({ sourceType: "container_t", ...expected });
});

test.for([
  [
    "only noted",
    `type=AVC msg=audit(1.261:360): avc:  denied  { write } for  pid=1 comm="a" ${SCONTEXT} ${HOME} permissive=1`,
  ],
  ["granted", `type=AVC msg=audit(1.261:360): avc:  granted  { write } for  pid=1 comm="a" ${SCONTEXT} ${HOME}`],
  ["AppArmor's", `audit: type=1400 audit(1.971:8): apparmor="DENIED" operation="open" name="/x" pid=645 comm="a"`],
  ["cut", `type=AVC msg=audit(1.261:360): avc:  denied  { write } for  pid=1 comm="a" ${SCONTEXT}`],
  ["another record", "type=SYSCALL msg=audit(1.261:360): arch=c000003e syscall=2 success=no exit=-13"],
  ["empty", ""],
] as const)("no denial: %s", ([, line]) => {
  expect(parseAvc(line)).toBeUndefined();
});
