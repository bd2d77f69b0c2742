/* group_support.h -- small groups for tests: members that hear everything in one order. */
#ifndef TESTS_UNIT_GROUP_SUPPORT_H
#define TESTS_UNIT_GROUP_SUPPORT_H

#include "group_store.h"
#include "memory_store.h"
#include "support.h"

enum { TEST_MAX_MEMBERS = 40, TEST_NOW = TEST_NOT_BEFORE + 1000 };

typedef struct test_member {
    mls_group_t *group; /* NULL: never joined, or freed */
    memory_store_t memory;
} test_member_t;

typedef struct test_room {
    test_context_t *t;
    mls_group_config_t config;
    test_member_t members[TEST_MAX_MEMBERS];
    size_t count;
    mls_view_t welcome; /* of the last Commit that added somebody */
} test_room_t;

/* A room of `count` members, each added by a Commit of the first; in epoch count - 1. `config` NULL: the
 * defaults, but handshake keys are kept, so that a Commit can be looked at more than once. */
test_room_t *test_room(test_context_t *t, size_t count, const mls_group_config_t *config);
/* The test's end: frees all groups. */
void test_room_free(test_room_t *room);
mls_group_t *test_group(test_room_t *room, size_t member);

/* An extension type, and a proposal type, that no RFC has, and that every member of a room supports, unless a
 * test sets the capabilities. */
enum { TEST_OWN_TYPE = 0xf001 };

/* A KeyPackage of "member", or of somebody else; the caller frees it. */
mls_key_package_t *test_own_key_package(test_context_t *t);
mls_key_package_t *test_key_package_of(test_context_t *t, const char *identity, uint16_t cipher_suite);

mls_proposal_spec_t test_add(const mls_key_package_t *key_package);
mls_proposal_spec_t test_remove(uint32_t leaf);
mls_proposal_spec_t test_extensions(const mls_extensions_t *extensions);

/* A Commit of a member with these proposals, not delivered yet. */
mls_view_t test_commit(test_room_t *room, size_t committer, const mls_proposal_spec_t *proposals,
                       size_t count, mls_pending_commit_t **pending);
/* An empty Commit. */
mls_view_t test_update(test_room_t *room, size_t committer);
mls_view_t test_encrypt(test_room_t *room, size_t sender, const char *text);
/* A Proposal by a member. */
mls_view_t test_propose(test_room_t *room, size_t sender, const mls_proposal_spec_t *proposal);

/* Hands a message to one member; the received message is freed where it is not asked for. */
mls_status_t test_receive(test_room_t *room, size_t member, mls_view_t message, mls_received_t **received);
/* Hands a Commit to one member and merges it. */
void test_merge(test_room_t *room, size_t member, mls_view_t commit, bool keep_previous);
/* Hands a Commit to all members from `first` on, and merges it. */
void test_deliver(test_room_t *room, size_t first, mls_view_t commit);
/* Joins the next member by the room's last Welcome. */
void test_join(test_room_t *room, const mls_key_package_t *key_package);
/* Adds a member by a Commit of `committer`: made, delivered, joined. */
void test_add_member(test_room_t *room, size_t committer, bool with_path);

/* All groups of members that are there are in the same epoch with the same authenticator. */
void test_assert_agreed(test_room_t *room);

/* Asserts that the call fails with that status and leaves the member's state as it was, to the byte. */
#define assert_refused(room, member, status, call)                                                           \
    do {                                                                                                     \
        memory_store_t before_call = { 0 };                                                                  \
        test_dump(test_group(room, member), &before_call);                                                   \
        assert_status(call, status);                                                                         \
        test_assert_unchanged(test_group(room, member), &before_call);                                       \
    } while (0)
void test_dump(const mls_group_t *group, memory_store_t *out);
/* Compares with a dump, and clears it. */
void test_assert_unchanged(const mls_group_t *group, memory_store_t *before);

/* Saves the member's group and loads it again; what is stored is all of its state. */
void test_restart(test_room_t *room, size_t member);

#endif
