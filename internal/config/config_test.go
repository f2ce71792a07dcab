package config_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"letterlock/internal/config"
)

// secret stands for a value that was put in the wrong place.
const secret = "hunter2"

// commandLine is a program with the options of the server.
type commandLine struct {
	Serve config.Serve `cmd:""`
}

func newParser(t *testing.T, c *commandLine, environ ...string) *kong.Kong {
	t.Helper()
	options := append(config.Parsing(environ), kong.Name("letterlock"), kong.Vars{"data": "letterlock-data"})
	parser, err := kong.New(c, options...)
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

// parse reads the options of "serve" as the program does, and checks them.
func parse(t *testing.T, environ []string, args ...string) (config.Serve, error) {
	t.Helper()
	var c commandLine
	if _, err := newParser(t, &c, environ...).Parse(append([]string{"serve"}, args...)); err != nil {
		return c.Serve, err
	}
	return c.Serve, c.Serve.Check()
}

// file writes a file that a _FILE variable may name.
func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "value")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaults(t *testing.T) {
	got, err := parse(t, nil)
	if err != nil {
		t.Fatalf("without options: %v", err)
	}
	want := config.Serve{
		Listen:      "127.0.0.1:8080",
		Storage:     config.Storage{Data: "letterlock-data"},
		Name:        "Letterlock",
		MaxLifetime: config.Duration(30 * 24 * time.Hour),
		MaxStored:   1 << 30,
		RateLimit:   true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("without options (-want +got):\n%s", diff)
	}
}

// TestEveryKind gives a value of each kind in each of the ways.
func TestEveryKind(t *testing.T) {
	want := config.Serve{
		Listen:       "[::1]:9000",
		URL:          "https://share.example.org/notes",
		Storage:      config.Storage{Data: "letterlock-data"},
		Name:         "Post room",
		SMTP:         "smtps://jane:a%40b@mail.example.org",
		MailFrom:     "Post room <post@example.org>",
		MaxLifetime:  config.Duration(12 * time.Hour),
		MaxStored:    512 << 20,
		TrustedProxy: []config.Network{config.Network(netip.MustParsePrefix("10.0.0.0/8")), config.Network(netip.MustParsePrefix("fd00::/8"))},
		AccessLog:    true,
	}
	values := map[string]string{
		"listen": "[::1]:9000", "url": "https://share.example.org/notes", "name": "Post room", "max-lifetime": "12h", "max-stored": "512MiB",
		"smtp": "smtps://jane:a%40b@mail.example.org", "mail-from": "Post room <post@example.org>",
		"trusted-proxy": "10.0.0.0/8,fd00::/8", "rate-limit": "false", "access-log": "true",
	}
	var flags, environ, files []string
	for name, value := range values {
		flags = append(flags, "--"+name+"="+value)
		environ = append(environ, config.Variable(name)+"="+value)
		files = append(files, config.Variable(name)+"_FILE="+file(t, value+"\n"))
	}
	for how, got := range map[string]func() (config.Serve, error){
		"flags":       func() (config.Serve, error) { return parse(t, nil, flags...) },
		"environment": func() (config.Serve, error) { return parse(t, environ) },
		"files":       func() (config.Serve, error) { return parse(t, files) },
	} {
		serve, err := got()
		if err != nil {
			t.Errorf("options by %s: %v", how, err)
		}
		if diff := cmp.Diff(want, serve, cmpopts.EquateComparable(config.Network{})); diff != "" {
			t.Errorf("options by %s (-want +got):\n%s", how, diff)
		}
	}
}

func TestPrecedence(t *testing.T) {
	path := file(t, "file\n")
	tests := []struct {
		name    string
		environ []string
		args    []string
		want    string
	}{
		{"default", nil, nil, "Letterlock"},
		{"environment before default", []string{"LETTERLOCK_NAME=environment"}, nil, "environment"},
		{"file before default", []string{"LETTERLOCK_NAME_FILE=" + path}, nil, "file"},
		{"flag before environment", []string{"LETTERLOCK_NAME=environment"}, []string{"--name=flag"}, "flag"},
		{"flag before file", []string{"LETTERLOCK_NAME_FILE=" + path}, []string{"--name=flag"}, "flag"},
		{"others' variables are nothing to us", []string{"NAME=other", "XLETTERLOCK_NAME=other", "letterlock_name=other"}, nil, "Letterlock"},
		{"the clients' and the tests' variables are no options",
			[]string{"LETTERLOCK_SERVER=x", "LETTERLOCK_TOKEN=x", "LETTERLOCK_TEST_DATABASE=x"}, nil, "Letterlock"},
	}
	for _, tt := range tests {
		got, err := parse(t, tt.environ, tt.args...)
		if err != nil || got.Name != tt.want {
			t.Errorf("%s: name = %q, %v; want %q", tt.name, got.Name, err, tt.want)
		}
	}
}

// TestRefused holds every refusal to naming the option, and to repeating no
// value: it may be a password that stands in the wrong place.
func TestRefused(t *testing.T) {
	tests := []struct {
		environ []string
		args    []string
		names   string // what the message has to name
	}{
		{args: []string{"--nope=" + secret}, names: "--nope"},
		{args: []string{"--listen="}, names: "--listen"},
		{args: []string{"--listen=" + secret}, names: "--listen"},
		{args: []string{"--listen=127.0.0.1:" + secret}, names: "--listen"},
		{args: []string{"--listen=127.0.0.1:65536"}, names: "--listen"},
		{args: []string{"--url=" + secret}, names: "--url"},
		{args: []string{"--url=https://" + secret + "@example.org"}, names: "--url"},
		{args: []string{"--url=https://example.org/?" + secret}, names: "--url"},
		{args: []string{"--url=https://example.org/#" + secret}, names: "--url"},
		{args: []string{"--url=ftp://" + secret}, names: "--url"},
		{args: []string{"--url=https://example.org/a b"}, names: "--url"},
		{args: []string{"--url=https://example.org/../" + secret}, names: "--url"},
		{args: []string{"--url=https://example.org/a//" + secret}, names: "--url"},
		{args: []string{"--url=https://example.org/%2e/" + secret}, names: "--url"},
		{args: []string{"--database=" + secret}, names: "--database"},
		{args: []string{"--database=mysql://u:" + secret + "@example.org"}, names: "--database"},
		{args: []string{"--name="}, names: "--name"},
		{args: []string{"--name= "}, names: "--name"},
		{args: []string{"--name=" + secret + strings.Repeat("ä", 101-len(secret))}, names: "--name"},
		{args: []string{"--max-lifetime=" + secret}, names: "--max-lifetime"},
		{args: []string{"--max-lifetime=299s"}, names: "--max-lifetime"},
		{args: []string{"--max-lifetime=366d"}, names: "--max-lifetime"},
		{args: []string{"--max-stored=" + secret}, names: "--max-stored"},
		{args: []string{"--max-stored=1023KiB"}, names: "--max-stored"},
		{args: []string{"--trusted-proxy=" + secret}, names: "--trusted-proxy"},
		{args: []string{"--trusted-proxy=10.0.0.0/8," + secret}, names: "--trusted-proxy"},
		{args: []string{"--rate-limit=" + secret}, names: "--rate-limit"},
		{args: []string{"--access-log=" + secret}, names: "--access-log"},
		{environ: []string{"LETTERLOCK_LISTEN="}, names: "--listen"},
		{environ: []string{"LETTERLOCK_RATE_LIMIT=" + secret}, names: "--rate-limit"},
		{environ: []string{"LETTERLOCK_TRUSTED_PROXY=" + secret}, names: "--trusted-proxy"},
		{environ: []string{"LETTERLOCK_MAX_LIFETIM=" + secret}, names: "LETTERLOCK_MAX_LIFETIM"},
		{environ: []string{"LETTERLOCK_=" + secret}, names: "LETTERLOCK_"},
		{environ: []string{"LETTERLOCK_HELP=true"}, names: "LETTERLOCK_HELP"},
		{environ: []string{"LETTERLOCK_NOPE_FILE=" + secret}, names: "LETTERLOCK_NOPE_FILE"},
		{environ: []string{"LETTERLOCK_DATABASE_FILE=/nowhere/" + secret}, names: "LETTERLOCK_DATABASE_FILE"},
		{environ: []string{"LETTERLOCK_MAX_STORED_FILE=" + file(t, secret)}, names: "--max-stored"},
		{environ: []string{"LETTERLOCK_NAME=" + secret, "LETTERLOCK_NAME_FILE=" + file(t, secret)}, names: "LETTERLOCK_NAME_FILE"},
	}
	for _, tt := range tests {
		got, err := parse(t, tt.environ, tt.args...)
		switch {
		case err == nil:
			t.Errorf("options %q, environment %q: got %+v, want an error", tt.args, tt.environ, got)
		case !strings.Contains(err.Error(), tt.names) || strings.Contains(err.Error(), secret):
			t.Errorf("options %q, environment %q: error %q, want one that names %s and repeats no value", tt.args, tt.environ, err, tt.names)
		}
	}
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0s": 0, "90s": 90 * time.Second, "30m": 30 * time.Minute, "12h": 12 * time.Hour, "7d": 7 * 24 * time.Hour,
		"106751d": 106751 * 24 * time.Hour,
	} {
		var got config.Duration
		if err := got.UnmarshalText([]byte(text)); err != nil || time.Duration(got) != want {
			t.Errorf("duration %q = %v, %v; want %v", text, time.Duration(got), err, want)
		}
		if got.String() != text {
			t.Errorf("Duration(%v).String() = %q, want %q", want, got.String(), text)
		}
	}
	for _, text := range []string{
		"", "d", "7", "-7d", "7D", "7w", "7 d", " 7d", "1.5h", "1h30m", "0x10d", "1_000d", "99999999999d",
		"106752d", // more than fits
		"213504d", // so much more that it would look like 25 minutes
	} {
		var got config.Duration
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("duration %q = %v, want an error", text, got)
		}
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]config.Size{
		"1KiB": 1 << 10, "1023KiB": 1023 << 10, "512MiB": 512 << 20, "4GiB": 4 << 30, "2147483647GiB": 2147483647 << 30,
	} {
		var got config.Size
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("size %q = %d, %v; want %d", text, got, err, want)
		}
		if got.String() != text {
			t.Errorf("Size(%d).String() = %q, want %q", want, got.String(), text)
		}
	}
	for _, text := range []string{"", "GiB", "1", "-1GiB", "1GB", "1gib", "1 GiB", "1.5GiB", "1B", "2147483648GiB"} {
		var got config.Size
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("size %q = %d, want an error", text, got)
		}
	}
}

func TestAddress(t *testing.T) {
	got, err := (&config.Serve{URL: "https://share.example.org/notes/"}).Address()
	if err != nil || got.String() != "https://share.example.org/notes" {
		t.Errorf("Address = %v, %v; want it without the slash at its end", got, err)
	}
	if got, err := new(config.Serve).Address(); got != nil || err != nil {
		t.Errorf("Address of no URL = %v, %v; want none", got, err)
	}
}

func TestNameIsCountedInCharacters(t *testing.T) {
	name := strings.Repeat("ä", 100)
	if got, err := parse(t, nil, "--name="+name); err != nil || got.Name != name {
		t.Errorf("a name of 100 characters and 200 bytes = %v, want it accepted", err)
	}
}

// TestArguments has a command with arguments of its own beside the options: the
// environment means the options.
func TestArguments(t *testing.T) {
	var c struct {
		Serve config.Serve `cmd:""`
		Add   struct {
			config.Storage
			Name  string `variable:"-"`
			Owner string `variable:"-"`
		} `cmd:""`
	}
	parser, err := kong.New(&c, append(config.Parsing([]string{"LETTERLOCK_NAME=Post room", "LETTERLOCK_DATA=here"}), kong.Vars{"data": "there"})...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"add"}); err != nil || c.Add.Name != "" || c.Add.Data != "here" {
		t.Errorf("with options in the environment: name %q, data %q, %v; want no name, and the data directory", c.Add.Name, c.Add.Data, err)
	}
	parser, err = kong.New(&c, append(config.Parsing([]string{"LETTERLOCK_OWNER=" + secret}), kong.Vars{"data": "there"})...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"add"}); err == nil || !strings.Contains(err.Error(), "LETTERLOCK_OWNER") {
		t.Errorf("a variable named like an argument = %v, want an error that names it", err)
	}
}

func TestSource(t *testing.T) {
	for want, storage := range map[string]config.Storage{
		"here/letterlock.db":        {Data: "here"},
		"postgres://user@host/name": {Data: "here", Database: "postgres://user@host/name"},
	} {
		if got := storage.Source(); got != want {
			t.Errorf("Source of %+v = %q, want %q", storage, got, want)
		}
	}
}

func TestSender(t *testing.T) {
	for _, tt := range []struct {
		serve config.Serve
		want  string
	}{
		{config.Serve{Name: "Acme", MailFrom: "post@example.org", URL: "https://share.example.com"}, "post@example.org"},
		{config.Serve{Name: `Acme "East"`, URL: "https://share.example.com:8443/notes"}, `"Acme \"East\"" <no-reply@share.example.com>`},
		{config.Serve{Name: "Bücher", URL: "https://bücher.example"}, `"Bücher" <no-reply@xn--bcher-kva.example>`},
		{config.Serve{Name: "Acme", URL: "http://192.0.2.1"}, `"Acme" <no-reply@letterlock.localhost>`},
		{config.Serve{Name: "Acme"}, `"Acme" <no-reply@letterlock.localhost>`},
	} {
		if got := tt.serve.Sender(); got != tt.want {
			t.Errorf("Sender of %+v = %q, want %q", tt.serve, got, tt.want)
		}
	}
}

func TestDefaultData(t *testing.T) {
	t.Setenv("STATE_DIRECTORY", "")
	if got := config.DefaultData(); got != "letterlock-data" {
		t.Errorf("DefaultData() = %q, want letterlock-data", got)
	}
	t.Setenv("STATE_DIRECTORY", "/var/lib/letterlock")
	if got := config.DefaultData(); got != "/var/lib/letterlock" {
		t.Errorf("DefaultData() under systemd = %q, want /var/lib/letterlock", got)
	}
}
