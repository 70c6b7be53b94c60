package work

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"spool/internal/spool"
)

// Bus is what a worker needs of the bus.
type Bus interface {
	// Publish puts a message on its stream; a second one with the same id is dropped.
	Publish(ctx context.Context, subject, msgID string, data []byte) error
	// Consume gives the messages of a stream to handle, up to concurrency at a time.
	Consume(ctx context.Context, stream, durable string, concurrency int, handle func(context.Context, spool.Message) error) (stop func(), err error)
	// Broadcast sends a message that may be lost.
	Broadcast(subject string, data []byte) error
	// Listen hears broadcasts; the subject may hold wildcards.
	Listen(subject string, f func(subject string, data []byte)) (stop func(), err error)
	// Request asks and waits for the answer.
	Request(ctx context.Context, subject string, data []byte) ([]byte, error)
}

// Options make a Worker.
type Options struct {
	Name   string // of this worker, unique in the deployment
	Slots  int    // jobs it runs at once
	Bus    Bus
	Runner *Runner
	Log    *slog.Logger
}

// Worker takes work orders from the bus and runs them.
type Worker struct {
	name   string
	slots  int
	bus    Bus
	runner *Runner
	log    *slog.Logger

	mu      sync.Mutex
	running map[string]context.CancelCauseFunc // by job id
}

// NewWorker makes a Worker.
func NewWorker(o Options) *Worker {
	return &Worker{
		name: o.Name, slots: o.Slots, bus: o.Bus, runner: o.Runner, log: o.Log,
		running: map[string]context.CancelCauseFunc{},
	}
}

// errCanceled is why a job's context ends when the user cancels it.
var errCanceled = errors.New("canceled")

const (
	helloEvery    = time.Second
	sweepEvery    = 10 * time.Minute
	keepJournals  = time.Hour // far longer than the bus takes to deliver again
	progressEvery = 500 * time.Millisecond
	askTimeout    = 10 * time.Second
	askAgain      = time.Second
)

// Run works until ctx ends. Then jobs under way are stopped where they are; the
// bus delivers them again at the next start. It returns when all have stopped.
func (w *Worker) Run(ctx context.Context) error {
	stopCancels, err := w.bus.Listen(spool.SubjectCancel+"*", func(subject string, _ []byte) {
		w.cancel(subject[len(spool.SubjectCancel):])
	})
	if err != nil {
		return fmt.Errorf("listen for cancellations: %w", err)
	}
	defer stopCancels()
	if err := w.runner.Tidy(); err != nil {
		w.log.Warn("what runs that were cut off left can't be removed", "error", err)
	}
	stop, err := w.bus.Consume(ctx, spool.StreamWork, spool.ConsumerWork, w.slots, w.handle)
	if err != nil {
		return fmt.Errorf("take work: %w", err)
	}
	defer stop()
	hello, sweep := time.NewTicker(helloEvery), time.NewTicker(sweepEvery)
	defer hello.Stop()
	defer sweep.Stop()
	w.hello()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hello.C:
			w.hello()
		case now := <-sweep.C:
			if err := w.runner.Sweep(now.Add(-keepJournals)); err != nil {
				w.log.Warn("old staging folders can't be removed", "error", err)
			}
		}
	}
}

func (w *Worker) hello() {
	data, err := json.Marshal(spool.WorkerHello{Worker: w.name, Slots: w.slots})
	if err == nil {
		err = w.bus.Broadcast(spool.SubjectHello, data)
	}
	if err != nil {
		w.log.Warn("the worker can't say hello", "error", err)
	}
}

func (w *Worker) cancel(jobID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if stop, ok := w.running[jobID]; ok {
		stop(errCanceled)
	}
}

// begin makes the context of one job, which cancel can end. It is refused while
// the job runs here already: after a pause longer than the bus waits, such as
// that of a suspended machine, an order comes again although its run goes on,
// and two runs in one folder would ruin each other.
func (w *Worker) begin(ctx context.Context, jobID string) (context.Context, func(), error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.running[jobID]; ok {
		return nil, nil, fmt.Errorf("job %s runs here already", jobID)
	}
	ctx, stop := context.WithCancelCause(ctx)
	w.running[jobID] = stop
	return ctx, func() {
		w.mu.Lock()
		delete(w.running, jobID)
		w.mu.Unlock()
		stop(nil)
	}, nil
}

// handle runs one order. It gives an error, so that the order comes again, only
// when the worker itself is stopping, is running it already, or could not tell the bus.
func (w *Worker) handle(ctx context.Context, m spool.Message) error {
	var order spool.WorkOrder
	if err := json.Unmarshal(m.Data, &order); err != nil || order.JobID == "" {
		return spool.Permanent(fmt.Errorf("a work order can't be read: %w", err))
	}
	if spool.CheckKey(order.JobID) != nil {
		return spool.Permanent(errors.New("a work order has an impossible job id"))
	}
	log := w.log.With("job", order.JobID, "attempt", order.Attempt)
	job, end, err := w.begin(ctx, order.JobID)
	if err != nil {
		return err
	}
	defer end()
	log.Info("job started")
	result, err := w.runner.Run(job, order, w.observer(job, order))
	switch {
	case err == nil:
		log.Info("job complete", "encode", result.Timings.Encode, "publish", result.Timings.Publish)
		return w.report(ctx, order, spool.Report{Kind: spool.ReportDone, Groups: withoutFiles(result.Groups), Warnings: result.Warnings, Messages: result.Messages})
	case errors.Is(context.Cause(job), errCanceled):
		log.Info("job canceled")
		return w.report(ctx, order, spool.Report{Kind: spool.ReportCanceled})
	case ctx.Err() != nil:
		return ctx.Err()
	}
	var failure *spool.Failure
	if !errors.As(err, &failure) {
		return fmt.Errorf("run job %s: %w", order.JobID, err)
	}
	log.Warn("job failed", "code", failure.Code, "message", failure.Message, "detail", failure.Detail)
	return w.report(ctx, order, spool.Report{Kind: spool.ReportFailed, Failure: failure, Warnings: result.Warnings, Messages: result.Messages})
}

// withoutFiles gives groups without the list of every file: nobody asks a server
// for it, and that of two hours of captures is larger than the bus takes.
func withoutFiles(groups []spool.OutputGroup) []spool.OutputGroup {
	groups = slices.Clone(groups)
	for i := range groups {
		groups[i].Outputs = slices.Clone(groups[i].Outputs)
		for j := range groups[i].Outputs {
			groups[i].Outputs[j].Files = nil
		}
	}
	return groups
}

// mayPublish asks whether the job may be published, again and again until somebody
// answers: without a Yes nothing is.
func (w *Worker) mayPublish(ctx context.Context, order spool.WorkOrder) (spool.Permission, error) {
	for {
		answer, err := w.ask(ctx, spool.SubjectMayPublish+order.JobID, order)
		if err == nil {
			return answer, nil
		}
		w.log.Warn("nobody says whether the job may be published; asking again", "job", order.JobID, "error", err)
		select {
		case <-ctx.Done():
			return answer, ctx.Err()
		case <-time.After(askAgain):
		}
	}
}

func (w *Worker) ask(ctx context.Context, subject string, order spool.WorkOrder) (spool.Permission, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var answer spool.Permission
	data, err := json.Marshal(spool.PermissionRequest{JobID: order.JobID, Attempt: order.Attempt, Worker: w.name})
	if err != nil {
		return answer, err
	}
	reply, err := w.bus.Request(ctx, subject, data)
	if err != nil {
		return answer, err
	}
	return answer, json.Unmarshal(reply, &answer)
}

// observer turns what a run tells into reports.
func (w *Worker) observer(ctx context.Context, order spool.WorkOrder) Observer {
	var last time.Time
	var phase spool.JobPhase
	return Observer{
		Inputs: func(inputs []spool.InputInfo) {
			if err := w.report(ctx, order, spool.Report{Kind: spool.ReportInputs, Inputs: inputs}); err != nil && ctx.Err() == nil {
				w.log.Warn("the inputs can't be reported", "job", order.JobID, "error", err)
			}
		},
		Progress: func(p spool.Progress) {
			if now := time.Now(); p.Phase != phase || now.Sub(last) >= progressEvery {
				last, phase = now, p.Phase
				w.progress(order, p)
			}
		},
		MayPublish: func(ctx context.Context) error {
			answer, err := w.mayPublish(ctx, order)
			if err != nil {
				return err
			}
			if !answer.Yes {
				w.log.Info("the job may not be published", "job", order.JobID, "reason", answer.Reason)
				w.cancel(order.JobID)
				return errCanceled
			}
			return nil
		},
	}
}

func (w *Worker) progress(order spool.WorkOrder, p spool.Progress) {
	data, err := json.Marshal(spool.Report{
		JobID: order.JobID, Attempt: order.Attempt, Kind: spool.ReportProgress, Worker: w.name, Time: time.Now().UTC(), Progress: &p,
	})
	if err == nil {
		err = w.bus.Broadcast(spool.SubjectProgress+order.JobID, data)
	}
	if err != nil {
		w.log.Debug("progress can't be told", "job", order.JobID, "error", err)
	}
}

// report publishes a durable report. Its message id makes a repetition harmless.
func (w *Worker) report(ctx context.Context, order spool.WorkOrder, report spool.Report) error {
	report.JobID, report.Attempt, report.Worker, report.Time = order.JobID, order.Attempt, w.name, time.Now().UTC()
	data, err := json.Marshal(report)
	if err != nil {
		return fmt.Errorf("write a report: %w", err)
	}
	id := fmt.Sprintf("%s-%d-%s", order.JobID, order.Attempt, report.Kind)
	if err := w.bus.Publish(ctx, spool.SubjectReport+order.JobID, id, data); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}
