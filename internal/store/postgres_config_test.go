package store

import "testing"

// Whoever says nothing of it gets a server that has to prove who it is, unless
// it is on this machine.
func TestPostgresTLS(t *testing.T) {
	t.Setenv("PGSSLMODE", "")
	const none, unverified, verified = "none", "unverified", "verified"
	for source, want := range map[string]string{
		"postgres://u:p@db.example.org/x":                      verified,
		"postgresql://u:p@192.0.2.7:5433/x?application_name=y": verified,
		"postgres://u:p@a.example.org,b.example.org/x":         verified,
		"postgres://u:p@127.0.0.1,db.example.org/x":            verified,
		"postgres://u:p@db.example.org/x?sslmode=disable":      none,
		"postgres://u:p@db.example.org/x?sslmode=require":      unverified,
		"postgres://u:p@127.0.0.1/x":                           unverified, // if the server offers it
		"postgres://u:p@[::1]/x":                               unverified,
		"postgres://u:p@localhost/x":                           unverified,
		"postgres:///x?host=/run/postgresql":                   none,
		"postgres://u:p@127.0.0.1.example.org/x":               verified,
	} {
		config, err := postgresConfig(source)
		if err != nil {
			t.Errorf("postgresConfig(%q) = %v", source, err)
			continue
		}
		got := none
		if config.TLSConfig != nil {
			got = unverified
			if !config.TLSConfig.InsecureSkipVerify {
				got = verified
			}
		}
		if got != want {
			t.Errorf("postgresConfig(%q): TLS %s, want %s", source, got, want)
		}
		for _, other := range config.Fallbacks {
			if want == verified && (other.TLSConfig == nil || other.TLSConfig.InsecureSkipVerify) {
				t.Errorf("postgresConfig(%q) falls back to %s without proof", source, other.Host)
			}
		}
		if config.ValidateConnect == nil || config.ConnectTimeout == 0 {
			t.Errorf("postgresConfig(%q) takes a server without asking, or waits for ever", source)
		}
	}
}
