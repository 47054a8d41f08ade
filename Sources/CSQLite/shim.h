#include <sqlite3.h>

// Functions that Swift cannot call because they take any number of arguments, and an empty text.
static inline int weir_sqlite_defend(sqlite3 *db, int defensive) {
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)0);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, (int *)0);
  return sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, defensive, (int *)0);
}
// Not NULL: that would be another value.
static inline const char *weir_sqlite_empty(void) { return ""; }
