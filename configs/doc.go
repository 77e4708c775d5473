// Package configs is what Linedesk is told, as a model: the process (linedesk.yaml: sockets, database, paths,
// limits) and the site (users, queues, numbers, flows, prompts and the like) with its look-ups, and the demo
// site's folder with its sounds.
//
// It reads no files and parses nothing: configs/load makes the model of texts, and says as [Problems] what is
// wrong with them.
package configs
