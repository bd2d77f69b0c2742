#include "world.h"

#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_CHOICES = 1, STREAM_KEYS = 2 };

bool sim_maybe(sim_world_t *world, uint32_t percent)
{
    return sim_chance(&world->choices, percent);
}

uint32_t sim_pick(sim_world_t *world, uint32_t bound)
{
    return sim_below(&world->choices, bound);
}

sim_aloud_t sim_say_aloud(sim_world_t *world)
{
    sim_aloud_t aloud;
    snprintf(aloud.text, sizeof aloud.text, "aloud %u", ++world->num_alouds);
    return aloud;
}

static bool fill_random(void *arg, uint8_t *out, size_t len)
{
    sim_fill(arg, out, len);
    return true;
}

/* ---- extensions ---------------------------------------------------------------------------------- */

static mls_status_t require_topic(mls_bytes_t *out)
{
    uint16_t types[] = { SIM_EXTENSION_TOPIC };
    const mls_required_capabilities_t required = { .extensions = { types, 1 } };
    return mls_required_capabilities_encode(out, &required);
}

bool sim_extensions_init(sim_world_t *world, sim_extensions_t *out, uint32_t topic)
{
    size_t count = 0;
    *out = (sim_extensions_t){ 0 };
    snprintf(out->topic, sizeof out->topic, "%u", topic);
    out->items[count++] =
        (mls_extension_t){ MLS_EXTENSION_EXTERNAL_SENDERS, mls_bytes_view(&world->external_senders) };
    if (topic != 0)
        out->items[count++] = (mls_extension_t){ SIM_EXTENSION_TOPIC, mls_view_text(out->topic) };
    if (topic % 2 == 1) {
        if (!sim_check_ok(&world->trace, require_topic(&out->required), "the host", "required_capabilities"))
            return false;
        out->items[count++] =
            (mls_extension_t){ MLS_EXTENSION_REQUIRED_CAPABILITIES, mls_bytes_view(&out->required) };
    }
    out->list = (mls_extensions_t){ out->items, count };
    return true;
}

void sim_extensions_clear(sim_extensions_t *extensions)
{
    mls_bytes_clear(&extensions->required);
}

uint32_t sim_extensions_topic(mls_view_t encoded)
{
    char text[16] = "";
    mls_view_t data;
    if (mls_extensions_find(&data, encoded, SIM_EXTENSION_TOPIC) != MLS_OK || data.len >= sizeof text)
        return 0;
    memcpy(text, data.data, data.len);
    return (uint32_t)strtoul(text, NULL, 10);
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
    sim_extensions_t extensions;
    bool good =
        sim_extensions_init(world, &extensions, 0) &&
        sim_check_ok(&world->trace,
                     mls_group_create(&creator->group, world->crypto, &creator->config, creator->key_package,
                                      mls_view_text("the group"), &extensions.list),
                     creator->name, "create");
    sim_extensions_clear(&extensions);
    sim_epoch_add(world->service.first, creator->index);
    creator->memory.joined = world->service.first;
    return good && sim_client_enter(world, creator, world->service.first) &&
           sim_client_make_key_package(world, creator) && sim_client_save(world, creator);
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
    const mls_crypto_config_t config = { .arg = &world->keys, .random = fill_random };
    world->trace.has_same_bytes = is_repeatable(suite);
    sim_service_init(&world->service);
    if (!sim_check_ok(&world->trace, mls_crypto_new(&world->crypto, &config), "the host", "crypto"))
        return false;
    world->is_private = sim_maybe(world, 10);
    world->size = choose_size(world);
    world->num_clients = world->size + 5;
    sim_note(&world->trace, "a group of about %u, suite %u%s", world->size, suite,
             world->is_private ? ", PrivateMessages only" : "");
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
