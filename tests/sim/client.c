#include "client.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- what a client is ---------------------------------------------------------------------------- */

uint8_t sim_client_named(mls_view_t identity)
{
    if (identity.len != 3 || identity.data[0] != 'c')
        return SIM_NOBODY;
    const unsigned number = 10u * (identity.data[1] - '0') + (identity.data[2] - '0');
    return number < SIM_MAX_CLIENTS ? (uint8_t)number : SIM_NOBODY;
}

/* The Authentication Service knows everybody by name; a leaf is followed by one of the same client. */
static mls_status_t authenticate(void *arg, const mls_leaf_candidate_t *candidate)
{
    (void)arg;
    if (candidate->purpose == MLS_LEAF_IN_EXTERNAL_SENDERS)
        return mls_view_equal(candidate->leaf.identity, mls_view_text(SIM_WARDEN)) ? MLS_OK
                                                                                   : MLS_ERR_REJECTED;
    if (sim_client_named(candidate->leaf.identity) == SIM_NOBODY)
        return MLS_ERR_REJECTED;
    return candidate->predecessor == NULL ||
                   mls_view_equal(candidate->predecessor->identity, candidate->leaf.identity)
               ? MLS_OK
               : MLS_ERR_REJECTED;
}

/* External PSKs are known to everybody: the secret is their name. */
static mls_status_t find_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    (void)arg;
    if (id->is_resumption || id->id.len < 4 || memcmp(id->id.data, "psk ", 4) != 0)
        return MLS_ERR_NOT_FOUND;
    *secret = id->id;
    return MLS_OK;
}

void sim_client_init(sim_world_t *world, sim_client_t *client, uint8_t index)
{
    static const uint32_t past_epochs[] = { 1, 3, 5 };
    mls_limits_t limits = MLS_LIMITS_DEFAULT;

    client->index = index;
    snprintf(client->name, sizeof client->name, "c%02u", index);
    limits.num_past_epochs = past_epochs[sim_pick(world, 3)];
    limits.past_epoch_seconds = sim_maybe(world, 25) ? 300 : 24 * 3600;
    client->config = (mls_group_config_t){ .limits = limits,
                                           .authentication = { .validate = authenticate },
                                           .psk = find_psk,
                                           .private_handshake_only = world->is_private,
                                           .external_commits = true,
                                           .external_proposals = true,
                                           .new_member_proposals = true,
                                           .keep_handshake_keys = sim_maybe(world, 60),
                                           .padding = (mls_padding_t)sim_pick(world, 3),
                                           .padding_block = 64 };
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

/* Every client knows topics. The key package's number is in its leaf, so that it is known again in a tree. */
bool sim_client_make_key_package(sim_world_t *world, sim_client_t *client)
{
    uint16_t types[] = { SIM_EXTENSION_TOPIC };
    char number[16];
    snprintf(number, sizeof number, "kp %u", ++world->num_key_packages);
    mls_extension_t extension = { MLS_EXTENSION_APPLICATION_ID, mls_view_text(number) };
    const mls_key_package_params_t params = { .cipher_suite = world->suite,
                                              .identity = mls_view_text(client->name),
                                              .capabilities = { .extensions = { types, 1 } },
                                              .leaf_extensions = { &extension, 1 },
                                              .not_before = world->now - 3600,
                                              .not_after = world->now + 30 * 24 * 3600,
                                              .grease = sim_maybe(world, 50) };
    mls_key_package_free(client->key_package);
    client->key_package_number = world->num_key_packages;
    return sim_check_ok(&world->trace, mls_key_package_new(&client->key_package, world->crypto, &params),
                        client->name, "key package");
}

/* ---- the disk ------------------------------------------------------------------------------------ */

static mls_view_t group_id(void)
{
    return mls_view_text("the group");
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
    return sim_check_ok(&world->trace,
                        mls_group_load(&client->group, world->crypto, &client->config, &store, group_id()),
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
    const mls_store_t store = memory_store(&client->disk);
    mls_group_free(client->group);
    client->group = NULL;
    client->memory = client->saved = (sim_memory_t){ 0 };
    client->unsaved.count = 0;
    sim_client_unread(world, client, 0);
    return sim_check_ok(&world->trace, mls_group_erase(&store, group_id()), client->name, "erase") &&
           sim_check(&world->trace, client->disk.count == 0, "%s: something is left of the group",
                     client->name);
}

bool sim_client_lose(sim_world_t *world, sim_client_t *client)
{
    return sim_client_forget(world, client) && sim_client_make_key_package(world, client);
}

/* ---- agreement ----------------------------------------------------------------------------------- */

static bool has_same_roster(const mls_group_t *group, const sim_epoch_t *epoch)
{
    mls_leaf_info_t leaf;
    for (uint32_t i = 0; i < SIM_MAX_LEAVES; i++) {
        const bool is_there = mls_group_leaf(group, &leaf, i) == MLS_OK;
        if (epoch->roster[i] != (is_there ? sim_client_named(leaf.identity) : SIM_NOBODY))
            return false;
    }
    return mls_group_num_members(group) == sim_epoch_num_members(epoch);
}

static bool agrees_with_model(sim_world_t *world, const sim_client_t *client, const sim_epoch_t *epoch)
{
    const mls_group_t *group = client->group;
    sim_trace_t *trace = &world->trace;
    const unsigned number = (unsigned)epoch->number;
    return sim_check(trace, mls_group_epoch(group) == epoch->number, "%s: epoch %u instead of %u",
                     client->name, (unsigned)mls_group_epoch(group), number) &&
           sim_check(trace, !mls_group_is_removed(group), "%s: removed, in epoch %u", client->name, number) &&
           sim_check(trace, mls_group_own_leaf(group) == sim_epoch_leaf(epoch, client->index),
                     "%s: not at its leaf, in epoch %u", client->name, number) &&
           sim_check(trace, has_same_roster(group, epoch), "%s: other members than the model, in epoch %u",
                     client->name, number) &&
           sim_check(trace, sim_extensions_topic(mls_group_extensions(group)) == epoch->topic,
                     "%s: another topic than the model, in epoch %u", client->name, number);
}

/* The first to come leaves what it has found; everybody after it has to have found the same. */
static bool agrees_on(sim_world_t *world, const sim_client_t *client, bool is_first, mls_bytes_t *known,
                      mls_view_t found, const char *what)
{
    if (is_first)
        *known = sim_copy(found);
    return sim_check(&world->trace, mls_view_equal(mls_bytes_view(known), found),
                     "%s: another %s than others, in epoch %u", client->name, what,
                     (unsigned)mls_group_epoch(client->group));
}

bool sim_client_enter(sim_world_t *world, sim_client_t *client, sim_epoch_t *epoch)
{
    const bool is_first = !epoch->is_seen;
    mls_bytes_t exported = { 0 }, tree = { 0 };

    client->memory.epoch = epoch;
    epoch->is_seen = true;
    bool good = agrees_with_model(world, client, epoch) &&
                sim_check_ok(&world->trace,
                             mls_group_export(client->group, &exported, "sim", mls_view_text("epoch"), 32),
                             client->name, "export") &&
                sim_check_ok(&world->trace, mls_group_ratchet_tree(client->group, &tree), client->name,
                             "ratchet tree");
    good = good &&
           agrees_on(world, client, is_first, &epoch->authenticator,
                     mls_group_epoch_authenticator(client->group), "epoch authenticator") &&
           agrees_on(world, client, is_first, &epoch->exported, mls_bytes_view(&exported), "exporter") &&
           agrees_on(world, client, is_first, &epoch->tree, mls_bytes_view(&tree), "tree");
    mls_bytes_clear(&exported);
    mls_bytes_clear(&tree);
    return good;
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
