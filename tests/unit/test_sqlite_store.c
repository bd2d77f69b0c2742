/* The store of the examples keeps what mls/store.h asks of a store. */
#define _POSIX_C_SOURCE 200809L
#include "sqlite_store.h"
#include "support.h"

#include <sqlite3.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static mls_store_t open_in_memory(void)
{
    mls_store_t store;
    assert_ok(sqlite_store_open(&store, ":memory:"));
    return store;
}

static void put(const mls_store_t *store, const char *key, const char *value)
{
    assert_ok(store->put(store->arg, mls_view_text(key), mls_view_text(value)));
}

typedef struct listing {
    char text[128];
    mls_status_t answer;
} listing_t;

static mls_status_t list_entry(void *arg, mls_view_t key, mls_view_t value)
{
    listing_t *listing = arg;
    const size_t len = strlen(listing->text);
    (void)snprintf(listing->text + len, sizeof listing->text - len, "%.*s=%.*s ", (int)key.len,
                   (const char *)key.data, (int)value.len, (const char *)value.data);
    return listing->answer;
}

static void assert_entries(const mls_store_t *store, const char *prefix, const char *expected)
{
    listing_t listing = { .answer = MLS_OK };
    assert_ok(store->each(store->arg, mls_view_text(prefix), list_entry, &listing));
    assert_string_equal(listing.text, expected);
}

static void each__visits_what_has_the_prefix_in_order(void **state)
{
    mls_store_t store = open_in_memory();
    listing_t listing = { .answer = MLS_ERR_STORE };
    (void)state;
    put(&store, "gb", "2");
    put(&store, "g\xff", "3");
    put(&store, "h", "no");
    put(&store, "g", "");
    put(&store, "ga", "0");
    put(&store, "ga", "1");
    put(&store, "f", "no");
    assert_entries(&store, "g", "g= ga=1 gb=2 g\xff=3 ");
    assert_status(store.each(store.arg, mls_view_text("g"), list_entry, &listing), MLS_ERR_STORE);
    assert_string_equal(listing.text, "g= ");
    sqlite_store_close(&store);
}

static void erase__takes_one_entry_and_minds_no_other(void **state)
{
    mls_store_t store = open_in_memory();
    (void)state;
    put(&store, "g1", "1");
    put(&store, "g2", "2");
    assert_ok(store.erase(store.arg, mls_view_text("g1")));
    assert_ok(store.erase(store.arg, mls_view_text("g1")));
    assert_entries(&store, "g", "g2=2 ");
    sqlite_store_close(&store);
}

static void transactions__nest_and_the_outermost_decides(void **state)
{
    mls_store_t store = open_in_memory();
    (void)state;
    assert_ok(store.begin(store.arg));
    put(&store, "g1", "kept");
    assert_ok(store.begin(store.arg));
    put(&store, "g2", "taken back");
    store.rollback(store.arg);
    assert_entries(&store, "g", "g1=kept ");
    assert_ok(store.commit(store.arg));
    assert_ok(store.begin(store.arg));
    assert_ok(store.begin(store.arg));
    put(&store, "g3", "taken back");
    assert_ok(store.commit(store.arg));
    store.rollback(store.arg);
    assert_entries(&store, "g", "g1=kept ");
    assert_int_not_equal(sqlite3_get_autocommit(store.arg), 0); /* no transaction is left open */
    sqlite_store_close(&store);
}

static void file__keeps_entries(void **state)
{
    char path[] = "/tmp/mls-store-XXXXXX";
    const int file = mkstemp(path);
    mls_store_t store;
    (void)state;
    assert_int_not_equal(file, -1);
    (void)close(file);
    assert_ok(sqlite_store_open(&store, path));
    put(&store, "g", "kept");
    sqlite_store_close(&store);
    assert_ok(sqlite_store_open(&store, path));
    assert_entries(&store, "g", "g=kept ");
    sqlite_store_close(&store);
    assert_int_equal(remove(path), 0);
}

/* A commit that fails takes all back, and leaves no transaction open. */
static void failed_commit__takes_all_back(void **state)
{
    char path[] = "/tmp/mls-store-XXXXXX";
    const int file = mkstemp(path);
    mls_store_t store, other;
    listing_t listing = { .answer = MLS_OK };
    (void)state;
    assert_int_not_equal(file, -1);
    (void)close(file);
    assert_ok(sqlite_store_open(&store, path));
    assert_ok(sqlite_store_open(&other, path));
    /* A reader stands in the way of the commit. */
    assert_int_equal(sqlite3_exec(other.arg, "BEGIN; SELECT * FROM mls", NULL, NULL, NULL), SQLITE_OK);
    assert_ok(store.begin(store.arg));
    put(&store, "g", "taken back");
    assert_status(store.commit(store.arg), MLS_ERR_STORE);
    assert_ok(store.each(store.arg, mls_view_text("g"), list_entry, &listing));
    assert_string_equal(listing.text, "");
    assert_int_not_equal(sqlite3_get_autocommit(store.arg), 0);
    sqlite_store_close(&other);
    sqlite_store_close(&store);
    assert_int_equal(remove(path), 0);
}

static void folder_that_is_not_there__fails_to_open(void **state)
{
    mls_store_t store;
    (void)state;
    assert_status(sqlite_store_open(&store, "/nowhere/at/all.db"), MLS_ERR_STORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each__visits_what_has_the_prefix_in_order),
        cmocka_unit_test(erase__takes_one_entry_and_minds_no_other),
        cmocka_unit_test(transactions__nest_and_the_outermost_decides),
        cmocka_unit_test(file__keeps_entries),
        cmocka_unit_test(failed_commit__takes_all_back),
        cmocka_unit_test(folder_that_is_not_there__fails_to_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
