package bus

import (
	"fmt"
	"log/slog"
	"strings"
)

// serverLog writes the server's log to slog: warnings and errors as they are,
// its notices as debugging. Its log is also the only way in which the server
// tells that a stream or a consumer could not write.
type serverLog struct {
	log    *slog.Logger
	broken chan<- struct{} // gets a value then
}

func (l serverLog) Noticef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l serverLog) Debugf(format string, v ...any)  { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l serverLog) Tracef(format string, v ...any)  { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l serverLog) Fatalf(format string, v ...any)  { l.log.Error(fmt.Sprintf(format, v...)) }

// Warnf passes warnings on, but for one about the largest message: that is our
// own choice, and nothing that an operator could do something about.
func (l serverLog) Warnf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	if strings.HasPrefix(text, "Maximum payloads over") {
		l.log.Debug(text)
		return
	}
	l.log.Warn(text)
}

// Errorf looks for a write that failed for good.
func (l serverLog) Errorf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	l.log.Error(text)
	if strings.Contains(strings.ToLower(text), "critical write error") {
		select {
		case l.broken <- struct{}{}:
		default: // it is known
		}
	}
}
