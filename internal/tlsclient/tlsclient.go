// Package tlsclient is how the program's clients trust a server: the system's authorities, and one more where a company has its own.
package tlsclient

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
)

// Config is for a connection to host, with TLS 1.2 or newer. caCert is the path of a PEM file with more authorities to trust; "" trusts
// the system's alone. It fails when the file cannot be read or holds no certificate.
func Config(host, caCert string) (*tls.Config, error) {
	conf := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if caCert == "" {
		return conf, nil
	}
	pem, err := os.ReadFile(caCert)
	if err != nil {
		return nil, fmt.Errorf("reading the authorities to trust: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no PEM certificate", caCert)
	}
	conf.RootCAs = pool
	return conf, nil
}

// Loopback reports whether host is this machine, the only place where a password may travel without TLS.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
