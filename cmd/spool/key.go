package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// keyCmd makes, lists and revokes the access keys of a running server.
type keyCmd struct {
	server `group:"Server:"`
	Create keyCreateCmd `cmd:"" help:"Make a key pair. Its secret is shown this once."`
	List   keyListCmd   `cmd:"" help:"List the key pairs, without their secrets."`
	Revoke keyRevokeCmd `cmd:"" help:"End a key pair, at once."`
}

// wireKey is a key as /api/v1/keys gives it.
type wireKey struct {
	Access    string     `json:"access"`
	Secret    string     `json:"secret,omitempty"` // in the answer to its making only
	Role      string     `json:"role"`
	Note      string     `json:"note"`
	CreatedAt *time.Time `json:"createdAt,omitempty"` // absent: with the data folder
}

type keyCreateCmd struct {
	Role string `required:"" enum:"admin,submit,read" placeholder:"ROLE" help:"What it may do: admin everything; submit jobs and put objects, and read; read only."`
	Note string `placeholder:"TEXT" help:"Whose it is, for the list."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run makes a key pair. Status 2: the server refuses.
func (c *keyCreateCmd) Run(ctx context.Context, s *streams, key *keyCmd) error {
	var made wireKey
	err := key.call(ctx, http.MethodPost, "/api/v1/keys", map[string]string{"role": c.Role, "note": c.Note}, &made)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, made)
	}
	// In the form of the data folder's file; what is no setting goes to the other stream.
	if _, err := fmt.Fprintf(s.out, "access_key=%s\nsecret_key=%s\n", made.Access, made.Secret); err != nil {
		return err
	}
	fmt.Fprintf(s.err, "spool: made a key pair with the role %s. The secret is not shown again: keep it now.\n", made.Role)
	return nil
}

type keyListCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists the keys.
func (c *keyListCmd) Run(ctx context.Context, s *streams, key *keyCmd) error {
	var answer struct {
		Keys []wireKey `json:"keys"`
	}
	if err := key.call(ctx, http.MethodGet, "/api/v1/keys", nil, &answer); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, answer)
	}
	screen := newScreen(s.out)
	rows := make([][]string, len(answer.Keys))
	for i, k := range answer.Keys {
		rows[i] = []string{k.Access, k.Role, screen.moment(k.CreatedAt), k.Note}
	}
	screen.table([]column{{title: "ACCESS KEY"}, {title: "ROLE"}, {title: "MADE"}, {title: "NOTE", cut: true}}, rows)
	return nil
}

type keyRevokeCmd struct {
	Access string `arg:"" name:"access" help:"The access key."`
}

// Run ends a key. Status 2: there is no such key, or it is the data folder's.
func (c *keyRevokeCmd) Run(ctx context.Context, s *streams, key *keyCmd) error {
	if err := key.call(ctx, http.MethodDelete, "/api/v1/keys/"+url.PathEscape(c.Access), nil, nil); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.out, "Revoked %s.\n", c.Access)
	return err
}
