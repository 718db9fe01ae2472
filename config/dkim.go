package config

import (
	"path"
	"regexp"
	"strings"
)

// dnsName is a host name in DNS (RFC 1123, section 2.1), with underscores, which selectors may have.
var dnsName = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$`)

func readDKIM(n node) *DKIM {
	if !n.given() {
		return nil
	}
	o := n.object()
	defer o.close()
	for _, key := range []string{"key", "private_key"} {
		o.refuse(key, "remove it here and name a file that is not under version control: key_file", "keys do not belong in the configuration")
	}
	d := &DKIM{
		Domain:   o.need("domain", "the domain of the senders, such as domain: example.com").dnsName("such as example.com"),
		Selector: o.need("selector", "a name for the key, such as selector: nurture1").dnsName("such as nurture1"),
	}
	if d.Domain != "" && !strings.Contains(d.Domain, ".") {
		o.get("domain").fail("such as example.com", "%q is no mail domain", d.Domain)
	}
	file := o.need("key_file", "path of a PEM file, such as key_file: /etc/nurture/dkim.pem")
	d.KeyFile = file.text()
	// What lies in these folders becomes part of every version, and of the database.
	folder, _, below := strings.Cut(path.Clean(strings.ReplaceAll(d.KeyFile, `\`, "/")), "/")
	if below && (folder == TemplatesDir || folder == CadencesDir) {
		file.fail("move it out of "+folder, "the key would be stored with the configuration")
	}
	return d
}

// dnsName reads a name as DNS has it, in lower case; "" when it is not written.
func (n node) dnsName(hint string) string {
	text := strings.ToLower(n.text())
	if text != "" && (len(text) > 253 || !dnsName.MatchString(text)) {
		n.fail(hint, "%q is no name in DNS", text)
		return ""
	}
	return text
}
