package jobapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"spool/internal/spool"
)

// maxPage is the largest page and the default one (behaviour.md 1.4).
const maxPage = 20

// page is what the query of a list asks for.
type page struct {
	limit     int
	ascending bool
	by        string // listBy
	after     string // the place that a token holds; empty: from the start
	list      string // which list it is, with its filters: what its tokens are bound to
}

// pageOf reads what all lists have. By names the values of listBy, the default
// one first; none: the list knows no listBy. Ascending is the order when the
// query names none, and the filters are what else tells one list from another.
func (c call) pageOf(name string, by []string, ascending bool, filters ...string) (p page, err error) {
	if p.limit, err = maxResults(c.query); err != nil {
		return p, err
	}
	if p.ascending, err = isAscending(c.query.Get("order"), ascending); err != nil {
		return p, err
	}
	if len(by) > 0 {
		p.by = by[0]
		if given := c.query.Get("listBy"); given != "" {
			if !slices.Contains(by, given) {
				return p, oneOf("/listBy", given, by...)
			}
			p.by = given
		}
	}
	p.list = listKey(name, append(filters, p.by, strconv.FormatBool(p.ascending))...)
	p.after, err = readToken(c.query.Get("nextToken"), p.list)
	return p, err
}

// listKey tells one list from another.
func listKey(name string, filters ...string) string {
	return fmt.Sprintf("%s %q", name, filters)
}

func maxResults(query url.Values) (int, error) {
	text := query.Get("maxResults")
	if text == "" {
		return maxPage, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxPage {
		return 0, spool.Userf(spool.ErrInvalid, "/maxResults: %q is not a number from 1 to %d.", clip(text), maxPage)
	}
	return n, nil
}

func isAscending(order string, usual bool) (bool, error) {
	switch order {
	case "":
		return usual, nil
	case "ASCENDING", "DESCENDING":
		return order == "ASCENDING", nil
	default:
		return false, oneOf("/order", order, "ASCENDING", "DESCENDING")
	}
}

// oneOf refuses a value that is not in an enumeration, in the service's words
// (behaviour.md 6.2).
func oneOf(pointer, _ string, values ...string) error {
	return spool.Problems{{Pointer: pointer, Message: `Should be equal to one of the allowed values in ["` + strings.Join(values, `","`) + `"]`}}
}

// text gives a filter of the query; one longer than that many characters, or
// that no text can be, is refused.
func (c call) text(name string, longest int) (string, error) {
	s := c.query.Get(name)
	switch {
	case len([]rune(s)) > longest:
		return "", spool.Problems{{Pointer: "/" + name, Message: fmt.Sprintf("Should have at most %d characters", longest)}}
	case !isText(s):
		return "", spool.Problems{{Pointer: "/" + name, Message: "Should be text in UTF-8 without control characters"}}
	}
	return s, nil
}

// tokenSum is the length of the checksum in a token, bytes.
const tokenSum = 12

// writeToken makes a nextToken out of the place of the last thing given and
// the list that it is of: a token of one list does not fit another. It is a
// checksum against mistakes, not a secret: a place reveals nothing.
func writeToken(place, list string) string {
	return base64.RawURLEncoding.EncodeToString(append(checksum(place, list), place...))
}

// readToken gives the place in a nextToken, "" for none.
func readToken(token, list string) (place string, err error) {
	if token == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil && len(raw) > tokenSum {
		place = string(raw[tokenSum:])
		if subtle.ConstantTimeCompare(raw[:tokenSum], checksum(place, list)) == 1 {
			return place, nil
		}
	}
	return "", spool.Userf(spool.ErrInvalid, "/nextToken: it is not the token of a page of this list; begin again without it.")
}

func checksum(place, list string) []byte {
	sum := sha256.Sum256([]byte(strconv.Quote(list) + place))
	return sum[:tokenSum]
}
