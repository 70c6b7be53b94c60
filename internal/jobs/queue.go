package jobs

import (
	"context"
	"errors"
	"fmt"

	"spool/internal/spool"
)

// makeDefaultQueue makes the queue of jobs that name none (behaviour.md 1.8).
func (s *Service) makeDefaultQueue(ctx context.Context) error {
	_, err := s.insertQueue(ctx, spool.Queue{Name: spool.DefaultQueue, Type: "SYSTEM"})
	if errors.Is(err, spool.ErrConflict) {
		return nil
	}
	return err
}

// CreateQueue makes a queue of type CUSTOM, ACTIVE and ON_DEMAND unless q says
// otherwise. A name that is taken is spool.ErrConflict.
func (s *Service) CreateQueue(ctx context.Context, q spool.Queue) (spool.Queue, error) {
	q.Type = "CUSTOM"
	return s.insertQueue(ctx, q)
}

func (s *Service) insertQueue(ctx context.Context, q spool.Queue) (spool.Queue, error) {
	if err := checkQueue(&q); err != nil {
		return spool.Queue{}, err
	}
	q.CreatedAt = s.o.Now().UTC()
	q.UpdatedAt, q.Submitted, q.Progressing = q.CreatedAt, 0, 0
	err := s.o.InTx(ctx, func(tx Tx) error { return tx.InsertQueue(ctx, q) })
	if err != nil {
		return spool.Queue{}, fmt.Errorf("create a queue: %w", err)
	}
	return s.o.Store.Queue(ctx, q.Name)
}

// checkQueue fills what may be left out and refuses what is out of bounds.
func checkQueue(q *spool.Queue) error {
	if q.Status == "" {
		q.Status = "ACTIVE"
	}
	if q.PricingPlan == "" {
		q.PricingPlan = "ON_DEMAND"
	}
	switch {
	case q.Name == "":
		return spool.Userf(spool.ErrInvalid, "A queue needs a name.")
	case q.Status != "ACTIVE" && q.Status != "PAUSED":
		return spool.Userf(spool.ErrInvalid, "The status %q of queue %s is unknown: use ACTIVE or PAUSED.", q.Status, q.Name)
	case q.ConcurrentJobs < 0:
		return spool.Userf(spool.ErrInvalid, "Queue %s cannot run %d jobs at once: use 0 for no limit, or more.", q.Name, q.ConcurrentJobs)
	}
	return nil
}

// EnsureQueue makes a queue, or gives the one of this name the description,
// status and concurrent jobs of q. It is how the configuration's queues come
// into being; Default may be given so too.
func (s *Service) EnsureQueue(ctx context.Context, q spool.Queue) (spool.Queue, error) {
	made, err := s.CreateQueue(ctx, q)
	if !errors.Is(err, spool.ErrConflict) {
		return made, err
	}
	if err := checkQueue(&q); err != nil {
		return spool.Queue{}, err
	}
	q.UpdatedAt = s.o.Now().UTC()
	if err := s.o.InTx(ctx, func(tx Tx) error { return tx.SaveQueue(ctx, q) }); err != nil {
		return spool.Queue{}, fmt.Errorf("update a queue: %w", err)
	}
	s.wakeUp()
	return s.o.Store.Queue(ctx, q.Name)
}

// GetQueue gives one queue by name or ARN, or spool.ErrNotFound.
func (s *Service) GetQueue(ctx context.Context, name string) (spool.Queue, error) {
	return s.o.Store.Queue(ctx, spool.ResourceName(name))
}

// ListQueues gives all queues in the order of their creation.
func (s *Service) ListQueues(ctx context.Context) ([]spool.Queue, error) {
	return s.o.Store.Queues(ctx)
}
