package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	embedded "github.com/fergusstrange/embedded-postgres"
)

// fetchedFolder holds fetched binaries, one folder a version, inside the data folder: the one place that the server's
// account is sure to reach.
const fetchedFolder = "binaries"

// fetchable are the builds that the library knows, by major version; 0 is for a new cluster.
var fetchable = map[int]embedded.PostgresVersion{
	0: embedded.V17, 14: embedded.V14, 15: embedded.V15, 16: embedded.V16, 17: embedded.V17, 18: embedded.V18,
}

// fetch downloads and unpacks binaries for the major version. It goes on in the background when ctx ends, since the library
// knows no context; what it unpacks is complete or absent, so nothing is harmed.
func (s *site) fetch(ctx context.Context, major int) (install, error) {
	version, ok := fetchable[major]
	if !ok {
		return install{}, fmt.Errorf("no build of PostgreSQL %d is offered", major)
	}
	root := filepath.Join(s.dir, fetchedFolder, string(version))
	s.log.Info("no PostgreSQL found: fetching it", "version", string(version), "into", root)
	done := make(chan error, 1)
	go func() { done <- s.unpack(version, root) }()
	select {
	case <-ctx.Done():
		return install{}, ctx.Err()
	case err := <-done:
		if err != nil {
			return install{}, err
		}
	}
	bin, ok := binFolder(filepath.Join(root, "bin"))
	if !ok {
		return install{}, errors.New("the fetched archive holds no server")
	}
	got, err := s.version(ctx, bin, "/")
	return install{bin, got}, err
}

// unpack uses the library for its download alone. It offers no such call: it downloads as the first half of a start. So it is
// given a data folder with nothing but a version file, which makes it skip its own initdb and the start fail at once, and
// what counts is whether the binaries are there afterwards.
func (s *site) unpack(version embedded.PostgresVersion, root string) error {
	scratch, err := os.MkdirTemp(s.dir, "fetch-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	hollow := filepath.Join(scratch, "data")
	if err := os.Mkdir(hollow, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(hollow, "PG_VERSION"), []byte(version)[:2], 0o600); err != nil {
		return err
	}
	config := embedded.DefaultConfig().Version(version).Port(0).Logger(io.Discard).
		CachePath(filepath.Join(scratch, "cache")).RuntimePath(filepath.Join(scratch, "run")).DataPath(hollow).BinariesPath(root)
	if s.repo != "" {
		config = config.BinaryRepositoryURL(s.repo)
	}
	server := embedded.NewDatabase(config)
	err = server.Start()
	if err == nil {
		err = errors.New("the library started a server on an empty data folder")
		return errors.Join(err, server.Stop())
	}
	if _, missing := os.Stat(filepath.Join(root, "bin", "postgres")); missing != nil {
		return err
	}
	return nil
}
