#include "memory_store.h"

#include <stdlib.h>

static int compare(mls_view_t a, mls_view_t b)
{
    const size_t len = a.len < b.len ? a.len : b.len;
    const int order = len == 0 ? 0 : memcmp(a.data, b.data, len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static size_t lower_bound(const memory_store_t *memory, mls_view_t key)
{
    size_t low = 0, high = memory->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare(mls_bytes_view(&memory->entries[middle].key), key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const memory_store_t *memory, size_t at, mls_view_t key)
{
    return at < memory->count && compare(mls_bytes_view(&memory->entries[at].key), key) == 0;
}

static void clear_entry(memory_entry_t *entry)
{
    mls_bytes_clear(&entry->key);
    mls_bytes_clear(&entry->value);
}

/* ---- transactions -------------------------------------------------------------------------------- */

static void forget_changes(memory_store_t *memory)
{
    for (size_t i = 0; i < memory->num_changes; i++)
        clear_entry(&memory->changes[i].before);
    free(memory->changes);
    memory->changes = NULL;
    memory->num_changes = 0;
}

static mls_status_t begin(void *arg)
{
    forget_changes(arg);
    return MLS_OK;
}

static mls_status_t commit(void *arg)
{
    forget_changes(arg);
    return MLS_OK;
}

/* Room for the entry was made when it was there, or is that of the one that goes. */
static void undo(memory_store_t *memory, memory_change_t *change)
{
    const size_t at = lower_bound(memory, mls_bytes_view(&change->before.key));
    memory_entry_t *entry = &memory->entries[at];
    if (is_at(memory, at, mls_bytes_view(&change->before.key))) {
        clear_entry(entry);
        memmove(entry, entry + 1, (--memory->count - at) * sizeof *entry);
    }
    if (change->was_there) {
        memmove(entry + 1, entry, (memory->count++ - at) * sizeof *entry);
        *entry = change->before;
        change->before = (memory_entry_t){ 0 };
    }
}

static void rollback(void *arg)
{
    memory_store_t *memory = arg;
    for (size_t i = memory->num_changes; i > 0; i--)
        undo(memory, &memory->changes[i - 1]);
    forget_changes(memory);
}

/* Notes a key that is about to change; the caller moves the old value in where there is one. NULL: no memory.
 */
static memory_change_t *note_change(memory_store_t *memory, mls_view_t key)
{
    memory_change_t *changes = realloc(memory->changes, (memory->num_changes + 1) * sizeof *changes);
    if (changes == NULL)
        return NULL;
    memory->changes = changes;
    changes[memory->num_changes] = (memory_change_t){ 0 };
    if (mls_bytes_copy(&changes[memory->num_changes].before.key, key) != MLS_OK)
        return NULL;
    return &changes[memory->num_changes++];
}

/* ---- entries ------------------------------------------------------------------------------------- */

static bool fails(memory_store_t *memory)
{
    return memory->fails_after > 0 && --memory->fails_after == 0;
}

static mls_status_t make_room(memory_store_t *memory)
{
    if (memory->count < memory->cap)
        return MLS_OK;
    memory_entry_t *entries = realloc(memory->entries, (2 * memory->cap + 8) * sizeof *entries);
    if (entries == NULL)
        return MLS_ERR_NOMEM;
    memory->entries = entries;
    memory->cap = 2 * memory->cap + 8;
    return MLS_OK;
}

static mls_status_t replace(memory_entry_t *entry, memory_change_t *change, mls_view_t value)
{
    change->was_there = true;
    change->before.value = entry->value;
    entry->value = (mls_bytes_t){ 0 };
    return mls_bytes_copy(&entry->value, value);
}

static mls_status_t put(void *arg, mls_view_t key, mls_view_t value)
{
    memory_store_t *memory = arg;
    const size_t at = lower_bound(memory, key);
    if (fails(memory))
        return MLS_ERR_STORE;
    memory->num_puts++;
    memory->num_bytes += key.len + value.len;
    memory_change_t *change = make_room(memory) == MLS_OK ? note_change(memory, key) : NULL;
    if (change == NULL)
        return MLS_ERR_NOMEM;
    memory_entry_t *entry = &memory->entries[at];
    if (is_at(memory, at, key))
        return replace(entry, change, value);
    memory_entry_t fresh = { 0 };
    if (mls_bytes_copy(&fresh.key, key) != MLS_OK || mls_bytes_copy(&fresh.value, value) != MLS_OK) {
        clear_entry(&fresh);
        return MLS_ERR_NOMEM;
    }
    memmove(entry + 1, entry, (memory->count++ - at) * sizeof *entry);
    *entry = fresh;
    return MLS_OK;
}

static mls_status_t erase(void *arg, mls_view_t key)
{
    memory_store_t *memory = arg;
    const size_t at = lower_bound(memory, key);
    if (fails(memory))
        return MLS_ERR_STORE;
    if (!is_at(memory, at, key))
        return MLS_OK;
    memory->num_erases++;
    memory_change_t *change = note_change(memory, key);
    if (change == NULL)
        return MLS_ERR_NOMEM;
    memory_entry_t *entry = &memory->entries[at];
    change->was_there = true;
    change->before.value = entry->value;
    mls_bytes_clear(&entry->key);
    memmove(entry, entry + 1, (--memory->count - at) * sizeof *entry);
    return MLS_OK;
}

static mls_status_t each(void *arg, mls_view_t prefix, mls_store_visit_fn *visit, void *visit_arg)
{
    const memory_store_t *memory = arg;
    mls_status_t status = MLS_OK;
    for (size_t at = lower_bound(memory, prefix); status == MLS_OK && at < memory->count; at++) {
        const mls_view_t key = mls_bytes_view(&memory->entries[at].key);
        if (key.len < prefix.len || memcmp(key.data, prefix.data, prefix.len) != 0)
            break;
        status = visit(visit_arg, key, mls_bytes_view(&memory->entries[at].value));
    }
    return status;
}

mls_store_t memory_store(memory_store_t *memory)
{
    return (mls_store_t){ .arg = memory,
                          .begin = begin,
                          .commit = commit,
                          .rollback = rollback,
                          .put = put,
                          .erase = erase,
                          .each = each };
}

void memory_store_clear(memory_store_t *memory)
{
    for (size_t i = 0; i < memory->count; i++)
        clear_entry(&memory->entries[i]);
    free(memory->entries);
    forget_changes(memory);
    *memory = (memory_store_t){ 0 };
}

bool memory_store_equal(const memory_store_t *a, const memory_store_t *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (compare(mls_bytes_view(&a->entries[i].key), mls_bytes_view(&b->entries[i].key)) != 0 ||
            compare(mls_bytes_view(&a->entries[i].value), mls_bytes_view(&b->entries[i].value)) != 0)
            return false;
    return true;
}
