#include "join.h"

#include "client.h"
#include "commit.h"
#include "must.h"

#include <stdio.h>

/* ---- a place of one's own ------------------------------------------------------------------------ */

crowd_client_t *crowd_free_slot(crowd_world_t *world)
{
    for (unsigned i = 0; i + 1 < world->num_slots; i++)
        if (world->clients[i].group == NULL)
            return &world->clients[i];
    return NULL;
}

static void sit_down(crowd_world_t *world, crowd_client_t *client, uint32_t who)
{
    const unsigned slot = client->slot;
    *client = (crowd_client_t){ .slot = slot, .who = who, .leaf = CROWD_NOBODY };
    (void)snprintf(client->name, sizeof client->name, "member %u", (unsigned)who);
    for (size_t i = 0; i < world->num_messages; i++)
        world->messages[i].read_by &= ~(1u << slot);
    world->num_joins++;
}

/* ---- by Welcome ---------------------------------------------------------------------------------- */

static bool open_and_join(crowd_world_t *world, crowd_client_t *client, mls_view_t message, mls_view_t tree)
{
    mls_welcome_t *welcome;
    mls_status_t status = mls_welcome_open(&welcome, world->crypto, &world->config,
                                           world->people[client->who].key_package, message);
    if (status == MLS_OK)
        status = mls_group_join(&client->group, NULL, world->crypto, &world->config, welcome, tree);
    mls_welcome_free(welcome);
    return sim_check_ok(&world->trace, status, client->name, "join by a Welcome");
}

/* For the last of those whom the Commit adds. */
static bool write_welcome(crowd_world_t *world, mls_pending_commit_t *commit, size_t num_added,
                          mls_bytes_t *welcome, mls_bytes_t *tree)
{
    const mls_group_info_options_t options = { .with_tree = crowd_maybe(world, 50),
                                               .grease = crowd_maybe(world, 50) };
    const size_t last = num_added - 1;
    mls_status_t status = mls_pending_commit_group_info(commit, &options);
    *tree = *welcome = (mls_bytes_t){ 0 };
    if (status == MLS_OK && !options.with_tree)
        status = mls_pending_commit_ratchet_tree(commit, tree);
    if (status == MLS_OK)
        status = mls_pending_commit_welcome(commit, welcome, crowd_maybe(world, 50) ? &last : NULL, 1);
    return sim_check_ok(&world->trace, status, "the committer", "make a Welcome");
}

bool crowd_join_by_welcome(crowd_world_t *world, crowd_client_t *committer, crowd_plan_t *plan)
{
    mls_pending_commit_t *commit;
    mls_bytes_t welcome = { 0 }, tree = { 0 };

    crowd_plan_adds(world, plan, 1);
    const size_t last = plan->num_added - 1;
    bool good = crowd_make_commit(world, committer, plan, &commit) &&
                write_welcome(world, commit, plan->num_added, &welcome, &tree) &&
                crowd_save(world, committer) && crowd_send_commit(world, plan, commit) &&
                crowd_all_catch_up(world);
    crowd_client_t *client = crowd_free_slot(world);
    if (good && client != NULL) {
        sit_down(world, client, plan->added[last]);
        client->leaf = plan->added_at[last];
        client->joined = world->epoch;
        client->cursor = world->log_len;
        world->stats.welcomes++;
        sim_note(&world->trace, "%s joins by a Welcome", client->name);
        good = open_and_join(world, client, mls_bytes_view(&welcome), mls_bytes_view(&tree)) &&
               crowd_enter(world, client) && crowd_check_roster(world, client) && crowd_save(world, client);
    }
    mls_bytes_clear(&welcome);
    mls_bytes_clear(&tree);
    return good;
}

/* ---- by an external Commit ----------------------------------------------------------------------- */

static bool ask_for_group_info(crowd_world_t *world, const crowd_client_t *member, mls_bytes_t *group_info,
                               mls_bytes_t *tree)
{
    const mls_group_info_options_t options = { .with_tree = crowd_maybe(world, 50),
                                               .with_external_pub = true };
    *tree = (mls_bytes_t){ 0 };
    return sim_check_ok(&world->trace, mls_group_info(member->group, group_info, &options), member->name,
                        "GroupInfo") &&
           (options.with_tree || sim_check_ok(&world->trace, mls_group_ratchet_tree(member->group, tree),
                                              member->name, "ratchet tree"));
}

/* `plan` has the former leaf, if there is one, and who joins. */
static bool join(crowd_world_t *world, crowd_client_t *client, const crowd_client_t *member,
                 crowd_plan_t *plan)
{
    mls_bytes_t group_info, tree;
    mls_pending_commit_t *commit;
    if (!ask_for_group_info(world, member, &group_info, &tree))
        return false;
    const mls_external_join_t options = { .group_info = mls_bytes_view(&group_info),
                                          .ratchet_tree = mls_bytes_view(&tree),
                                          .key_package = world->people[client->who].key_package,
                                          .resync = plan->num_removed > 0,
                                          .former_leaf = plan->removed[0] };
    const mls_status_t status =
        mls_group_join_external(&client->group, &commit, world->crypto, &world->config, &options);
    mls_bytes_clear(&group_info);
    mls_bytes_clear(&tree);
    client->out_epoch = 0;
    if (!sim_check_ok(&world->trace, status, client->name, "join by an external Commit"))
        return false;
    client->cursor = world->log_len;
    if (!crowd_save(world, client))
        return false;
    crowd_log(world, mls_pending_commit_message(commit), true, 1 + plan->num_removed); /* ExternalInit */
    crowd_plan_apply(world, plan);
    client->leaf = plan->added_at[0];
    client->joined = world->epoch;
    world->stats.external_joins++;
    return crowd_all_catch_up(world) && crowd_save(world, client);
}

bool crowd_join_by_external_commit(crowd_world_t *world)
{
    const crowd_client_t *member = crowd_somebody(world, NULL);
    crowd_client_t *client = crowd_free_slot(world);
    crowd_plan_t plan = { 0 };
    if (member == NULL || client == NULL)
        return true;
    crowd_plan_adds(world, &plan, 1);
    sit_down(world, client, plan.added[0]);
    sim_note(&world->trace, "%s joins by an external Commit", client->name);
    return join(world, client, member, &plan);
}

bool crowd_come_back(crowd_world_t *world)
{
    crowd_client_t *client = crowd_somebody(world, NULL);
    const crowd_client_t *member = crowd_somebody(world, client);
    if (client == NULL || member == NULL)
        return true;
    crowd_plan_t plan = { .removed = { client->leaf },
                          .num_removed = 1,
                          .added = { crowd_same_person(world, client->who) },
                          .num_added = 1 };
    mls_group_free(client->group);
    client->group = NULL;
    memory_store_clear(&client->disk);
    sit_down(world, client, plan.added[0]);
    world->stats.resyncs++;
    sim_note(&world->trace, "%s comes back by an external Commit", client->name);
    return join(world, client, member, &plan);
}
