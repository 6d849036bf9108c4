#!/bin/sh
# Does not wait for a person: a job that cannot succeed is reported, and tried again tomorrow.
keepalive check claude --min 1h --json >/dev/null
case $? in
  0) exec claude -p "Review the commits of the last day" ;;
  5) echo "Sign in to Claude Code. The nightly review was not started." ;;
  *) echo "Claude Code is not kept alive: see keepalive status. The nightly review was not started." ;;
esac >&2
exit 1
