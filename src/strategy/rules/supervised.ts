/**
 * What a supervisor knows of the process that it watches, and no other file beside it: control and status of daemontools, runit and s6,
 * each with the name under which it is written first.
 * Source: cr.yp.to/daemontools/supervise.html; runit's runsv(8); s6's s6-supervise and libs6 (S6_SVSTATUS_FILENAME, S6_DTALLY_FILENAME).
 */
const SUPERVISED = /\/supervise\/(?:control|death_tally|lock|ok|pid|stat|status)(?:\.new)?$/;

/** Whether the path is the record of a supervised process. */
export function isSupervisorsRecord(path: string): boolean {
  return SUPERVISED.test(path);
}
