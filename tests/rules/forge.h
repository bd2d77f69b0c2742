/* forge.h -- what a member makes who signs and encrypts what it likes, and what others say to it.
 *
 * In a room of these tests member 1 forges and member 0 is to refuse. What is made lives as long as the
 * test. */
#ifndef TESTS_RULES_FORGE_H
#define TESTS_RULES_FORGE_H

#include "group_support.h"
#include "welcome.h"

enum { VICTIM = 0, FORGER = 1 };

/* Asserts that a member refuses by that rule with that status, and stays as it was, to the byte. */
#define assert_breaks(room, member, rule_id, expected, call)                                                 \
    do {                                                                                                     \
        (room)->t->rule[0] = '\0';                                                                           \
        assert_refused(room, member, expected, call);                                                        \
        assert_rule((room)->t, rule_id, expected);                                                           \
    } while (0)

/* The victim refuses the message. */
#define assert_message_breaks(room, rule_id, expected, message)                                              \
    assert_breaks(room, VICTIM, rule_id, expected, test_receive(room, VICTIM, message, NULL))

/* The victim takes the message. */
#define assert_taken(room, message) assert_ok(test_receive(room, VICTIM, message, NULL))

/* A copy that lives as long as the test. */
mls_view_t forge_copy(test_context_t *t, mls_view_t bytes);
/* The bytes with `replacement` in place of `len` bytes from `at` on. */
mls_view_t forge_splice(test_context_t *t, mls_view_t bytes, size_t at, size_t len, mls_view_t replacement);

/* Bytes of the length of a hash of the suite. */
mls_view_t forge_hash(test_context_t *t);
/* What comes in place of a tag in the n-th of `FORGE_NUM_TAGS` forgeries: of every length up to one byte
 * more, all of the same bytes; that of the right length has its last bit changed. */
enum { FORGE_NUM_TAGS = MLS_MAX_HASH_LEN + 2 };
mls_view_t forge_tag(test_context_t *t, mls_view_t tag, size_t n);
/* The bytes with the first run that is `from` (hex) made `to` (hex). */
mls_view_t forge_replace(test_context_t *t, mls_view_t bytes, const char *from, const char *to);

/* Whether some saved entry has those bytes in it. */
bool forge_holds(const memory_store_t *memory, mls_view_t bytes);

/* ---- messages ------------------------------------------------------------------------------------ */

/* A content of the forger for the current epoch, not signed yet; PrivateMessage is its wire format. */
mls_authenticated_content_t forge_content(test_room_t *room, mls_content_type_t type, mls_view_t body);
/* Signs it with the forger's key. */
void forge_sign(test_room_t *room, mls_authenticated_content_t *content);
/* Encrypts it under the forger's next generation. */
mls_view_t forge_private(test_room_t *room, const mls_authenticated_content_t *content);
/* Makes it a PublicMessage, with the membership tag where the sender is a member. It must have been signed
 * with wire_format MLS_WIRE_FORMAT_PUBLIC_MESSAGE to be good. */
mls_view_t forge_public(test_room_t *room, const mls_authenticated_content_t *content);
/* An MLSMessage as it is: no tag is made. */
mls_view_t forge_encode(test_room_t *room, const mls_message_t *message);

/* Application data "hello" with its length. */
mls_view_t forge_hello(void);

/* ---- proposals ----------------------------------------------------------------------------------- */

/* The Proposal by itself, signed and encrypted by the forger. */
mls_view_t forge_proposal(test_room_t *room, const mls_proposal_t *proposal);
mls_view_t forge_proposal_body(test_context_t *t, const mls_proposal_t *proposal);

mls_proposal_t forge_remove(uint32_t leaf);
/* Signs the KeyPackage and makes an Add of it. */
mls_proposal_t forge_add(test_context_t *t, test_key_package_t *kp);
/* An Add of a KeyPackage whose fields are good, `*kp`, which the test may look at. */
mls_proposal_t forge_good_add(test_context_t *t, test_key_package_t *kp);
mls_proposal_t forge_psk(test_context_t *t, const char *id);
mls_proposal_t forge_extensions(test_context_t *t, const mls_extensions_t *extensions);

/* ---- leaves -------------------------------------------------------------------------------------- */

/* The fields of a member's leaf with a fresh encryption key, whose private half is lost: source update. */
mls_leaf_node_t forge_leaf(test_room_t *room, uint32_t leaf);
/* Signs with the member's key, for its place. */
mls_view_t forge_leaf_sign(test_room_t *room, uint32_t leaf, const mls_leaf_node_t *fields);
mls_proposal_t forge_update(test_room_t *room, const mls_leaf_node_t *fields);

/* ---- Commits ------------------------------------------------------------------------------------- */

/* A Commit of the forger, taken apart: a test changes what it likes, then has it signed and encrypted. */
typedef struct forged_commit {
    test_room_t *room;
    mls_view_t genuine; /* the message as libmls has made it */
    mls_authenticated_content_t content;
    mls_commit_t commit;
} forged_commit_t;

/* An empty Commit with a path. */
void forge_commit(forged_commit_t *f, test_room_t *room);
/* A Commit of these proposals as libmls makes it. */
void forge_commit_of(forged_commit_t *f, test_room_t *room, const mls_proposal_spec_t *proposals,
                     size_t count);
/* Puts these proposals in, by value, whatever they are. */
void forge_list(forged_commit_t *f, const mls_proposal_t *proposals, size_t count);
/* One reference more. */
void forge_reference(forged_commit_t *f, mls_view_t reference);
/* Signs the leaf of the path again. */
void forge_path_leaf_sign(forged_commit_t *f);
/* Signs the Commit; the confirmation tag stays what it is. */
mls_view_t forge_commit_seal(forged_commit_t *f);
mls_view_t forge_commit_seal_public(forged_commit_t *f);
/* A Commit with a path of these proposals. */
mls_view_t forge_commit_with(test_room_t *room, const mls_proposal_t *proposals, size_t count);

#endif
