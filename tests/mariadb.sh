# A MariaDB server of the tests' own, on a folder that is gone afterwards. To be sourced.

mariadb_folder=${TMPDIR:-/tmp}/symposium-mariadb
mariadb_port=${TEST_MYSQL_PORT:-28433}

mariadb_start() {
  mariadb_stop
  rm -rf "$mariadb_folder"
  if [ "$(id -u)" = 0 ]; then install -d -o mysql -g mysql -m 700 "$mariadb_folder"; else mkdir -m 700 "$mariadb_folder"; fi
  local user; user=$(stat -c %U "$mariadb_folder")
  mariadb-install-db --no-defaults --user="$user" --datadir="$mariadb_folder/data" --skip-test-db >"$mariadb_folder/log" 2>&1
  mariadbd --no-defaults --user="$user" --datadir="$mariadb_folder/data" --socket="$mariadb_folder/socket" --port="$mariadb_port" \
    --bind-address=127.0.0.1 --pid-file="$mariadb_folder/pid" --log-error="$mariadb_folder/errors" >/dev/null 2>&1 &
  timeout 60 sh -c "until mariadb-admin --no-defaults -S '$mariadb_folder/socket' ping >/dev/null 2>&1; do sleep .1; done" ||
    { cat "$mariadb_folder/log" "$mariadb_folder/errors" >&2; return 1; }
  mariadb --no-defaults -S "$mariadb_folder/socket" -e "CREATE USER test@'127.0.0.1'; GRANT ALL ON *.* TO test@'127.0.0.1'"
}

mariadb_url() { echo "mysql://test@127.0.0.1:$mariadb_port/"; }

mariadb_stop() {
  [ -S "$mariadb_folder/socket" ] || return 0
  mariadb-admin --no-defaults -S "$mariadb_folder/socket" shutdown || true
  rm -rf "$mariadb_folder"
}
