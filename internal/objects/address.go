package objects

import (
	"fmt"
	"net/netip"
)

// neverFetched are the networks that no input may come from, whatever the
// settings: link-local (with the metadata services of the clouds), multicast,
// unspecified, broadcast, documentation and protocol ranges (IANA special
// purpose registries).
var neverFetched = prefixes(
	"0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/128", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20",
	"5f00::/16", "fe80::/10", "fec0::/10", "ff00::/8", "fd00:ec2::254/128",
)

// privateNets are fetched from only where the operator allows it.
var privateNets = prefixes(
	"10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
	"100.64.0.0/10", // carrier-grade NAT
	"198.18.0.0/15", // benchmarking
	"::1/128", "fc00::/7",
)

// Networks whose addresses carry an IPv4 address that is what is reached in
// the end, and the byte where that begins.
var (
	nat64        = netip.MustParsePrefix("64:ff9b::/96")
	v4Compatible = netip.MustParsePrefix("::/96")
	sixToFour    = netip.MustParsePrefix("2002::/16")
)

func prefixes(texts ...string) []netip.Prefix {
	ps := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		ps[i] = netip.MustParsePrefix(t)
	}
	return ps
}

// checkAddress refuses the addresses that an input must not come from.
func checkAddress(addr netip.Addr, allowPrivate bool) error {
	addr = addr.WithZone("").Unmap()
	for _, p := range neverFetched {
		if p.Contains(addr) {
			return fmt.Errorf("%s lies in %s, which is never fetched from", addr, p)
		}
	}
	for _, p := range privateNets {
		if p.Contains(addr) {
			if allowPrivate {
				return nil
			}
			return fmt.Errorf("%s lies in %s, which is private", addr, p)
		}
	}
	b := addr.As16()
	switch {
	case addr.Is4():
		return nil
	case nat64.Contains(addr), v4Compatible.Contains(addr):
		return checkAddress(netip.AddrFrom4([4]byte(b[12:16])), allowPrivate)
	case sixToFour.Contains(addr):
		return checkAddress(netip.AddrFrom4([4]byte(b[2:6])), allowPrivate)
	}
	return nil
}
