package switchboard

import (
	"context"
	"log/slog"
	"time"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

// lookUpTime bounds the search for the customer: an offer goes without rather than late.
const lookUpTime = 200 * time.Millisecond

// findCustomer looks for the customer with this number, aside.
func (c *liveCall) findCustomer(n call.Number) {
	if n.Raw == "" || c.sb.customers == nil {
		return
	}
	number := n.E164
	if number == "" {
		number = n.Raw
	}
	if found, ok := c.sb.found.get(number, c.sb.now()); ok {
		if found != nil {
			c.onCustomer(found)
		}
		return
	}
	if !c.sb.lookUps.TryAcquire(1) {
		return // the database is slower than the calls come: the desk looks the customer up itself
	}
	go func() {
		defer c.sb.lookUps.Release(1)
		ctx, cancel := context.WithTimeout(context.Background(), lookUpTime)
		defer cancel()
		found, err := c.sb.customers.CustomersByPhone(ctx, number)
		if err != nil {
			c.log.Warn("customer not looked up", slog.Any("error", err))
			return
		}
		if len(found) == 0 {
			c.sb.found.put(number, nil, c.sb.now())
			return
		}
		c.sb.found.put(number, &found[0], c.sb.now())
		c.post(customerFound{customer: &found[0]})
	}()
}

func (c *liveCall) onCustomer(found *store.Customer) {
	if c.ended {
		return
	}
	c.grade = found.Grade
	c.sb.router.record(call.CustomerIdentified{Call: c.id, Customer: found.ID, Grade: found.Grade, Name: found.Name})
}
