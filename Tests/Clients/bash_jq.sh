#!/usr/bin/env bash
# A conversation with the service by bash and jq alone. usage: bash_jq.sh HOST PORT
set -euo pipefail

exec 3<>"/dev/tcp/$1/$2"

# Sends a call and leaves the reply in $reply.
ask() {
    jq -cn --arg method "$1" --argjson params "${2:-null}" \
        '{jsonrpc: "2.0", id: "bash", method: $method, params: $params}' >&3
    IFS= read -r -t 20 reply <&3
}
check() { jq -e "$1" >/dev/null <<<"$reply" || { echo "not so: $1 in $reply" >&2 && exit 1; }; }

ask system.ping '{"echo": "你好"}'
check '.id == "bash" and .result.echo == "你好"'
ask parks.list
check '.result.items | length > 0'
park=$(jq -c '{park: .result.items[0].id, limit: 3}' <<<"$reply")
ask amenities.search "$park"
check '.result.items | length == 3'
ask amenities.get "$(jq -c '{id: .result.items[0].id}' <<<"$reply")"
check '.result.sources | length > 0'
ask amenities.search '{"park": 7}'
check '.error.code == -32602 and .error.data.path == "/params/park"'

# A call on many lines, as jq prints it by default, over a connection of its own.
exec 4<>"/dev/tcp/$1/$2"
jq -n '{jsonrpc: "2.0", id: 1, method: "system.ping", params: {echo: {a: ["}"]}}}' >&4
IFS= read -r -t 20 reply <&4
check '.result.echo == {a: ["}"]}'

echo "bash is content"
