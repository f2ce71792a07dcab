package api

import (
	"cmp"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"letterlock"
)

// Bytes is a binary value: base64url without padding. Decoding is strict: one
// spelling for each value, no line breaks.
type Bytes []byte

var encoding = base64.RawURLEncoding.Strict()

// ErrNotBase64URL is what decoding a binary value fails with.
var ErrNotBase64URL = errors.New("not base64url")

// ParseBytes decodes a binary value strictly.
func ParseBytes(s string) (Bytes, error) {
	// The standard decoder skips line breaks even when strict.
	if strings.ContainsAny(s, "\r\n") {
		return nil, ErrNotBase64URL
	}
	b, err := encoding.DecodeString(s)
	if err != nil {
		return nil, ErrNotBase64URL
	}
	return b, nil
}

// String is the value as it is written on the wire.
func (b Bytes) String() string { return encoding.EncodeToString(b) }

// UnmarshalJSONFrom reads a JSON string; null is refused.
func (b *Bytes) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '"' {
		return wrongType(dec)
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	text := raw[1 : len(raw)-1] // an escape is no base64url, so need not be undone
	out := make([]byte, encoding.DecodedLen(len(text)))
	n, err := encoding.Decode(out, text)
	if err != nil {
		return ErrNotBase64URL
	}
	*b = out[:n]
	return nil
}

// MarshalJSONTo writes a JSON string.
func (b Bytes) MarshalJSONTo(enc *jsontext.Encoder) error {
	out := enc.AvailableBuffer()
	out = append(out, '"')
	out = encoding.AppendEncode(out, b)
	return enc.WriteValue(append(out, '"'))
}

// ViewLimit is max_views: absent means one view, null unlimited.
type ViewLimit struct {
	set   bool
	views int
}

// LimitViews is a max_views of n, or letterlock.Unlimited.
func LimitViews(n int) ViewLimit { return ViewLimit{set: true, views: n} }

// Views is the limit asked for. A number that is no limit, such as 0, comes
// back as -1, which no rule accepts: on the wire unlimited is null.
func (v ViewLimit) Views() int {
	if !v.set {
		return 1
	}
	return v.views
}

// IsZero reports that the field is absent.
func (v ViewLimit) IsZero() bool { return !v.set }

// UnmarshalJSONFrom reads an integer or null.
func (v *ViewLimit) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	var n *int
	if err := json.UnmarshalDecode(dec, &n); err != nil {
		return err
	}
	switch {
	case n == nil:
		*v = LimitViews(letterlock.Unlimited)
	case *n < 1:
		*v = LimitViews(-1)
	default:
		*v = LimitViews(*n)
	}
	return nil
}

// MarshalJSONTo writes an integer or null.
func (v ViewLimit) MarshalJSONTo(enc *jsontext.Encoder) error {
	if v.Views() == letterlock.Unlimited {
		return enc.WriteToken(jsontext.Null)
	}
	return enc.WriteToken(jsontext.Int(int64(v.Views())))
}

// Choice is an id that may be null, which is not the same as absent.
type Choice struct {
	set bool
	id  letterlock.OrgID
}

// Chosen is the choice of an organization or, if that is empty, of none.
func Chosen(id letterlock.OrgID) Choice { return Choice{set: true, id: id} }

// Or is what was chosen, or what stands where the field is absent.
func (c Choice) Or(absent letterlock.OrgID) letterlock.OrgID {
	if !c.set {
		return absent
	}
	return c.id
}

// IsZero reports that the field is absent.
func (c Choice) IsZero() bool { return !c.set }

// UnmarshalJSONFrom reads an id or null. An empty id is no organization's, and
// not the same as null.
func (c *Choice) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	var id *letterlock.OrgID
	if err := json.UnmarshalDecode(dec, &id); err != nil {
		return err
	}
	*c = Chosen("")
	if id != nil {
		c.id = cmp.Or(*id, noID)
	}
	return nil
}

// noID is the id of nothing.
const noID letterlock.OrgID = "-"

// MarshalJSONTo writes an id or null.
func (c Choice) MarshalJSONTo(enc *jsontext.Encoder) error {
	if c.id == "" {
		return enc.WriteToken(jsontext.Null)
	}
	return enc.WriteToken(jsontext.String(string(c.id)))
}

// Number is an integer that may be null, which is not the same as absent.
type Number struct {
	set bool
	n   *int64
}

// NumberOf is a number, or null for nil.
func NumberOf(n *int64) Number { return Number{set: true, n: n} }

// Value is the number, nil for null.
func (n Number) Value() *int64 { return n.n }

// IsZero reports that the field is absent.
func (n Number) IsZero() bool { return !n.set }

// UnmarshalJSONFrom reads an integer or null.
func (n *Number) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	n.set = true
	return json.UnmarshalDecode(dec, &n.n)
}

// MarshalJSONTo writes an integer or null.
func (n Number) MarshalJSONTo(enc *jsontext.Encoder) error {
	if n.n == nil {
		return enc.WriteToken(jsontext.Null)
	}
	return enc.WriteToken(jsontext.Int(*n.n))
}

// wrongType consumes the value and reports its kind as the error.
func wrongType(dec *jsontext.Decoder) error {
	kind := dec.PeekKind()
	if err := dec.SkipValue(); err != nil {
		return err
	}
	return &json.SemanticError{JSONKind: kind, Err: errors.New("want a string")}
}
