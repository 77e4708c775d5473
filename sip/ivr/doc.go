// Package ivr lets callers hear a flow: it plays the flow's prompts on a leg and hands it the keys.
//
// [Prompts] is the library of sounds: those that came with the site, and those that it renders from
// texts by a speech command. [Runner] carries out on one leg what package flow decides; what is not
// sound (queues, timers, hanging up) it passes on to the call that owns it.
package ivr
