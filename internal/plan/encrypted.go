package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// Encrypted says how a group's segments are encrypted with a static key. The key
// itself is nowhere in a plan that is shown.
type Encrypted struct {
	Scheme string `json:"scheme"` // cenc | cbcs
	KeyID  string `json:"keyId"`  // 32 hex digits
	Clear  bool   `json:"clear,omitempty"`
}

// encryption plans the encryption of a CMAF group (behaviour.md 5.10).
func (p *packing) encryption(e *types.CmafEncryptionSettings) error {
	if e == nil || e.EncryptionMethod == "" && e.Type == "" && e.StaticKeyProvider == nil && e.SpekeKeyProvider == nil {
		return nil
	}
	s := e.StaticKeyProvider
	key := ""
	if s != nil {
		key = strings.ToLower(aws.ToString(s.StaticKeyValue))
	}
	if raw, err := hex.DecodeString(key); err != nil || len(raw) != 16 {
		return spool.Failf(spool.CodeIncompatible, "/outputGroups/%d/outputGroupSettings/cmafGroupSettings/encryption: only a static key of 32 hexadecimal digits can encrypt here.", p.i)
	}
	p.encrypt = &Encrypted{Scheme: "cbcs", KeyID: keyID(key)}
	if e.EncryptionMethod == types.CmafEncryptionTypeAesCtr {
		p.encrypt.Scheme = "cenc"
	}
	p.encrypt.Clear = e.ClearLead == types.HlsClearLeadEnabled
	p.group.Pack.Encrypted = p.encrypt
	iv := strings.ToLower(aws.ToString(e.ConstantInitializationVector))
	p.secrets = []string{"--enable_raw_key_encryption", "--keys=label=:key_id=" + p.encrypt.KeyID + ":key=" + key}
	if iv != "" && p.encrypt.Scheme == "cenc" {
		// two streams under one key and counter give each other away
		p.warn(spool.WarnSettingIgnored, fmt.Sprintf("/outputGroups/%d/outputGroupSettings/cmafGroupSettings/encryption/constantInitializationVector", p.i),
			"constantInitializationVector is not used with AES_CTR, where streams that share it could be read without the key: each sample has a vector of its own.")
		iv = ""
	}
	if iv != "" {
		p.secrets = append(p.secrets, "--iv="+iv)
	}
	p.announce = &Encryption{
		SampleAES: true, CTR: p.encrypt.Scheme == "cenc", IV: iv,
		TellIV: e.InitializationVectorInManifest != types.CmafInitializationVectorInManifestExclude,
		URI:    aws.ToString(s.Url), Format: aws.ToString(s.KeyFormat), Versions: aws.ToString(s.KeyFormatVersions),
	}
	return nil
}

// warnClear warns of what lies beside the encrypted streams of a group in the clear.
func (b *builder) warnClear(i int, g *Group) {
	if (g.Master == nil || g.Master.Encryption == nil) && (g.Pack == nil || g.Pack.Encrypted == nil) {
		return
	}
	if len(g.Images) > 0 {
		b.warn(spool.WarnSettingIgnored, fmt.Sprintf("/outputGroups/%d/outputGroupSettings/hlsGroupSettings/imageBasedTrickPlay", i),
			"The images for trick play are not encrypted: whoever can fetch them sees them without the key.")
	}
	for j := range g.Outputs {
		if g.Outputs[j].Captions != nil {
			b.warn(spool.WarnSettingIgnored, fmt.Sprintf("/outputGroups/%d/outputs/%d/captionDescriptions/0", i, j),
				"The captions are not encrypted as the streams beside them are: whoever can fetch them reads them without the key.")
		}
	}
}

// keyID names a static key, which has no name of its own: the same key always
// gets the same, and the name does not tell the key.
func keyID(key string) string {
	sum := sha256.Sum256([]byte("key id of " + key))
	return hex.EncodeToString(sum[:16])
}

func (e *Encrypted) args(segment string) []string {
	lead := "0"
	if e.Clear {
		lead = segment
	}
	return []string{"--protection_scheme=" + e.Scheme, "--clear_lead=" + lead, "--protection_systems=CommonSystem"}
}
