package mailtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
)

// asRoot is how a command becomes root: what to write before it. Postfix starts as root alone and gives its rights up by itself, to users
// of its own. Whoever is not root may become so by sudo where no password is asked, or be root of a user namespace, where the kernel lets
// them and newuidmap gives them a range of users.
var asRoot = sync.OnceValues(func() ([]string, error) {
	if os.Geteuid() == 0 {
		return nil, nil
	}
	var failed []error
	for _, way := range [][]string{{"sudo", "-n"}, {"unshare", "--map-root-user", "--map-auto"}} {
		// A user that the container or namespace does not know cannot be given a file.
		probe := append(way[1:len(way):len(way)], "sh", "-c", `[ "$(id -u)" = 0 ] && file=$(mktemp) && chown postfix "$file"; status=$?; rm -f "$file"; exit $status`)
		out, err := exec.Command(way[0], probe...).CombinedOutput()
		if err == nil {
			return way, nil
		}
		failed = append(failed, fmt.Errorf("%s: %w %s", strings.Join(way, " "), err, strings.TrimSpace(string(out))))
	}
	return nil, fmt.Errorf("the mail server Postfix starts as root alone. Run the tests as root, or allow this user sudo without a password, or install "+
		"newuidmap (make setup) and give this user a range in /etc/subuid and /etc/subgid: %w", errors.Join(failed...))
})
