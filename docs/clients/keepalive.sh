#!/usr/bin/env bash
# Calls a method of Session Keepalive and prints its result: keepalive.sh METHOD [JSON]. It needs curl and jq.
#
#   keepalive.sh session/get '{"id": "codex"}'
#   KEEPALIVE_ACCESS=full keepalive.sh session/refresh '{"id": "codex"}'
#
# It ends with 1 and the code of an error, or with 4 if no daemon answers. It cannot check that it is the daemon that
# answers. So it sends the token that only reads, unless you ask for full access. `keepalive rpc` sends none.
set -euo pipefail

method=${1:?usage: keepalive.sh METHOD [JSON]}
params=${2-'{}'}
case $(uname) in
  Darwin) home="$HOME/Library/Application Support/keepalive" ;;
  *) home="${XDG_DATA_HOME:-$HOME/.local/share}/keepalive" ;;
esac
endpoint="${KEEPALIVE_HOME:-$home}/endpoint.json"
[ "${KEEPALIVE_ACCESS:-read}" = full ] && key=token || key=readToken

absent() {
  echo "KA_RPC_NO_DAEMON: No daemon answers ($1). Start it with: keepalive start" >&2
  exit 4
}
[ -f "$endpoint" ] || absent "there is no $endpoint"
if [ -L "$endpoint" ] || [ ! -O "$endpoint" ]; then absent "$endpoint belongs to another user"; fi
kill -0 "$(jq .pid "$endpoint")" 2>/dev/null || absent "its process has ended"

# The token and the params are in no argument of curl, because other users can see arguments.
url=$(jq -r '.url | sub("^ws"; "http")' "$endpoint")
answer=$(
  jq -cn --arg method "$method" --argjson params "$params" '{jsonrpc: "2.0", id: 1, $method, $params}' |
    curl -sS --fail --noproxy '*' -H 'Content-Type: application/json' -d @- \
      -H @<(jq -r --arg key "$key" '"Authorization: Bearer \(.[$key])"' "$endpoint") "$url"
) || absent "the call failed"
jq 'if .error then "\(.error.data.code // .error.code): \(.error.message)\n" | halt_error(1) else .result end' \
  <<<"$answer"
