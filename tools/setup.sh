#!/usr/bin/env bash
# Installs what is named and missing, with the system's package manager, and says what it does.
#   tools/setup.sh [--try] postgres|dovecot...
# --try: say so and go on when it cannot be installed.
set -euo pipefail

try=0
# sudo may ask for a password only where somebody can answer.
if [ -t 0 ]; then ask=(); else ask=(-n); fi

say() { printf 'setup: %s\n' "$*" >&2; }

give_up() {
	say "$@"
	if [ "$try" = 1 ]; then exit 0; fi
	exit 1
}

# has_postgres looks where internal/postgres looks (its machineSearch).
has_postgres() {
	if [ -n "${NURTURE_TEST_DATABASE_URL:-}" ]; then return 0; fi
	local dir bin
	while IFS= read -r -d : dir; do
		[ -x "$dir/postgres" ] && [ -x "$dir/initdb" ] && return 0
	done <<<"$PATH:"
	for bin in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/libexec/postgresql* \
		/opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin \
		/Applications/Postgres.app/Contents/Versions/*/bin; do
		[ -x "$bin/postgres" ] && [ -x "$bin/initdb" ] && return 0
	done
	return 1
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo ${ask[@]+"${ask[@]}"} "$@"; fi
}

# install PURPOSE APT_PACKAGE BREW_PACKAGE BY_HAND
install() {
	if command -v apt-get >/dev/null; then
		local by_hand="apt-get update && apt-get install -y --no-install-recommends $2"
		if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
			give_up "$1 is missing, and installing it needs root. As root run: $by_hand"
		fi
		say "$1 is missing: $by_hand"
		{
			as_root apt-get -q update &&
				as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends "$2"
		} >&2 </dev/null || give_up "that failed. As root run: $by_hand"
	elif command -v brew >/dev/null; then
		say "$1 is missing: brew install $3"
		brew install "$3" >&2 </dev/null || give_up "that failed: brew install $3"
	else
		give_up "$1 is missing, and there is neither apt-get nor brew here to install it: install $4"
	fi
}

need_postgres() {
	has_postgres && return
	install 'the PostgreSQL server' postgresql postgresql@17 \
		'PostgreSQL 14 or newer (server and initdb), or set NURTURE_TEST_DATABASE_URL to a server for tests'
	has_postgres || give_up 'PostgreSQL was installed, but no folder with postgres and initdb is in PATH or in the usual places'
}

# dovecot_imap looks for the program that speaks IMAP, which is a package of its own for Debian.
dovecot_imap() {
	local file
	for file in /usr/lib/dovecot/imap /usr/libexec/dovecot/imap /usr/local/libexec/dovecot/imap \
		/opt/homebrew/opt/dovecot/libexec/dovecot/imap /usr/local/opt/dovecot/libexec/dovecot/imap; do
		[ -x "$file" ] && return 0
	done
	return 1
}

# has_dovecot looks where internal/mailtest looks (its findDovecot).
has_dovecot() {
	command -v dovecot >/dev/null || [ -x /usr/sbin/dovecot ] || [ -x /usr/local/sbin/dovecot ] ||
		[ -x /opt/homebrew/sbin/dovecot ] || return 1
	dovecot_imap
}

# runs SERVICE
runs() { command -v systemctl >/dev/null && systemctl is-active --quiet "$1" 2>/dev/null; }

# The tests start servers of their own, so one that the package starts for the whole network is switched off again.
need_dovecot() {
	has_dovecot && return
	local theirs=0
	if runs dovecot; then theirs=1; fi
	install 'the mail server Dovecot, for tests of mail in,' dovecot-imapd dovecot 'Dovecot 2.3 or newer with IMAP'
	if [ "$theirs" = 0 ] && runs dovecot; then
		say 'switching off the mail server that the package started: systemctl disable --now dovecot'
		as_root systemctl disable --now dovecot >&2 </dev/null || say 'that failed: it goes on running'
	fi
	has_dovecot || give_up 'Dovecot was installed, but its programs dovecot and imap are not in the usual places'
}

for need in "$@"; do
	case "$need" in
	--try) try=1 ;;
	postgres) need_postgres ;;
	dovecot) need_dovecot ;;
	*)
		say "unknown: $need"
		exit 2
		;;
	esac
done
