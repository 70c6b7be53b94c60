package jobapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"spool/internal/httpx"
	"spool/internal/sign"
	"spool/internal/spool"
)

// failure is an error as the API answers it (behaviour.md 1.2).
type failure struct {
	status  int
	kind    string
	message string
}

// Error gives the type and the message.
func (f *failure) Error() string { return f.kind + ": " + f.message }

// body sets the header that carries the type and gives the answer's body.
func (f *failure) body(w http.ResponseWriter) []byte {
	w.Header().Set("X-Amzn-Errortype", f.kind)
	body, _ := json.Marshal(map[string]string{"message": f.message}) // strings always encode
	return body
}

var (
	errInternal = &failure{http.StatusInternalServerError, "InternalServerErrorException", "Internal server error"}
	errLeft     = &failure{499, "RequestAbortedException", "The client left before the answer."}
	errTooLong  = &failure{http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException",
		"The request's body is longer than 1 MiB."}
)

// kinds are the errors that a client can act on, as the API answers them.
var kinds = []struct {
	kind   error
	status int
	name   string
}{
	{spool.ErrInvalid, http.StatusBadRequest, "BadRequestException"},
	{spool.ErrQuota, http.StatusPaymentRequired, "ServiceQuotaExceededException"},
	{spool.ErrForbidden, http.StatusForbidden, "ForbiddenException"},
	{spool.ErrNotFound, http.StatusNotFound, "NotFoundException"},
	{spool.ErrConflict, http.StatusConflict, "ConflictException"},
	{spool.ErrThrottled, http.StatusTooManyRequests, "TooManyRequestsException"},
}

// failureOf turns an error into the service's answer. What the client can't act
// on goes to the log only.
func (d *door) failureOf(ctx context.Context, err error) *failure {
	var (
		ready    *failure
		refused  *sign.Error
		user     *spool.UserError
		problems spool.Problems
	)
	message := "The request can't be done."
	switch {
	case errors.As(err, &ready):
		return ready
	case errors.As(err, &refused):
		return &failure{http.StatusForbidden, refused.Code, refused.Message}
	case errors.As(err, &problems):
		message = problems.Error()
	case errors.As(err, &user):
		message = user.Message
	}
	for _, k := range kinds {
		if errors.Is(err, k.kind) {
			return &failure{k.status, k.name, message}
		}
	}
	if ctx.Err() != nil { // the client left: nobody reads the answer, and it is no fault of the server
		return errLeft
	}
	d.Log.Error("a request failed", "door", "jobapi", "id", httpx.RequestID(ctx), "error", err)
	return errInternal
}
