package rows

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/linedesk/linedesk/call"
	"github.com/linedesk/linedesk/store"
)

const customerColumns = "id, name, company, position, grade, language, email, address, region, account_manager," +
	" tags, notes, phones, do_not_call_from, do_not_call_to, version, created_at, updated_at"

// customersByPhone is the look-up that every call makes: two seeks, in one statement.
const customersByPhone = "SELECT " + customerColumns + " FROM customer_numbers n JOIN customers c ON c.id = n.customer" +
	" WHERE n.number_key = $1 ORDER BY created_at, id LIMIT 20"

func scanCustomer(r Rows) (c store.Customer, err error) {
	err = r.Scan(&c.ID, &c.Name, &c.Company, &c.Position, &c.Grade, &c.Language, &c.Email, &c.Address, &c.Region, &c.AccountManager,
		fromJSON{&c.Tags}, &c.Notes, fromJSON{&c.Phones}, &c.DoNotCallFrom, &c.DoNotCallTo, &c.Version, at{&c.CreatedAt}, at{&c.UpdatedAt})
	return c, err
}

func customerArgs(c store.Customer) ([]any, error) {
	tags, err := asJSON(c.Tags)
	if err != nil {
		return nil, err
	}
	phones, err := asJSON(c.Phones)
	if err != nil {
		return nil, err
	}
	return []any{
		string(c.ID), c.Name, c.Company, c.Position, c.Grade, c.Language, c.Email, c.Address, c.Region, string(c.AccountManager),
		tags, c.Notes, phones, c.DoNotCallFrom, c.DoNotCallTo, c.Version, c.CreatedAt, c.UpdatedAt,
		store.SearchText(c.Name, c.Company),
	}, nil
}

// Customer implements store.Customers.
func (db *DB) Customer(ctx context.Context, id call.CustomerID) (store.Customer, error) {
	return customer(ctx, db.conn, id)
}

func customer(ctx context.Context, q querier, id call.CustomerID) (store.Customer, error) {
	c, err := one(ctx, q, scanCustomer, "SELECT "+customerColumns+" FROM customers WHERE id = $1", store.CleanID(id))
	if err != nil {
		return c, fmt.Errorf("customer %s: %w", id, err)
	}
	return c, nil
}

// CustomersByPhone implements store.Customers.
func (db *DB) CustomersByPhone(ctx context.Context, number string) ([]store.Customer, error) {
	key := store.NumberKey(number)
	if key == "" {
		return nil, nil
	}
	cs, err := list(ctx, db.conn, scanCustomer, customersByPhone, key)
	if err != nil {
		return nil, fmt.Errorf("customers with number %s: %w", key, err)
	}
	return cs, nil
}

// ExplainCustomersByPhone gives the database's plan of the look-up, for tests.
func (db *DB) ExplainCustomersByPhone(ctx context.Context, number string) ([]string, error) {
	return db.conn.Explain(ctx, customersByPhone, store.NumberKey(number))
}

// minSuffix is how many digits a search for a number's end must have.
const minSuffix = 3

// Customers implements store.Customers.
func (db *DB) Customers(ctx context.Context, f store.CustomerFilter) (store.Page[store.Customer], error) {
	var page store.Page[store.Customer]
	limit, err := store.Limit(f.Limit)
	if err != nil {
		return page, err
	}
	cur, err := store.ParseCursor(f.Cursor)
	if err != nil {
		return page, err
	}
	var w where
	if f.Phone != "" {
		w.and("id IN (SELECT customer FROM customer_numbers WHERE number_key = " + w.arg(store.NumberKey(f.Phone)) + ")")
	}
	w.is("grade", store.CleanLine(f.Grade))
	w.is("account_manager", store.CleanID(f.Manager))
	if f.Of != nil {
		w.and("(account_manager = '' OR " + among(&w, "account_manager", f.Of) + ")")
	}
	if q := store.CleanLine(f.Q); q != "" {
		db.search(&w, q)
	}
	w.before("created_at", cur)
	cs, err := list(ctx, db.conn, scanCustomer, "SELECT "+customerColumns+" FROM customers"+w.String()+w.newest("created_at", limit), w.args...)
	if err != nil {
		return page, fmt.Errorf("list customers: %w", err)
	}
	return store.PageOf(cs, limit, func(c store.Customer) store.Cursor {
		return store.Cursor{At: c.CreatedAt, ID: string(c.ID)}
	}), nil
}

// search finds a text in name or company, or as the end of a number.
func (db *DB) search(w *where, q string) {
	cond := db.conn.Position() + "(search, " + w.arg(store.SearchText(q)) + ") > 0"
	if suffix := store.SuffixKey(q); len(suffix) >= minSuffix {
		// ':' comes after '9': everything that begins with these digits lies between.
		cond += " OR id IN (SELECT customer FROM customer_numbers WHERE suffix_key >= " + w.arg(suffix) +
			" AND suffix_key < " + w.arg(suffix+":") + ")"
	}
	w.and("(" + cond + ")")
}

// CreateCustomer implements store.Customers.
func (db *DB) CreateCustomer(ctx context.Context, c store.Customer, by call.UserID) (store.Customer, error) {
	now := micro(db.now())
	if c.ID == "" {
		c.ID = call.CustomerID(uuid.Must(uuid.NewV7()).String())
	}
	if err := checkID("customer", c.ID); err != nil {
		return c, err
	}
	c = c.Cleaned()
	if c.CreatedAt.IsZero() {
		c.CreatedAt = now
	}
	if c.UpdatedAt.IsZero() {
		c.UpdatedAt = c.CreatedAt
	}
	c.CreatedAt, c.UpdatedAt = micro(c.CreatedAt), micro(c.UpdatedAt)
	c.Version = 1
	if err := checkCustomer(c); err != nil {
		return c, err
	}
	args, err := customerArgs(c)
	if err != nil {
		return c, err
	}
	return c, db.write(ctx, "create customer", func(ctx context.Context, tx Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO customers ("+customerColumns+", search) VALUES ("+params(customerColumns+", search")+")", args...)
		if db.conn.IsDuplicate(err) {
			return store.ErrExists
		}
		if err != nil {
			return err
		}
		if err := writeNumbers(ctx, tx, c); err != nil {
			return err
		}
		return audit(ctx, tx, edit{at: now, by: by, object: store.AuditCustomer, of: string(c.ID), to: c})
	})
}

// UpdateCustomer implements store.Customers.
func (db *DB) UpdateCustomer(ctx context.Context, c store.Customer, by call.UserID) (store.Customer, error) {
	c = c.Cleaned()
	if err := checkCustomer(c); err != nil {
		return c, err
	}
	read := c.Version
	err := db.write(ctx, "update customer", func(ctx context.Context, tx Tx) error {
		was, err := customer(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if was.Version != read {
			return store.ErrConflict
		}
		c.Version, c.CreatedAt, c.UpdatedAt = read+1, was.CreatedAt, micro(db.now())
		args, err := customerArgs(c)
		if err != nil {
			return err
		}
		const sql = "UPDATE customers SET name = $2, company = $3, position = $4, grade = $5, language = $6, email = $7, address = $8," +
			" region = $9, account_manager = $10, tags = $11, notes = $12, phones = $13, do_not_call_from = $14, do_not_call_to = $15," +
			" version = $16, created_at = $17, updated_at = $18, search = $19 WHERE id = $1 AND version = $20"
		n, err := tx.Exec(ctx, sql, append(args, read)...)
		if err != nil {
			return err
		}
		if n == 0 {
			return store.ErrConflict // somebody was between our read and our write
		}
		if err := writeNumbers(ctx, tx, c); err != nil {
			return err
		}
		return audit(ctx, tx, edit{at: c.UpdatedAt, by: by, object: store.AuditCustomer, of: string(c.ID), from: was, to: c})
	})
	return c, err
}

func checkCustomer(c store.Customer) error {
	if len(c.Phones) > store.MaxPhones {
		return fmt.Errorf("customer %s: %w: %d numbers, at most %d", c.ID, store.ErrInvalid, len(c.Phones), store.MaxPhones)
	}
	return nil
}

// writeNumbers replaces what a customer is found by.
func writeNumbers(ctx context.Context, tx Tx, c store.Customer) error {
	if _, err := tx.Exec(ctx, "DELETE FROM customer_numbers WHERE customer = $1", string(c.ID)); err != nil {
		return err
	}
	var args [][]any
	for _, key := range c.Keys() {
		args = append(args, []any{key, string(c.ID), store.SuffixKey(key)})
	}
	return tx.Each(ctx, "INSERT INTO customer_numbers (number_key, customer, suffix_key) VALUES ($1, $2, $3)", args)
}
