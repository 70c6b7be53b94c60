package config

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// KeyFile is the name of the key pair's file in the data folder.
const KeyFile = "keys"

// Keys gives the key pair of a data folder, and makes it at the first call:
// an access key of 20 characters that begins with "AKIA", and a secret of 40.
// The file has mode 0600, is written whole and synced before the pair is
// given, so that a client never holds a pair that a power failure takes back.
// Of several processes that start at once all get the same pair. A file that
// others may read is an error: its secret must count as known.
func Keys(dataDir string) (access, secret string, err error) {
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return "", "", fmt.Errorf("make the data folder: %w", err)
	}
	name := filepath.Join(dataDir, KeyFile)
	access, secret, err = readKeys(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return access, secret, err
	}
	if err := makeKeys(dataDir, name); err != nil {
		return "", "", fmt.Errorf("make the key pair: %w", err)
	}
	return readKeys(name)
}

// ReadKeys gives the key pair of a data folder as Keys does, and makes none:
// for those who talk to a server. Without the file it is fs.ErrNotExist.
func ReadKeys(dataDir string) (access, secret string, err error) {
	return readKeys(filepath.Join(dataDir, KeyFile))
}

func readKeys(name string) (access, secret string, err error) {
	f, err := os.Open(name)
	if err != nil {
		return "", "", fmt.Errorf("read the key pair: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", "", fmt.Errorf("read the key pair: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", "", fmt.Errorf("the key pair's file %s may be read by others (mode %04o): if nobody read it, run chmod 600 on it; otherwise delete it, and the next start makes a new pair", name, info.Mode().Perm())
	}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		key, value, _ := strings.Cut(strings.TrimSpace(lines.Text()), "=")
		switch strings.TrimSpace(key) {
		case "access_key":
			access = strings.TrimSpace(value)
		case "secret_key":
			secret = strings.TrimSpace(value)
		}
	}
	if err := lines.Err(); err != nil {
		return "", "", fmt.Errorf("read the key pair: %w", err)
	}
	if checkAccessKey(access) != nil || checkSecretKey(secret) != nil {
		return "", "", fmt.Errorf("the key pair's file %s is damaged: write the lines access_key=… and secret_key=… into it, or delete it, and the next start makes a new pair", name)
	}
	return access, secret, nil
}

func makeKeys(dir, name string) error {
	random := make([]byte, 16+30)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" // 32: each byte gives an unbiased letter
	access := []byte("AKIA")
	for _, b := range random[:16] {
		access = append(access, letters[b%32])
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "access_key=%s\nsecret_key=%s\n", access, base64.StdEncoding.EncodeToString(random[16:]))

	tmp, err := os.CreateTemp(dir, "."+KeyFile+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(text.Bytes())
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	// A link, not a rename: it never replaces a pair that another process has just made.
	if err := os.Link(tmp.Name(), name); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func checkAccessKey(s string) error {
	if !accessForm.MatchString(s) {
		return errors.New("the access key must be 3 to 128 letters and digits")
	}
	return nil
}

func checkSecretKey(s string) error { // never shows the secret
	if !secretForm.MatchString(s) {
		return errors.New("the secret key must be 8 to 128 printable ASCII characters without spaces")
	}
	return nil
}
