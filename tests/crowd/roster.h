/* roster.h -- who is a member, and at which leaf: a model of the tree that knows nothing of keys. */
#ifndef CROWD_ROSTER_H
#define CROWD_ROSTER_H

#include <stdint.h>

#define CROWD_NOBODY UINT32_MAX

typedef struct crowd_roster {
    uint32_t *who; /* by leaf: a person's number, or CROWD_NOBODY */
    uint32_t num_leaves, num_members;
} crowd_roster_t;

/* Persons 0 to `num_members` - 1, each at the leaf of that number. */
void crowd_roster_init(crowd_roster_t *roster, uint32_t num_members);
void crowd_roster_clear(crowd_roster_t *roster);

/* RFC 9420, Section 12.1.1: the leftmost blank leaf, or the first one of a tree that is twice as large. */
uint32_t crowd_roster_add(crowd_roster_t *roster, uint32_t who);
/* RFC 9420, Section 12.1.3: while the right half of the tree is blank, it goes. */
void crowd_roster_remove(crowd_roster_t *roster, uint32_t leaf);
/* CROWD_NOBODY where the leaf is blank or beyond the tree. */
uint32_t crowd_roster_at(const crowd_roster_t *roster, uint32_t leaf);

#endif
