package access

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"spool/internal/spool"
)

// sealer seals secrets under a key that comes from the root secret.
type sealer struct{ aead cipher.AEAD }

func newSealer(rootSecret string) (sealer, error) {
	if rootSecret == "" {
		return sealer{}, errors.New("the root key pair has no secret to seal others with")
	}
	key, err := hkdf.Key(sha256.New, []byte(rootSecret), nil, "spool access keys 1", 32)
	if err != nil {
		return sealer{}, fmt.Errorf("derive the key for secrets: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealer{}, fmt.Errorf("prepare to seal secrets: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return sealer{}, fmt.Errorf("prepare to seal secrets: %w", err)
	}
	return sealer{aead}, nil
}

// bound is what is sealed along with a secret: it can't be changed without
// anyone noticing.
func bound(k spool.AccessKey) []byte { return []byte(k.Access + "/" + string(k.Role)) }

// seal gives a key's secret as it is stored: a random nonce and what GCM makes
// of the secret, in base64.
func (s sealer) seal(k spool.AccessKey) (string, error) {
	nonce := make([]byte, s.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return "", fmt.Errorf("seal a secret: %w", err)
	}
	return base64.StdEncoding.EncodeToString(s.aead.Seal(nonce, nonce, []byte(k.Secret), bound(k))), nil
}

// open is the inverse of seal. It fails when the root secret is another, or
// when anything of the key was changed in the database.
func (s sealer) open(k spool.AccessKey) (string, error) {
	sealed, err := base64.StdEncoding.DecodeString(k.Secret)
	if err != nil || len(sealed) < s.aead.NonceSize() {
		return "", errors.New("the stored secret is damaged")
	}
	plain, err := s.aead.Open(nil, sealed[:s.aead.NonceSize()], sealed[s.aead.NonceSize():], bound(k))
	if err != nil {
		return "", errors.New("the stored secret does not open")
	}
	return string(plain), nil
}
