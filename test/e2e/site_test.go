package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// site is a web server on this machine that holds inputs.
type site struct {
	*httptest.Server
	mux  *http.ServeMux
	cert []byte // DER; vouches for itself
}

func newSite(t *testing.T) *site {
	t.Helper()
	mux := http.NewServeMux()
	w := &site{Server: httptest.NewServer(mux), mux: mux}
	t.Cleanup(w.Close)
	return w
}

// newTLSSite starts a site with a certificate of its own, which nobody knows.
func newTLSSite(t *testing.T) *site {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	mux := http.NewServeMux()
	w := &site{Server: httptest.NewUnstartedServer(mux), mux: mux}
	if w.cert, err = x509.CreateCertificate(rand.Reader, about, about, key.Public(), key); err != nil {
		t.Fatal(err)
	}
	w.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{w.cert}, PrivateKey: key}}}
	w.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are wanted
	w.StartTLS()
	t.Cleanup(w.Close)
	return w
}

// authority writes the certificate that vouches for the site.
func (w *site) authority(t *testing.T) string {
	t.Helper()
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.cert})
	return written(t, filepath.Join(t.TempDir(), "authority.pem"), text)
}

// hold serves a file under a path.
func (w *site) hold(path, file string) {
	w.mux.HandleFunc(path, func(rw http.ResponseWriter, r *http.Request) { http.ServeFile(rw, r, file) })
}

func written(t *testing.T, file string, text []byte) string {
	t.Helper()
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
