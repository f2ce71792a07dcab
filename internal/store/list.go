package store

import (
	"database/sql"
	"math"
	"slices"
	"strconv"
	"strings"

	"letterlock"
)

// A page of secrets costs the same however many there are. The indexes are
// sorted by owner or organization, then by status, then by what is sorted by:
// so each status is one run of an index in the right order, and a page is the
// first of the first rows of every run. A filter by status leaves one run.

// status is the recorded state of a secret as its place in letterlock.States.
// The indexes of migration 2 have the same expression.
const status = `CASE WHEN ended = 'used_up' THEN 3 WHEN ended = 'expired' THEN 4 WHEN ended = 'deleted' THEN 5 WHEN locked_at IS NOT NULL THEN 2 WHEN views > 0 THEN 1 ELSE 0 END`

// sortKeys are what each sort compares, before the number. The number is the
// time of creation too.
var sortKeys = map[letterlock.SecretSort]string{
	letterlock.ByCreated: "number",
	letterlock.ByExpires: "expires_at",
	letterlock.ByViews:   "views",
	letterlock.ByName:    "name_key",
	letterlock.ByStatus:  "", // each status is a run
}

// ListSecrets finds a page of secrets. The filter and the sort by status go by
// what is recorded: a secret that has expired since the last sweep is in no
// list of live ones and in the list of expired ones only after the next. The
// order by name of what a search finds comes from an index too; any other order
// sorts what it finds.
func (tx *Tx) ListSecrets(q letterlock.SecretQuery) (*letterlock.SecretPage, error) {
	r, args, err := tx.listing(q)
	if err != nil {
		return nil, err
	}
	page := &letterlock.SecretPage{Secrets: []letterlock.ListedSecret{}}
	cursor := letterlock.Cursor{Sort: q.Sort, Descending: q.Descending}
	err = tx.each(func(rows *sql.Rows) error {
		if len(page.Secrets) == q.Limit { // one more than was asked for
			page.Next = cursor
			return nil
		}
		var s letterlock.ListedSecret
		var key any = &cursor.Key
		if q.Sort == letterlock.ByName {
			key = bytes{&cursor.NameKey}
		}
		err := tx.scan(rows, append(secretColumns(&s.Secret), key, &cursor.Number, instant{&s.OpenedAt}, &s.OwnerName)...)
		page.Secrets = append(page.Secrets, s)
		return err
	}, r.page(r.runs(q)), args...)
	if err != nil {
		return nil, err
	}
	return page, nil
}

// listing is how the runs for a query are read, and with which arguments.
func (tx *Tx) listing(q letterlock.SecretQuery) (run, []any, error) {
	key, number := firstPlace(q)
	r := run{
		scope: "owner",
		key:   sortKeys[q.Sort],
		order: "ASC",
		after: ">",
	}
	args := []any{string(q.Owner), key, number, q.Limit + 1}
	if q.Owner == "" {
		r.scope, args[0] = "org", string(q.Org)
	}
	if q.Descending {
		r.order, r.after = "DESC", "<"
	}
	add := func(condition string, arg any) {
		args = append(args, arg)
		r.more = append(r.more, condition+strconv.Itoa(len(args)))
	}
	if q.Owner != "" && q.Org != "" {
		add("AND org = $", string(q.Org))
	}
	if begin, end := nameRange(q.Name); q.Name != "" {
		if q.Sort != letterlock.ByName || q.Descending { // else the place to start after is one bound
			add("AND name_key >= $", begin)
		}
		if q.Sort != letterlock.ByName || !q.Descending {
			add("AND name_key < $", end)
		}
	}
	if slices.Contains(letterlock.States()[:3], q.State) {
		now, err := tx.Now()
		if err != nil {
			return run{}, nil, err
		}
		add("AND expires_at > $", millis(now))
	}
	return r, args, nil
}

// nameRange are the keys between which all names that begin so have theirs.
func nameRange(name string) (begin, end []byte) {
	begin = []byte(letterlock.NameKey(name))
	return begin, append(slices.Clip(begin), 0xff) // which no text has
}

// firstPlace is where the page begins: after its cursor, or before every place
// in the list.
func firstPlace(q letterlock.SecretQuery) (key any, number int64) {
	number = math.MinInt64
	if q.Descending {
		number = math.MaxInt64
	}
	first := q.After == letterlock.Cursor{}
	if q.Sort != letterlock.ByName {
		if first {
			return number, number
		}
		return q.After.Key, q.After.Number
	}
	begin, end := nameRange(q.Name)
	after := []byte(q.After.NameKey)
	switch { // also a cursor of another search
	case q.Descending && (first || string(after) >= string(end)):
		return end, number
	case !q.Descending && (first || string(after) < string(begin)):
		return begin, number
	}
	return after, q.After.Number
}

// run is how one run of an index is read.
type run struct {
	scope string // the column: owner or org
	key   string
	order string
	after string
	more  []string // conditions
}

// runs are the texts of all runs that a query reads.
func (r run) runs(q letterlock.SecretQuery) []string {
	var texts []string
	for place, state := range letterlock.States() {
		if q.State == "" || q.State == state {
			texts = append(texts, r.text(strconv.Itoa(place)))
		}
	}
	return texts
}

// text reads the first rows of the run of one status: $1 is whose, $2 and $3 are
// the place to start after, $4 how many.
func (r run) text(place string) string {
	key, from := r.start(place)
	lines := append([]string{
		"SELECT number, " + key + " AS place",
		"FROM secret",
		"WHERE " + r.scope + " = $1",
		"AND " + status + " = " + place,
		from,
	}, r.more...)
	order := "ORDER BY number " + r.order
	if key == r.key && key != "number" {
		order = "ORDER BY " + key + " " + r.order + ", number " + r.order
	}
	return strings.Join(append(lines, order, "LIMIT $4"), "\n")
}

// start is what is sorted by, and the condition that leaves out what comes
// before a place. Sorted by status, a run is left out, begins after a number, or
// is read from its beginning.
func (r run) start(place string) (key, from string) {
	switch r.key {
	case "":
		begin := "0"
		if r.after == "<" {
			begin = strconv.Itoa(math.MaxInt64)
		}
		return place, "AND " + place + " " + r.after + "= CAST($2 AS BIGINT)" +
			" AND number " + r.after + " CASE WHEN " + place + " = CAST($2 AS BIGINT) THEN CAST($3 AS BIGINT) ELSE " + begin + " END"
	case "name_key":
		return r.key, "AND (name_key, number) " + r.after + " ($2, $3)"
	default:
		return r.key, "AND (" + r.key + ", number) " + r.after + " (CAST($2 AS BIGINT), $3)"
	}
}

// page puts runs together and reads the rows of the page.
func (r run) page(runs []string) string {
	var b strings.Builder
	b.WriteString("SELECT" + secretFields + `,
		page.place,
		page.number,
		first.opened_at,
		COALESCE(NULLIF(account.name, ''), account.email, '')
	FROM (
		SELECT number, place
		FROM (`)
	for i, text := range runs {
		if i > 0 {
			b.WriteString("\nUNION ALL\n")
		}
		b.WriteString("SELECT number, place FROM (\n" + text + "\n) run" + strconv.Itoa(i))
	}
	order := "place " + r.order + ", number " + r.order
	b.WriteString(`
		) runs
		ORDER BY ` + order + `
		LIMIT $4
	) page
	JOIN secret ON secret.number = page.number
	LEFT JOIN secret_view first ON first.secret = page.number AND first.number = 1
	LEFT JOIN account ON account.id = secret.owner
	ORDER BY page.place ` + r.order + ", page.number " + r.order)
	return b.String()
}
