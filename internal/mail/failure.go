package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"syscall"
)

// Stage is how far the delivery of a mail came.
type Stage string

// The stages in their order.
const (
	StageCompose   Stage = "" // nobody was asked
	StageConnect   Stage = "connect"
	StageGreeting  Stage = "greeting"
	StageTLS       Stage = "encryption"
	StageAuth      Stage = "sign-in"
	StageSender    Stage = "sender"
	StageRecipient Stage = "recipient"
	StageContent   Stage = "content"
)

var (
	errMalformed  = errors.New("malformed address or subject")
	errNoSTARTTLS = errors.New("the server offers no STARTTLS")
	errNoAuth     = errors.New("the server offers no way to sign in that we know")
)

// Failure is a mail that was not handed over. Neither the password nor the
// mail's content is in it.
type Failure struct {
	Stage        Stage
	Code         int      // of the server's refusal, 0 if it gave none
	Conversation []string // with the server: "> " is us, "< " is the server

	server, from string
	err          error
}

// Error is one line for a log.
func (f *Failure) Error() string {
	if f.Stage == StageCompose {
		return "mail not sent: " + f.err.Error()
	}
	return fmt.Sprintf("mail not sent: %s: %s: %v", f.server, f.Stage, f.err)
}

// Unwrap is the cause, such as context.DeadlineExceeded.
func (f *Failure) Unwrap() error { return f.err }

// Permanent reports whether this mail can never be sent as it is. All else may
// pass: what is wrong with the server or its configuration will be put right.
func (f *Failure) Permanent() bool {
	switch f.Stage {
	case StageCompose:
		return true
	case StageRecipient, StageContent:
		return f.Code >= 500
	}
	return false
}

// Explanation is a failure in words that whoever sets an instance up
// understands.
type Explanation struct {
	What, Do     string
	Conversation []string
}

// Explain says what went wrong, what to do about it, and what the server and we
// said to each other.
func (w *Writer) Explain(err error, lang string) (Explanation, error) {
	var f *Failure
	if !errors.As(err, &f) {
		f = &Failure{err: err}
	}
	problem := f.problem()
	letters, err := w.letters()
	if err != nil {
		return Explanation{}, err
	}
	what, err := letters.Say(lang, "problem."+problem, "server", f.server, "from", f.from)
	if err != nil {
		return Explanation{}, err
	}
	do, err := letters.Say(lang, "problem."+problem+"_do")
	return Explanation{what, do, f.Conversation}, err
}

// problem is the end of the key of the sentences that explain the failure.
func (f *Failure) problem() string {
	switch {
	case errors.Is(f.err, ErrNoServer):
		return "no_server"
	case f.Stage == StageCompose:
		return "malformed"
	case errors.Is(f.err, context.DeadlineExceeded) || isTimeout(f.err):
		return "silent"
	case errors.Is(f.err, errNoSTARTTLS):
		return "no_starttls"
	case errors.Is(f.err, errNoAuth):
		return "no_auth"
	case f.Code != 0:
		return f.refusal()
	case f.Stage == StageConnect:
		return unreachable(f.err)
	case f.Stage == StageTLS:
		return unencrypted(f.err)
	}
	if _, ok := errors.AsType[textproto.ProtocolError](f.err); ok {
		return "not_smtp"
	}
	return "broken"
}

// refusal tells the server's refusals apart. A code of 400 to 499 asks to try
// again later.
func (f *Failure) refusal() string {
	if f.Code < 500 {
		return "later"
	}
	switch f.Stage {
	case StageTLS:
		return "no_starttls"
	case StageAuth:
		return "auth"
	case StageSender:
		return "sender"
	case StageRecipient:
		return "recipient"
	case StageContent:
		return "content"
	}
	return "unwelcome"
}

func unreachable(err error) string {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "unknown_host"
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "refused"
	}
	return "unreachable"
}

func unencrypted(err error) string {
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "not_tls"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "certificate_name"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "certificate_unknown"
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "certificate_time"
	}
	return "tls"
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}
