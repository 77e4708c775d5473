package main

import (
	"fmt"
	"regexp"
	"strings"
)

// Citation is one RFC that a comment names.
type Citation struct {
	RFC      string   // "3261", "6265bis"
	Sections []string // "10.3, step 7", "table 4", "A.1"; none: the RFC as a whole
	How      string   // yes, partly or no
	Why      string   // the comment's own words; empty for yes
	At       int      // where in the text it begins
}

// The answers to: is it followed?
const (
	yes    = "yes"
	partly = "partly"
	no     = "no"
)

var (
	begin  = regexp.MustCompile(`\bRFC (\d+(?:bis)?)\b`)
	item   = regexp.MustCompile(`^(?:(?:sections?|appendix|appendices) )?(\d+(?:\.\d+)*|[A-Z](?:\.\d+)+|(?:table|timer) \w+)\b`)
	step   = regexp.MustCompile(`^, (steps? \d+(?: and \d+)*)\b`)
	link   = regexp.MustCompile(`^(?:, (?:and )?| and )`)
	marker = regexp.MustCompile(`^, (partly|no)\b(:?)`)
)

// Parse finds the citations in a comment whose lines are joined by single blanks:
//
//	RFC 3261, 10.3, step 7
//	RFC 3550, appendices A.1, A.3 and A.8
//	RFC 3263, 4.2, partly: the best record only.
//
// A reason ends with its sentence, or with the bracket that the citation stands in.
func Parse(text string) ([]Citation, error) {
	var all []Citation
	for _, m := range begin.FindAllStringSubmatchIndex(text, -1) {
		c := Citation{RFC: text[m[2]:m[3]], How: yes, At: m[0]}
		rest := c.sections(text[m[1]:])
		if how := marker.FindStringSubmatch(rest); how != nil {
			c.How, c.Why = how[1], reason(rest[len(how[0]):])
			if how[2] == "" || c.Why == "" {
				return nil, fmt.Errorf("RFC %s, %s: say why, as in \"RFC %s, %s: what is left out\"", c.RFC, c.How, c.RFC, c.How)
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// sections takes the sections off the text and gives what follows them.
func (c *Citation) sections(rest string) string {
	for {
		sep := link.FindString(rest)
		if sep == "" || len(c.Sections) == 0 && sep != ", " {
			return rest
		}
		m := item.FindStringSubmatch(rest[len(sep):])
		if m == nil {
			return rest
		}
		name := m[1]
		rest = rest[len(sep)+len(m[0]):]
		if s := step.FindStringSubmatch(rest); s != nil {
			name, rest = name+", "+s[1], rest[len(s[0]):]
		}
		c.Sections = append(c.Sections, name)
	}
}

func reason(s string) string {
	depth := 0
	for i, r := range s {
		switch {
		case r == '(':
			depth++
		case r == ')' && depth == 0, r == '.' && (i+1 == len(s) || s[i+1] == ' '):
			return strings.TrimSpace(s[:i])
		case r == ')':
			depth--
		}
	}
	return strings.TrimSpace(s)
}
