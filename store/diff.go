package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// DiffDocuments says what an import of want would change in have, the published documents, sorted by
// kind and name. Only bodies count, once clean.
func DiffDocuments(have, want []Document) []DocumentChange {
	type key struct{ kind, name string }
	old := make(map[key]Document, len(have))
	for _, d := range have {
		old[key{d.Kind, d.Name}] = d
	}
	var changes []DocumentChange
	for _, d := range want {
		d = d.Cleaned()
		k := key{d.Kind, d.Name}
		was, ok := old[k]
		delete(old, k)
		switch {
		case !ok:
			changes = append(changes, DocumentChange{Kind: d.Kind, Name: d.Name, Change: DocumentAdded, Diff: DiffLines("", d.Body)})
		case was.Body != d.Body:
			changes = append(changes, DocumentChange{Kind: d.Kind, Name: d.Name, Change: DocumentChanged, Version: was.Version, Diff: DiffLines(was.Body, d.Body)})
		}
	}
	for _, d := range old {
		changes = append(changes, DocumentChange{Kind: d.Kind, Name: d.Name, Change: DocumentRemoved, Version: d.Version, Diff: DiffLines(d.Body, "")})
	}
	slices.SortFunc(changes, func(a, b DocumentChange) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return changes
}

// maxDiffCells bounds the work of one diff: lines of one text times lines of the other, after what both
// begin and end with is set aside. Beyond it the middle is shown as replaced as a whole.
const maxDiffCells = 4 << 20

// contextLines are shown around each change.
const contextLines = 3

// DiffLines compares two texts line by line, in the unified format without file names: a line begins
// with "-" if it goes, "+" if it comes, a blank if it stays. Empty if they are the same.
func DiffLines(from, to string) string {
	if from == to {
		return ""
	}
	if d := hunks(edits(splitLines(from), splitLines(to))); d != "" {
		return d
	}
	return "\\ No newline at end of file\n" // on one side only: the lines are the same
}

type edit struct {
	sign byte // ' ', '-', '+'
	text string
}

// edits gives the shortest way from a to b, by the longest common subsequence of lines.
func edits(a, b []string) []edit {
	var out []edit
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	for _, s := range a[:head] {
		out = append(out, edit{' ', s})
	}
	out = append(out, middle(a[head:len(a)-tail], b[head:len(b)-tail])...)
	for _, s := range a[len(a)-tail:] {
		out = append(out, edit{' ', s})
	}
	return out
}

func middle(a, b []string) []edit {
	var out []edit
	i, j := 0, 0
	if len(a)*len(b) <= maxDiffCells {
		// common[i][j]: length of the longest common subsequence of a[i:] and b[j:].
		common := make([][]int32, len(a)+1)
		for i := range common {
			common[i] = make([]int32, len(b)+1)
		}
		for i := len(a) - 1; i >= 0; i-- {
			for j := len(b) - 1; j >= 0; j-- {
				if a[i] == b[j] {
					common[i][j] = common[i+1][j+1] + 1
				} else {
					common[i][j] = max(common[i+1][j], common[i][j+1])
				}
			}
		}
		for i < len(a) && j < len(b) {
			switch {
			case a[i] == b[j]:
				out = append(out, edit{' ', a[i]})
				i++
				j++
			case common[i+1][j] >= common[i][j+1]:
				out = append(out, edit{'-', a[i]})
				i++
			default:
				out = append(out, edit{'+', b[j]})
				j++
			}
		}
	}
	for ; i < len(a); i++ {
		out = append(out, edit{'-', a[i]})
	}
	for ; j < len(b); j++ {
		out = append(out, edit{'+', b[j]})
	}
	return out
}

// hunks writes the changed lines with their surroundings and where they stand in both texts.
func hunks(lines []edit) string {
	var out strings.Builder
	fromLine, toLine := 1, 1
	for i := 0; i < len(lines); {
		if lines[i].sign == ' ' && !changesWithin(lines[i:], contextLines) {
			fromLine, toLine, i = fromLine+1, toLine+1, i+1
			continue
		}
		end := hunkEnd(lines, i)
		var del, add int
		var body strings.Builder
		for _, e := range lines[i:end] {
			body.WriteByte(e.sign)
			body.WriteString(e.text)
			body.WriteByte('\n')
			if e.sign != '+' {
				del++
			}
			if e.sign != '-' {
				add++
			}
		}
		fmt.Fprintf(&out, "@@ -%s +%s @@\n%s", lineRange(fromLine, del), lineRange(toLine, add), body.String())
		fromLine, toLine, i = fromLine+del, toLine+add, end
	}
	return out.String()
}

// lineRange writes where a hunk stands. One without lines is named by the line before it.
func lineRange(first, count int) string {
	if count == 0 {
		first--
	}
	return fmt.Sprintf("%d,%d", first, count)
}

// changesWithin tells whether one of the lines after the first, at most n further on, changes.
func changesWithin(lines []edit, n int) bool {
	for _, e := range lines[:min(len(lines), n+1)] {
		if e.sign != ' ' {
			return true
		}
	}
	return false
}

// hunkEnd finds the end of the hunk at i: after the context of its last change.
func hunkEnd(lines []edit, i int) int {
	quiet := 0
	for ; i < len(lines); i++ {
		if lines[i].sign != ' ' {
			quiet = 0
			continue
		}
		quiet++
		if quiet > contextLines && !changesWithin(lines[i:], contextLines) {
			return i
		}
	}
	return len(lines)
}

func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}
