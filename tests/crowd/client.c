#include "client.h"

#include "group.h"
#include "warm.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_EXPORTED = 32 };

/* ---- agreement ----------------------------------------------------------------------------------- */

/* The first to come leaves what it has found; everybody after it has to have found the same. */
static bool agrees_on(crowd_world_t *world, const crowd_client_t *client, mls_bytes_t *known,
                      mls_view_t found, const char *what)
{
    if (known->data == NULL && mls_bytes_copy(known, found) != MLS_OK)
        abort();
    return sim_check(&world->trace, mls_view_equal(mls_bytes_view(known), found),
                     "%s: another %s than others, in epoch %u", client->name, what,
                     (unsigned)mls_group_epoch(client->group));
}

static bool agrees_with_model(crowd_world_t *world, const crowd_client_t *client, const crowd_epoch_t *epoch)
{
    const mls_group_t *group = client->group;
    return sim_check(&world->trace, mls_group_num_members(group) == epoch->num_members,
                     "%s: %u members, where the model has %u", client->name,
                     (unsigned)mls_group_num_members(group), (unsigned)epoch->num_members) &&
           sim_check(&world->trace, mls_group_own_leaf(group) == client->leaf,
                     "%s: at leaf %u, where the model has %u", client->name,
                     (unsigned)mls_group_own_leaf(group), (unsigned)client->leaf);
}

bool crowd_enter(crowd_world_t *world, crowd_client_t *client)
{
    mls_group_t *group = client->group;
    const uint64_t number = mls_group_epoch(group);
    if (!sim_check(&world->trace, number <= world->epoch, "%s: epoch %u does not exist", client->name,
                   (unsigned)number))
        return false;
    crowd_epoch_t *epoch = &world->epochs[number];
    const mls_view_t tree_hash = mls_tree_hash_root(&group->view);
    mls_bytes_t exported;
    if (!sim_check_ok(&world->trace,
                      mls_group_export(group, &exported, "crowd", mls_view_text("epoch"), MAX_EXPORTED),
                      client->name, "export"))
        return false;
    const bool good = agrees_with_model(world, client, epoch) &&
                      sim_check(&world->trace, mls_view_equal(tree_hash, group->epoch->context.tree_hash),
                                "%s: the tree is not that of the GroupContext", client->name) &&
                      agrees_on(world, client, &epoch->authenticator, mls_group_epoch_authenticator(group),
                                "epoch authenticator") &&
                      agrees_on(world, client, &epoch->tree_hash, tree_hash, "tree hash") &&
                      agrees_on(world, client, &epoch->exported, mls_bytes_view(&exported), "exporter");
    mls_bytes_clear(&exported);
    return good;
}

/* The identity that bench_key_package() gives. */
static bool is_person(mls_view_t identity, uint32_t number)
{
    char name[24];
    (void)snprintf(name, sizeof name, "member-%014u", (unsigned)number);
    return mls_view_equal(identity, mls_view_text(name));
}

bool crowd_check_roster(crowd_world_t *world, const crowd_client_t *client)
{
    const crowd_roster_t *roster = &world->roster;
    mls_leaf_info_t leaf;
    uint32_t next = 0;
    for (uint32_t i = 0; i < roster->num_leaves; i++) {
        if (roster->who[i] == CROWD_NOBODY)
            continue;
        if (!sim_check(&world->trace,
                       mls_group_next_leaf(client->group, &leaf, next) == MLS_OK && leaf.leaf_index == i &&
                           is_person(leaf.identity, world->people[roster->who[i]].name),
                       "%s: leaf %u is not that of member %u", client->name, (unsigned)i,
                       (unsigned)roster->who[i]))
            return false;
        next = i + 1;
    }
    return sim_check(&world->trace, mls_group_next_leaf(client->group, &leaf, next) == MLS_ERR_NOT_FOUND,
                     "%s: somebody comes after the last member", client->name) &&
           sim_check(&world->trace, client->group->view.summary.num_leaves == roster->num_leaves,
                     "%s: %u leaves, where the model has %u", client->name,
                     (unsigned)client->group->view.summary.num_leaves, (unsigned)roster->num_leaves);
}

/* ---- the disk ------------------------------------------------------------------------------------ */

bool crowd_save(crowd_world_t *world, crowd_client_t *client)
{
    const mls_store_t store = memory_store(&client->disk);
    client->saved_cursor = client->cursor;
    return client->is_wanderer ||
           sim_check_ok(&world->trace, mls_group_save(client->group, &store), client->name, "save");
}

bool crowd_restart(crowd_world_t *world, crowd_client_t *client)
{
    const mls_store_t store = memory_store(&client->disk);
    mls_group_free(client->group);
    client->group = NULL;
    client->cursor = client->saved_cursor;
    world->stats.restarts++;
    sim_note(&world->trace, "%s restarts", client->name);
    return sim_check_ok(&world->trace,
                        mls_group_load(&client->group, world->crypto, &world->config, &store,
                                       mls_view_text(BENCH_GROUP_ID)),
                        client->name, "load") &&
           crowd_enter(world, client);
}

/* ---- the log ------------------------------------------------------------------------------------- */

/* Who was removed reads and says nothing any more, and neither does who loads its state. */
static bool is_out(crowd_world_t *world, crowd_client_t *client, mls_view_t message)
{
    mls_received_t *received;
    mls_bytes_t said;
    const bool good = mls_group_is_removed(client->group) &&
                      mls_group_receive(client->group, &received, message, world->now) == MLS_ERR_STATE &&
                      mls_group_encrypt(client->group, &said, mls_view_text("still here"), mls_view(NULL, 0),
                                        true) == MLS_ERR_STATE &&
                      mls_group_export(client->group, &said, "crowd", mls_view_text("epoch"), MAX_EXPORTED) ==
                          MLS_ERR_STATE;
    world->trace.rule = NULL;
    return sim_check(&world->trace, good, "%s: was removed, and is not out", client->name);
}

static bool go(crowd_world_t *world, crowd_client_t *client, mls_view_t message)
{
    mls_store_t store = memory_store(&client->disk);
    world->stats.saw_removal++;
    sim_note(&world->trace, "%s sees that it was removed", client->name);
    if (!is_out(world, client, message) || !crowd_save(world, client))
        return false;
    mls_group_free(client->group);
    client->group = NULL;
    if (!sim_check_ok(&world->trace,
                      mls_group_load(&client->group, world->crypto, &world->config, &store,
                                     mls_view_text(BENCH_GROUP_ID)),
                      client->name, "load after the removal") ||
        !is_out(world, client, message) ||
        !sim_check_ok(&world->trace, mls_group_erase(&store, mls_view_text(BENCH_GROUP_ID)), client->name,
                      "erase") ||
        !sim_check(&world->trace, client->disk.count == 0, "%s: something is left of the group",
                   client->name))
        return false;
    mls_group_free(client->group);
    client->group = NULL;
    memory_store_clear(&client->disk);
    return true;
}

static bool follow(crowd_world_t *world, crowd_client_t *client, const crowd_handshake_t *entry,
                   mls_received_t *received)
{
    mls_staged_commit_t *staged = mls_received_commit(received);
    const bool is_last = client->out_epoch == mls_group_epoch(client->group) + 1;
    if (!sim_check(&world->trace, staged != NULL && mls_staged_commit_is_readable(staged),
                   "%s: cannot follow a Commit", client->name) ||
        !sim_check(&world->trace, mls_staged_commit_num_proposals(staged) == entry->num_proposals,
                   "%s: %zu proposals are committed, not %zu", client->name,
                   mls_staged_commit_num_proposals(staged), entry->num_proposals) ||
        !sim_check(&world->trace, mls_staged_commit_removes_self(staged) == is_last,
                   "%s: is mistaken about its removal", client->name) ||
        !sim_check_ok(&world->trace, mls_group_merge(client->group, received, false, world->now),
                      client->name, "merge"))
        return false;
    return is_last || crowd_enter(world, client);
}

static bool read_entry(crowd_world_t *world, crowd_client_t *client, const crowd_handshake_t *entry)
{
    const mls_view_t message = mls_bytes_view(&entry->message);
    mls_received_t *received;
    bool good = sim_check_ok(&world->trace, mls_group_receive(client->group, &received, message, world->now),
                             client->name, entry->is_commit ? "a Commit" : "a Proposal");
    if (good) {
        const mls_received_type_t type = mls_received_type(received);
        const bool is_commit = type == MLS_RECEIVED_COMMIT || type == MLS_RECEIVED_OWN_COMMIT;
        const bool is_proposal = type == MLS_RECEIVED_PROPOSAL || type == MLS_RECEIVED_OWN_MESSAGE;
        good = sim_check(&world->trace, entry->is_commit ? is_commit : is_proposal,
                         "%s: a handshake message comes as type %d", client->name, type) &&
               (!is_commit || follow(world, client, entry, received));
    }
    mls_received_free(received);
    return good;
}

bool crowd_catch_up(crowd_world_t *world, crowd_client_t *client)
{
    while (client->cursor < world->log_len) {
        const crowd_handshake_t *entry = &world->log[client->cursor++];
        if (!read_entry(world, client, entry))
            return false;
        if (client->out_epoch != 0 && mls_group_is_removed(client->group))
            return go(world, client, mls_bytes_view(&entry->message));
    }
    return !crowd_maybe(world, 60) || crowd_save(world, client);
}

bool crowd_all_catch_up(crowd_world_t *world)
{
    for (unsigned i = 0; i < world->num_slots; i++) {
        crowd_client_t *client = &world->clients[i];
        if (client->group != NULL && client->away_until <= world->step && client->cursor < world->log_len &&
            !crowd_catch_up(world, client))
            return false;
    }
    return true;
}
