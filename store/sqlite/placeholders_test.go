package sqlite

import "testing"

func TestUnnamed(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT 1":                                "SELECT 1",
		"INSERT INTO t VALUES ($1, $2,$3)":        "INSERT INTO t VALUES (?, ?,?)",
		"VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)": "VALUES (?,?,?,?,?,?,?,?,?,?)",
		"UPDATE t SET a = $2 WHERE b = $1":        "UPDATE t SET a = $2 WHERE b = $1",
		"SELECT $1, $2, $1":                       "SELECT $1, $2, $1",
		"SELECT '$', $1":                          "SELECT '$', $1",
		"SELECT $1$10":                            "SELECT $1$10",
	} {
		if got := unnamed(query); got != want {
			t.Errorf("unnamed(%q) = %q, want %q", query, got, want)
		}
	}
}
