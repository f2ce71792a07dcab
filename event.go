package letterlock

import "time"

// Action names what happened in an [Event].
type Action string

// What is recorded of a secret, in the transaction of the act itself.
const (
	ActionCreated       Action = "created"
	ActionOpened        Action = "opened"
	ActionConfirmed     Action = "confirmed" // the reader's client had it whole
	ActionWrongPassword Action = "wrong_password"
	ActionLocked        Action = "locked"
	ActionUnlocked      Action = "unlocked"
	ActionShortened     Action = "shortened"
	ActionExpired       Action = "expired"
	ActionDeleted       Action = "deleted"
	ActionNotMe         Action = "not_me" // a reader found it opened by someone else
)

// Event is one line of what happened to a secret. It holds nothing that opens
// anything.
type Event struct {
	SecretID SecretID
	At       time.Time
	Action   Action
}

// Receipt is what the sender can see of a secret, also after its end: never the
// content, never the link.
type Receipt struct {
	Snapshot
	Events []Event // oldest first
}
