#!/usr/bin/env bash
# go test with the arguments given, without lines about packages that have no tests, and with a summary at the end.
set -euo pipefail
"${GO:-go}" test "$@" 2>&1 | awk '
	/\[no test files\]$/ { next }
	{ print; fflush() }
	/^ok[ \t]/ { passed++ }
	/^FAIL\t/ { failed++; names = names "  " $2 "\n" }
	END {
		if (failed) printf "\nfailed packages:\n%s", names
		printf "packages: %d passed, %d failed\n", passed, failed
	}'
