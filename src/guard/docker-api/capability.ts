/** As `ContainerRequest` has it: `SYS_ADMIN` for `CAP_SYS_ADMIN`, `cap_sys_admin` and `sys_admin`. */
export function capabilityName(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, "");
}
