package letterlock

import (
	"strings"
	"time"
)

// Code is everything that can be refused, by name. It is an error; callers act
// on it with errors.Is. Codes are part of the wire and never renamed.
type Code string

// The codes. The comment says what the caller has to know.
const (
	ErrMalformed    Code = "malformed"              // not readable as JSON at all
	ErrInvalid      Code = "invalid"                // readable; a Refusal names the fields
	ErrNotFound     Code = "not_found"              // unknown, or not yours: indistinguishable
	ErrConflict     Code = "conflict"               // another secret has this id, or it cannot be done any more
	ErrGone         Code = "gone"                   // over; a Refusal gives the reason to holders of the link
	ErrWrongPass    Code = "wrong_password"         // counted; a Refusal gives the tries left
	ErrWrongProof   Code = "wrong_proof"            // wrong access proof where there is no password
	ErrCrossOrigin  Code = "cross_origin"           // a browser sent it from another site
	ErrMethod       Code = "method_not_allowed"     // the resource exists, the method does not
	ErrMediaType    Code = "unsupported_media_type" // the body is not application/json
	ErrTimeout      Code = "timeout"                // the body did not arrive in time
	ErrTooLarge     Code = "too_large"              // the body is longer than any valid one
	ErrRange        Code = "invalid_range"          // the range does not begin and end between chunks
	ErrRateLimited  Code = "rate_limited"           // too many requests from this network
	ErrUnauthorized Code = "unauthorized"           // not signed in, or the API token is not valid
	ErrForbidden    Code = "forbidden"              // signed in, and may not do it
	ErrGate         Code = "gate"                   // who may open it is limited; a Refusal names what is missing
	ErrLastOwner    Code = "last_owner"             // an organization keeps an owner
	ErrSetup        Code = "setup_required"         // nobody has set the instance up yet
	ErrUnavailable  Code = "unavailable"            // nothing was decided, or it is not known: repeat the call
	ErrFull         Code = "full"                   // the instance holds as much as it may
	ErrInternal     Code = "internal"               // a defect; logged
)

// Codes lists every code, for the tables that must have a line for each.
func Codes() []Code {
	return []Code{
		ErrMalformed, ErrInvalid, ErrNotFound, ErrConflict, ErrGone, ErrWrongPass, ErrWrongProof, ErrCrossOrigin, ErrMethod,
		ErrMediaType, ErrTimeout, ErrTooLarge, ErrRange, ErrRateLimited, ErrUnauthorized, ErrUnavailable, ErrFull, ErrInternal,
		ErrForbidden, ErrGate, ErrLastOwner, ErrSetup,
	}
}

// Error is the code itself.
func (c Code) Error() string { return string(c) }

// FieldCode says what is wrong with one field of a request.
type FieldCode string

// What can be wrong with a field. None repeats the value.
const (
	FieldRequired     FieldCode = "required"
	FieldUnknown      FieldCode = "unknown"
	FieldDuplicate    FieldCode = "duplicate"
	FieldWrongType    FieldCode = "wrong_type"
	FieldNotBase64URL FieldCode = "not_base64url"
	FieldWrongSize    FieldCode = "wrong_size"
	FieldOutOfRange   FieldCode = "out_of_range"
	FieldPlaintext    FieldCode = "plaintext"    // valid UTF-8 where ciphertext belongs
	FieldNotEnvelope  FieldCode = "not_envelope" // the magic is missing
	FieldUnknownSuite FieldCode = "unknown_suite"
	FieldReserved     FieldCode = "reserved_not_zero"
	FieldWeakKDF      FieldCode = "key_derivation"  // parameters that no client accepts
	FieldNotSooner    FieldCode = "not_sooner"      // an expiry can only be moved nearer
	FieldNotSignedIn  FieldCode = "not_signed_in"   // only signed-in senders may set it
	FieldPolicy       FieldCode = "policy"          // the organization does not allow it
	FieldNoOrg        FieldCode = "no_organization" // it needs an organization
	FieldNotAddress   FieldCode = "not_an_address"  // not the address of one mailbox
	FieldNotText      FieldCode = "not_text"        // characters that cannot be seen
	FieldTooLong      FieldCode = "too_long"
	FieldNotColour    FieldCode = "not_a_colour"  // not #rrggbb in lower case
	FieldContrast     FieldCode = "contrast"      // too pale to read on
	FieldNotPicture   FieldCode = "not_a_picture" // not a PNG or JPEG
	FieldMember       FieldCode = "member"        // of somebody who is a member
	FieldInvited      FieldCode = "invited"       // of somebody who has an open invitation
	FieldTooShort     FieldCode = "too_short"
	FieldTooCommon    FieldCode = "too_common" // a password that is guessed first
	FieldTaken        FieldCode = "taken"      // somebody has it
	FieldNotURL       FieldCode = "not_a_url"
)

// Gate is something that a reader lacks besides link and password.
type Gate string

// The gates.
const (
	GateOrganization Gate = "organization" // to be a member of the secret's organization
	GateSignIn       Gate = "sign_in"      // to have signed in
	GatePolicy       Gate = "policy"       // that the organization's policy still allows it
)

// FieldError is one wrong field of a request.
type FieldError struct {
	Field string
	Code  FieldCode
}

// ViewClosed is the reason of a gone [Refusal] that concerns one view only: it
// was acknowledged, or its grace is over. The secret itself may have views left.
const ViewClosed State = "view_closed"

// Refusal is a [Code] with the named details that may leave the server.
type Refusal struct {
	Code      Code
	Fields    []FieldError // ErrInvalid
	Reason    State        // ErrGone: which end it was
	EndedAt   time.Time    // ErrGone, if known
	TriesLeft *int         // ErrWrongPass
	Gates     []Gate       // ErrGate: what is missing
}

// Error names the code and the fields, never a value.
func (r *Refusal) Error() string {
	var b strings.Builder
	b.WriteString(string(r.Code))
	for _, f := range r.Fields {
		b.WriteString(" " + f.Field + ":" + string(f.Code))
	}
	if r.Reason != "" {
		b.WriteString(" " + string(r.Reason))
	}
	for _, gate := range r.Gates {
		b.WriteString(" " + string(gate))
	}
	return b.String()
}

// Unwrap is the code, so that errors.Is(err, ErrGone) holds.
func (r *Refusal) Unwrap() error { return r.Code }

// Gone is the refusal of what is over.
func Gone(reason State, at time.Time) *Refusal {
	return &Refusal{Code: ErrGone, Reason: reason, EndedAt: at}
}

// Invalid is the refusal of one field.
func Invalid(field string, code FieldCode) *Refusal {
	return &Refusal{Code: ErrInvalid, Fields: []FieldError{{Field: field, Code: code}}}
}

func invalid(fields []FieldError) error {
	if len(fields) == 0 {
		return nil
	}
	return &Refusal{Code: ErrInvalid, Fields: fields}
}
