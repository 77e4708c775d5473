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

	"github.com/linedesk/linedesk/agentdesk"
	"github.com/linedesk/linedesk/call"
)

// passwordMin is the shortest password that is taken: NIST SP 800-63B, 5.1.1.1.
const passwordMin = 8

// runUser sets a user's password, read as one line from standard input: never from the arguments, which
// other users of the machine can see.
func runUser(ctx context.Context, args []string, out io.Writer) error {
	usage := errors.New("write: user password --config FILE NAME, and the password as a line of input")
	if len(args) == 0 || args[0] != "password" {
		return usage
	}
	flags := flag.NewFlagSet("linedesk user password", flag.ContinueOnError)
	file := flags.String("config", "", "the process file")
	if err := flags.Parse(args[1:]); err != nil {
		return errUsage
	}
	if flags.NArg() != 1 {
		return usage
	}
	process, err := loadProcess(*file)
	if err != nil {
		return err
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the password: %w", err)
	}
	password := strings.TrimRight(line, "\r\n")
	if len([]rune(password)) < passwordMin {
		return fmt.Errorf("a password has at least %d characters", passwordMin)
	}
	st, err := openStoreOf(ctx, process)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	user := call.UserID(flags.Arg(0))
	if err := st.SetPasswordHash(ctx, user, agentdesk.HashPassword(password)); err != nil {
		return fmt.Errorf("user %s: %w", user, err)
	}
	if err := st.DeleteUserSessions(ctx, user); err != nil {
		return fmt.Errorf("end the sessions of %s: %w", user, err)
	}
	_, err = fmt.Fprintf(out, "password of %s set, open sessions ended\n", user)
	return err
}
