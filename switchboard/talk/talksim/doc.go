// Package talksim plays live calls against the talk machine: stories that people read, and storms that search for
// faults.
//
// A story is a script of what happens and what the machine did about it, in words of its own (see [Retell] and
// ../testdata/README.md).
//
// A [Storm] feeds calls with random inputs from a seed: telephones that answer late, twice or never, lost legs, agents
// who press everything, flows that end at any moment, and inputs that make no sense. After every step a watcher, who
// keeps books of its own, checks what must always hold. What breaks a rule is made as short as it can be and told as a
// story.
package talksim
