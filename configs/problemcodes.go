package configs

import (
	"maps"
	"slices"

	"github.com/linedesk/linedesk/sip/ivr/flow"
)

// ProblemCode names a kind of mistake. The set is closed: see [ProblemCodes].
type ProblemCode string

// What can be wrong with a text, whatever it is about.
const (
	FileTooLong    ProblemCode = "file_too_long"
	NotUTF8        ProblemCode = "not_utf8"
	NotYAML        ProblemCode = "not_yaml"
	NotKeys        ProblemCode = "not_keys"
	NestedTooDeep  ProblemCode = "nested_too_deeply"
	AliasUsed      ProblemCode = "alias_used"
	Empty          ProblemCode = "empty"
	EntryEmpty     ProblemCode = "entry_empty"
	WrongShape     ProblemCode = "wrong_shape"
	WrongValue     ProblemCode = "wrong_value"
	Missing        ProblemCode = "missing"
	UnknownKey     ProblemCode = "unknown_key"
	KeyTwice       ProblemCode = "key_twice"
	BadKey         ProblemCode = "bad_key"
	TooFew         ProblemCode = "too_few"
	TooMany        ProblemCode = "too_many"
	NotYetInForce  ProblemCode = "not_yet"
	Unreadable     ProblemCode = "unreadable"
	ValueTwice     ProblemCode = "value_twice"
	UnknownName    ProblemCode = "unknown_name"
	BadName        ProblemCode = "bad_name"
	NameDiffers    ProblemCode = "name_differs"
	NoSuchDocument ProblemCode = "no_such_document"
)

// What can be wrong with a site.
const (
	NotADocument           ProblemCode = "not_a_document"
	FolderUnreadable       ProblemCode = "folder_unreadable"
	FileMissing            ProblemCode = "file_missing"
	NotOfThisNode          ProblemCode = "not_of_this_node"
	NoTimezone             ProblemCode = "no_timezone"
	NoCountry              ProblemCode = "no_country"
	NoLanguageTag          ProblemCode = "no_language_tag"
	NameMissing            ProblemCode = "name_missing"
	TwoSecrets             ProblemCode = "two_secrets"
	NoHash                 ProblemCode = "no_hash"
	SignedInWithoutStation ProblemCode = "signed_in_without_station"
	NoMusic                ProblemCode = "no_music"
	TrunkWithoutUse        ProblemCode = "trunk_without_use"
	PingWithoutHost        ProblemCode = "ping_without_host"
	OutboundWithoutHost    ProblemCode = "outbound_without_host"
	OwnReason              ProblemCode = "own_reason"
	StateTwice             ProblemCode = "state_twice"
	StateClosed            ProblemCode = "state_closed"
	StatesIncomplete       ProblemCode = "states_incomplete"
	PromptTwofold          ProblemCode = "prompt_twofold"
	PromptEmpty            ProblemCode = "prompt_empty"
	SoundMissing           ProblemCode = "sound_missing"
	TextEmpty              ProblemCode = "text_empty"
	TextTooLong            ProblemCode = "text_too_long"
	NumberInText           ProblemCode = "number_in_text"
)

// What can be wrong with linedesk.yaml.
const (
	ProcessMissing      ProblemCode = "process_missing"
	DataIsFile          ProblemCode = "data_is_file"
	DatabaseUnknown     ProblemCode = "database_unknown"
	DatabaseURL         ProblemCode = "database_url"
	HalfCertificate     ProblemCode = "half_certificate"
	FileUnreadable      ProblemCode = "file_unreadable"
	FileNotClosed       ProblemCode = "file_not_closed"
	NoFolder            ProblemCode = "no_folder"
	NoOrigin            ProblemCode = "no_origin"
	SpeechEmpty         ProblemCode = "speech_empty"
	SIPNowhere          ProblemCode = "sip_nowhere"
	UnspecifiedAddress  ProblemCode = "unspecified_address"
	SoundPortsHoldSIP   ProblemCode = "sound_ports_hold_sip"
	SameSocket          ProblemCode = "same_socket"
	DigestTwice         ProblemCode = "digest_twice"
	PublicAddressFamily ProblemCode = "public_address_family"
)

// FlowProblem is the code of what sip/ivr/flow finds wrong with a flow, under flow's own name for it.
func FlowProblem(code string) ProblemCode { return ProblemCode("flow_" + code) }

// ProblemCodes gives every code, sorted.
func ProblemCodes() []ProblemCode {
	codes := slices.Collect(maps.Keys(sentences))
	for _, c := range flow.Codes() {
		if ProblemCode(c) != NotYetInForce { // which is one of ours
			codes = append(codes, FlowProblem(c))
		}
	}
	slices.Sort(codes)
	return codes
}

// sentence says a problem in English: what is wrong, and what to write instead. Of each the first form counts of
// which all parameters are given.
type sentence struct{ what, fix []string }

func say(what, fix string) sentence { return sentence{[]string{what}, []string{fix}} }

var sentences = map[ProblemCode]sentence{
	FileTooLong:   say("the file has {bytes} bytes", "keep it below {max}"),
	NotUTF8:       say("the file is not UTF-8 text", "save it as UTF-8"),
	NotYAML:       say("not valid YAML: {error}", "check indentation, colons and quotes there"),
	NotKeys:       say("the file is {got}", `write "key: value" lines`),
	NestedTooDeep: say("this is nested too deeply", "look at the example in configs/demo"),
	AliasUsed:     say("anchors (&) and aliases (*) are not taken here", "write the value out, or put it in quotes"),
	Empty:         say("{name} is empty", "write {wanted}"),
	EntryEmpty:    say("{name} is empty", "write a value after the -, or remove the line"),
	WrongShape:    say("{name} is {got}", "write {wanted}"),
	WrongValue:    say("{name} is <got>", "write {wanted}"),
	Missing:       say("{name} is missing", "add {key}: {wanted}"),
	UnknownKey: {
		[]string{"unknown key <key> in {in}", "unknown key <key>"},
		[]string{"did you mean {near}?", "remove it, or write one of: {known}"},
	},
	KeyTwice:      say("{name} is given twice, first in line {line}", "keep one of them"),
	BadKey:        say("a key in {name} is {got}", "write a word, in quotes if it is a sign"),
	TooFew:        say("{name} has {count} entries", "write at least {min}"),
	TooMany:       say("{name} has {count} entries", "write at most {max}"),
	NotYetInForce: say("{name} is not yet in force", "leave it out"),
	Unreadable:    say("cannot be read: {error}", "make it readable for the user that the server runs as"),
	ValueTwice: {
		[]string{"{value} is there twice, first in {file}", "{value} is there twice, first in line {line}"},
		[]string{"give each {field} once"},
	},
	UnknownName: {
		[]string{"there is no {what} <name>"},
		[]string{"did you mean {near}?", "write one of: {known}", "there are none yet: add it"},
	},
	BadName: {
		[]string{"<name> is no name for a {what}"},
		[]string{"name the {file} with a–z, 0–9, _ and -", "write {wanted}"},
	},
	NameDiffers:    say("the document has the name {name}, what it says is <got>", "give both the same name"),
	NoSuchDocument: say("there is no such kind of site document", "write one of: {known}"),

	NotADocument: {
		[]string{"this is no site document"},
		[]string{"did you mean {near}?", "remove it, or name it one of: {known}, flows/NAME.yaml"},
	},
	FolderUnreadable: say("the site's folder cannot be read: {error}", "name a folder like configs/demo"),
	FileMissing:      say("the file is missing", `write it, beginning with "{kind}:"; configs/demo/{kind}.yaml is an example`),
	NotOfThisNode:    say("{key} means nothing on a {type} node", "remove it; a {type} node takes: {known}"),
	NoTimezone:       say("there is no timezone <name>", "write a name such as Asia/Shanghai or Europe/Berlin"),
	NoCountry:        say("there is no country <name>", "write two letters such as CN or DE (ISO 3166-1)"),
	NoLanguageTag: {
		[]string{"<name> is no language tag"},
		[]string{"write {near}", "write a tag such as en or zh-CN (BCP 47)"},
	},
	NameMissing: say("the name in {language} is missing", "add {language}: NAME; the site speaks {known}"),
	TwoSecrets:  say("both password and password_hash are given", "keep password_hash only"),
	NoHash: say("password_hash is no argon2id hash",
		"leave it out, and set the password with: linedesk user password --config FILE {user}"),
	SignedInWithoutStation: say("signed_in without a station: there would be nothing to ring",
		"add station: sip:NAME@ADDRESS:PORT, or remove signed_in"),
	NoMusic: say("the queue has no music: waiting callers would hear nothing", "add music: PROMPT, such as hold_music"),
	TrunkWithoutUse: say("the trunk has neither allow nor host: no call could use it",
		"add allow: [ADDRESSES] for calls in, host: NAME for calls out"),
	PingWithoutHost:     say("ping without a host: there is nobody to ask", "add host, or remove ping"),
	OutboundWithoutHost: say("the trunk <name> has no host: no call can leave by it", "add its host in trunks.yaml, or name another trunk"),
	OwnReason:           say("<name> is a reason that the server gives by itself", "choose another id"),
	StateTwice:          say("the state <name> is there twice", "keep one"),
	StateClosed:         say("the state <name> has closed: {closed}", "write closed: true on the states in which a ticket is over"),
	StatesIncomplete: say("the states must begin with open and have closed among them",
		"write open first, closed last, others between"),
	PromptTwofold: say("the prompt has both a file and texts", "keep one of them"),
	PromptEmpty:   say("the prompt has no text", "add a text per language, or file: NAME.wav"),
	SoundMissing:  say("the file sounds/{file} is missing", "put it there, or give texts instead"),
	TextEmpty:     say("the text in {language} is empty", "write what is to be said, or remove the line"),
	TextTooLong:   say("the text in {language} has {count} characters", "keep it below {max}: a caller must listen to it"),
	NumberInText: {
		[]string{"the text in {language} has the number {number}, which speech commands say wrong"},
		[]string{
			"write {words}, or {digits}, digit by digit", "write {digits}, digit by digit",
			"write it in words, or its digits with blanks between them: {spaced}",
		},
	},

	ProcessMissing: say("cannot be read: {error}", "name the file with --config; configs/linedesk.yaml is an example"),
	DataIsFile:     say("data: {file} is a file", "name a folder; it is made if it is not there"),
	DatabaseUnknown: say("database: there is no kind of database <got>",
		"write postgres://USER:PASSWORD@HOST/NAME or sqlite:///PATH, or remove the key"),
	// The URL itself may hold a password, so neither it nor the error is shown.
	DatabaseURL: say("database is no valid URL",
		"write postgres://USER:PASSWORD@HOST/NAME, with special characters of the password as %XX"),
	HalfCertificate:   say("http has only one of cert and key", "give both for https, or none"),
	FileUnreadable:    say("the file {file} cannot be read: {error}", "put it there, readable for the user that the server runs as"),
	FileNotClosed:     say("the file {file} cannot be closed: {error}", "look at the disk"),
	NoFolder:          say("site.seed: there is no folder {folder}", "name a folder like configs/demo, or remove the key"),
	NoOrigin:          say("<name> is no origin", "write it as https://desk.example.com, without a path"),
	SpeechEmpty:       say("speech.command is empty", "remove it for espeak-ng, or write a command and its arguments"),
	SIPNowhere:        say("sip has neither udp nor tcp", "add udp: ADDRESS:5060"),
	SoundPortsHoldSIP: say("rtp.ports {ports} holds the port of sip.udp, {port}", "take another range, such as 40000-49999"),
	SameSocket:        say("http.listen and sip.tcp are both {at}", "give each a port of its own"),
	UnspecifiedAddress: say("{name} is {got}, which no telephone could send to",
		"write the address of this machine that telephones reach"),
	DigestTwice: say("{name} is there twice", "name each algorithm once"),
	PublicAddressFamily: say("{name} is {got}, but the sockets have addresses of the other kind (IPv4, IPv6)",
		"write an address of their kind, or remove the key"),
}
