// Package configs reads and checks what Linedesk is told: the process (linedesk.yaml: sockets,
// database, paths, limits) and the site (users, queues, numbers, flows, prompts and the like), and
// carries the demo site with its sounds.
//
// Everything is read as a whole and checked as a whole: whatever is wrong is listed at once as
// [Problems], each with file, line and what to write instead. Nothing starts half-configured.
package configs
