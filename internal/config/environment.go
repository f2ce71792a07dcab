package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"sort"
	"strings"

	"github.com/alecthomas/kong"
)

// prefix of every environment variable that is ours.
const prefix = "LETTERLOCK_"

// notOptions are variables of ours that are no options of the server.
var notOptions = map[string]bool{"LETTERLOCK_SERVER": true, "LETTERLOCK_TOKEN": true}

// Parsing is how a command line with our options is read. Errors name what is
// wrong and repeat no value: it may be a password in the wrong place.
func Parsing(environ []string) []kong.Option {
	return []kong.Option{
		kong.Resolvers(fromEnvironment(environ)),
		quietly[bool]("want true or false"),
	}
}

// isOption reports whether a flag can be given in the environment. Those that say
// what one call of a command is about are tagged variable:"-": they would be
// mistaken for an option of the same name.
func isOption(flag *kong.Flag) bool {
	return flag.Name != "help" && flag.Name != "version" && flag.Tag.Get("variable") != "-"
}

// fromEnvironment resolves flags from the environment: --max-lifetime is
// LETTERLOCK_MAX_LIFETIME, or the content of the file that
// LETTERLOCK_MAX_LIFETIME_FILE names. Flags win over both. Variables that look
// like ours and are not are refused: a misspelled limit must not be silence.
func fromEnvironment(environ []string) kong.Resolver {
	set := map[string]string{}
	for _, line := range environ {
		if name, value, _ := strings.Cut(line, "="); strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, prefix+"TEST_") && !notOptions[name] {
			set[name] = value
		}
	}
	return environment(set)
}

type environment map[string]string

// Variable is the environment variable of a flag.
func Variable(flag string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// Validate refuses variables that belong to no flag, and values given twice.
func (e environment) Validate(app *kong.Application) error {
	known := map[string]bool{}
	err := kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok && isOption(flag) {
			known[Variable(flag.Name)] = true
		}
		return next(nil)
	})
	if err != nil {
		return err
	}
	names := make([]string, 0, len(e))
	for name := range e {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		base, isFile := strings.CutSuffix(name, "_FILE")
		_, both := e[base]
		switch {
		case !known[base]:
			return fmt.Errorf("the environment variable %s is no option: see letterlock serve --help", name)
		case isFile && both:
			return fmt.Errorf("give %s or %s, not both", base, name)
		}
	}
	return nil
}

// Resolve is the value of a flag in the environment, nil if there is none.
func (e environment) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if !isOption(flag) {
		return nil, nil
	}
	name := Variable(flag.Name)
	if value, ok := e[name]; ok {
		return value, nil
	}
	file, ok := e[name+"_FILE"]
	if !ok {
		return nil, nil
	}
	value, err := os.ReadFile(file)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err // without the path, should it be the value itself
		}
		return nil, fmt.Errorf("%s_FILE: %w", name, err)
	}
	return strings.TrimRight(string(value), "\r\n"), nil
}

// quiet reads a value whose own error would repeat it.
type quiet struct {
	kong.Mapper
	isBool bool
	want   string
}

func quietly[T any](want string) kong.Option {
	t := reflect.TypeFor[T]()
	return kong.TypeMapper(t, quiet{kong.NewRegistry().RegisterDefaults().ForType(t), t.Kind() == reflect.Bool, want})
}

// Decode reads the value.
func (q quiet) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	if q.Mapper.Decode(ctx, target) != nil {
		return errors.New(q.want)
	}
	return nil
}

// IsBool reports whether the flag may stand without a value.
func (q quiet) IsBool() bool { return q.isBool }
