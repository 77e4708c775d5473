package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const head = `# Which RFCs we follow

Generated from the comments of the Go code by ` + "`go generate ./sip/rfcs`" + `. Do not edit: change the comment.

**yes**: what the code at that place does is what the section says. **partly** and **no** come with the comment's own words.
A section that is not listed is not claimed; where none is named, no more is claimed than what the code at that place does.

`

// row is one section of an RFC, as it is followed in one way.
type row struct {
	rfc, section, how, why string
	places                 []Place
}

// Page writes docs/rfc.md.
func Page(all []Place) string {
	var code, tests []Place
	for _, p := range all {
		if p.Test {
			tests = append(tests, p)
		} else {
			code = append(code, p)
		}
	}
	rows := rowsOf(code)
	var b strings.Builder
	b.WriteString(head)
	b.WriteString("## What we leave out or do otherwise\n\n| RFC | section | followed | in which words | where |\n|---|---|---|---|---|\n")
	for _, r := range rows {
		if r.how != yes {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.rfc, r.section, r.how, cell(r.why), where(r.places))
		}
	}
	b.WriteString("\n## Section by section\n")
	for _, g := range groups {
		fmt.Fprintf(&b, "\n### %s\n\n| section | followed | where |\n|---|---|---|\n", g)
		last := ""
		for _, r := range rows {
			if titles[r.rfc].group != g {
				continue
			}
			if r.rfc != last {
				fmt.Fprintf(&b, "| **%s** %s | | |\n", r.rfc, cell(titles[r.rfc].title))
				last = r.rfc
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", cmp.Or(r.section, "none named"), r.how, where(r.places))
		}
	}
	b.WriteString("\n## In the tests\n\nThe telephones of `sip/siptest` are written from the RFCs again, apart from `sip`.\n\n| RFC | sections | where |\n|---|---|---|\n")
	writeTests(&b, rowsOf(tests))
	return b.String()
}

func writeTests(b *strings.Builder, rows []row) {
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].rfc == rows[0].rfc {
			n++
		}
		var sections, files []string
		for _, r := range rows[:n] {
			if r.section != "" {
				sections = append(sections, r.section)
			}
			for _, p := range r.places {
				files = append(files, "`"+p.File+"`")
			}
		}
		slices.Sort(files)
		fmt.Fprintf(b, "| **%s** %s | %s | %s |\n", rows[0].rfc, cell(titles[rows[0].rfc].title),
			strings.Join(slices.Compact(sections), "; "), strings.Join(slices.Compact(files), ", "))
		rows = rows[n:]
	}
}

func rowsOf(all []Place) []row {
	var rows []row
	for _, p := range all {
		sections := p.Sections
		if len(sections) == 0 {
			sections = []string{""}
		}
		for _, s := range sections {
			i := slices.IndexFunc(rows, func(r row) bool {
				return r.rfc == p.RFC && r.section == s && r.how == p.How && r.why == p.Why
			})
			if i < 0 {
				i = len(rows)
				rows = append(rows, row{rfc: p.RFC, section: s, how: p.How, why: p.Why})
			}
			rows[i].places = append(rows[i].places, p)
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(natural(a.rfc, b.rfc), natural(a.section, b.section), -cmp.Compare(a.how, b.how), cmp.Compare(a.why, b.why))
	})
	return rows
}

// natural compares "10.3" after "9.2", and words after numbers.
func natural(a, b string) int {
	split := func(s string) []string {
		return strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == ',' || r == ' ' })
	}
	return slices.CompareFunc(split(a), split(b), func(x, y string) int {
		m, errX := strconv.Atoi(x)
		n, errY := strconv.Atoi(y)
		if errX == nil && errY == nil {
			return cmp.Compare(m, n)
		}
		return cmp.Compare(x, y)
	})
}

// where lists the places, each file once.
func where(places []Place) string {
	var files []string
	symbols := map[string][]string{}
	for _, p := range places {
		if symbols[p.File] == nil {
			files = append(files, p.File)
		}
		if !slices.Contains(symbols[p.File], p.Symbol) {
			symbols[p.File] = append(symbols[p.File], p.Symbol)
		}
	}
	for i, f := range files {
		files[i] = "`" + f + "`: " + strings.Join(symbols[f], ", ")
	}
	return strings.Join(files, "; ")
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
