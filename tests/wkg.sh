#!/usr/bin/env bash
# What `wkg` brings to a registry, Hearth takes; what Hearth brings, `wkg` takes: byte for byte, and a host checks its signature.
#   wkg.sh HEARTH WKG PLUGIN
set -euo pipefail
hearth="$(realpath "$1")" wkg="$(realpath "$2")" plugin="$(realpath "$3")"
at="$(mktemp -d)"
registry=
finish() {
    [ -z "$registry" ] || kill "$registry" 2>/dev/null || true
    [ -z "$registry" ] || wait "$registry" 2>/dev/null || true
    rm -rf "$at"
}
trap finish EXIT
cd "$at"

printf 'version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: %s/files\nhttp:\n  addr: 127.0.0.1:0\n' "$at" >registry.yml
docker-registry serve registry.yml >/dev/null 2>said &
registry=$!
host=
for _ in $(seq 100); do
    host="$(sed -n 's/.*listening on \([0-9.:]*\).*/\1/p' said | head -1)"
    [ -n "$host" ] && break
    kill -0 "$registry" || { cat said >&2; exit 1; }
    sleep 0.1
done

cp "$plugin" module.wasm
"$hearth" plugin key hill --no-password
"$hearth" plugin sign module.wasm --key hill

"$hearth" plugin publish module.wasm "oci://$host/charity/module:1.0.0" --reach-this-machine
"$wkg" oci pull "$host/charity/module:1.0.0" --insecure "$host" --output taken.wasm
cmp module.wasm taken.wasm
echo "passed what Hearth brought, wkg takes"

"$wkg" oci push "$host/charity/other:1.0.0" module.wasm --insecure "$host"
"$hearth" plugin pull "oci://$host/charity/other:1.0.0" --out other.wasm --reach-this-machine
cmp module.wasm other.wasm
echo "passed what wkg brought, Hearth takes"

"$hearth" plugin pull "oci://$host/charity/module:1.0.0" --out back.wasm --reach-this-machine
"$hearth" plugin verify back.wasm --key hill.pub
echo "passed its signature travelled with it"
