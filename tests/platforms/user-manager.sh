# Runs a script beside a real systemd user manager of an unprivileged user, in these mount and pid namespaces.
# FOLDER is made the user's. USER_ID is a user that owns nothing else here.
set -e
mount --make-rprivate /
mount -t tmpfs none /run
mkdir -p /run/systemd/system "/run/user/$USER_ID"
# A user's manager needs a control group of that user.
umount /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 none /sys/fs/cgroup
group="/sys/fs/cgroup/keepalive-test-$RANDOM$RANDOM"
mkdir "$group"
echo $$ >"$group/cgroup.procs"
chown -R "$USER_ID:$USER_ID" "$group" "/run/user/$USER_ID" "$FOLDER"
chmod 700 "/run/user/$USER_ID"
export XDG_RUNTIME_DIR="/run/user/$USER_ID" HOME="$FOLDER"
as_user() { setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups "$@"; }
# The journal, so that the output of units is kept.
mkdir -p /run/log/journal
/lib/systemd/systemd-journald >/dev/null 2>&1 &
as_user /lib/systemd/systemd --user --log-target=console >"$FOLDER/manager.log" 2>&1 &
for _ in $(seq 200); do
  [ -S "$XDG_RUNTIME_DIR/systemd/private" ] && break
  sleep 0.1
done
cd "$FOLDER"
as_user bash "$FOLDER/steps.sh" || true
journalctl --directory=/run/log/journal --output=cat >"$FOLDER/results/journal" 2>&1 || true
as_user systemctl --user exit 2>/dev/null || true
