package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/linedesk/linedesk/agentdesk/web"
	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// passwordMin is the shortest password that is taken: NIST SP 800-63B, 5.1.1.1.
const passwordMin = 8

// runUser lists the users or sets a user's password.
func runUser(ctx context.Context, args []string, out io.Writer) error {
	usage := errors.New("write: user list --config FILE, or: user password --config FILE NAME, and the password as a line of input")
	names := map[string]int{"list": 0, "password": 1} // after the flags
	if len(args) == 0 {
		return usage
	}
	want, known := names[args[0]]
	if !known {
		return usage
	}
	flags := flag.NewFlagSet("linedesk user "+args[0], flag.ContinueOnError)
	file := flags.String("config", "", "the process file")
	if err := flags.Parse(args[1:]); err != nil {
		return errUsage
	}
	if flags.NArg() != want {
		return usage
	}
	process, err := loadProcess(*file)
	if err != nil {
		return err
	}
	st, err := openStoreOf(ctx, process)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	if args[0] == "list" {
		return listUsers(ctx, st, out)
	}
	return setPassword(ctx, st, call.UserID(flags.Arg(0)), os.Stdin, out)
}

// listUsers writes a line for each user: ID, roles, and whether the user may sign in.
func listUsers(ctx context.Context, st store.Store, out io.Writer) error {
	users, err := st.Users(ctx)
	if err != nil {
		return err
	}
	if len(users) == 0 {
		return errNoSite
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, u := range users {
		note := ""
		switch {
		case u.Disabled:
			note = "disabled"
		case u.PasswordHash == "":
			note = "no password yet"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", u.ID, strings.Join(u.Roles, ", "), note)
	}
	return table.Flush()
}

// setPassword sets a user's password, read as one line from standard input: never from the arguments, which
// other users of the machine can see.
func setPassword(ctx context.Context, st store.Store, user call.UserID, in io.Reader, out io.Writer) error {
	if _, err := st.User(ctx, user); errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("there is no user %q: \"linedesk user list --config FILE\" shows the users, a site import adds new ones", user)
	} else if err != nil {
		return fmt.Errorf("user %s: %w", user, err)
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the password: %w", err)
	}
	password := strings.TrimRight(line, "\r\n")
	if len([]rune(password)) < passwordMin {
		return fmt.Errorf("a password has at least %d characters", passwordMin)
	}
	if err := st.SetPasswordHash(ctx, user, web.HashPassword(password)); err != nil {
		return fmt.Errorf("user %s: %w", user, err)
	}
	if err := st.DeleteUserSessions(ctx, user); err != nil {
		return fmt.Errorf("end the sessions of %s: %w", user, err)
	}
	_, err = fmt.Fprintf(out, "password of %s set, open sessions ended\n", user)
	return err
}
