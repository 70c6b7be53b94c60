package intake

import "context"

// NotePipelines does what Start does first.
func (in *Intake) NotePipelines(ctx context.Context) error { return in.notePipelines(ctx) }
