// Package view turns what the live state and the store hold into what pages and programs are shown: names of the site,
// numbers formatted and masked, moments and durations, and the rows that more than one room of agentdesk shows.
//
// It decides nothing about who may see what: the rooms ask their principal and say "masked".
package view
