package archtest

import "regexp"

// Limits of size, lines. Measured on the code that this project looks up to: none of it goes beyond.
const (
	maxFileLines     = 600
	maxFunctionLines = 100
)

// foreignFolders hold what others wrote or what tests read.
var foreignFolders = []string{"testdata", "vendor", "node_modules"}

// River's packages, in imports.
const river = "github.com/riverqueue"

// inputOutput are the packages that touch the world outside the process.
var inputOutput = []string{
	"os", "io", "bufio", "net", "syscall", "embed", "database", "log", "plugin", "crypto/tls", "testing", "runtime",
	"github.com/jackc/pgx", river,
}

// pure are standard packages below an impure root that only compute.
var pure = []string{"net/netip", "net/url", "net/mail"}

// importRule forbids imports. Where through is set, they are also forbidden to the packages of this module that it imports.
type importRule struct {
	in        []string // folders, with all below them
	forbidden []string // import paths, with all below them; "./x" is folder x of this module
	through   bool
	own       []string // the only folders of this module that may be imported; nil: any
	why       string
}

var importRules = []importRule{
	{
		in: []string{"cadence"}, forbidden: inputOutput, through: true, own: []string{"cadence"},
		why: "the core is pure: no I/O, no clock, no SQL, no logger, nothing of ours outside itself; let the caller pass values in",
	},
	{
		in: []string{"store"}, forbidden: []string{river, "./jobs", "./channels", "./web"}, through: true,
		why: "the store keeps and finds; who is woken, what is sent and shown is decided above it",
	},
	{
		in: []string{"channels"}, forbidden: []string{river, "./store", "./jobs", "./web"}, through: true,
		why: "a channel knows messages, not leads' fates; report an outcome class and let the worker decide",
	},
	{
		in: []string{"web"}, forbidden: []string{river, "./channels"},
		why: "a handler is parse then engine, or read then render; sending and queues belong to the engine",
	},
}

// importerRule names the only folders that may import one. Others get what they need passed in.
type importerRule struct {
	of      []string // folders of this module
	below   bool     // only what lies below them: the contract itself is for all
	allowed []string
	why     string
}

// wiring is where the parts are put together.
var wiring = []string{"cmd", "internal/sandbox"}

var importerRules = []importerRule{
	{of: []string{"cmd"}, why: "nothing is above a command"},
	{of: []string{"web"}, allowed: append([]string{"web"}, wiring...), why: "only cmd and internal/sandbox wire everything"},
	{
		of: []string{"channels"}, below: true, allowed: append([]string{"channels", "jobs"}, wiring...),
		why: "only the engine and what wires it know the single channels; take the contract of package channels instead",
	},
	{of: []string{"internal/sandbox"}, allowed: wiring, why: "stand-ins for the world are for the demo and for tests"},
	{
		of: []string{"internal/postgres"}, allowed: append([]string{"internal/pgtest"}, wiring...),
		why: "take a database URL: where the server comes from is the command's matter",
	},
}

// testPackages are for tests only.
var testPackages = []string{
	"testing", "net/http/httptest", "log/slog/slogtest", "./internal/archtest", "./internal/pgtest", "./internal/mailtest", "./internal/oidctest", "./internal/startertest", "go.uber.org/goleak",
	"pgregory.net/rapid", "github.com/google/go-cmp", "github.com/rogpeppe/go-internal/testscript",
	"github.com/riverqueue/river/rivertest", "github.com/chromedp",
}

// useRule forbids names of a package in program code.
type useRule struct {
	in     []string // folders; nil: all
	except []string // folders, or files without their extension
	pkg    string   // import path; "./x" is folder x of this module
	names  []string
	why    string
}

var useRules = []useRule{
	{
		except: []string{"cmd", "internal/sandbox/clock"},
		pkg:    "time", names: []string{"Now", "Since", "Until"},
		why: "take a time.Time or a now func() time.Time: only cmd reads the clock, so that a virtual clock can run everything",
	},
	{
		in:  []string{"cadence"},
		pkg: "time", names: []string{"Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"},
		why: "the core does not wait: it says when it wants to be asked again",
	},
	{
		in:  []string{"web"},
		pkg: "./cadence", names: []string{"Decide"},
		why: "pages hold no business rule; ask the engine",
	},
}

// sqlFolders are where SQL may stand: the store, its schema, and what makes databases.
var sqlFolders = []string{"store", "migrations", "internal/postgres", "internal/pgtest"}

// sqlStart recognises a text that is a statement. Upper case only, as SQL is written here, so that prose is not mistaken.
var sqlStart = regexp.MustCompile(`^\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\s`)

// vagueNames say nothing about what a package or file is for.
var vagueNames = regexp.MustCompile(`^(util|utils|helper|helpers|common|manager|managers|misc)$`)

// selfEvident are methods that the standard library's interfaces document.
var selfEvident = []string{
	"Error", "String", "Unwrap", "Is", "As", "Read", "Write", "Close", "ServeHTTP", "Len", "Less", "Swap", "LogValue",
	"MarshalText", "UnmarshalText", "MarshalJSON", "UnmarshalJSON", "MarshalYAML", "UnmarshalYAML", "Scan", "Value",
}
