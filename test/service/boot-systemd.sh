#!/bin/bash
# Boots a real systemd in namespaces of its own, on an overlay of this machine's files that is thrown away with it.
# boot-systemd.sh FOLDER BOARDS: FOLDER is empty, BOARDS is seen as /srv/boards inside. Prints the process id of systemd.
set -euo pipefail
folder=$1 boards=$2
cgroups=$(findmnt --noheadings --output TARGET --types cgroup2 | head -n 1)
group=$cgroups/earlid-test-$$
mkdir "$group"
echo $$ > "$group/cgroup.procs"
cat > "$folder/inside.sh" <<'INSIDE'
set -euo pipefail
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
mkdir -p "$1/root/srv/boards"
mount --bind "$2" "$1/root/srv/boards"
cd "$1/root"
# What would touch the kernel, the devices or the files of the real machine stays out.
for unit in systemd-sysctl systemd-modules-load systemd-tmpfiles-setup systemd-tmpfiles-setup-dev systemd-random-seed \
  systemd-udevd systemd-udev-trigger systemd-binfmt systemd-remount-fs systemd-timesyncd modprobe@; do
  ln -sf /dev/null "etc/systemd/system/$unit.service"
done
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount --rbind /dev dev
mount -t tmpfs tmpfs run
exec env -i container=earlid PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /lib/systemd/systemd --system \
  --show-status=no --log-target=console --unit=basic.target
INSIDE
unshare --pid --fork --kill-child --mount --cgroup --uts --ipc bash "$folder/inside.sh" "$folder" "$boards" < /dev/null > "$folder/log" 2>&1 &
outer=$!
inner=
for _ in $(seq 100); do
  inner=$(cat "/proc/$outer/task/$outer/children" 2> /dev/null | tr -d ' ') && [ -n "$inner" ] && break
  sleep 0.05
done
echo "ready $inner"
wait "$outer" || true
echo $$ > "$cgroups/cgroup.procs"
for _ in $(seq 50); do
  find "$group" -depth -type d -exec rmdir {} \; 2> /dev/null || true
  [ -d "$group" ] || break
  sleep 0.05
done
