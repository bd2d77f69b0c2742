#include "world.h"

#include "must.h"
#include "warm.h"

#include <stdio.h>
#include <stdlib.h>

enum { STREAM_CHOICES, STREAM_KEYS };

/* ---- chance -------------------------------------------------------------------------------------- */

uint32_t crowd_pick(crowd_world_t *world, uint32_t bound)
{
    return sim_below(&world->choices, bound);
}

uint32_t crowd_between(crowd_world_t *world, uint32_t low, uint32_t high)
{
    return sim_between(&world->choices, low, high);
}

bool crowd_maybe(crowd_world_t *world, uint32_t percent)
{
    return sim_chance(&world->choices, percent);
}

static bool fill_random(void *arg, uint8_t *out, size_t len)
{
    crowd_world_t *world = arg;
    sim_fill(&world->keys, out, len);
    return true;
}

static void note_rule(void *arg, mls_status_t status, const char *rule, const char *section, const char *text)
{
    crowd_world_t *world = arg;
    (void)status;
    (void)section;
    (void)text;
    world->trace.rule = rule;
}

/* ---- lists --------------------------------------------------------------------------------------- */

/* Room for one more, doubling at powers of two. */
static void *grow(void *items, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0)
        return items;
    items = realloc(items, (count == 0 ? 1 : 2 * count) * size);
    if (items == NULL)
        abort();
    return items;
}

static uint32_t add_person(crowd_world_t *world, mls_key_package_t *key_package, uint32_t name)
{
    world->people = grow(world->people, world->num_people, sizeof *world->people);
    world->people[world->num_people] = (crowd_person_t){ key_package, name };
    return world->num_people++;
}

uint32_t crowd_new_person(crowd_world_t *world)
{
    const uint32_t name = world->num_people;
    return add_person(world, bench_key_package(world->crypto, world->options.suite, name), name);
}

uint32_t crowd_same_person(crowd_world_t *world, uint32_t who)
{
    const uint32_t name = world->people[who].name;
    return add_person(world, bench_key_package(world->crypto, world->options.suite, name), name);
}

void crowd_log(crowd_world_t *world, mls_view_t message, bool is_commit, size_t num_proposals)
{
    crowd_handshake_t entry = { .is_commit = is_commit, .num_proposals = num_proposals };
    bench_must(mls_bytes_copy(&entry.message, message), "copy a message");
    world->log = grow(world->log, world->log_len, sizeof *world->log);
    world->log[world->log_len++] = entry;
}

void crowd_begin_epoch(crowd_world_t *world)
{
    world->epochs = grow(world->epochs, (size_t)++world->epoch, sizeof *world->epochs);
    world->epochs[world->epoch] = (crowd_epoch_t){ .num_members = world->roster.num_members };
}

/* ---- clients ------------------------------------------------------------------------------------- */

crowd_client_t *crowd_wanderer(crowd_world_t *world)
{
    return &world->clients[world->num_slots - 1];
}

bool crowd_is_in(const crowd_client_t *client)
{
    return client->group != NULL && client->out_epoch == 0;
}

bool crowd_is_here(const crowd_world_t *world, const crowd_client_t *client)
{
    return crowd_is_in(client) && client->away_until <= world->step && client->cursor == world->log_len;
}

unsigned crowd_num_in(const crowd_world_t *world)
{
    unsigned count = 0;
    for (unsigned i = 0; i + 1 < world->num_slots; i++)
        count += crowd_is_in(&world->clients[i]);
    return count;
}

unsigned crowd_max_joins(const crowd_world_t *world)
{
    return 1 + (unsigned)((uint64_t)world->options.num_joins * world->step / world->options.num_operations);
}

crowd_client_t *crowd_somebody(crowd_world_t *world, const crowd_client_t *other)
{
    crowd_client_t *found = NULL;
    uint32_t count = 0;
    for (unsigned i = 0; i + 1 < world->num_slots; i++) {
        crowd_client_t *client = &world->clients[i];
        if (client != other && crowd_is_here(world, client) && crowd_pick(world, ++count) == 0)
            found = client;
    }
    return found;
}

crowd_client_t *crowd_client_at(crowd_world_t *world, uint32_t leaf)
{
    for (unsigned i = 0; i < world->num_slots; i++)
        if (crowd_is_in(&world->clients[i]) && world->clients[i].leaf == leaf)
            return &world->clients[i];
    return NULL;
}

/* ---- the beginning ------------------------------------------------------------------------------- */

static void seat(crowd_world_t *world, const bench_warm_t *warm, unsigned slot, uint32_t member)
{
    crowd_client_t *client = &world->clients[slot];
    *client = (crowd_client_t){ .slot = slot, .who = member, .leaf = member, .joined = 1 };
    client->is_wanderer = slot == world->num_slots - 1;
    client->group = bench_warm_member(warm, member);
    (void)snprintf(client->name, sizeof client->name, client->is_wanderer ? "the wanderer" : "member %u",
                   (unsigned)member);
}

/* The first, the last, two neighbours, the middle, and others. */
static void seat_sample(crowd_world_t *world, const bench_warm_t *warm)
{
    const uint32_t n = world->options.num_members, pair = 1 + 2 * crowd_pick(world, n / 2 - 2);
    const uint32_t chosen[] = { 0, n - 1, pair, pair + 1, n / 2 };
    for (unsigned slot = 0; slot < world->num_slots; slot++) {
        uint32_t member = slot < sizeof chosen / sizeof *chosen ? chosen[slot] : crowd_pick(world, n);
        while (crowd_client_at(world, member) != NULL)
            member = crowd_pick(world, n);
        seat(world, warm, slot, member);
    }
}

void crowd_world_init(crowd_world_t *world, const crowd_options_t *options)
{
    const mls_crypto_config_t config = { .arg = world, .random = fill_random, .log = note_rule };
    *world = (crowd_world_t){ .options = *options,
                              .trace = sim_trace(options->seed, options->is_verbose),
                              .choices = sim_random(options->seed, STREAM_CHOICES),
                              .keys = sim_random(options->seed, STREAM_KEYS),
                              .config = bench_group_config(),
                              .num_slots = options->num_sampled + 1,
                              .now = 1800000000 };
    bench_must(mls_crypto_new(&world->crypto, &config), "begin");
    bench_crowd_t *crowd = bench_crowd_new(world->crypto, options->suite, options->num_members);
    bench_warm_t *warm = bench_warm_new(crowd, options->seed);
    crowd_roster_init(&world->roster, options->num_members);
    seat_sample(world, warm);
    bench_warm_free(warm);
    for (uint32_t i = 0; i < options->num_members; i++) {
        add_person(world, crowd->key_packages[i], i);
        crowd->key_packages[i] = NULL;
    }
    bench_crowd_free(crowd);
    world->epochs = grow(NULL, 0, sizeof *world->epochs);
    world->epochs[0] = (crowd_epoch_t){ 0 };
    crowd_begin_epoch(world);
}

/* ---- the end ------------------------------------------------------------------------------------- */

static void clear_records(crowd_world_t *world)
{
    for (size_t i = 0; i < world->log_len; i++)
        mls_bytes_clear(&world->log[i].message);
    for (size_t i = 0; i <= world->epoch; i++) {
        mls_bytes_clear(&world->epochs[i].authenticator);
        mls_bytes_clear(&world->epochs[i].tree_hash);
        mls_bytes_clear(&world->epochs[i].exported);
    }
    for (size_t i = 0; i < world->num_messages; i++)
        mls_bytes_clear(&world->messages[i].bytes);
    free(world->log);
    free(world->epochs);
}

void crowd_world_clear(crowd_world_t *world)
{
    for (unsigned i = 0; i < world->num_slots; i++) {
        mls_group_free(world->clients[i].group);
        memory_store_clear(&world->clients[i].disk);
    }
    clear_records(world);
    for (uint32_t i = 0; i < world->num_people; i++)
        mls_key_package_free(world->people[i].key_package);
    free(world->people);
    crowd_roster_clear(&world->roster);
    mls_crypto_free(world->crypto);
}
