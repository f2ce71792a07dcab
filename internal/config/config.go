// Package config declares every option of the server once. The flag, the
// environment variable, the file that holds a value, the help and
// docs/config.md all come from here.
package config

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"letterlock"
)

// Storage are the options that say where everything is kept, for every command
// that works there.
type Storage struct {
	Data     string `default:"${data}" help:"Directory of the database file. Made if missing, readable by its owner only."`
	Database string `placeholder:"URL" help:"PostgreSQL database, postgres://user:password@host:port/name, instead of SQLite in the data directory."`
}

// Check refuses what is no database.
func (c *Storage) Check() error {
	if c.Database != "" && !strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://") {
		return errors.New("--database must be a postgres:// URL; for SQLite leave it out and give --data")
	}
	return nil
}

// Source is what the store opens: the database, or a file in the data directory.
func (c *Storage) Source() string {
	if c.Database != "" {
		return c.Database
	}
	return filepath.Join(c.Data, "letterlock.db")
}

// Serve are the options of "letterlock serve". Without any it works at once, on
// loopback.
type Serve struct {
	Listen string `default:"127.0.0.1:8080" help:"Address and port to listen on."`
	URL    string `name:"url" placeholder:"URL" help:"Public address, such as https://share.example.org, or with a path under which everything is served. Links are made with it; without it, with the address in the reader's browser."`
	Storage
	Name         string                `default:"Letterlock" help:"Name of the instance, shown on its pages."`
	SMTP         letterlock.MailServer `name:"smtp" placeholder:"URL" help:"Mail server: smtp://user:password@host:port, which must offer STARTTLS unless it is this machine, or smtps:// for TLS from the start. Without one no mail is sent."`
	MailFrom     string                `placeholder:"SENDER" help:"Sender of the mails, such as \"Letterlock <no-reply@example.org>\". Without it, no-reply at the host of --url."`
	MaxLifetime  Duration              `default:"30d" help:"Longest lifetime of a secret, at most 365d."`
	MaxStored    Size                  `default:"1GiB" help:"Most ciphertext kept at once. Beyond it new secrets are refused until others end."`
	TrustedProxy []Network             `placeholder:"CIDR" help:"Networks or addresses of the proxies in front, whose X-Forwarded-For header tells who the visitor is. None unless given."`
	RateLimit    bool                  `default:"true" help:"Limit how much one address may ask for. --rate-limit=false is for load tests; tries of a password stay limited."`
	AccessLog    bool                  `help:"Log a line for each request: route, status, time and network, never a path or what was sent."`
}

// Check refuses what cannot be meant. The message names the option and what to
// do; it repeats no value. Whether mail can be sent is not its matter.
func (c *Serve) Check() error {
	if _, err := c.Address(); err != nil {
		return err
	}
	switch life := time.Duration(c.MaxLifetime); {
	case !isAddress(c.Listen):
		return errors.New("--listen must be an address and a port, such as 127.0.0.1:8080, or :8080 for all addresses")
	case life < 5*time.Minute || life > 365*24*time.Hour:
		return errors.New("--max-lifetime must be from 5m to 365d")
	case c.MaxStored < 1<<20:
		return errors.New("--max-stored must be at least 1MiB")
	case strings.TrimSpace(c.Name) == "" || utf8.RuneCountInString(c.Name) > letterlock.NameLength:
		return errors.New("--name must have 1 to 100 characters")
	}
	return c.Storage.Check()
}

// isAddress reports whether a listener can be asked for there. Go takes the
// empty text too, for any port on every address, which nobody means.
func isAddress(listen string) bool {
	_, port, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// Address is the public address, nil if none is configured.
func (c *Serve) Address() (*url.URL, error) {
	if c.URL == "" {
		return nil, nil
	}
	u, ok := letterlock.ParsePublicURL(c.URL)
	if !ok {
		return nil, errors.New("--url must be the public address, such as https://share.example.org, without user, query and fragment; its path may have letters, digits, -, _ and . only")
	}
	return u, nil
}

// Sender is who mails are from. What nobody configured is an address that can
// belong to nobody else.
func (c *Serve) Sender() string {
	if c.MailFrom != "" {
		return c.MailFrom
	}
	host := "letterlock.localhost"
	if u, err := c.Address(); err == nil && u != nil {
		if domain, ok := letterlock.ParseDomain(u.Hostname()); ok {
			host = domain
		}
	}
	return strconv.Quote(c.Name) + " <no-reply@" + host + ">"
}

// DefaultData is where data is kept if nothing is said: what systemd provides,
// or a directory here.
func DefaultData() string {
	if dir := os.Getenv("STATE_DIRECTORY"); dir != "" {
		return dir
	}
	return "letterlock-data"
}

// Proxies are the networks whose word on the visitor's address is taken.
func (c *Serve) Proxies() []netip.Prefix {
	var all []netip.Prefix
	for _, n := range c.TrustedProxy {
		all = append(all, netip.Prefix(n))
	}
	return all
}

// Network is a network, or a single address: 10.0.0.0/8, 2001:db8::1.
type Network netip.Prefix

// UnmarshalText reads either.
func (n *Network) UnmarshalText(text []byte) error {
	prefix, err := netip.ParsePrefix(string(text))
	if addr, alone := netip.ParseAddr(string(text)); alone == nil {
		prefix, err = netip.PrefixFrom(addr.WithZone(""), addr.BitLen()), nil
	}
	if err != nil {
		return errors.New("want networks or addresses such as 10.0.0.0/8, 192.0.2.1 or 2001:db8::/32")
	}
	*n = Network(prefix)
	return nil
}

// String is the network as it is written.
func (n Network) String() string { return netip.Prefix(n).String() }

// Duration is a time in whole units: 30m, 12h, 7d.
type Duration time.Duration

var durationUnits = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}

// UnmarshalText reads a number and its unit.
func (d *Duration) UnmarshalText(text []byte) error {
	if len(text) > 1 {
		unit, ok := durationUnits[text[len(text)-1]]
		n, err := strconv.ParseInt(string(text[:len(text)-1]), 10, 32)
		if ok && err == nil && n >= 0 && n <= int64(math.MaxInt64/unit) {
			*d = Duration(time.Duration(n) * unit)
			return nil
		}
	}
	return errors.New("want a number with s, m, h or d, such as 12h or 7d")
}

// String is the largest unit that fits.
func (d Duration) String() string {
	for _, unit := range []byte{'d', 'h', 'm'} {
		if size := durationUnits[unit]; d != 0 && time.Duration(d)%size == 0 {
			return fmt.Sprintf("%d%c", time.Duration(d)/size, unit)
		}
	}
	return fmt.Sprintf("%ds", time.Duration(d)/time.Second)
}

// Size is a number of bytes: 512MiB, 4GiB.
type Size int64

var sizeUnits = []struct {
	name string
	size Size
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}

// UnmarshalText reads a number and its unit.
func (s *Size) UnmarshalText(text []byte) error {
	for _, unit := range sizeUnits {
		number, ok := strings.CutSuffix(string(text), unit.name)
		n, err := strconv.ParseInt(number, 10, 32)
		if ok && err == nil && n >= 0 {
			*s = Size(n) * unit.size
			return nil
		}
	}
	return errors.New("want a number with KiB, MiB or GiB, such as 512MiB")
}

// String is the largest unit that fits.
func (s Size) String() string {
	for _, unit := range sizeUnits {
		if s%unit.size == 0 {
			return fmt.Sprintf("%d%s", s/unit.size, unit.name)
		}
	}
	return strconv.FormatInt(int64(s), 10)
}
