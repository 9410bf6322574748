#!/usr/bin/env bash
# Runs a command with a PostgreSQL of its own, in a folder that goes with it: tests/with-postgres.sh cargo nextest run -p hearth store::
#
# The server listens on a socket in that folder and on no network, unless HEARTH_TEST_TLS_PORT names a port of this machine: there it
# answers as `localhost`, encrypted and not otherwise, with a certificate of an authority of its own, `ca.crt` in that folder. It forgets
# when the machine falls over (fsync off), which no test makes happen. Its superuser is `postgres`; the roles that tests work as, and a
# database for each of them, they make themselves (host/src/store/tests/server.rs).
set -euo pipefail

bin=$(dirname "$(command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null | sort -V | tail -1)")
if [ ! -x "$bin/initdb" ]; then
  echo "PostgreSQL 13 or newer is missing: apt-get install postgresql (Debian), or put its initdb in PATH" >&2
  exit 1
fi

folder=$(mktemp -d /tmp/hearth-postgres.XXXXXX)
# PostgreSQL refuses to be the superuser; its package comes with a user for it.
as=()
if [ "$(id -u)" = 0 ]; then
  as=(setpriv --reuid=postgres --regid=postgres --init-groups)
  chown postgres: "$folder"
fi
stop() {
  "${as[@]}" "$bin/pg_ctl" --pgdata="$folder/data" --mode=immediate --silent stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap stop EXIT

cd "$folder"
"${as[@]}" "$bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 --no-sync >"$folder/initdb.log" \
  || { cat "$folder/initdb.log" >&2; exit 1; }
# One role that has to have a password: a test changes it while a host is connected.
{ echo "local all test_rotates scram-sha-256"; "${as[@]}" cat "$folder/data/pg_hba.conf"; } >"$folder/pg_hba.conf"
"${as[@]}" cp "$folder/pg_hba.conf" "$folder/data/pg_hba.conf"
networks="-c listen_addresses=''"
if [ -n "${HEARTH_TEST_TLS_PORT:-}" ]; then
  key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  {
    "${as[@]}" openssl req -x509 "${key[@]}" -days 2 -subj "/CN=an authority of the tests" -keyout ca.key -out ca.crt
    "${as[@]}" openssl req "${key[@]}" -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout server.key -out server.csr
    "${as[@]}" openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out server.crt
  } >"$folder/openssl.log" 2>&1 || { cat "$folder/openssl.log" >&2; exit 1; }
  chmod 755 "$folder" && chmod 644 "$folder/ca.crt" # for whoever connects
  { echo "hostssl all all 127.0.0.1/32 trust"; echo "hostnossl all all 127.0.0.1/32 reject"; "${as[@]}" cat "$folder/data/pg_hba.conf"; } \
    >"$folder/pg_hba.conf"
  "${as[@]}" cp "$folder/pg_hba.conf" "$folder/data/pg_hba.conf"
  networks="-c listen_addresses=127.0.0.1 -c port=$HEARTH_TEST_TLS_PORT -c ssl=on -c ssl_cert_file=$folder/server.crt -c ssl_key_file=$folder/server.key"
fi
# Errors as short as a careful operator has them: the long form repeats the values of a row.
"${as[@]}" "$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/log" --silent --wait start \
  --options="$networks -c unix_socket_directories='$folder' -c fsync=off -c full_page_writes=off -c synchronous_commit=off \
    -c max_connections=400 -c shared_buffers=64MB -c log_error_verbosity=terse" >"$folder/start.log" \
  || { cat "$folder/start.log" "$folder/log" >&2; exit 1; }
cd "$OLDPWD"

export HEARTH_TEST_POSTGRES="$folder"
"$@"

