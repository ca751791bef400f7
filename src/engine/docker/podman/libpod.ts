/** What Podman's own API is asked as: the oldest version that may be named. Podman 4 and 5 serve it. */
export const LIBPOD_VERSION = "4.0.0";
