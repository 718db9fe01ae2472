#!/usr/bin/env bash
# Installs what is named and missing, with the system's package manager, and says what it does.
#   tools/setup.sh [--try] postgres|dovecot|postfix|chromium|axe...
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

# install PURPOSE APT_PACKAGES BREW_PACKAGE BY_HAND; no BREW_PACKAGE where brew has none
install() {
	if command -v apt-get >/dev/null; then
		local by_hand="apt-get update && apt-get install -y --no-install-recommends $2" packages
		read -ra packages <<<"$2"
		if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
			give_up "$1 is missing, and installing it needs root. As root run: $by_hand"
		fi
		say "$1 is missing: $by_hand"
		{
			as_root apt-get -q update &&
				as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends "${packages[@]}"
		} >&2 </dev/null || give_up "that failed. As root run: $by_hand"
	elif [ -n "$3" ] && command -v brew >/dev/null; then
		say "$1 is missing: brew install $3"
		brew install "$3" >&2 </dev/null || give_up "that failed: brew install $3"
	else
		give_up "$1 is missing, and there is no apt-get${3:+ nor brew} here to install it: install $4"
	fi
}

need_postgres() {
	has_postgres && return
	install 'the PostgreSQL server' postgresql postgresql@17 \
		'PostgreSQL 14 or newer (server and initdb), or set NURTURE_TEST_DATABASE_URL to a server for tests'
	has_postgres || give_up 'PostgreSQL was installed, but no folder with postgres and initdb is in PATH or in the usual places'
}

# dovecot_part looks for a program or module of Dovecot, which are packages of their own for Debian.
dovecot_part() {
	local dir
	for dir in /usr/lib/dovecot /usr/lib64/dovecot /usr/libexec/dovecot /usr/local/libexec/dovecot /usr/local/lib/dovecot \
		/opt/homebrew/opt/dovecot/libexec/dovecot /usr/local/opt/dovecot/libexec/dovecot; do
		[ -e "$dir/$1" ] && return 0
		[ -e "$dir/modules/$1" ] && return 0
	done
	return 1
}

# has_dovecot looks where internal/mailtest looks (its findDovecot), and for what its configuration uses.
has_dovecot() {
	command -v dovecot >/dev/null || [ -x /usr/sbin/dovecot ] || [ -x /usr/local/sbin/dovecot ] ||
		[ -x /opt/homebrew/sbin/dovecot ] || return 1
	dovecot_part imap && dovecot_part lmtp && dovecot_part lib90_sieve_plugin.so
}

# runs SERVICE
runs() { command -v systemctl >/dev/null && systemctl is-active --quiet "$1" 2>/dev/null; }

# The tests start servers of their own, so one that the package starts for the whole network is switched off again.
# switch_off SERVICE
switch_off() {
	runs "$1" || return 0
	say "switching off the mail server that the package started: systemctl disable --now $1"
	as_root systemctl disable --now "$1" >&2 </dev/null || say 'that failed: it goes on running'
}

need_dovecot() {
	has_dovecot && return
	local theirs=0
	if runs dovecot; then theirs=1; fi
	install 'the mail server Dovecot (IMAP, LMTP, Sieve), for tests of mail in,' 'dovecot-imapd dovecot-lmtpd dovecot-sieve' dovecot \
		'Dovecot 2.3 or newer with IMAP, LMTP and the Sieve plugin of Pigeonhole'
	if [ "$theirs" = 0 ]; then switch_off dovecot; fi
	has_dovecot || give_up 'Dovecot was installed, but its programs dovecot, imap and lmtp or its Sieve plugin are not in the usual places'
}

# has_postfix looks where internal/mailtest looks (its findPostfix).
has_postfix() { command -v postfix >/dev/null || [ -x /usr/sbin/postfix ] || [ -x /usr/local/sbin/postfix ]; }

# becomes_root says whether internal/mailtest can start Postfix (its asRoot).
becomes_root() {
	[ "$(id -u)" = 0 ] && return 0
	command -v sudo >/dev/null && sudo -n true 2>/dev/null && return 0
	unshare --map-root-user --map-auto true 2>/dev/null
}

# Without a configuration of the machine's own, Debian's package starts no server: the tests need the programs alone.
need_postfix() {
	if ! has_postfix; then
		local theirs=0
		if runs postfix; then theirs=1; fi
		if command -v debconf-set-selections >/dev/null && { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }; then
			say 'Postfix is to be installed without a configuration, so that none runs by itself: debconf-set-selections'
			echo 'postfix postfix/main_mailer_type select No configuration' | as_root debconf-set-selections >&2 ||
				say 'that failed: Postfix may begin to run for this machine'
		fi
		install 'the mail server Postfix, for tests of mail that comes back,' postfix '' 'Postfix 3.6 or newer'
		if [ "$theirs" = 0 ]; then switch_off postfix; fi
		has_postfix || give_up 'Postfix was installed, but its program postfix is not in the usual places'
	fi
	becomes_root && return
	if ! command -v newuidmap >/dev/null; then
		install 'newuidmap, for tests of a user who is not root to start Postfix,' uidmap '' 'newuidmap (uidmap, shadow-utils)'
	fi
	becomes_root || give_up "Postfix starts as root alone, and $(id -un) cannot become root: run the tests as root, allow sudo without a password," \
		"or give a range in /etc/subuid and /etc/subgid where the kernel lets users make namespaces"
}

# has_chromium looks for the names under which web/desk's browser tests look.
has_chromium() {
	local name
	for name in chromium chromium-browser google-chrome google-chrome-stable \
		/Applications/Chromium.app/Contents/MacOS/Chromium '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'; do
		command -v "$name" >/dev/null && return 0
	done
	return 1
}

need_chromium() {
	has_chromium && return
	install 'the browser Chromium, for tests of the desk,' chromium chromium 'Chromium or Google Chrome'
	has_chromium || give_up 'Chromium was installed, but is not in PATH'
}

# axe-core, by Deque Systems, MPL-2.0: for tests alone, and never in what is shipped.
axe=4.14.1

need_axe() {
	local tools
	tools=$(cd "$(dirname "$0")" && pwd)
	grep -qs "\"version\": \"$axe\"" "$tools/node_modules/axe-core/package.json" && return
	command -v npm >/dev/null || install 'npm, for the accessibility checker axe-core,' npm node 'npm'
	say "the accessibility checker axe-core $axe, for tests of the desk, is missing: npm install --prefix tools axe-core@$axe"
	npm install --prefix "$tools" --no-save --no-package-lock --no-audit --no-fund --silent "axe-core@$axe" >&2 </dev/null ||
		give_up "that failed: npm install --prefix tools axe-core@$axe"
}

for need in "$@"; do
	case "$need" in
	--try) try=1 ;;
	postgres) need_postgres ;;
	dovecot) need_dovecot ;;
	postfix) need_postfix ;;
	chromium) need_chromium ;;
	axe) need_axe ;;
	*)
		say "unknown: $need"
		exit 2
		;;
	esac
done
