#include "client.h"

#include "host.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- what a client is ---------------------------------------------------------------------------- */

void sim_client_init(sim_world_t *world, sim_client_t *client, uint8_t index)
{
    client->index = index;
    snprintf(client->name, sizeof client->name, "c%02u", index);
    client->config = sim_host_config(world, client);
}

void sim_client_clear(sim_client_t *client)
{
    mls_group_free(client->group);
    mls_key_package_free(client->key_package);
    memory_store_clear(&client->disk);
    sim_list_clear(&client->unsaved);
    free(client->inbox);
}

bool sim_client_is_active(const sim_client_t *client)
{
    return client->group != NULL && client->memory.joining == NULL && !client->memory.is_removed;
}

bool sim_client_is_ready(const sim_world_t *world, const sim_client_t *client)
{
    return sim_client_is_active(client) && client->memory.outbox == NULL &&
           client->memory.num_revisions == world->service.num_revisions;
}

sim_handshake_t *sim_client_invitation(const sim_world_t *world, const sim_client_t *client)
{
    const sim_service_t *service = &world->service;
    for (size_t i = service->log.count; i > 0; i--) {
        sim_handshake_t *entry = sim_service_entry(service, i - 1);
        if (sim_handshake_adds(entry, client->index, client->key_package_number))
            return entry;
    }
    return NULL;
}

bool sim_client_is_lost(const sim_world_t *world, const sim_client_t *client)
{
    return client->group == NULL && sim_epoch_has(world->service.head, client->index) &&
           sim_client_invitation(world, client) == NULL;
}

bool sim_client_is_out(const sim_world_t *world, const sim_client_t *client)
{
    return client->memory.is_removed && world->service.settled->number > client->memory.epoch->number;
}

bool sim_client_is_free(sim_world_t *world, sim_client_t *client)
{
    if (sim_epoch_has(world->service.head, client->index))
        return false;
    if (client->group == NULL)
        return true;
    /* Its device goes on with nothing but its name. */
    return sim_client_is_out(world, client) && sim_client_lose(world, client);
}

size_t sim_client_num_pending(const sim_client_t *client)
{
    mls_proposal_info_t info;
    size_t count = 0;
    while (mls_group_pending_proposal(client->group, &info, count) == MLS_OK)
        count++;
    return count;
}

/* ---- key packages -------------------------------------------------------------------------------- */

/* Every client knows all that is here. The key package's number is in its leaf, so that it is known again in
 * a tree. */
static mls_status_t make_key_package(sim_world_t *world, sim_client_t *client)
{
    uint16_t extensions[] = { SIM_EXTENSION_TOPIC, MLS_EXTENSION_APP_DATA_DICTIONARY };
    uint16_t proposals[] = { MLS_PROPOSAL_APP_DATA_UPDATE, MLS_PROPOSAL_APP_EPHEMERAL,
                             MLS_PROPOSAL_SELF_REMOVE, SIM_PROPOSAL_CUSTOM };
    const sim_name_t name = sim_name("kp", client->key_package_number);
    mls_extension_t extension = { MLS_EXTENSION_APPLICATION_ID, mls_view_text(name.text) };
    const mls_key_package_params_t params = { .cipher_suite = world->suite,
                                              .identity = mls_view_text(client->name),
                                              .capabilities = { .extensions = { extensions, 2 },
                                                                .proposals = { proposals, 4 } },
                                              .leaf_extensions = { &extension, 1 },
                                              .not_before = world->now - 3600,
                                              .not_after = world->now + 30 * 24 * 3600,
                                              .grease = sim_maybe(world, 50) };
    return mls_key_package_new(&client->key_package, world->crypto, &params);
}

bool sim_client_make_key_package(sim_world_t *world, sim_client_t *client)
{
    mls_key_package_info_t info;
    mls_key_package_free(client->key_package);
    client->key_package_number = ++world->num_key_packages;
    mls_status_t status = make_key_package(world, client);
    if (status == MLS_OK)
        status = mls_key_package_read(&info, world->crypto, mls_key_package_message(client->key_package),
                                      world->now, &client->config.authentication);
    if (status == MLS_OK)
        client->key = sim_key_number(info.leaf.signature_key);
    return sim_check_ok(&world->trace, status, client->name, "key package");
}

/* ---- the disk ------------------------------------------------------------------------------------ */

static mls_view_t group_id(const sim_world_t *world)
{
    return mls_view_text(world->group_id.text);
}

bool sim_client_save(sim_world_t *world, sim_client_t *client)
{
    const mls_store_t store = memory_store(&client->disk);
    client->saved = client->memory;
    client->unsaved.count = 0;
    return client->group == NULL ||
           sim_check_ok(&world->trace, mls_group_save(client->group, &store), client->name, "save");
}

/* What was read and not stored is delivered again. */
static void post_unsaved_again(sim_world_t *world, sim_client_t *client)
{
    for (size_t i = 0; i < client->unsaved.count; i++) {
        sim_message_t *message = client->unsaved.items[i];
        message->read_by &= ~(1ull << client->index);
        sim_client_post(world, client, message, sim_pick(world, 3));
    }
    client->unsaved.count = 0;
}

/* The key package goes through its own stored form. */
static bool reload_key_package(sim_world_t *world, sim_client_t *client)
{
    mls_bytes_t saved = { 0 };
    mls_key_package_t *loaded = NULL;
    if (client->key_package == NULL)
        return true;
    mls_status_t status = mls_key_package_save(&saved, client->key_package);
    if (status == MLS_OK)
        status = mls_key_package_load(&loaded, world->crypto, mls_bytes_view(&saved));
    mls_bytes_clear(&saved);
    mls_key_package_free(client->key_package);
    client->key_package = loaded;
    return sim_check_ok(&world->trace, status, client->name, "reload the key package");
}

static bool check_loaded(sim_world_t *world, const sim_client_t *client)
{
    const mls_group_t *group = client->group;
    const sim_epoch_t *epoch = client->memory.epoch;
    const bool has_secrets = client->memory.joining == NULL && !client->memory.is_removed;
    return sim_check(&world->trace,
                     mls_group_epoch(group) == epoch->number &&
                         mls_group_is_removed(group) == client->memory.is_removed &&
                         (!has_secrets || mls_view_equal(mls_group_epoch_authenticator(group),
                                                         mls_bytes_view(&epoch->authenticator))),
                     "%s: not what was saved, in epoch %u", client->name, (unsigned)epoch->number);
}

bool sim_client_restart(sim_world_t *world, sim_client_t *client)
{
    const mls_store_t store = memory_store(&client->disk);
    sim_note(&world->trace, "%s restarts", client->name);
    world->stats.kills++;
    mls_group_free(client->group);
    client->group = NULL;
    client->memory = client->saved;
    post_unsaved_again(world, client);
    if (!reload_key_package(world, client))
        return false;
    if (client->memory.epoch == NULL)
        return true;
    return sim_check_ok(
               &world->trace,
               mls_group_load(&client->group, world->crypto, &client->config, &store, group_id(world)),
               client->name, "load") &&
           check_loaded(world, client);
}

void sim_client_unread(sim_world_t *world, const sim_client_t *client, uint64_t epoch)
{
    for (size_t i = 0; i < world->service.messages.count; i++) {
        sim_message_t *message = world->service.messages.items[i];
        if (message->epoch->number >= epoch)
            message->read_by &= ~(1ull << client->index);
    }
}

bool sim_client_forget(sim_world_t *world, sim_client_t *client)
{
    mls_store_t store = memory_store(&client->disk);
    mls_group_free(client->group);
    client->group = NULL;
    client->memory = client->saved = (sim_memory_t){ 0 };
    client->unsaved.count = 0;
    sim_client_unread(world, client, 0);
    return sim_check_ok(&world->trace, mls_group_erase(&store, group_id(world)), client->name, "erase") &&
           sim_check(&world->trace, client->disk.count == 0, "%s: something is left of the group",
                     client->name);
}

bool sim_client_lose(sim_world_t *world, sim_client_t *client)
{
    return sim_client_forget(world, client) && sim_client_make_key_package(world, client);
}

/* ---- letters ------------------------------------------------------------------------------------- */

void sim_client_post(sim_world_t *world, sim_client_t *client, sim_message_t *message, unsigned delay)
{
    if ((client->num_letters & (client->num_letters - 1)) == 0) { /* doubles at powers of two */
        const size_t cap = client->num_letters == 0 ? 1 : 2 * client->num_letters;
        sim_letter_t *inbox = realloc(client->inbox, cap * sizeof *inbox);
        if (inbox == NULL)
            abort();
        client->inbox = inbox;
    }
    client->inbox[client->num_letters++] =
        (sim_letter_t){ .message = message, .due = world->trace.step + delay };
}
