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

static void clear_entries(memory_entry_t *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        mls_bytes_clear(&entries[i].key);
        mls_bytes_clear(&entries[i].value);
    }
    free(entries);
}

/* ---- transactions -------------------------------------------------------------------------------- */

static void forget_before(memory_store_t *memory)
{
    clear_entries(memory->before, memory->num_before);
    memory->before = NULL;
    memory->num_before = 0;
}

static mls_status_t begin(void *arg)
{
    memory_store_t *memory = arg;
    memory->before = calloc(memory->count + 1, sizeof *memory->before);
    if (memory->before == NULL)
        return MLS_ERR_NOMEM;
    memory->num_before = memory->count;
    for (size_t i = 0; i < memory->count; i++) {
        if (mls_bytes_copy(&memory->before[i].key, mls_bytes_view(&memory->entries[i].key)) != MLS_OK ||
            mls_bytes_copy(&memory->before[i].value, mls_bytes_view(&memory->entries[i].value)) != MLS_OK) {
            forget_before(memory);
            return MLS_ERR_NOMEM;
        }
    }
    return MLS_OK;
}

static mls_status_t commit(void *arg)
{
    forget_before(arg);
    return MLS_OK;
}

static void rollback(void *arg)
{
    memory_store_t *memory = arg;
    clear_entries(memory->entries, memory->count);
    memory->entries = memory->before;
    memory->count = memory->num_before;
    memory->cap = memory->num_before + 1;
    memory->before = NULL;
    memory->num_before = 0;
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

static mls_status_t put(void *arg, mls_view_t key, mls_view_t value)
{
    memory_store_t *memory = arg;
    const size_t at = lower_bound(memory, key);
    if (fails(memory))
        return MLS_ERR_STORE;
    memory->num_puts++;
    memory->num_bytes += key.len + value.len;
    if (is_at(memory, at, key)) {
        mls_bytes_clear(&memory->entries[at].value);
        return mls_bytes_copy(&memory->entries[at].value, value);
    }
    if (make_room(memory) != MLS_OK)
        return MLS_ERR_NOMEM;
    memory_entry_t *entry = &memory->entries[at];
    memmove(entry + 1, entry, (memory->count++ - at) * sizeof *entry);
    *entry = (memory_entry_t){ 0 };
    mls_status_t status = mls_bytes_copy(&entry->key, key);
    return status == MLS_OK ? mls_bytes_copy(&entry->value, value) : status;
}

static mls_status_t erase(void *arg, mls_view_t key)
{
    memory_store_t *memory = arg;
    const size_t at = lower_bound(memory, key);
    if (fails(memory))
        return MLS_ERR_STORE;
    if (!is_at(memory, at, key))
        return MLS_OK;
    memory_entry_t *entry = &memory->entries[at];
    mls_bytes_clear(&entry->key);
    mls_bytes_clear(&entry->value);
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
    clear_entries(memory->entries, memory->count);
    clear_entries(memory->before, memory->num_before);
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
