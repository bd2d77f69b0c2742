#include "roster.h"

#include <stdlib.h>

static void resize(crowd_roster_t *roster, uint32_t num_leaves)
{
    uint32_t *who = realloc(roster->who, num_leaves * sizeof *who);
    if (who == NULL)
        abort();
    for (uint32_t i = roster->num_leaves; i < num_leaves; i++)
        who[i] = CROWD_NOBODY;
    roster->who = who;
    roster->num_leaves = num_leaves;
}

void crowd_roster_init(crowd_roster_t *roster, uint32_t num_members)
{
    *roster = (crowd_roster_t){ 0 };
    resize(roster, 1);
    for (uint32_t i = 0; i < num_members; i++)
        (void)crowd_roster_add(roster, i);
}

void crowd_roster_clear(crowd_roster_t *roster)
{
    free(roster->who);
    *roster = (crowd_roster_t){ 0 };
}

uint32_t crowd_roster_add(crowd_roster_t *roster, uint32_t who)
{
    uint32_t leaf = 0;
    if (roster->num_members == roster->num_leaves)
        leaf = roster->num_leaves;
    while (leaf < roster->num_leaves && roster->who[leaf] != CROWD_NOBODY)
        leaf++;
    if (leaf == roster->num_leaves)
        resize(roster, 2 * roster->num_leaves);
    roster->who[leaf] = who;
    roster->num_members++;
    return leaf;
}

static uint32_t last_member(const crowd_roster_t *roster)
{
    uint32_t leaf = roster->num_leaves - 1;
    while (leaf > 0 && roster->who[leaf] == CROWD_NOBODY)
        leaf--;
    return leaf;
}

void crowd_roster_remove(crowd_roster_t *roster, uint32_t leaf)
{
    roster->who[leaf] = CROWD_NOBODY;
    roster->num_members--;
    const uint32_t last = last_member(roster);
    while (roster->num_leaves > 1 && last < roster->num_leaves / 2)
        roster->num_leaves /= 2;
}

uint32_t crowd_roster_at(const crowd_roster_t *roster, uint32_t leaf)
{
    return leaf < roster->num_leaves ? roster->who[leaf] : CROWD_NOBODY;
}
