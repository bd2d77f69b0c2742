#include "wanderer.h"

#include "group.h"
#include "key_package.h"

static uint32_t choose_leaf(crowd_world_t *world)
{
    for (;;) {
        const uint32_t leaf = crowd_pick(world, world->roster.num_leaves);
        if (crowd_roster_at(&world->roster, leaf) != CROWD_NOBODY && crowd_client_at(world, leaf) == NULL)
            return leaf;
    }
}

/* Nobody has sent anything from that leaf in this epoch. */
crowd_client_t *crowd_wander(crowd_world_t *world)
{
    crowd_client_t *client = crowd_wanderer(world);
    mls_epoch_t *epoch = client->group->epoch;
    client->leaf = choose_leaf(world);
    client->who = world->roster.who[client->leaf];
    epoch->own_leaf = client->leaf;
    epoch->signature_key = world->people[client->who].key_package->signature_key;
    epoch->sent[0] = epoch->sent[1] = 0;
    mls_private_keys_wipe(&epoch->private_keys);
    return client;
}
