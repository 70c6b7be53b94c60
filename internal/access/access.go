// Package access keeps the key pairs that clients sign with, and the role of
// each. They are in the database, and in memory for the doors, which ask with
// every request.
//
// A signature can only be checked by who has the secret, so secrets are stored
// such that they can be read again: sealed with AES-256-GCM under a key that is
// derived from the root secret, which is in the data folder and not in the
// database. Who reads the database alone learns no secret; and since the access
// key and the role are sealed along, who writes to it can give no key a higher
// role. When the root secret changes, the keys made under it open no more: they
// are listed, so that they can be revoked, and sign nobody in.
//
// The package never talks HTTP and decides nothing about what a role may do.
package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"spool/internal/spool"
)

// Tx changes access keys inside a transaction; *store.Tx is one. Their secrets
// are sealed.
type Tx interface {
	InsertKey(ctx context.Context, k spool.AccessKey) error
	DeleteKey(ctx context.Context, access string) error
}

// Store has the access keys; *store.DB is one.
type Store interface {
	Keys(ctx context.Context) ([]spool.AccessKey, error)
}

// Options say what a service works with. Store, InTx, Root and Log are required.
type Options struct {
	Store Store
	// InTx runs f in a transaction of Store: func(ctx, f) { return db.Tx(ctx, func(tx *store.Tx) error { return f(tx) }) }.
	InTx    func(ctx context.Context, f func(tx Tx) error) error
	Root    spool.AccessKey // Access and Secret of the data folder's key pair
	Log     *slog.Logger
	Now     func() time.Time // nil: time.Now
	Refresh time.Duration    // how often Run looks for what other processes changed; 0: 2 s
	MaxKeys int              // most keys besides the root's; 0: DefaultMaxKeys
}

// DefaultMaxKeys bounds the keys, since each request is compared with all of them.
const DefaultMaxKeys = 500

// maxNote is how long a note may be, in characters.
const maxNote = 256

// Service keeps the keys. Its methods may be called from many goroutines.
type Service struct {
	o      Options
	sealer sealer
	known  atomic.Pointer[[]known]

	mu     sync.Mutex      // of load and change: what was read first is not shown last
	warned map[string]bool // keys that do not open, by access key
}

// known is a key as Key looks for it.
type known struct {
	digest [sha256.Size]byte // of the access key
	key    spool.AccessKey
}

// New makes a service and reads the keys. Run keeps up with other processes.
func New(ctx context.Context, o Options) (*Service, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Refresh == 0 {
		o.Refresh = 2 * time.Second
	}
	if o.MaxKeys == 0 {
		o.MaxKeys = DefaultMaxKeys
	}
	o.Root.Role, o.Root.Note = spool.RoleAdmin, "the key pair of the data folder"
	seal, err := newSealer(o.Root.Secret)
	if err != nil {
		return nil, err
	}
	s := &Service{o: o, sealer: seal, warned: map[string]bool{}}
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Run looks for keys that other processes on the database made and revoked,
// until ctx ends; then it returns nil. While the database does not answer, the
// keys stay as they are.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(s.o.Refresh)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := s.load(ctx); err != nil && ctx.Err() == nil {
				s.o.Log.Error("the access keys can't be read; those known stay", "error", err)
			}
		}
	}
}

// load reads the keys into memory.
func (s *Service) load(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys, err := s.o.Store.Keys(ctx)
	if err != nil {
		return fmt.Errorf("load the access keys: %w", err)
	}
	list := []known{{sha256.Sum256([]byte(s.o.Root.Access)), s.o.Root}}
	for _, k := range keys {
		if k.Access == s.o.Root.Access {
			continue // nobody stands in for the root
		}
		if k.Secret, err = s.sealer.open(k); err != nil {
			if !s.warned[k.Access] {
				s.o.Log.Warn("an access key was made under another root secret, or changed in the database, and signs nobody in: revoke it", "access", k.Access)
				s.warned[k.Access] = true
			}
			continue
		}
		list = append(list, known{sha256.Sum256([]byte(k.Access)), k})
	}
	s.known.Store(&list)
	return nil
}

// Key gives a key with its secret and role. It looks at every key whichever is
// asked for, so that the time it takes does not tell which ones there are.
func (s *Service) Key(access string) (spool.AccessKey, bool) {
	digest := sha256.Sum256([]byte(access))
	list := *s.known.Load()
	at := -1
	for i := range list {
		at = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(digest[:], list[i].digest[:]), i, at)
	}
	if at < 0 {
		return spool.AccessKey{}, false
	}
	return list[at].key, true
}

// Create makes a key pair of a role, gives it with its secret, this once, and
// lets it in at once. note says whose it is. A role that there is not, or a note
// that is too long, is spool.ErrInvalid; one key too many spool.ErrQuota.
func (s *Service) Create(ctx context.Context, role spool.Role, note string) (spool.AccessKey, error) {
	if !role.May(spool.RoleRead) {
		return spool.AccessKey{}, spool.Userf(spool.ErrInvalid, "There is no role %q: use admin, submit or read.", role)
	}
	if err := checkNote(note); err != nil {
		return spool.AccessKey{}, err
	}
	has, err := s.o.Store.Keys(ctx)
	if err != nil {
		return spool.AccessKey{}, fmt.Errorf("make an access key: %w", err)
	}
	if len(has) >= s.o.MaxKeys { // two at once may make one more: the bound is for our work, not a promise
		return spool.AccessKey{}, spool.Userf(spool.ErrQuota, "There are %d access keys already, which is the most. Revoke one that is no longer used.", len(has))
	}
	k := newKey()
	k.Role, k.Note, k.CreatedAt = role, note, s.o.Now().UTC().Truncate(time.Microsecond)
	sealed := k
	if sealed.Secret, err = s.sealer.seal(k); err != nil {
		return spool.AccessKey{}, fmt.Errorf("make an access key: %w", err)
	}
	if err := s.o.InTx(ctx, func(tx Tx) error { return tx.InsertKey(ctx, sealed) }); err != nil {
		return spool.AccessKey{}, fmt.Errorf("make an access key: %w", err)
	}
	s.o.Log.Info("access key made", "access", k.Access, "role", k.Role, "note", k.Note)
	s.change(k.Access, &k)
	return k, nil
}

func checkNote(note string) error {
	if !utf8.ValidString(note) || utf8.RuneCountInString(note) > maxNote {
		return spool.Userf(spool.ErrInvalid, "The note is longer than %d characters, or no UTF-8 text.", maxNote)
	}
	for _, r := range note {
		if unicode.IsControl(r) {
			return spool.Userf(spool.ErrInvalid, "The note may hold no line breaks or other control characters.")
		}
	}
	return nil
}

// newKey makes an access key of 20 characters that begins with "AKIA", and a
// secret of 40, as AWS's are.
func newKey() spool.AccessKey {
	var random [16 + 30]byte
	_, _ = rand.Read(random[:])                        // it never fails
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" // 32: each byte gives an unbiased letter
	access := []byte("AKIA")
	for _, b := range random[:16] {
		access = append(access, letters[b%32])
	}
	return spool.AccessKey{Access: string(access), Secret: base64.StdEncoding.EncodeToString(random[16:])}
}

// List gives all keys without their secrets: the root's first, then those made,
// oldest first. Keys that open no more are among them.
func (s *Service) List(ctx context.Context) ([]spool.AccessKey, error) {
	keys, err := s.o.Store.Keys(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the access keys: %w", err)
	}
	keys = append([]spool.AccessKey{s.o.Root}, keys...)
	for i := range keys {
		keys[i].Secret = ""
	}
	return keys, nil
}

// Revoke ends a key, at once in this process. An unknown one is
// spool.ErrNotFound; the root's is spool.ErrInvalid.
func (s *Service) Revoke(ctx context.Context, access string) error {
	if access == s.o.Root.Access {
		return spool.Userf(spool.ErrInvalid,
			"%s is the key pair of the data folder and can't be revoked: to change it, delete the folder's file \"keys\" and start the server again. Every key made so far ends with it: their secrets are sealed with this one.", access)
	}
	if err := s.o.InTx(ctx, func(tx Tx) error { return tx.DeleteKey(ctx, access) }); err != nil {
		return fmt.Errorf("revoke an access key: %w", err)
	}
	s.change(access, nil)
	s.o.Log.Info("access key revoked", "access", access)
	return nil
}

// change puts a key into memory, or takes one out. What a load under way read
// before is shown before: load holds the lock from its reading on.
func (s *Service) change(access string, k *spool.AccessKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []known
	for _, old := range *s.known.Load() {
		if old.key.Access != access {
			list = append(list, old)
		}
	}
	if k != nil {
		list = append(list, known{sha256.Sum256([]byte(access)), *k})
	}
	s.known.Store(&list)
}
