#include "world.h"

#include "agreement.h"
#include "client.h"
#include "extensions.h"

enum { STREAM_CHOICES = 1, STREAM_KEYS = 2 };

bool sim_maybe(sim_world_t *world, uint32_t percent)
{
    return sim_chance(&world->choices, percent);
}

uint32_t sim_pick(sim_world_t *world, uint32_t bound)
{
    return sim_below(&world->choices, bound);
}

void sim_damage(sim_world_t *world, mls_bytes_t *bytes)
{
    const uint32_t len = (uint32_t)bytes->len;
    const uint32_t from_end = sim_pick(world, sim_maybe(world, 40) && len > 64 ? 64 : len);
    bytes->data[len - 1 - from_end] ^= (uint8_t)(1u << sim_pick(world, 8));
}

sim_name_t sim_say_aloud(sim_world_t *world)
{
    return sim_name("aloud", ++world->num_alouds);
}

static bool fill_random(void *arg, uint8_t *out, size_t len)
{
    sim_world_t *world = arg;
    sim_fill(&world->keys, out, len);
    return true;
}

static void note_rule(void *arg, mls_status_t status, const char *rule, const char *section, const char *text)
{
    sim_world_t *world = arg;
    (void)status;
    (void)section;
    (void)text;
    world->trace.rule = rule;
}

/* ---- the beginning ------------------------------------------------------------------------------- */

static bool appoint_warden(sim_world_t *world)
{
    mls_bytes_t public_key = { 0 };
    mls_status_t status =
        mls_crypto_signature_key_pair(world->crypto, &world->warden_private_key, &public_key, world->suite);
    const mls_external_sender_t warden = { .signature_key = mls_bytes_view(&public_key),
                                           .credential = { MLS_CREDENTIAL_BASIC,
                                                           mls_view_text(SIM_WARDEN) } };
    if (status == MLS_OK)
        status = mls_external_senders_encode(&world->external_senders, &warden, 1);
    mls_bytes_clear(&public_key);
    return sim_check_ok(&world->trace, status, "the host", "external senders");
}

static bool make_elsewhere(sim_world_t *world)
{
    sim_client_t *stranger = &world->clients[world->num_clients - 1];
    return sim_check_ok(&world->trace,
                        mls_group_create(&world->elsewhere, world->crypto, &stranger->config,
                                         stranger->key_package, mls_view_text("elsewhere"), NULL),
                        stranger->name, "create another group") &&
           sim_client_make_key_package(world, stranger);
}

static bool make_group(sim_world_t *world)
{
    sim_client_t *creator = &world->clients[0];
    sim_epoch_t *first = sim_epoch_new(NULL);
    sim_extensions_t extensions;
    world->group_id = sim_name("group", ++world->num_groups);
    bool good =
        sim_extensions_init(world, &extensions, 0, NULL) &&
        sim_check_ok(&world->trace,
                     mls_group_create(&creator->group, world->crypto, &creator->config, creator->key_package,
                                      mls_view_text(world->group_id.text), &extensions.list),
                     creator->name, "create");
    sim_extensions_clear(&extensions);
    sim_epoch_add(first, creator->index, creator->key);
    sim_service_begin(&world->service, first);
    creator->memory.joined = first;
    return good && sim_client_arrive(world, creator, first) && sim_client_make_key_package(world, creator) &&
           sim_client_save(world, creator);
}

/* ECDSA takes a number of its own for each signature, which OpenSSL draws for itself. */
static bool is_repeatable(uint16_t suite)
{
    return suite != MLS_128_DHKEMP256_AES128GCM_SHA256_P256 &&
           suite != MLS_256_DHKEMP521_AES256GCM_SHA512_P521 &&
           suite != MLS_256_DHKEMP384_AES256GCM_SHA384_P384;
}

static uint32_t choose_size(sim_world_t *world)
{
    const uint32_t a = sim_pick(world, 22), b = sim_pick(world, 22);
    return 3 + (a < b ? a : b); /* small groups are quick, and have all the same corners */
}

bool sim_world_init(sim_world_t *world, uint64_t seed, uint16_t suite, bool is_verbose)
{
    *world = (sim_world_t){ .trace = sim_trace(seed, is_verbose),
                            .choices = sim_random(seed, STREAM_CHOICES),
                            .keys = sim_random(seed, STREAM_KEYS),
                            .suite = suite,
                            .now = 1800000000 };
    const mls_crypto_config_t config = { .arg = world, .random = fill_random, .log = note_rule };
    world->trace.has_same_bytes = is_repeatable(suite);
    if (!sim_check_ok(&world->trace, mls_crypto_new(&world->crypto, &config), "the host", "crypto"))
        return false;
    world->is_private = sim_maybe(world, 10);
    world->size = choose_size(world);
    world->num_clients = world->size + 5;
    sim_note(&world->trace, "a group of about %u, suite %u%s", world->size, suite,
             world->is_private ? ", members send PrivateMessages only" : "");
    for (size_t i = 0; i < world->num_clients; i++) {
        sim_client_init(world, &world->clients[i], (uint8_t)i);
        if (!sim_client_make_key_package(world, &world->clients[i]))
            return false;
    }
    return appoint_warden(world) && make_elsewhere(world) && make_group(world);
}

void sim_world_clear(sim_world_t *world)
{
    for (size_t i = 0; i < world->num_clients; i++)
        sim_client_clear(&world->clients[i]);
    sim_service_clear(&world->service);
    mls_group_free(world->elsewhere);
    mls_bytes_clear(&world->warden_private_key);
    mls_bytes_clear(&world->external_senders);
    mls_crypto_free(world->crypto);
}
