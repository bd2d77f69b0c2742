#include "succession.h"

#include "agreement.h"
#include "client.h"
#include "commit.h"
#include "extensions.h"
#include "join.h"
#include "letters.h"
#include "receive.h"
#include "send.h"

/* A group that follows, in the making. */
typedef struct sim_successor {
    sim_client_t *maker;
    sim_client_t *others[SIM_MAX_CLIENTS];
    mls_view_t key_packages[SIM_MAX_CLIENTS]; /* of the others */
    size_t num_others;
    mls_group_t *group; /* the maker's */
    mls_pending_commit_t *pending;
    sim_epoch_t *first;
    sim_handshake_t *commit;
} sim_successor_t;

/* ---- who ----------------------------------------------------------------------------------------- */

static sim_client_t *choose_member(sim_world_t *world)
{
    sim_client_t *client;
    do
        client = &world->clients[sim_pick(world, (uint32_t)world->num_clients)];
    while (!sim_client_is_active(client));
    return client;
}

/* What was published for another suite is of no use any more. */
static bool renew_key_packages(sim_world_t *world)
{
    for (size_t i = 0; i < world->num_clients; i++)
        if (!sim_client_make_key_package(world, &world->clients[i]))
            return false;
    return true;
}

static void choose_members(sim_world_t *world, sim_successor_t *successor, uint32_t percent)
{
    successor->maker = choose_member(world);
    for (size_t i = 0; i < world->num_clients; i++) {
        sim_client_t *client = &world->clients[i];
        if (client == successor->maker || !sim_client_is_active(client) || !sim_maybe(world, percent))
            continue;
        successor->key_packages[successor->num_others] = mls_key_package_message(client->key_package);
        successor->others[successor->num_others++] = client;
    }
}

/* ---- the first Commit ---------------------------------------------------------------------------- */

/* What the model has of the new group: its maker alone, and then all. */
static bool note_commit(sim_world_t *world, sim_successor_t *successor, const sim_epoch_t *old)
{
    sim_client_t *maker = successor->maker;
    sim_epoch_t *first = successor->first = sim_epoch_new(NULL);
    mls_group_t *old_group = maker->group;

    sim_epoch_add(first, maker->index, maker->key);
    first->topic = old->topic;
    first->has_dictionary = old->has_dictionary;
    first->has_count = old->has_count;
    first->count = old->count;
    successor->commit = sim_handshake_new(first, maker->index, (sim_name_t){ "" },
                                          mls_pending_commit_message(successor->pending));
    maker->group = successor->group; /* for the time of this call */
    const bool good = sim_client_note_commit(world, maker, successor->commit) &&
                      sim_client_invite(world, maker, successor->commit, successor->pending);
    maker->group = old_group;
    return good;
}

/* Stages and merges the own Commit: nobody else has to see it. */
static bool enter_as_maker(sim_world_t *world, const sim_successor_t *successor)
{
    mls_received_t *received;
    const mls_view_t message = mls_bytes_view(&successor->commit->message);
    mls_status_t status = mls_group_receive(successor->group, &received, message, world->now);
    if (status == MLS_OK)
        status = mls_group_merge(successor->group, received, false, world->now);
    mls_received_free(received);
    return sim_check_ok(&world->trace, status, successor->maker->name, "enter the new group");
}

static mls_subgroup_options_t options_of(const sim_world_t *world, const sim_successor_t *successor)
{
    return (mls_subgroup_options_t){ .key_package = successor->maker->key_package,
                                     .key_packages = successor->key_packages,
                                     .num_key_packages = successor->num_others,
                                     .now = world->now };
}

/* ---- reinitialisation ---------------------------------------------------------------------------- */

/* Another suite with the same signatures, so that the external sender's key stays good. */
static uint16_t choose_suite(sim_world_t *world)
{
    static const uint16_t pairs[][2] = {
        { MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519, MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519 },
        { MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448, MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448 }
    };
    const bool is_changed = sim_maybe(world, 50);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 2; k++)
            if (is_changed && pairs[i][k] == world->suite && mls_crypto_suite_name(pairs[i][1 - k]) != NULL)
                return pairs[i][1 - k];
    return world->suite;
}

static bool commit_reinit(sim_world_t *world, sim_name_t group_id, uint16_t suite)
{
    sim_client_t *client = choose_member(world);
    const sim_epoch_t *epoch = client->memory.epoch;
    sim_extensions_t extensions;
    sim_plan_t plan = { .without_pending = true };

    bool good = sim_extensions_init(world, &extensions, epoch->topic, epoch);
    plan.specs[0] = (mls_proposal_spec_t){ .type = MLS_PROPOSAL_REINIT,
                                           .reinit = { .group_id = mls_view_text(group_id.text),
                                                       .cipher_suite = suite,
                                                       .extensions = &extensions.list } };
    plan.values[0] =
        (sim_proposal_t){ .type = MLS_PROPOSAL_REINIT, .sender = client->index, .target = SIM_NOBODY };
    plan.count = 1;
    sim_handshake_t *commit = good ? sim_client_commit(world, client, &plan) : NULL;
    good = commit != NULL && sim_client_send(world, client, commit);
    sim_extensions_clear(&extensions);
    sim_plan_clear(&plan);
    return good;
}

/* Everybody knows how it goes on, and that nothing goes on here. */
static bool is_at_its_end(sim_world_t *world, sim_client_t *client, sim_name_t group_id, uint16_t suite)
{
    mls_reinit_info_t reinit;
    mls_pending_commit_t *pending;
    mls_bytes_t message = { 0 };
    const bool knows = mls_group_reinit(client->group, &reinit) == MLS_OK && reinit.cipher_suite == suite &&
                       mls_view_equal(reinit.group_id, mls_view_text(group_id.text));
    const mls_status_t says =
        mls_group_encrypt(client->group, &message, mls_view_text("x"), mls_view(NULL, 0), true);
    const mls_status_t commits = mls_group_commit(client->group, &pending, NULL);
    mls_bytes_clear(&message);
    return sim_check(&world->trace, knows && says == MLS_ERR_STATE && commits == MLS_ERR_STATE,
                     "%s: its group is not at its end", client->name);
}

static bool comes_to_its_end(sim_world_t *world, sim_name_t group_id, uint16_t suite)
{
    for (size_t i = 0; i < world->num_clients; i++) {
        sim_client_t *client = &world->clients[i];
        if (!sim_client_catch_up(world, client))
            return false;
        if (sim_client_is_active(client)
                ? !is_at_its_end(world, client, group_id, suite)
                : !sim_client_lose(world, client)) /* who is not a member keeps nothing of the group */
            return false;
    }
    return true;
}

/* Goes over into the new group; the old one, which the Welcome is checked against, is not needed any more. */
static bool move(sim_world_t *world, sim_client_t *client, mls_group_t *group, sim_handshake_t *commit,
                 sim_name_t old_group_id)
{
    const mls_store_t store = memory_store(&client->disk);
    mls_group_free(client->group);
    client->group = group;
    client->memory = (sim_memory_t){ .joined = commit->begins, .cursor = commit->position + 1 };
    return sim_check_ok(&world->trace, mls_group_erase(&store, mls_view_text(old_group_id.text)),
                        client->name, "erase the old group") &&
           sim_client_arrive(world, client, commit->begins) && sim_client_save(world, client) &&
           sim_client_make_key_package(world, client);
}

static bool everybody_moves(sim_world_t *world, sim_successor_t *successor, sim_name_t old_group_id)
{
    mls_group_t *group;
    if (!enter_as_maker(world, successor))
        return false;
    for (size_t i = 0; i < successor->num_others; i++)
        if (!sim_client_join(world, successor->others[i], &group, successor->commit) ||
            !move(world, successor->others[i], group, successor->commit, old_group_id))
            return false;
    group = successor->group;
    successor->group = NULL;
    return move(world, successor->maker, group, successor->commit, old_group_id);
}

static bool make_reinitialized(sim_world_t *world, sim_successor_t *successor)
{
    const sim_client_t *maker = successor->maker;
    const mls_subgroup_options_t options = options_of(world, successor);
    return sim_check_ok(&world->trace,
                        mls_group_reinitialize(&successor->group, &successor->pending, maker->group,
                                               &maker->config, &options),
                        maker->name, "reinitialize");
}

bool sim_reinitialize(sim_world_t *world)
{
    const sim_name_t old = world->group_id, next = sim_name("group", ++world->num_groups);
    const uint16_t suite = choose_suite(world);
    sim_successor_t successor = { 0 };

    sim_note(&world->trace, "the group is reinitialised, with suite %u", suite);
    world->stats.reinits++;
    if (!commit_reinit(world, next, suite) || !comes_to_its_end(world, next, suite))
        return false;
    const sim_epoch_t *last = world->service.head;
    world->suite = suite;
    if (!renew_key_packages(world))
        return false;
    choose_members(world, &successor, 100);
    bool good = make_reinitialized(world, &successor) && note_commit(world, &successor, last);
    if (successor.first != NULL)
        sim_service_begin(&world->service, successor.first);
    world->group_id = next;
    good = good && sim_service_submit(&world->service, successor.commit) &&
           everybody_moves(world, &successor, old);
    mls_group_free(successor.group);
    return good;
}

/* ---- branches ------------------------------------------------------------------------------------ */

/* One of the branch says something, which all others of it read, and nobody in the group they come from. */
static bool speaks_in_branch(sim_world_t *world, sim_client_t *client, mls_group_t *own, mls_group_t *makers)
{
    mls_bytes_t message = { 0 };
    mls_received_t *received = NULL;
    mls_status_t status =
        mls_group_encrypt(own, &message, mls_view_text(client->name), mls_view(NULL, 0), false);
    if (status == MLS_OK)
        status = mls_group_receive(makers, &received, mls_bytes_view(&message), world->now);
    const bool good =
        sim_check_ok(&world->trace, status, client->name, "speak in a branch") &&
        sim_check(
            &world->trace,
            mls_view_equal(mls_received_data(received), mls_view_text(client->name)) &&
                mls_view_equal(mls_group_epoch_authenticator(own), mls_group_epoch_authenticator(makers)),
            "%s: does not agree on the branch", client->name) &&
        sim_client_refuses(world, client, mls_bytes_view(&message), &status, "a message of a branch");
    mls_received_free(received);
    mls_bytes_clear(&message);
    return good;
}

static bool others_join_branch(sim_world_t *world, const sim_successor_t *successor)
{
    bool good = true;
    for (size_t i = 0; good && i < successor->num_others; i++) {
        mls_group_t *group;
        good = sim_client_join(world, successor->others[i], &group, successor->commit) &&
               speaks_in_branch(world, successor->others[i], group, successor->group);
        mls_group_free(group);
    }
    return good;
}

static bool make_branch(sim_world_t *world, sim_successor_t *successor, const char *group_id)
{
    const sim_client_t *maker = successor->maker;
    mls_subgroup_options_t options = options_of(world, successor);
    options.group_id = mls_view_text(group_id);
    return sim_check_ok(
        &world->trace,
        mls_group_branch(&successor->group, &successor->pending, maker->group, &maker->config, &options),
        maker->name, "branch");
}

bool sim_branch(sim_world_t *world)
{
    const sim_name_t group_id = sim_name("branch", ++world->num_groups);
    sim_successor_t successor = { 0 };
    if (!renew_key_packages(world))
        return false;
    choose_members(world, &successor, 50);
    const bool good = make_branch(world, &successor, group_id.text) &&
                      note_commit(world, &successor, world->service.head) &&
                      enter_as_maker(world, &successor) && others_join_branch(world, &successor);
    sim_note(&world->trace, "%s branches, with %zu others", successor.maker->name, successor.num_others);
    world->stats.branches++;
    mls_group_free(successor.group);
    if (successor.first != NULL)
        sim_list_push(&world->service.beginnings, successor.first);
    return good;
}
