package hls

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// KeyMethod is how segments are encrypted.
type KeyMethod string

// The methods.
const (
	// KeyAES128 encrypts whole segments.
	KeyAES128 KeyMethod = "AES-128"
	// KeySampleAES encrypts samples: in fMP4 it is the scheme cbcs.
	KeySampleAES KeyMethod = "SAMPLE-AES"
	// KeySampleAESCTR is the scheme cenc of fMP4.
	KeySampleAESCTR KeyMethod = "SAMPLE-AES-CTR"
)

// Key is where a player finds a key: an EXT-X-KEY line.
type Key struct {
	Method KeyMethod
	URI    string // the user's, written as it is
	IV     []byte // 16 bytes; nil is not said
	// Format and FormatVersions are KEYFORMAT and KEYFORMATVERSIONS; "" is not said.
	Format, FormatVersions string
}

func (k Key) attributes() string {
	var a attributes
	a.plain("METHOD", string(k.Method))
	a.quoted("URI", k.URI)
	if k.IV != nil {
		a.plain("IV", "0x"+strings.ToUpper(hex.EncodeToString(k.IV)))
	}
	a.quotedIf("KEYFORMAT", k.Format)
	a.quotedIf("KEYFORMATVERSIONS", k.FormatVersions)
	return a.String()
}

// version is the EXT-X-VERSION that the line needs (RFC 8216 7; the service asks
// 5 for SAMPLE-AES, behaviour.md 5.7).
func (k Key) version() int {
	if k.Format != "" || k.FormatVersions != "" || k.Method != KeyAES128 {
		return 5
	}
	return 3
}

// SequenceIV is the initialization vector of a segment whose key names none: its
// media sequence number as a big-endian number (RFC 8216 5.2).
func SequenceIV(sequence int) []byte {
	iv := make([]byte, aes.BlockSize)
	binary.BigEndian.PutUint64(iv[8:], uint64(sequence))
	return iv
}

// Encrypt writes a whole segment encrypted with AES-128 in CBC mode, filled up as
// PKCS #7 has it (RFC 8216 4.3.2.4). Key and iv have 16 bytes.
func Encrypt(dst io.Writer, src io.Reader, key, iv []byte) error {
	block, err := aes.NewCipher(key)
	if err != nil || len(key) != 16 || len(iv) != aes.BlockSize {
		return fmt.Errorf("a key and a vector of 16 bytes are needed, not of %d and %d", len(key), len(iv))
	}
	mode := cipher.NewCBCEncrypter(block, iv)
	buf := make([]byte, 64<<10, 64<<10+aes.BlockSize)
	for {
		n, err := io.ReadFull(src, buf)
		last := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return err
		}
		chunk := buf[:n]
		if last {
			fill := aes.BlockSize - n%aes.BlockSize
			for range fill {
				chunk = append(chunk, byte(fill))
			}
		}
		mode.CryptBlocks(chunk, chunk)
		if _, err := dst.Write(chunk); err != nil {
			return err
		}
		if last {
			return nil
		}
	}
}
