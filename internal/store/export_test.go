package store

// ReadFew has searches take few jobs for many, as tests have no more.
func (db *DB) ReadFew() { db.many = firstScan }
