package store

// ReadFew has searches take few jobs for many, as tests have no more.
func (db *DB) ReadFew() { db.many = firstScan }

// PageBytes has pages end at so many bytes.
func (db *DB) PageBytes(n int) { db.most = n }
