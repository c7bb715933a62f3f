# A PostgreSQL server of the tests' own, on a folder that is gone afterwards. To be sourced.

postgres_folder=${TMPDIR:-/tmp}/symposium-postgres
postgres_port=${TEST_POSTGRES_PORT:-28432}

postgres_as() { # PostgreSQL refuses root
  if [ "$(id -u)" = 0 ]; then (cd / && setpriv --reuid postgres --regid postgres --init-groups "$@"); else "$@"; fi
}

postgres_bin() { ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1; }

postgres_start() {
  postgres_stop
  rm -rf "$postgres_folder"
  postgres_as mkdir -m 700 "$postgres_folder"
  postgres_as "$(postgres_bin)/initdb" -D "$postgres_folder/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
  postgres_as "$(postgres_bin)/pg_ctl" -D "$postgres_folder/data" -w -l "$postgres_folder/log" \
    -o "-p $postgres_port -k $postgres_folder -h 127.0.0.1 -c max_connections=300 -c max_wal_size=128MB" start >/dev/null
}

postgres_url() { echo "postgres://postgres@127.0.0.1:$postgres_port/postgres"; }

postgres_stop() {
  [ -f "$postgres_folder/data/postmaster.pid" ] || return 0
  postgres_as "$(postgres_bin)/pg_ctl" -D "$postgres_folder/data" -m immediate -w stop >/dev/null || true
  rm -rf "$postgres_folder"
}
