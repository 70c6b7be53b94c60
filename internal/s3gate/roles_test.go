package s3gate

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"spool/internal/spool"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
)

type fixedKeys map[string]spool.Role

func (f fixedKeys) Key(access string) (spool.AccessKey, bool) {
	role, ok := f[access]
	return spool.AccessKey{Access: access, Secret: "x", Role: role}, ok
}

// Whatever method of the backend does not read is refused to the role read,
// before the backend hears of it; so a method that a new version of the gateway
// brings can't slip through.
func TestRolesCoverBackend(t *testing.T) {
	t.Parallel()
	// There is no backend behind: a method that is not guarded panics.
	guarded := reflect.ValueOf(roles{nil, fixedKeys{"READER": spool.RoleRead, "SUBMITTER": spool.RoleSubmit}})
	face := reflect.TypeFor[backend.Backend]()
	changing := 0
	for i := range face.NumMethod() {
		name := face.Method(i).Name
		switch {
		case name == "String", name == "Shutdown", name == "NormalizeObjectKey",
			strings.HasPrefix(name, "Get"), strings.HasPrefix(name, "Head"), strings.HasPrefix(name, "List"), strings.HasPrefix(name, "Select"):
			continue
		}
		changing++
		refused := map[string]error{}
		for _, access := range []string{"READER", "SUBMITTER", "REVOKED", ""} {
			if access == "SUBMITTER" && !strings.Contains(name, "Bucket") {
				continue
			}
			if access == "" && !strings.Contains(name, "Bucket") {
				continue // the gateway has looked at the bucket's policy
			}
			refused[access] = call(t, guarded, name, access)
		}
		for access, err := range refused {
			want := "AccessDenied"
			if access == "REVOKED" {
				want = "InvalidAccessKeyId"
			}
			var api s3err.APIError
			if !errors.As(err, &api) || api.Code != want || api.HTTPStatusCode != 403 {
				t.Errorf("%s by %q: %v, want %s", name, access, err, want)
			}
		}
	}
	if changing < 30 {
		t.Errorf("only %d methods that change something were found", changing)
	}
}

// call calls a method for a key with nothing but empty arguments, and gives its error.
func call(t *testing.T, v reflect.Value, name, access string) (err error) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s is not guarded", name)
		}
	}()
	ctx := t.Context()
	if access != "" {
		ctx = context.WithValue(ctx, "account", auth.Account{Access: access, Role: auth.RoleAdmin}) //nolint:staticcheck // the gateway's own name for it
	}
	m := v.MethodByName(name)
	args := []reflect.Value{reflect.ValueOf(ctx)}
	for i := 1; i < m.Type().NumIn(); i++ {
		args = append(args, reflect.Zero(m.Type().In(i)))
	}
	out := m.Call(args)
	err, _ = out[len(out)-1].Interface().(error)
	return err
}
