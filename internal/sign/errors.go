package sign

// The types of refusals, as AWS's front door names them (behaviour.md 1.2).
const (
	CodeMissingToken = "MissingAuthenticationTokenException" // no signature at all
	CodeIncomplete   = "IncompleteSignatureException"        // a signature that can't be read
	CodeUnknownKey   = "UnrecognizedClientException"         // an access key that doesn't exist
	CodeInvalid      = "InvalidSignatureException"           // a wrong, stale or partial signature
)

// The messages of refusals, in AWS's words.
const (
	msgMissing  = "Missing Authentication Token"
	msgUnknown  = "The security token included in the request is invalid."
	msgMismatch = "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)

// Error is a refused signature. Code and Message go to the client as they are;
// all of them are answered with status 403. They never hold a secret.
type Error struct {
	Code    string // one of the Code constants
	Message string
}

// Error gives code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

func incomplete(message string) *Error { return &Error{CodeIncomplete, message} }
func invalid(message string) *Error    { return &Error{CodeInvalid, message} }
