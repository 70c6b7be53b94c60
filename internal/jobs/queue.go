package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"spool/internal/spool"
)

// makeDefaultQueue makes the queue of jobs that name none (behaviour.md 1.8).
func (s *Service) makeDefaultQueue(ctx context.Context) error {
	_, err := s.insertQueue(ctx, spool.Queue{Name: spool.DefaultQueue, Type: spool.TypeSystem}, 0)
	if errors.Is(err, spool.ErrConflict) {
		return nil
	}
	return err
}

// CreateQueue makes a queue of type CUSTOM, ACTIVE and ON_DEMAND unless q says
// otherwise. Of a reservation Slots, RenewalType and Commitment are taken, and
// it begins now. A name that is taken is spool.ErrConflict, one queue too many
// spool.ErrQuota.
func (s *Service) CreateQueue(ctx context.Context, q spool.Queue) (spool.Queue, error) {
	q.Type = spool.TypeCustom
	return s.insertQueue(ctx, q, s.o.MaxQueues)
}

// insertQueue writes a new queue unless there would be more than so many of
// users' own; 0: no limit.
func (s *Service) insertQueue(ctx context.Context, q spool.Queue, limit int) (spool.Queue, error) {
	q.CreatedAt = s.o.Now().UTC()
	q.UpdatedAt, q.Submitted, q.Progressing = q.CreatedAt, 0, 0
	if q.Reservation != nil {
		r := *q.Reservation
		q.Reservation, q.PricingPlan = reserve(nil, r, q.CreatedAt), planReserved
	}
	if err := checkQueue(&q); err != nil {
		return spool.Queue{}, err
	}
	err := s.o.InTx(ctx, func(tx Tx) error {
		if err := tx.InsertQueue(ctx, q); err != nil || limit == 0 {
			return err
		}
		all, err := tx.Queues(ctx)
		if err != nil {
			return err
		}
		custom := 0
		for _, other := range all {
			if other.Type == spool.TypeCustom {
				custom++
			}
		}
		if custom > limit {
			return spool.Userf(spool.ErrQuota, "There are %d queues already, and no more are allowed. Delete one first.", limit)
		}
		return nil
	})
	if err != nil {
		return spool.Queue{}, fmt.Errorf("create a queue: %w", err)
	}
	return s.GetQueue(ctx, q.Name)
}

// The states and plans of queues (behaviour.md 1.8).
const (
	queueActive  = "ACTIVE"
	queuePaused  = "PAUSED"
	planOnDemand = "ON_DEMAND"
	planReserved = "RESERVED"
)

// checkQueue fills what may be left out and refuses what is out of bounds.
func checkQueue(q *spool.Queue) error {
	if q.Status == "" {
		q.Status = queueActive
	}
	if q.PricingPlan == "" {
		q.PricingPlan = planOnDemand
	}
	switch {
	case q.Name == "":
		return spool.Userf(spool.ErrInvalid, "A queue needs a name.")
	case q.Status != queueActive && q.Status != queuePaused:
		return spool.Userf(spool.ErrInvalid, "The status %q of queue %s is unknown: use ACTIVE or PAUSED.", q.Status, q.Name)
	case q.PricingPlan != planOnDemand && q.PricingPlan != planReserved:
		return spool.Userf(spool.ErrInvalid, "The pricing plan %q of queue %s is unknown: use ON_DEMAND or RESERVED.", q.PricingPlan, q.Name)
	case q.ConcurrentJobs < 0:
		return spool.Userf(spool.ErrInvalid, "Queue %s cannot run %d jobs at once: use 0 for no limit, or more.", q.Name, q.ConcurrentJobs)
	case (q.PricingPlan == planReserved) != (q.Reservation != nil):
		return spool.Userf(spool.ErrInvalid, "Queue %s needs either the pricing plan RESERVED with the settings of a reservation, or neither.", q.Name)
	case q.Reservation != nil && q.ConcurrentJobs != 0:
		return spool.Userf(spool.ErrInvalid, "The jobs that the reserved queue %s runs at once are its slots: leave the concurrent jobs out.", q.Name)
	}
	return checkReservation(q.Name, q.Reservation)
}

func checkReservation(name string, r *spool.Reservation) error {
	switch {
	case r == nil:
		return nil
	case r.Slots < 1:
		return spool.Userf(spool.ErrInvalid, "The reserved queue %s needs at least one slot.", name)
	case r.RenewalType != "AUTO_RENEW" && r.RenewalType != "EXPIRE":
		return spool.Userf(spool.ErrInvalid, "The renewal type %q of queue %s is unknown: use AUTO_RENEW or EXPIRE.", r.RenewalType, name)
	case r.Commitment != "ONE_YEAR":
		return spool.Userf(spool.ErrInvalid, "The commitment %q of queue %s is unknown: use ONE_YEAR.", r.Commitment, name)
	}
	return nil
}

// reserve gives the plan that asked makes of old at that time. A plan begins
// with the reservation, and anew when it had expired; more slots prolong it by a
// year from now.
func reserve(old *spool.Reservation, asked spool.Reservation, now time.Time) *spool.Reservation {
	year := now.AddDate(1, 0, 0)
	switch {
	case old == nil || !old.Active(now):
		asked.PurchasedAt, asked.ExpiresAt = now, year
	case asked.Slots > old.Slots:
		asked.PurchasedAt, asked.ExpiresAt = old.PurchasedAt, year
	default:
		asked.PurchasedAt, asked.ExpiresAt = old.PurchasedAt, old.ExpiresAt
	}
	return &asked
}

// renewed gives a queue as it is at that time: a plan that renews itself has
// another year to go.
func renewed(q spool.Queue, now time.Time) spool.Queue {
	if q.Reservation == nil || q.Reservation.RenewalType != "AUTO_RENEW" {
		return q
	}
	r := *q.Reservation
	for !now.Before(r.ExpiresAt) {
		r.ExpiresAt = r.ExpiresAt.AddDate(1, 0, 0)
	}
	q.Reservation = &r
	return q
}

// UpdateQueue changes a queue, Default too. An unknown one is spool.ErrNotFound,
// a value out of bounds spool.ErrInvalid. The slots of an active reservation can
// only grow (behaviour.md 1.8).
func (s *Service) UpdateQueue(ctx context.Context, name string, u spool.QueueUpdate) (spool.Queue, error) {
	name = spool.ResourceName(name)
	err := s.o.InTx(ctx, func(tx Tx) error {
		q, err := tx.LockQueue(ctx, name)
		if err != nil {
			return err
		}
		now := s.o.Now().UTC()
		q = renewed(q, now)
		apply(&q, u)
		if asked := u.Reservation; asked != nil {
			old := q.Reservation
			if old == nil {
				return spool.Userf(spool.ErrInvalid, "Queue %s is no reserved queue: its plan was chosen when it was made.", name)
			}
			if old.Active(now) && asked.Slots < old.Slots {
				return spool.Userf(spool.ErrInvalid, "Queue %s has %d slots; until its reservation ends it can only have more.", name, old.Slots)
			}
			q.Reservation = reserve(old, *asked, now)
		}
		if err := checkQueue(&q); err != nil {
			return err
		}
		q.UpdatedAt = now
		return tx.SaveQueue(ctx, q)
	})
	if err != nil {
		return spool.Queue{}, fmt.Errorf("update a queue: %w", err)
	}
	s.wakeUp()
	return s.GetQueue(ctx, name)
}

// DeleteQueue removes a queue; jobs that have ended keep its name. One that
// holds jobs that wait or run, or has a reservation that is not over, is
// spool.ErrConflict; Default is spool.ErrInvalid; an unknown one is
// spool.ErrNotFound (behaviour.md 1.8).
func (s *Service) DeleteQueue(ctx context.Context, name string) error {
	name = spool.ResourceName(name)
	err := s.o.InTx(ctx, func(tx Tx) error {
		q, err := tx.LockQueue(ctx, name)
		switch {
		case err != nil:
			return err
		case q.Type == spool.TypeSystem:
			return spool.Userf(spool.ErrInvalid, "The queue %s belongs to the system and cannot be deleted. It can be paused.", name)
		case q.Reservation != nil && q.Reservation.Active(s.o.Now()):
			return spool.Userf(spool.ErrConflict, "Queue %s has a reservation that is not over. Let it expire first.", name)
		}
		return tx.DeleteQueue(ctx, name)
	})
	if err != nil {
		return fmt.Errorf("delete a queue: %w", err)
	}
	s.mu.Lock()
	delete(s.served, name)
	s.mu.Unlock()
	return nil
}

// EnsureQueue makes a queue unless it is there, and gives it what u names. It is
// how the configuration's queues come into being; Default may be given so too.
// What u does not name stays as users have set it, and what is so already is not
// written: a queue that only looks resumed would let hops go that were due long
// ago. A reserved queue runs as many jobs at once as it has slots: a limit for it
// is logged and left out.
func (s *Service) EnsureQueue(ctx context.Context, name string, u spool.QueueUpdate) error {
	q := spool.Queue{Name: name, Type: spool.TypeCustom}
	apply(&q, u)
	_, err := s.insertQueue(ctx, q, 0)
	if !errors.Is(err, spool.ErrConflict) {
		return err
	}
	is, err := s.GetQueue(ctx, name)
	if err != nil {
		return err
	}
	if is.Reservation != nil && u.ConcurrentJobs != nil {
		s.o.Log.Warn("the queue is a reserved one now, which runs as many jobs at once as it has slots: concurrentJobs in the configuration does nothing",
			"queue", name, "slots", is.Reservation.Slots)
		u.ConcurrentJobs = nil
	}
	want := is
	if apply(&want, u); want.Description == is.Description && want.Status == is.Status && want.ConcurrentJobs == is.ConcurrentJobs {
		return nil
	}
	_, err = s.UpdateQueue(ctx, name, u)
	return err
}

// apply gives a queue what an update names, but for a reservation.
func apply(q *spool.Queue, u spool.QueueUpdate) {
	if u.Description != nil {
		q.Description = *u.Description
	}
	if u.Status != nil {
		q.Status = *u.Status
	}
	if u.ConcurrentJobs != nil {
		q.ConcurrentJobs = *u.ConcurrentJobs
	}
}

// GetQueue gives one queue by name or ARN, or spool.ErrNotFound.
func (s *Service) GetQueue(ctx context.Context, name string) (spool.Queue, error) {
	q, err := s.o.Store.Queue(ctx, spool.ResourceName(name))
	return renewed(q, s.o.Now()), err
}

// ListQueues gives all queues in the order of their creation.
func (s *Service) ListQueues(ctx context.Context) ([]spool.Queue, error) {
	queues, err := s.o.Store.Queues(ctx)
	for i, q := range queues {
		queues[i] = renewed(q, s.o.Now())
	}
	return queues, err
}
