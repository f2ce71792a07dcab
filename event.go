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
	ActionHandedOver    Action = "handed_over"
)

// What is recorded of accounts.
const (
	ActionSetUp           Action = "set_up" // the first owner came in
	ActionSignedUp        Action = "signed_up"
	ActionVerified        Action = "verified"
	ActionSignedIn        Action = "signed_in"
	ActionSignedOut       Action = "signed_out"
	ActionSessionsEnded   Action = "sessions_ended"
	ActionPasswordReset   Action = "password_reset"
	ActionPasswordChanged Action = "password_changed"
	ActionEmailChanged    Action = "email_changed"
	ActionEmailUndone     Action = "email_undone"
	ActionProfileChanged  Action = "profile_changed"
	ActionAccountDeleted  Action = "account_deleted"
	ActionTokenCreated    Action = "token_created"
	ActionTokenRevoked    Action = "token_revoked"
	ActionSettingsChanged Action = "settings_changed"
)

// What is recorded of organizations.
const (
	ActionOrgCreated     Action = "organization_created"
	ActionOrgRenamed     Action = "organization_renamed"
	ActionPolicyChanged  Action = "policy_changed"
	ActionBrandChanged   Action = "brand_changed"
	ActionInvited        Action = "invited"
	ActionUninvited      Action = "uninvited"
	ActionJoined         Action = "joined"
	ActionRoleChanged    Action = "role_changed"
	ActionRemoved        Action = "removed"
	ActionLeft           Action = "left"
	ActionEventsExported Action = "events_exported"

	// ActionLooked is recorded only where the look was refused.
	ActionLooked Action = "looked"

	// ActionEventsPruned stays when older lines go: none goes without it.
	ActionEventsPruned Action = "events_pruned"
)

// Event is one line of what happened, to a secret, to an account or in an
// organization. Lines are never changed, so they hold no name and no address of
// a person, and nothing that opens anything.
type Event struct {
	Number   int64 // rises with time; set in lists
	At       time.Time
	Action   Action
	Actor    UserID // empty: nobody we know
	Org      OrgID  // in whose log it stands; empty: no organization's
	Subject  string // the id of what was acted on, unless that is a secret
	SecretID SecretID
	Refused  Code // why nothing happened; empty: it happened
	Net      Net  // where from; empty: not kept

	// ActorName is how the actor is called now, in lists: empty once the
	// account is gone.
	ActorName string
}

// EventQuery asks for a page of an organization's log, the newest line first.
type EventQuery struct {
	Org    OrgID
	Actor  UserID // empty: everyone
	Action Action // empty: everything
	From   time.Time
	Until  time.Time // not included; zero: up to now
	Before int64     // the last number of the page before; zero: the first page
	Limit  int
}

// MaxEvents bounds the events of a receipt: enough for [MaxViews] views, each
// confirmed, and everything else.
const MaxEvents = 2100

// Receipt is what the sender can see of a secret, also after its end: never the
// content, never the link.
type Receipt struct {
	Snapshot
	Owner  *Sender // nil: nobody we know
	Events []Event // oldest first, at most MaxEvents
}
