package sign

// Counting gives a verifier that reports every HMAC it computes.
func (v Verifier) Counting(f func()) Verifier {
	v.onMAC = f
	return v
}
