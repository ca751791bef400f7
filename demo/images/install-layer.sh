#!/bin/sh
# usage: install-layer.sh BASE WORK [PACKAGE...]    setup text on standard input
# Installs packages in a copy-on-write view of BASE. Leaves in WORK: upper (the difference, as overlayfs keeps it), base.list and merged.list
# (all paths, NUL-separated). Runs in a mount namespace of its own, so that no mount needs undoing.
set -eu
base=$1 work=$2 root=$2/root
shift 2
mkdir -p "$work/upper" "$work/work" "$root"
# Plain copy-up only: a layer archive cannot express redirected directories or metadata-only copies.
mount -t overlay -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/work,redirect_dir=off,metacopy=off" overlay "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=0755 dev "$root/dev"
for device in null:3 zero:5 full:7 random:8 urandom:9; do
  mknod -m 666 "$root/dev/${device%:*}" c 1 "${device#*:}"
done
ln -s /proc/self/fd "$root/dev/fd"
# initdb tries shm_open as an ordinary user and writes what it found into postgresql.conf.
mkdir "$root/dev/shm"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
# The base archive has no name servers of the host where it was built, and they may have changed.
[ -e "$root/etc/resolv.conf" ] || : >"$root/etc/resolv.conf"
mount --bind "$(realpath /etc/resolv.conf)" "$root/etc/resolv.conf"

# Maintainer scripts ask this before they start a service (invoke-rc.d(8)); 101 is "not allowed".
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
in_root() { chroot "$root" /usr/bin/env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
if [ $# -gt 0 ]; then
  # Java registers its manual pages as alternatives, and update-alternatives(1) fails without their directory.
  mkdir -p "$root/usr/share/man/man1"
  [ -n "$(find "$root/var/lib/apt/lists" -name '*_Packages*' -print -quit)" ] || in_root apt-get -qq update
  in_root apt-get -qq install -y --no-install-recommends "$@"
fi
in_root sh -eu
in_root dpkg-query -W -f '${Package} ${Version}\n' >"$work/packages"
rm "$root/usr/sbin/policy-rc.d"

umount "$root/etc/resolv.conf" "$root/dev/shm" "$root/dev" "$root/proc"
( cd "$base" && find . -mindepth 1 -printf '%P\0' ) | LC_ALL=C sort -z >"$work/base.list"
( cd "$root" && find . -mindepth 1 -printf '%P\0' ) | LC_ALL=C sort -z >"$work/merged.list"
