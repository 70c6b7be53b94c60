package jobapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/url"
	"strconv"

	"spool/internal/spool"
)

// maxPage is the largest page and the default one (behaviour.md 1.4).
const maxPage = 20

func maxResults(query url.Values) (int, error) {
	text := query.Get("maxResults")
	if text == "" {
		return maxPage, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxPage {
		return 0, spool.Userf(spool.ErrInvalid, "/maxResults: %q is not a number from 1 to %d.", text, maxPage)
	}
	return n, nil
}

func isAscending(query url.Values, usual bool) (bool, error) {
	switch order := query.Get("order"); order {
	case "":
		return usual, nil
	case "ASCENDING", "DESCENDING":
		return order == "ASCENDING", nil
	default:
		return false, spool.Userf(spool.ErrInvalid, "/order: %q is not one of ASCENDING and DESCENDING.", order)
	}
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
