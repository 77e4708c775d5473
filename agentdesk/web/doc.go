// Package web is the web server that agentdesk's rooms stand in: who is signed in and what they may do, the HTTP API
// with its problems and description, the websocket that pages follow, and the pages themselves, whose sources are beside it.
//
// It knows no desks, boards or customers: a [Room] registers its routes, commands and channels, each with the right that
// it asks for.
package web
