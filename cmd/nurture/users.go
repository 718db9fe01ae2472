package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"nurture/internal/access"
	"nurture/store"
)

func newUsersCmd(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "users", Short: "Who may use the desk: add people, set roles and passwords",
		Long: `Who may use the desk, the pages below /desk. Roles: marketer, sdr, sales, manager, ops, admin. An SDR's or rep's address should be that of the
team in nurture.yaml, so that tasks and handoffs find them. Every change stands in the audit log.`,
	}, newUsersAddCmd(a), newUsersListCmd(a), newUsersRoleCmd(a), newUsersPasswordCmd(a), newUsersDisableCmd(a), newUsersEnableCmd(a), newUsersUnlinkCmd(a))
}

// accounts runs a command on the accounts of the database.
func (a *app) accounts(ctx context.Context, do func(accounts *access.Accounts, by access.Actor) error) error {
	d, err := a.open(ctx, 2)
	if err != nil {
		return err
	}
	err = do(access.NewAccounts(d.pool, a.realNow), access.Actor{Who: "cli:" + a.person("")})
	if errors.Is(err, store.ErrNotFound) {
		err = hint(err, "nurture users list shows them")
	}
	return errors.Join(err, d.close())
}

func newUsersAddCmd(a *app) *cobra.Command {
	var role, name, zone string
	var generate, without bool
	cmd := &cobra.Command{
		Use: "add EMAIL --role ROLE", Short: "Let somebody use the desk",
		Long: `Let somebody use the desk. The password is asked for, or read as a line from standard input; --generate makes one and prints it. With --no-password the
user logs in by the identity provider of nurture.yaml alone.`,
		Example: "  nurture users add ana@example.com --role admin\n  nurture users add mara@example.com --role sdr --name \"Mara Lindqvist\" --generate",
		Args:    args(1, 1, "EMAIL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := need(cmd, "role"); err != nil {
				return err
			}
			u := access.NewUser{Email: args[0], Name: name, Zone: zone}
			var err error
			if u.Role, err = access.ParseRole(role); err != nil {
				return usagef(cmd, "--role: %v", err)
			}
			if err := access.CheckZone(zone); err != nil {
				return misuse(cmd, "--zone ", err)
			}
			if without && generate {
				return usagef(cmd, "--no-password and --generate exclude each other")
			}
			if !without {
				if u.Password, err = a.newPassword(generate); err != nil {
					return err
				}
			}
			return a.accounts(cmd.Context(), func(accounts *access.Accounts, by access.Actor) error {
				err := accounts.Add(cmd.Context(), u, by)
				if errors.Is(err, store.ErrExists) {
					return hint(err, "nurture users set-role and set-password change what is there")
				}
				return a.sayUser(err, args[0], "may use the desk as "+string(u.Role), u.Password, generate)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&role, "role", "", "marketer, sdr, sales, manager, ops or admin")
	flags.StringVar(&name, "name", "", "as the desk shows it; else the address before the @")
	flags.StringVar(&zone, "zone", "", "IANA time zone in which to show times; else the operator's")
	flags.BoolVar(&generate, "generate", false, "make a password and print it")
	flags.BoolVar(&without, "no-password", false, "let the user log in by the identity provider alone")
	return cmd
}

// userJSON is a user as `users list --json` prints it.
type userJSON struct {
	Email      string     `json:"email"`
	Name       string     `json:"name"`
	Role       string     `json:"role"`
	Zone       string     `json:"zone"` // "" is the operator's
	Disabled   bool       `json:"disabled"`
	Password   bool       `json:"password"` // has one
	Linked     bool       `json:"linked"`   // belongs to an identity at the provider
	CreatedAt  time.Time  `json:"created_at"`
	LoggedInAt *time.Time `json:"logged_in_at"`
}

func newUsersListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List who may use the desk", Example: "  nurture users list", Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				users, err := store.Users(cmd.Context(), s.pool)
				if err != nil {
					return err
				}
				out := make([]userJSON, len(users))
				rows := [][]string{{"EMAIL", "NAME", "ROLE", "LOGS IN BY", "STATE", "LAST LOGIN"}}
				for i, u := range users {
					out[i] = userJSON{u.Email, u.Name, u.Role, u.Zone, u.DisabledAt != nil, u.Password != "", u.Subject != "", u.CreatedAt.UTC(), u.LoggedInAt}
					state := "enabled"
					if u.DisabledAt != nil {
						state = "disabled"
					}
					rows = append(rows, []string{u.Email, u.Name, u.Role, logsInBy(u), state, at(u.LoggedInAt, s.zone)})
				}
				switch {
				case a.json:
					return a.printJSON(out)
				case len(users) == 0:
					a.printf("there is no user yet: nurture users add EMAIL --role admin\n")
				default:
					a.table(rows)
				}
				return nil
			})
		},
	}
}

// logsInBy says how a user gets in.
func logsInBy(u store.User) string {
	switch {
	case u.Password != "" && u.Subject != "":
		return "password, provider"
	case u.Password != "":
		return "password"
	}
	return "provider"
}

func newUsersRoleCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "set-role EMAIL ROLE", Short: "Give a user another role, at once", Args: args(2, 2, "EMAIL and ROLE"),
		Example: "  nurture users set-role mara@example.com manager",
		RunE: func(cmd *cobra.Command, args []string) error {
			role, err := access.ParseRole(args[1])
			if err != nil {
				return usagef(cmd, "%v", err)
			}
			return a.accounts(cmd.Context(), func(accounts *access.Accounts, by access.Actor) error {
				return a.sayUser(accounts.SetRole(cmd.Context(), args[0], role, by), args[0], "is "+string(role)+" now", "", false)
			})
		},
	}
}

func newUsersPasswordCmd(a *app) *cobra.Command {
	var generate bool
	cmd := &cobra.Command{
		Use: "set-password EMAIL", Short: "Give a user another password, and log the user out everywhere", Args: args(1, 1, "EMAIL"),
		Long:    `Give a user another password, and log the user out everywhere. It is asked for, or read as a line from standard input; --generate makes one and prints it.`,
		Example: "  nurture users set-password mara@example.com --generate",
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := a.newPassword(generate)
			if err != nil {
				return err
			}
			return a.accounts(cmd.Context(), func(accounts *access.Accounts, by access.Actor) error {
				return a.sayUser(accounts.SetPassword(cmd.Context(), args[0], password, by), args[0], "has a new password", password, generate)
			})
		},
	}
	cmd.Flags().BoolVar(&generate, "generate", false, "make a password and print it")
	return cmd
}

func newUsersDisableCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "disable EMAIL", Short: "Keep a user out, at once", Args: args(1, 1, "EMAIL"), Example: "  nurture users disable mara@example.com",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.accounts(cmd.Context(), func(accounts *access.Accounts, by access.Actor) error {
				return a.sayUser(accounts.Disable(cmd.Context(), args[0], by), args[0], "is kept out of the desk", "", false)
			})
		},
	}
}

func newUsersEnableCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "enable EMAIL", Short: "Let a disabled user in again", Args: args(1, 1, "EMAIL"), Example: "  nurture users enable mara@example.com",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.accounts(cmd.Context(), func(accounts *access.Accounts, by access.Actor) error {
				return a.sayUser(accounts.Enable(cmd.Context(), args[0], by), args[0], "may use the desk again", "", false)
			})
		},
	}
}

func newUsersUnlinkCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "unlink EMAIL", Short: "Part a user from an identity at the provider", Args: args(1, 1, "EMAIL"), Example: "  nurture users unlink mara@example.com",
		Long: `Part a user from the identity at the provider to which the account belongs since its first login there, and log the user out everywhere. The next login
by the provider finds the account by its verified address again. For people who got a new identity there.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.accounts(cmd.Context(), func(accounts *access.Accounts, by access.Actor) error {
				return a.sayUser(accounts.Unlink(cmd.Context(), args[0], by), args[0], "belongs to no identity now", "", false)
			})
		},
	}
}

// sayUser prints what was done, with the password when it was made here.
func (a *app) sayUser(err error, email, what, password string, generated bool) error {
	switch {
	case err != nil:
		return err
	case a.json && generated:
		return a.printJSON(map[string]string{"email": email, "password": password})
	case a.json:
		return a.printJSON(map[string]string{"email": email})
	}
	a.printf("%s %s\n", email, what)
	if generated {
		a.printf("password: %s\n", password)
	}
	return nil
}

// newPassword makes a password, asks a person for one, or reads it from standard input.
func (a *app) newPassword(generate bool) (string, error) {
	if generate {
		return strings.ToLower(rand.Text()), nil // 130 bits
	}
	if f, ok := a.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		first, err := a.ask(f, "Password: ")
		if err != nil {
			return "", err
		}
		second, err := a.ask(f, "Once more: ")
		if err == nil && first != second {
			err = failf("the two passwords differ")
		}
		return first, err
	}
	line, err := bufio.NewReader(io.LimitReader(a.stdin, access.MaxPassword+2)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", hint(failf("no password was given"), "write it to standard input, or let one be made with --generate")
	}
	return line, nil
}

func (a *app) ask(f *os.File, prompt string) (string, error) {
	fmt.Fprint(a.stderr, prompt)
	typed, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(a.stderr)
	return string(typed), err
}
