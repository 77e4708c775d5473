package switchboard

import (
	"context"
	"log/slog"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
	"github.com/linedesk/linedesk/switchboard/talk"
)

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
			c.step(identified(found))
		}
		return
	}
	if !c.sb.lookUps.TryAcquire(1) {
		return // the database is slower than the calls come: the desk looks the customer up itself
	}
	go func() {
		defer c.sb.lookUps.Release(1)
		ctx, cancel := context.WithTimeout(context.Background(), call.LookUpTime)
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
		c.post(happened{identified(&found[0])})
	}()
}

// identified is what the call is to know of its customer.
func identified(c *store.Customer) talk.CustomerFound {
	return talk.CustomerFound{Customer: c.ID, Grade: c.Grade, Name: c.Name}
}
