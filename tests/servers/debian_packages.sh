#!/bin/sh
# Usage: debian_packages.sh ENGINE,…   install what these engines and drivers need beside Python's packages, where it is missing.
set -eu
PATH=$PATH:/usr/sbin

need() { # a command, and the package that brings it
    command -v "$1" > /dev/null || missing="$missing $2"
}

need_library() { # a library, and the package that brings it
    ldconfig -p | grep -q "$1" || missing="$missing $2"
}

missing=""
for engine in $(echo "$1" | tr ',' ' '); do
    case $engine in
        mariadb) need mariadbd mariadb-server ;;
        spark) need java openjdk-17-jre-headless ;;
        sqlserver)
            need_library libltdl.so.7 libltdl7
            need_library libkrb5.so.3 libkrb5-3
            need_library libgssapi_krb5.so.2 libgssapi-krb5-2
            ;;
    esac
done
[ -n "$missing" ] || exit 0
root=
[ "$(id -u)" = 0 ] || root="sudo -n"
if ! command -v apt-get > /dev/null || ! $root true 2> /dev/null; then
    echo "make test-engines needs$missing: apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
$root apt-get -qq update
# At run level 1 packages start no service: each test process starts a server of its own.
# shellcheck disable=SC2086
$root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq install -y --no-install-recommends $missing
