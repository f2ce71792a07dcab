package web

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"letterlock"
	"letterlock/api"
)

func apiDocument(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	pathParameter  = regexp.MustCompile(`\{[a-z.$]+\}`)
	documentedCall = regexp.MustCompile("(?m)^(?:### |\\| )`([A-Z]+) (/[^`]*)`")
)

// TestDocumentedRoutes: docs/api.md has every route that programs may rely on,
// and no other.
func TestDocumentedRoutes(t *testing.T) {
	same := func(method, path string) string {
		path = strings.TrimSuffix(path, "{$}")
		return method + " " + pathParameter.ReplaceAllString(strings.ReplaceAll(path, "_", ""), "{}")
	}
	documented := map[string]bool{}
	for _, m := range documentedCall.FindAllStringSubmatch(apiDocument(t), -1) {
		documented[same(m[1], m[2])] = true
	}
	for _, rt := range slices.Concat(apiRoutes, siteRoutes) {
		call := same(rt.method, rt.path)
		if !documented[call] {
			t.Errorf("docs/api.md lacks %s", call)
		}
		delete(documented, call)
	}
	for call := range documented {
		t.Errorf("docs/api.md has %s, which is no route", call)
	}
}

// TestDocumentedCodes: docs/api.md has a line for each code, with its status.
func TestDocumentedCodes(t *testing.T) {
	text := apiDocument(t)
	for _, code := range letterlock.Codes() {
		if line := fmt.Sprintf("\n| %d | `%s` |", answers[code].status, code); !strings.Contains(text, line) {
			t.Errorf("docs/api.md lacks a line that begins with %q", line[1:])
		}
	}
}

var fieldCode = regexp.MustCompile(`FieldCode = "([a-z0-9_]+)"`)

// TestDocumentedFieldCodes: docs/api.md has a line for each thing that can be
// wrong with a field.
func TestDocumentedFieldCodes(t *testing.T) {
	source, err := os.ReadFile("../../error.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := fieldCode.FindAllStringSubmatch(string(source), -1)
	if len(declared) < 10 {
		t.Fatalf("error.go declares %d field codes, want all of them found", len(declared))
	}
	text := apiDocument(t)
	for _, m := range declared {
		if line := "\n| `" + m[1] + "` |"; !strings.Contains(text, line) {
			t.Errorf("docs/api.md lacks a line that begins with %q", line[1:])
		}
	}
}

// documentedBodies are the bodies that each section of docs/api.md has to tell
// the fields of, by the beginning of its heading.
var documentedBodies = map[string][]any{
	"### `POST /api/v1/secrets`\n":                       {api.CreateRequest{}, api.CreateResponse{}},
	"### `GET /api/v1/secrets/{id}` with `Link-Proof`":   {api.SecretResponse{}},
	"### `GET /api/v1/secrets/{id}` with `Manage-Token`": {api.ReceiptResponse{}, api.Event{}},
	"### `POST /api/v1/secrets/{id}/views`":              {api.ViewRequest{}, api.ViewResponse{}},
	"### `POST /api/v1/secrets/{id}/feedback`":           {api.FeedbackRequest{}},
	"### `PATCH /api/v1/secrets/{id}`":                   {api.ChangeRequest{}},
	"### Lists":                                          {api.SecretList{}, api.ListedSecret{}, api.Named{}, api.DeleteRequest{}, api.DeleteResponse{}},
	"### Sessions":                                       {api.SignInRequest{}, api.Session{}, api.Sessions{}, api.SwitchRequest{}},
	"### The account":                                    {api.User{}, api.ProfileRequest{}, api.PasswordRequest{}, api.EmailRequest{}, api.LeaveRequest{}},
	"### API tokens":                                     {api.TokenRequest{}, api.Token{}, api.Tokens{}},
	"### Organizations":                                  {api.Organization{}, api.Organizations{}, api.OrganizationRequest{}},
	"### Policy and brand":                               {api.Policy{}, api.PolicyRequest{}, api.Brand{}, api.BrandRequest{}},
	"### Members":                                        {api.Members{}, api.Member{}, api.RoleRequest{}},
	"### Invitations":                                    {api.Invitations{}, api.Invitation{}, api.InvitationRequest{}, api.LinkRequest{}, api.Link{}, api.InvitationToken{}, api.Offer{}, api.Named{}},
	"### The audit log":                                  {api.Log{}, api.LogEvent{}, api.LogRequest{}, api.Named{}},
	"### The instance":                                   {api.SetupRequest{}, api.SetupResponse{}, api.Settings{}, api.SettingsRequest{}},
	"## Errors":                                          {api.Problem{}, api.FieldError{}},
}

// TestDocumentedFields: docs/api.md has every field of every body, where the
// call is told that has it.
func TestDocumentedFields(t *testing.T) {
	text := apiDocument(t)
	for heading, bodies := range documentedBodies {
		told := section(t, text, heading)
		for _, body := range bodies {
			typ := reflect.TypeOf(body)
			for i := range typ.NumField() {
				name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
				if !strings.Contains(told, "`"+name+"`") && !strings.Contains(told, `"`+name+`":`) {
					t.Errorf("docs/api.md, %s, lacks %s of %s", strings.TrimSpace(heading), name, typ.Name())
				}
			}
		}
	}
}

var anyHeading = regexp.MustCompile(`(?m)^##+ `)

// section is the text from a heading to the next.
func section(t *testing.T, text, heading string) string {
	t.Helper()
	_, told, ok := strings.Cut(text, "\n"+heading)
	if !ok {
		t.Fatalf("docs/api.md has no section %s", strings.TrimSpace(heading))
	}
	if next := anyHeading.FindStringIndex(told); next != nil {
		told = told[:next[0]]
	}
	return told
}
