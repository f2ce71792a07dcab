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
	ErrUnauthorized Code = "unauthorized"           // the API token is not valid here
	ErrUnavailable  Code = "unavailable"            // nothing was decided, or it is not known: repeat the call
	ErrFull         Code = "full"                   // the instance holds as much as it may
	ErrInternal     Code = "internal"               // a defect; logged
)

// Codes lists every code, for the tables that must have a line for each.
func Codes() []Code {
	return []Code{
		ErrMalformed, ErrInvalid, ErrNotFound, ErrConflict, ErrGone, ErrWrongPass, ErrWrongProof, ErrCrossOrigin, ErrMethod,
		ErrMediaType, ErrTimeout, ErrTooLarge, ErrRange, ErrRateLimited, ErrUnauthorized, ErrUnavailable, ErrFull, ErrInternal,
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
	FieldWeakKDF      FieldCode = "key_derivation" // parameters that no client accepts
	FieldNotSooner    FieldCode = "not_sooner"     // an expiry can only be moved nearer
	FieldNotSignedIn  FieldCode = "not_signed_in"  // only signed-in senders may set it
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
