package flow

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/linedesk/linedesk/call"
)

// Problem is one thing that is wrong with a flow: where, as keys from the flow's top, what, and what
// to write instead; for programs a code, one of [Codes], and what the sentence is about.
type Problem struct {
	Path   []string
	Code   string
	Params map[string]string
	What   string
	Fix    string
}

// Refs is what the rest of the site has to offer to a flow. A nil map is not known, and names are not
// looked up in it.
type Refs struct {
	Queues      map[call.QueueID]bool
	TicketKinds map[string]bool
	// Prompts tells in which languages a prompt can be said; "*" stands for all (a sound without words).
	Prompts map[string]map[string]bool
	// Language is the site's: that of a flow which names none.
	Language string
	// Known are the languages that the site speaks; nil: not known.
	Known []string
}

// Check says all that is wrong with a flow, in the order of its nodes' names: unknown and unreachable
// nodes, missing exits, prompts without text, times out of range, announcements that go round for ever.
// A flow without problems never fails in [Step].
func Check(f *Flow, refs Refs) []Problem {
	c := checker{flow: f, refs: refs}
	c.checkFlow()
	for _, name := range slices.Sorted(maps.Keys(f.Nodes)) {
		if n := f.Nodes[name]; n != nil {
			c.checkNode(name, n)
		} else {
			c.add("node_empty", nil, "the node is empty", "give it a type, such as type: say", "nodes", name)
		}
	}
	c.checkReachable()
	c.checkCircles()
	return c.problems
}

type checker struct {
	flow     *Flow
	refs     Refs
	problems []Problem
}

// of is short for what a problem is about.
type of = map[string]string

func (c *checker) add(code string, about of, what, fix string, path ...string) {
	c.problems = append(c.problems, Problem{Path: path, Code: code, Params: about, What: what, Fix: fix})
}

func outOf(key string, got, least, most int) of {
	return of{"key": key, "got": strconv.Itoa(got), "min": strconv.Itoa(least), "max": strconv.Itoa(most)}
}

// Codes gives the code of everything that Check can find.
func Codes() []string {
	return []string{
		"node_empty", "no_nodes", "no_start", "unknown_start", "unknown_language", "unknown_type", "exit_missing",
		"unknown_exit", "exit_to_nowhere", "no_prompts", "unknown_prompt", "prompt_without_text", "time_out_of_range",
		"number_out_of_range", "no_keys", "no_such_key", "key_without_exit", "no_queue", "every_without_announce",
		"unknown_queue", "no_beep", "no_ticket", "unknown_ticket_kind", "unreachable_node", "endless_announcements", "not_yet",
	}
}

func (c *checker) checkFlow() {
	f := c.flow
	if len(f.Nodes) == 0 {
		c.add("no_nodes", nil, "the flow has no nodes", "write at least one under nodes:", "nodes")
		return
	}
	switch {
	case f.Start == "":
		c.add("no_start", nil, "start is missing", "name the node that a call begins with: start: "+anyNode(f), "start")
	case f.Nodes[f.Start] == nil:
		c.add("unknown_start", of{"node": f.Start, "known": nodeNames(f)}, fmt.Sprintf("start names the node %q, which is not there", f.Start),
			"write one of: "+nodeNames(f), "start")
	}
	for i, l := range f.Languages {
		if c.refs.Known != nil && !slices.Contains(c.refs.Known, l) {
			c.add("unknown_language", of{"language": l, "known": strings.Join(c.refs.Known, ", ")}, fmt.Sprintf("the site does not speak %q", l),
				"write one of: "+strings.Join(c.refs.Known, ", "), "languages", fmt.Sprint(i))
		}
	}
}

func (c *checker) checkNode(name string, n *Node) {
	if !slices.Contains(Types(), n.Type) {
		what := fmt.Sprintf("there is no type of node %q", n.Type)
		if n.Type == "" {
			what = "the node has no type"
		}
		c.add("unknown_type", of{"type": string(n.Type), "known": joinTypes()}, what, "write one of: "+joinTypes(), "nodes", name, "type")
		return
	}
	c.checkExits(name, n)
	c.checkPrompts(name, "prompts", n.Prompts)
	c.checkPrompts(name, "retry", n.Retry)
	c.checkPrompts(name, "announce", n.Announce)
	c.checkPrompts(name, "lost", n.Lost)
	if n.Beep != "" {
		c.checkPrompts(name, "beep", []string{n.Beep})
	}
	if n.Music != "" {
		c.checkPrompts(name, "music", []string{n.Music})
	}
	c.checkTimes(name, n)
	switch n.Type {
	case Say:
		c.needPrompts(name, n)
	case Menu:
		c.needPrompts(name, n)
		c.checkKeys(name, n)
	case Collect:
		c.needPrompts(name, n)
		c.checkCollect(name, n)
	case Queue:
		c.checkQueue(name, n)
	case Voicemail:
		c.checkVoicemail(name, n)
	case Hangup, Echo:
	}
}

// exitsOf gives the exits that a node must have and those that it may have.
func exitsOf(n *Node) (must, may []string) {
	switch n.Type {
	case Say, Echo:
		return []string{ExitDone}, nil
	case Menu:
		must = append(slices.Sorted(maps.Values(n.Keys)), ExitFailed)
		return slices.Compact(must), []string{ExitTimeout}
	case Collect:
		return []string{ExitDone, ExitFailed}, []string{ExitTimeout}
	case Queue:
		return []string{ExitFull}, []string{ExitFailed}
	case Voicemail:
		return []string{ExitDone, ExitEmpty}, []string{ExitFailed}
	default:
		return nil, nil
	}
}

func (c *checker) checkExits(name string, n *Node) {
	must, may := exitsOf(n)
	for _, exit := range must {
		if _, ok := n.Exits[exit]; !ok {
			c.add("exit_missing", of{"exit": exit, "known": nodeNames(c.flow)}, fmt.Sprintf("the exit %q is missing", exit),
				fmt.Sprintf("add under exits: %s: NODE, where NODE is one of: %s", exit, nodeNames(c.flow)),
				"nodes", name, "exits")
		}
	}
	for _, exit := range slices.Sorted(maps.Keys(n.Exits)) {
		to := n.Exits[exit]
		if !slices.Contains(must, exit) && !slices.Contains(may, exit) {
			fix := "remove it"
			if all := append(slices.Clone(must), may...); len(all) > 0 {
				fix += "; the exits of this node are: " + strings.Join(all, ", ")
			}
			c.add("unknown_exit", of{"exit": exit, "type": string(n.Type)}, fmt.Sprintf("a %s node never takes an exit %q", n.Type, exit), fix, "nodes", name, "exits", exit)
		}
		if c.flow.Nodes[to] == nil {
			c.add("exit_to_nowhere", of{"exit": exit, "node": to, "known": nodeNames(c.flow)}, fmt.Sprintf("the exit %q leads to the node %q, which is not there", exit, to),
				"write one of: "+nodeNames(c.flow), "nodes", name, "exits", exit)
		}
	}
}

func (c *checker) needPrompts(name string, n *Node) {
	if len(n.Prompts) == 0 {
		c.add("no_prompts", of{"type": string(n.Type)}, fmt.Sprintf("a %s node without prompts: the caller would hear nothing", n.Type),
			"add prompts: [NAME], from the prompts of the site", "nodes", name)
	}
}

func (c *checker) checkPrompts(name, field string, prompts []string) {
	languages := c.flow.Languages
	if len(languages) == 0 {
		languages = []string{c.refs.Language}
	}
	for i, p := range prompts {
		path := []string{"nodes", name, field, fmt.Sprint(i)}
		texts, ok := c.refs.Prompts[p]
		if c.refs.Prompts == nil {
			break
		}
		if !ok {
			c.add("unknown_prompt", of{"prompt": p}, fmt.Sprintf("there is no prompt %q", p),
				"add it to the prompts of the site, or write one of: "+some(slices.Sorted(maps.Keys(c.refs.Prompts))), path...)
			continue
		}
		for _, l := range languages {
			if l != "" && !texts[l] && !texts["*"] {
				c.add("prompt_without_text", of{"prompt": p, "language": l}, fmt.Sprintf("the prompt %q has no text in %s", p, l),
					"add the text to the prompts of the site, or take the language out of the flow", path...)
			}
		}
	}
}

func (c *checker) checkTimes(name string, n *Node) {
	for _, t := range []struct {
		field    string
		value    time.Duration
		min, max time.Duration
	}{
		{"wait", n.Wait, time.Second, time.Minute},
		{"gap", n.Gap, time.Second, time.Minute},
		{"every", n.Every, 5 * time.Second, time.Hour},
		{"max_length", n.MaxLength, time.Second, time.Hour},
		{"silence", n.Silence, time.Second, time.Minute},
	} {
		if t.value != 0 && (t.value < t.min || t.value > t.max) {
			c.add("time_out_of_range", of{"key": t.field, "got": t.value.String(), "min": t.min.String(), "max": t.max.String()}, fmt.Sprintf("%s is %v", t.field, t.value), fmt.Sprintf("write a time from %v to %v", t.min, t.max),
				"nodes", name, t.field)
		}
	}
	if n.Tries < 0 || n.Tries > 10 {
		c.add("number_out_of_range", outOf("tries", n.Tries, 1, 10), fmt.Sprintf("tries is %d", n.Tries), "write a number from 1 to 10", "nodes", name, "tries")
	}
}

func (c *checker) checkKeys(name string, n *Node) {
	if len(n.Keys) == 0 {
		c.add("no_keys", nil, "a menu without keys", `add keys, such as keys: {"1": sales}`, "nodes", name)
	}
	for _, key := range slices.Sorted(maps.Keys(n.Keys)) {
		if len(key) != 1 || !isKey(rune(key[0])) {
			c.add("no_such_key", of{"key": key}, fmt.Sprintf("%q is not a key of a telephone", key), "write one of 0–9, *, #, A–D, in quotes",
				"nodes", name, "keys", key)
		}
		if n.Keys[key] == "" {
			c.add("key_without_exit", of{"key": key}, fmt.Sprintf("the key %q names no exit", key), "write the name of an exit", "nodes", name, "keys", key)
		}
	}
}

func (c *checker) checkCollect(name string, n *Node) {
	if n.Min < 0 || n.Min > maxKeys {
		c.add("number_out_of_range", outOf("min", n.Min, 1, maxKeys), fmt.Sprintf("min is %d", n.Min), fmt.Sprintf("write a number from 1 to %d", maxKeys), "nodes", name, "min")
	}
	if n.Max < 0 || n.Max > maxKeys || n.Max != 0 && n.Max < n.Min {
		c.add("number_out_of_range", outOf("max", n.Max, max(n.Min, 1), maxKeys), fmt.Sprintf("max is %d", n.Max), fmt.Sprintf("write a number from %d to %d", max(n.Min, 1), maxKeys), "nodes", name, "max")
	}
	if f := n.Finish; f != "" && f != noFinish && (len(f) != 1 || !isKey(rune(f[0]))) {
		c.add("no_such_key", of{"key": f}, fmt.Sprintf("finish is %q", f), `write one key in quotes, such as "#", or none`, "nodes", name, "finish")
	}
}

func (c *checker) checkQueue(name string, n *Node) {
	if n.Queue == "" {
		c.add("no_queue", nil, "a queue node without a queue", "add queue: "+some(queueNames(c.refs)), "nodes", name)
	}
	c.checkQueueName(name, n)
	if n.Priority < -100 || n.Priority > 100 {
		c.add("number_out_of_range", outOf("priority", n.Priority, -100, 100), fmt.Sprintf("priority is %d", n.Priority), "write a number from -100 to 100; 0 is ordinary", "nodes", name, "priority")
	}
	if len(n.Skills) > 0 {
		c.add("not_yet", of{"name": "skills"}, "skills is not yet in force", "leave it out", "nodes", name, "skills")
	}
	if n.Every != 0 && len(n.Announce) == 0 {
		c.add("every_without_announce", nil, "every without announce says nothing", "add announce: [NAME], or remove every", "nodes", name, "every")
	}
}

func (c *checker) checkQueueName(name string, n *Node) {
	if n.Queue != "" && c.refs.Queues != nil && !c.refs.Queues[n.Queue] {
		c.add("unknown_queue", of{"queue": string(n.Queue)}, fmt.Sprintf("there is no queue %q", n.Queue), "write one of: "+some(queueNames(c.refs)), "nodes", name, "queue")
	}
}

func (c *checker) checkVoicemail(name string, n *Node) {
	if len(n.Prompts) == 0 && n.Beep == "" {
		c.add("no_beep", nil, "a voicemail without prompts or beep: the caller would not know that it records",
			"add prompts: [NAME] or beep: NAME", "nodes", name)
	}
	c.checkQueueName(name, n)
	kinds := slices.Sorted(maps.Keys(c.refs.TicketKinds))
	switch {
	case n.Ticket == "":
		c.add("no_ticket", nil, "a voicemail without a ticket: nobody would hear the message", "add ticket: KIND, one of: "+some(kinds), "nodes", name)
	case c.refs.TicketKinds != nil && !c.refs.TicketKinds[n.Ticket]:
		c.add("unknown_ticket_kind", of{"kind": n.Ticket}, fmt.Sprintf("there is no kind of ticket %q", n.Ticket), "write one of: "+some(kinds), "nodes", name, "ticket")
	}
}

func (c *checker) checkReachable() {
	if c.flow.Nodes[c.flow.Start] == nil {
		return // then everything would be unreachable, and start was reported
	}
	seen := map[string]bool{}
	todo := []string{c.flow.Start}
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if n := c.flow.Nodes[name]; n != nil && !seen[name] {
			seen[name] = true
			todo = slices.AppendSeq(todo, maps.Values(n.Exits))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.flow.Nodes)) {
		if !seen[name] {
			c.add("unreachable_node", of{"node": name}, fmt.Sprintf("no exit leads to the node %q", name), "lead an exit to it, or remove it", "nodes", name)
		}
	}
}

// checkCircles finds announcements that follow each other for ever: a caller must get a word in.
func (c *checker) checkCircles() {
	done := map[string]bool{}
	for _, start := range slices.Sorted(maps.Keys(c.flow.Nodes)) {
		onPath := map[string]bool{}
		for name := start; ; {
			n := c.flow.Nodes[name]
			if n == nil || n.Type != Say || done[name] {
				break
			}
			if onPath[name] {
				c.add("endless_announcements", of{"node": name}, fmt.Sprintf("the announcements go round for ever: %s leads back to itself", name),
					"lead one of them to a menu, a queue or a hangup", "nodes", name, "exits")
				break
			}
			onPath[name] = true
			name = n.Exits[ExitDone]
		}
		maps.Copy(done, onPath)
	}
}

func anyNode(f *Flow) string {
	return slices.MinFunc(slices.Collect(maps.Keys(f.Nodes)), cmp.Compare[string])
}

func nodeNames(f *Flow) string { return some(slices.Sorted(maps.Keys(f.Nodes))) }

func queueNames(refs Refs) []string {
	names := make([]string, 0, len(refs.Queues))
	for q := range refs.Queues {
		names = append(names, string(q))
	}
	slices.Sort(names)
	return names
}

func joinTypes() string {
	names := make([]string, 0, len(fields))
	for _, t := range Types() {
		names = append(names, string(t))
	}
	return strings.Join(names, ", ")
}

// some lists the first few of many names.
func some(names []string) string {
	const few = 12
	if len(names) > few {
		return strings.Join(names[:few], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
