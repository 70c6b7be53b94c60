package plan

// Encrypted says how a group's segments are encrypted with a static key. The key
// itself is nowhere in a plan that is shown.
type Encrypted struct {
	Scheme string `json:"scheme"` // cenc | cbcs
}

func (e *Encrypted) args() []string {
	return []string{"--protection_scheme=" + e.Scheme}
}
