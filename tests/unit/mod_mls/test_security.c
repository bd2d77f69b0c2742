/* What an attacker may try, and what must come of it: a typed event, and a state that is unchanged down to
 * the last byte of the database. */
#include "base64.h"
#include "insider.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- tools --------------------------------------------------------------------------------------- */

static sim_room_t *team(world_t *w)
{
    return sim_room(&w->sim, TEAM);
}

/* The stanza that came last into the room. */
static sim_stanza_t *last_stanza(world_t *w)
{
    return &team(w)->archive.items[team(w)->archive.count - 1];
}

static void post_message(world_t *w, const char *nick, mls_view_t message)
{
    mod_mls_text_t inner = { 0 };
    mod_mls_text_add(&inner, "<mls xmlns='" MOD_MLS_NAMESPACE "'>");
    mod_mls_text_add_base64(&inner, message);
    mod_mls_text_add(&inner, "</mls>");
    sim_post(&w->sim, team(w), nick, inner.data);
    mod_mls_text_clear(&inner);
    sim_pass(&w->sim, 6000);
}

/* The bytes of the MLSMessage in a stanza. */
static mls_bytes_t message_in(const sim_stanza_t *stanza)
{
    mls_bytes_t bytes;
    const char *start = strchr(strstr(stanza->inner, "<mls"), '>') + 1;
    char *base64 = mod_mls_strndup(mls_view(start, (size_t)(strstr(start, "</mls>") - start)));
    assert_int_equal(mod_mls_base64_decode(&bytes, base64), MLS_OK);
    free(base64);
    return bytes;
}

/* The database of a client, to be compared with what it is later. */
static char *before;
static void remember(sim_client_t *client)
{
    before = sim_dump(client);
}

static void assert_unchanged(sim_client_t *client)
{
    char *after = sim_dump(client);
    assert_string_equal(before, after);
    free(before);
    free(after);
    before = NULL;
}

/* Settled, so that nothing is to be done for a while. */
static void settle(world_t *w)
{
    sim_pass(&w->sim, 40000);
}

/* ---- what is broken ------------------------------------------------------------------------------ */

static void security__broken_stanza(void **state)
{
    static const char *const broken[] = { "<message><unclosed></message>", "", "<!DOCTYPE a><a/>",
                                          "<a><!-- x --></a>" };
    world_t *w = *state;
    world_three(w);
    settle(w);
    remember(w->bob);
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        assert_int_equal(mod_mls_stanza_in(w->bob->mls, NULL, broken[i], strlen(broken[i])), MOD_MLS_CONSUME);
        assert_true(sim_expect(w->bob, "error - stanza-broken"));
    }
    assert_unchanged(w->bob);
}

static void security__truncated_message(void **state)
{
    world_t *w = *state;
    world_three(w);
    world_say(w, w->alice, "whole");
    settle(w);
    mls_bytes_t message = message_in(last_stanza(w));
    remember(w->bob);
    post_message(w, "mallory", mls_view(message.data, message.len - 5));
    assert_true(sim_expect(w->bob, "error " TEAM " message-broken"));
    assert_unchanged(w->bob);
    remember(w->bob);
    message.data[message.len - 1] ^= 1; /* whole, but the AEAD does not open */
    post_message(w, "mallory", mls_bytes_view(&message));
    assert_true(sim_expect(w->bob, "unreadable " TEAM));
    assert_unchanged(w->bob);
    mls_bytes_clear(&message);
}

static void security__not_base64(void **state)
{
    world_t *w = *state;
    world_three(w);
    settle(w);
    remember(w->bob);
    sim_post(&w->sim, team(w), "mallory", "<mls xmlns='" MOD_MLS_NAMESPACE "'>AAAB=</mls>");
    sim_pass(&w->sim, 6000);
    assert_true(sim_expect(w->bob, "error " TEAM " message-broken"));
    assert_unchanged(w->bob);
}

static void security__replayed_message(void **state)
{
    world_t *w = *state;
    world_three(w);
    world_say(w, w->alice, "once");
    settle(w);
    mls_bytes_t message = message_in(last_stanza(w));
    remember(w->bob);
    post_message(w, "mallory", mls_bytes_view(&message));
    assert_true(sim_expect(w->bob, "unreadable " TEAM " replayed"));
    assert_unchanged(w->bob);
    assert_int_equal(sim_count(w->bob, "message " TEAM " " ALICE " once"), 1);
    mls_bytes_clear(&message);
}

/* A member can encrypt another's signed content again under the author's next generation; here the author's
 * own client does, as if it had forgotten that it sent the text. */
static void security__same_origin_id_is_shown_once(void **state)
{
    world_t *w = *state;
    world_three(w);
    insider_t alice = insider_become(w->alice, TEAM);
    mls_bytes_t data = insider_authenticated_data(&alice), first, second;
    const mls_view_t text =
        mls_view_text("<envelope xmlns='urn:xmpp:sce:1'><content><body xmlns='jabber:client'>"
                      "twice</body></content></envelope>");
    assert_int_equal(mls_group_encrypt(alice.group, &first, text, mls_bytes_view(&data), true), MLS_OK);
    assert_int_equal(mls_group_encrypt(alice.group, &second, text, mls_bytes_view(&data), true), MLS_OK);
    post_message(w, "alice", mls_bytes_view(&first));
    post_message(w, "alice", mls_bytes_view(&second));
    assert_int_equal(sim_count(w->bob, "message " TEAM " " ALICE " twice"), 1);
    assert_int_equal(sim_count(w->bob, "unreadable " TEAM " replayed"), 1);
    mls_bytes_clear(&data), mls_bytes_clear(&first), mls_bytes_clear(&second);
    mls_group_free(alice.group);
}

static bool drop_all_to_alice(sim_t *sim, sim_client_t *to, const char *stanza)
{
    (void)stanza;
    return to == &sim->clients[0];
}

/* The first own message that the archive does not have. */
static void first_outgoing(sim_client_t *client, char origin_id[33])
{
    mls_arena_t arena = { 0 };
    mod_mls_outgoing_rows_t rows;
    assert_int_equal(
        mod_mls_store_outgoing(client->mls->store, &rows, mod_mls_room_find(client->mls, TEAM)->id, &arena),
        MLS_OK);
    assert_int_equal(rows.count, 1);
    memcpy(origin_id, rows.items[0].origin_id, 33);
    mls_arena_clear(&arena);
}

/* An own message is delivered when its very bytes are in the archive. Under the same leaf, generation and
 * origin-id somebody could post something else, and the text would be lost. */
static void security__other_bytes_do_not_deliver_an_own_message(void **state)
{
    world_t *w = *state;
    char origin_id[33];
    mls_bytes_t fake, data;
    uint8_t anchor[MOD_MLS_SHA256_LEN];
    world_three(w);
    settle(w);
    insider_t alice = insider_become(w->alice, TEAM); /* will use the generation that she uses next */
    w->sim.drop = drop_all_to_alice;
    world_say(w, w->alice, "the real one");
    last_stanza(w)->is_gone = true; /* the server lost it */
    first_outgoing(w->alice, origin_id);
    assert_int_equal(mod_mls_room_anchor(w->alice->mls, alice.room, anchor, 2), MLS_OK);
    const mod_mls_authenticated_data_t ad = { .room = mls_view_text(TEAM),
                                              .anchor = mls_view(anchor, MOD_MLS_ANCHOR_LEN),
                                              .origin_id = mls_view_text(origin_id) };
    assert_int_equal(mls_encode(&data, mod_mls_codec_authenticated_data, &ad), MLS_OK);
    assert_int_equal(mls_group_encrypt(alice.group, &fake, mls_view_text("x"), mls_bytes_view(&data), true),
                     MLS_OK);
    w->sim.drop = NULL;
    post_message(w, "mallory", mls_bytes_view(&fake));
    assert_int_equal(sim_count(w->alice, "delivered"), 0);
    mls_bytes_clear(&fake), mls_bytes_clear(&data);
    mls_group_free(alice.group);
}

/* ---- who is not a member ------------------------------------------------------------------------- */

static void security__message_from_a_removed_member(void **state)
{
    world_t *w = *state;
    world_three(w);
    settle(w);
    insider_t carol = insider_become(w->carol, TEAM); /* keeps her keys */
    mls_bytes_t message = insider_encrypt(&carol);
    assert_int_equal(mod_mls_room_remove(w->alice->mls, TEAM, CAROL), MLS_OK);
    settle(w);
    remember(w->bob);
    post_message(w, "carol", mls_bytes_view(&message));
    assert_true(sim_expect(w->bob, "unreadable " TEAM " sender-removed"));
    assert_unchanged(w->bob);
    mls_bytes_clear(&message);
    mls_group_free(carol.group);
}

static void security__message_made_for_another_room(void **state)
{
    world_t *w = *state;
    world_three(w);
    settle(w);
    insider_t carol = insider_become(w->carol, TEAM);
    carol.room_jid = "other@rooms.example.org";
    mls_bytes_t message = insider_encrypt(&carol);
    remember(w->bob);
    post_message(w, "carol", mls_bytes_view(&message));
    assert_true(sim_expect(w->bob, "unreadable " TEAM " other-room"));
    assert_unchanged(w->bob);
    mls_bytes_clear(&message);
    mls_group_free(carol.group);
}

static void security__unencrypted_message_is_marked(void **state)
{
    world_t *w = *state;
    world_three(w);
    settle(w);
    remember(w->bob);
    sim_post(&w->sim, team(w), "alice", "<body>trust me</body>");
    sim_pass(&w->sim, 6000);
    assert_int_equal(w->bob->last_answer, MOD_MLS_CONSUME);
    assert_true(sim_expect(w->bob, "unencrypted " TEAM " - trust me"));
    assert_unchanged(w->bob);
}

/* ---- key packages and Welcomes ------------------------------------------------------------------- */

/* Changes the last byte of the content of every item of an element. */
static void spoil(sim_node_t *node, const char *element)
{
    for (struct sim_item *item = node->items; item != NULL; item = item->next) {
        mls_bytes_t bytes;
        mod_mls_text_t text = { 0 };
        if (strcmp(item->element, element) != 0)
            continue;
        assert_int_equal(mod_mls_base64_decode(&bytes, item->content), MLS_OK);
        bytes.data[bytes.len - 1] ^= 1;
        mod_mls_text_add_base64(&text, mls_bytes_view(&bytes));
        free(item->content);
        item->content = text.data;
        mls_bytes_clear(&bytes);
    }
}

static sim_node_t *packages_of(world_t *w, sim_client_t *client)
{
    mod_mls_device_t device;
    char name[128];
    mod_mls_own_device(client->mls, &device);
    (void)snprintf(name, sizeof name, "urn:xmpp:mls:0:key-packages:%s", device.device_id);
    return sim_node(&w->sim, client->account, name);
}

static void security__key_package_with_a_wrong_signature(void **state)
{
    world_t *w = *state;
    world_alice_creates(w);
    sim_online(w->bob);
    sim_node_t *node = packages_of(w, w->bob);
    struct sim_item *all = node->items, *index = all;
    while (strcmp(index->id, "index") != 0)
        index = index->next;
    struct sim_item only_index = *index;
    only_index.next = NULL;
    node->items = &only_index; /* first there are none at all: the wish waits */
    world_invite(w, w->bob);
    assert_true(sim_expect(w->alice, "error " TEAM " no-key-packages " BOB));
    node->items = all;
    spoil(node, "key-package");
    remember(w->alice);
    sim_pass(&w->sim, 70000); /* it is tried again */
    assert_true(sim_expect(w->alice, "error " TEAM " key-package-invalid " BOB));
    assert_unchanged(w->alice);
    assert_int_equal(world_epoch(w->alice), 0);
    spoil(node, "key-package"); /* good again */
    sim_pass(&w->sim, 70000);
    assert_true(sim_expect(w->alice, "member-added " TEAM " " BOB));
}

/* Bob's server shows Carol's KeyPackages, each whole and well signed, as Bob's. */
static void security__key_package_of_somebody_else(void **state)
{
    world_t *w = *state;
    world_alice_creates(w);
    sim_online(w->bob);
    sim_online(w->carol);
    struct sim_item *hers = packages_of(w, w->carol)->items;
    for (struct sim_item *his = packages_of(w, w->bob)->items; his != NULL;
         his = his->next, hers = hers->next) {
        if (strcmp(his->element, "key-package") != 0)
            continue;
        assert_string_equal(hers->element, "key-package");
        free(his->content);
        his->content = mod_mls_strdup(hers->content);
    }
    world_invite(w, w->bob);
    assert_true(sim_expect(w->alice, "error " TEAM " key-package-invalid " BOB));
    assert_true(sim_expect(w->alice, "error " TEAM " no-key-packages " BOB));
    assert_int_equal(world_epoch(w->alice), 0);
}

static void security__index_with_a_wrong_signature(void **state)
{
    world_t *w = *state;
    world_alice_creates(w);
    sim_online(w->bob);
    spoil(packages_of(w, w->bob), "index");
    world_invite(w, w->bob);
    assert_true(sim_expect(w->alice, "error " TEAM " no-key-packages " BOB));
}

static void security__device_with_a_wrong_signature(void **state)
{
    world_t *w = *state;
    world_alice_creates(w);
    sim_online(w->bob);
    spoil(sim_node(&w->sim, BOB, "urn:xmpp:mls:0:devices"), "device");
    world_invite(w, w->bob);
    assert_true(sim_expect(w->alice, "error " TEAM " no-devices " BOB));
}

/* The stanza with Bob's Welcome; {0} before and after the room's name can be changed. */
static char *welcome_stanza(world_t *w, const char *room)
{
    const sim_stanza_t *s = &w->bob->archive.items[w->bob->archive.count - 1];
    const char *at = strstr(s->inner, TEAM);
    mod_mls_text_t text = { 0 };
    mod_mls_text_add(&text, "<message xmlns='jabber:client' type='chat' from='" ALICE "/x' to='" BOB "'>");
    mod_mls_text_add_bytes(&text, s->inner, (size_t)(at - s->inner));
    mod_mls_text_add(&text, room);
    mod_mls_text_add(&text, at + strlen(TEAM));
    mod_mls_text_add(&text, "</message>");
    return text.data;
}

static void security__welcome_for_someone_else(void **state)
{
    world_t *w = *state;
    world_alice_creates(w);
    sim_online(w->bob);
    sim_online(w->carol);
    world_invite(w, w->bob);
    settle(w);
    char *stanza = welcome_stanza(w, TEAM);
    remember(w->carol);
    sim_deliver(w->carol, stanza);
    sim_pass(&w->sim, 1000);
    assert_true(sim_expect(w->carol, "error " TEAM " welcome-not-for-us"));
    assert_unchanged(w->carol);
    free(stanza);
}

static void security__welcome_for_another_room(void **state)
{
    world_t *w = *state;
    world_alice_creates(w);
    sim_online(w->bob);
    world_invite(w, w->bob);
    assert_int_equal(mod_mls_room_decline(w->bob->mls, TEAM), MLS_OK);
    settle(w);
    char *stanza = welcome_stanza(w, "trap@rooms.example.org");
    remember(w->bob);
    sim_deliver(w->bob, stanza);
    sim_pass(&w->sim, 1000);
    assert_true(sim_expect(w->bob, "error trap@rooms.example.org welcome-wrong-room"));
    assert_unchanged(w->bob);
    free(stanza);
}

static void security__welcome_whose_commit_is_not_in_the_archive(void **state)
{
    world_t *w = *state;
    world_alice_creates(w);
    sim_online(w->bob);
    world_invite(w, w->bob);
    assert_int_equal(team(w)->archive.count, 1);
    last_stanza(w)->is_gone = true;
    assert_true(sim_expect(w->bob, "invitation " TEAM));
    assert_int_equal(mod_mls_room_accept(w->bob->mls, TEAM), MLS_OK);
    sim_pass(&w->sim, 30000);
    assert_true(sim_expect(w->bob, "error " TEAM " welcome-no-commit"));
    assert_int_equal(sim_count(w->bob, "joined"), 0);
}

/* ---- Commits ------------------------------------------------------------------------------------- */

static void assert_void(world_t *w, insider_t *in, mls_bytes_t *message, const char *event)
{
    const uint64_t epoch = world_epoch(w->alice);
    sim_client_t *judges[] = { w->alice, w->bob };
    char *dumps[2];
    for (size_t i = 0; i < 2; i++)
        dumps[i] = sim_dump(judges[i]);
    post_message(w, "mallory", mls_bytes_view(message));
    for (size_t i = 0; i < 2; i++) {
        assert_true(sim_expect(judges[i], event));
        assert_int_equal(world_epoch(judges[i]), epoch);
        char *after = sim_dump(judges[i]);
        assert_string_equal(dumps[i], after);
        free(dumps[i]);
        free(after);
    }
    mls_bytes_clear(message);
    mls_group_free(in->group);
}

static void security__commit_that_its_author_may_not_make(void **state)
{
    world_t *w = *state;
    world_three(w);
    settle(w);
    insider_t carol = insider_become(w->carol, TEAM);
    const mls_proposal_spec_t remove_bob = { .type = MLS_PROPOSAL_REMOVE, .removed = 1 };
    mls_bytes_t message = insider_commit_signed(&carol, &remove_bob, 1);
    assert_void(w, &carol, &message, "error " TEAM " commit-not-allowed");
    assert_int_equal(mod_mls_room_update(w->alice->mls, TEAM), MLS_OK); /* it closed nothing */
    sim_pass(&w->sim, 5000);
    assert_int_equal(world_epoch(w->bob), 3);
    world_assert_same_epoch(w->alice, w->bob);
}

/* All is as it should be, but that another device has signed it. */
static void security__commit_with_a_leaf_that_its_device_has_not_signed(void **state)
{
    world_t *w = *state;
    world_three(w);
    settle(w);
    insider_t carol = insider_become(w->carol, TEAM);
    mod_mls_leaf_signer_t signer = mod_mls_own_signer(w->carol->mls);
    mod_mls_device_key_t forged = *signer.key;
    memcpy(forged.seed, mod_mls_own_signer(w->bob->mls).key->seed, sizeof forged.seed);
    signer.key = &forged;
    signer.serial = &carol.serial;
    signer.now = w->sim.now;
    mls_bytes_t message = insider_commit(&carol, NULL, 0, (mls_leaf_hook_t){ mod_mls_leaf_sign, &signer });
    assert_void(w, &carol, &message, "error " TEAM " leaf-binding");
}

static void security__commit_with_a_forged_device_binding(void **state)
{
    world_t *w = *state;
    world_three(w);
    settle(w);
    insider_t carol = insider_become(w->carol, TEAM);
    mls_bytes_t message =
        insider_commit(&carol, NULL, 0, (mls_leaf_hook_t){ 0 }); /* the old leaf's, over new keys */
    assert_void(w, &carol, &message, "error " TEAM " leaf-binding");
}

/* Adds somebody with a leaf that has no xmpp_device at all. */
static void security__commit_with_a_leaf_without_device(void **state)
{
    world_t *w = *state;
    uint16_t suites[] = { 1, 3 }, extensions[] = { MOD_MLS_EXTENSION_DEVICE, MOD_MLS_EXTENSION_ROOM };
    mls_key_package_t *key_package;
    world_three(w);
    settle(w);
    insider_t alice = insider_become(w->alice, TEAM);
    const mls_key_package_params_t params = { .cipher_suite = mls_group_cipher_suite(alice.group),
                                              .identity = mls_view_text("dave@example.org"),
                                              .capabilities = { .cipher_suites = { suites, 2 },
                                                                .extensions = { extensions, 2 } },
                                              .not_before = w->sim.now / 1000 - 10,
                                              .not_after = w->sim.now / 1000 + 100000 };
    assert_int_equal(mls_key_package_new(&key_package, w->alice->mls->crypto, &params), MLS_OK);
    const mls_proposal_spec_t add = { .type = MLS_PROPOSAL_ADD,
                                      .key_package = mls_key_package_message(key_package) };
    mls_bytes_t message = insider_commit_signed(&alice, &add, 1);
    post_message(w, "mallory", mls_bytes_view(&message));
    assert_true(sim_expect(w->bob, "error " TEAM " leaf-binding"));
    assert_int_equal(world_epoch(w->bob), 2);
    mls_bytes_clear(&message);
    mls_key_package_free(key_package);
    mls_group_free(alice.group);
}

static void security__commit_that_names_another_room(void **state)
{
    world_t *w = *state;
    world_three(w);
    settle(w);
    insider_t carol = insider_become(w->carol, TEAM);
    carol.room_jid = "other@rooms.example.org";
    mls_bytes_t message = insider_commit_signed(&carol, NULL, 0);
    assert_void(w, &carol, &message, "error " TEAM " commit-not-allowed");
}

/* An admin may change the policy, but never whose room it is. */
static void security__room_extension_of_another_room(void **state)
{
    world_t *w = *state;
    mls_arena_t arena = { 0 };
    mod_mls_xmpp_room_t policy;
    mls_view_t required;
    mls_bytes_t encoded;
    world_three(w);
    settle(w);
    insider_t alice = insider_become(w->alice, TEAM);
    assert_int_equal(mod_mls_policy_room(&policy, &arena, mls_group_extensions(alice.group)), MLS_OK);
    policy.room = mls_view_text("other@rooms.example.org");
    assert_int_equal(mls_encode(&encoded, mod_mls_codec_xmpp_room, &policy), MLS_OK);
    assert_int_equal(mls_extensions_find(&required, mls_group_extensions(alice.group),
                                         MLS_EXTENSION_REQUIRED_CAPABILITIES),
                     MLS_OK);
    mls_extension_t items[] = { { MLS_EXTENSION_REQUIRED_CAPABILITIES, required },
                                { MOD_MLS_EXTENSION_ROOM, mls_bytes_view(&encoded) } };
    const mls_extensions_t extensions = { items, 2 };
    const mls_proposal_spec_t change = { .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS,
                                         .extensions = &extensions };
    mls_bytes_t message = insider_commit_signed(&alice, &change, 1);
    post_message(w, "alice", mls_bytes_view(&message));
    assert_true(sim_expect(w->bob, "error " TEAM " commit-not-allowed"));
    assert_int_equal(world_epoch(w->bob), 2);
    mls_bytes_clear(&encoded), mls_bytes_clear(&message);
    mls_arena_clear(&arena);
    mls_group_free(alice.group);
}

static void security__handshake_without_the_rooms_stanza_id(void **state)
{
    static const char *const ids[] = {
        "", "<stanza-id xmlns='urn:xmpp:sid:0' by='mallory@example.org' id='id1'/>",
        "<stanza-id xmlns='urn:xmpp:sid:0' by='" TEAM "' id=''/>"
    };
    world_t *w = *state;
    world_three(w);
    settle(w);
    insider_t carol = insider_become(w->carol, TEAM);
    mls_bytes_t message = insider_commit_signed(&carol, NULL, 0); /* valid, but not in the order */
    remember(w->bob);
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        mod_mls_text_t text = { 0 };
        mod_mls_text_add(&text, "<message xmlns='jabber:client' type='groupchat' from='" TEAM "/carol'>"
                                "<mls xmlns='" MOD_MLS_NAMESPACE "'>");
        mod_mls_text_add_base64(&text, mls_bytes_view(&message));
        mod_mls_text_add(&text, "</mls>");
        mod_mls_text_add(&text, ids[i]);
        mod_mls_text_add(&text, "</message>");
        sim_deliver(w->bob, text.data);
        sim_pass(&w->sim, 10); /* at once: there is nothing to look for in the archive */
        assert_true(sim_expect(w->bob, "error " TEAM " not-in-order"));
        mod_mls_text_clear(&text);
    }
    assert_int_equal(world_epoch(w->bob), 2);
    assert_unchanged(w->bob);
    mls_bytes_clear(&message);
    mls_group_free(carol.group);
}

/* A stanza-id that the archive does not know: looked for twice, then told. */
static void security__handshake_that_the_archive_does_not_have(void **state)
{
    world_t *w = *state;
    world_three(w);
    settle(w);
    insider_t carol = insider_become(w->carol, TEAM);
    mls_bytes_t message = insider_commit_signed(&carol, NULL, 0);
    mod_mls_text_t text = { 0 };
    mod_mls_text_add(&text, "<message xmlns='jabber:client' type='groupchat' from='" TEAM "/carol'>"
                            "<mls xmlns='" MOD_MLS_NAMESPACE "'>");
    mod_mls_text_add_base64(&text, mls_bytes_view(&message));
    mod_mls_text_add(&text,
                     "</mls><stanza-id xmlns='urn:xmpp:sid:0' by='" TEAM "' id='invented'/></message>");
    remember(w->bob);
    sim_deliver(w->bob, text.data);
    sim_pass(&w->sim, 20000);
    assert_true(sim_expect(w->bob, "error " TEAM " not-in-order"));
    assert_int_equal(world_epoch(w->bob), 2);
    assert_unchanged(w->bob);
    mod_mls_text_clear(&text);
    mls_bytes_clear(&message);
    mls_group_free(carol.group);
}

/* ---- copies of the own state --------------------------------------------------------------------- */

static void copy__message_that_this_device_never_made(void **state)
{
    world_t *w = *state;
    world_three(w);
    settle(w);
    insider_t copy = insider_become(w->alice, TEAM);
    mls_bytes_t message = insider_encrypt(&copy);
    remember(w->alice);
    post_message(w, "alice", mls_bytes_view(&message));
    assert_true(sim_expect(w->alice, "warning " TEAM " state-copy"));
    assert_unchanged(w->alice);
    mls_bytes_clear(&message);
    mls_group_free(copy.group);
}

/* The others follow it; this device has not its secrets, and must not stay behind without a word. */
static void copy__commit_that_this_device_never_made(void **state)
{
    world_t *w = *state;
    mod_mls_error_t error;
    world_three(w);
    settle(w);
    insider_t copy = insider_become(w->alice, TEAM);
    mls_bytes_t message = insider_commit_signed(&copy, NULL, 0);
    post_message(w, "alice", mls_bytes_view(&message));
    assert_true(sim_expect(w->alice, "warning " TEAM " state-copy"));
    assert_true(sim_expect(w->alice, "error " TEAM " out-of-step"));
    assert_int_equal(world_epoch(w->bob), 3);
    assert_int_equal(mod_mls_text_out(w->alice->mls, &error, TEAM, "x"), MOD_MLS_REFUSED);
    assert_int_equal(error, MOD_MLS_ERROR_OUT_OF_STEP);
    mls_bytes_clear(&message);
    mls_group_free(copy.group);
}

/* ---- rivals -------------------------------------------------------------------------------------- */

static bool drop_from_alice(sim_t *sim, sim_client_t *to, const char *stanza)
{
    return to == &sim->clients[2] && strstr(stanza, "from='" TEAM "/alice'") != NULL &&
           strstr(stanza, "urn:xmpp:mam") == NULL;
}

/* Nothing live reaches Alice, and nothing live of hers the others. */
static bool drop_around_alice(sim_t *sim, sim_client_t *to, const char *stanza)
{
    return (to == &sim->clients[0] && strstr(stanza, "<message") != NULL) ||
           (strstr(stanza, "from='" TEAM "/alice'") != NULL && strstr(stanza, "urn:xmpp:mam") == NULL);
}

static void rivals__the_archive_decides_not_the_live_stream(void **state)
{
    world_t *w = *state;
    world_three(w);
    settle(w);
    w->sim.drop = drop_from_alice; /* Carol sees Bob's alone */
    assert_int_equal(mod_mls_room_update(w->alice->mls, TEAM), MLS_OK);
    assert_int_equal(mod_mls_room_update(w->bob->mls, TEAM), MLS_OK);
    sim_pass(&w->sim, 3000);
    w->sim.drop = NULL;
    assert_int_equal(sim_count(w->carol, "warning"), 0);
    settle(w);
    assert_int_equal(sim_count(w->carol, "went-back"), 0);
    world_assert_same_epoch(w->alice, w->carol);
    world_assert_same_epoch(w->bob, w->carol);
    assert_int_equal(world_epoch(w->carol), 4); /* Bob's wish, in the next epoch */
}

/* Both Commits were posted, Alice's first; but her stanza comes into view only after Bob's was applied. */
static void rivals__goes_back_to_the_first(void **state)
{
    world_t *w = *state;
    mod_mls_error_t error;
    world_three(w);
    settle(w);
    const size_t place = team(w)->archive.count;
    w->sim.drop = drop_around_alice;
    assert_int_equal(mod_mls_room_update(w->alice->mls, TEAM), MLS_OK);
    sim_run(&w->sim);
    assert_int_equal(team(w)->archive.count, place + 1);
    assert_int_equal(mod_mls_text_out(w->carol->mls, &error, TEAM, "on whichever branch"), MOD_MLS_SENT);
    assert_int_equal(mod_mls_room_update(w->bob->mls, TEAM), MLS_OK);
    team(w)->archive.items[place].is_gone = true; /* Alice's Commit is not to be seen yet */
    sim_pass(&w->sim, 4000);
    assert_int_equal(world_epoch(w->bob), 3);
    world_assert_same_epoch(w->bob, w->carol);
    mod_mls_epoch_info_t lost;
    assert_int_equal(mod_mls_room_epoch(w->carol->mls, &lost, TEAM), MLS_OK);
    char *lost_authenticator = mod_mls_strdup(lost.authenticator);
    world_say(w, w->carol, "in the epoch that is lost");
    team(w)->archive.items[place].is_gone = false;
    w->sim.drop = NULL;
    sim_pass(&w->sim, 10000); /* the read that was to settle it */
    assert_true(sim_expect(w->carol, "went-back " TEAM " 2"));
    sim_offline(w->alice);
    sim_online(w->alice);
    settle(w);
    world_assert_same_epoch(w->alice, w->carol);
    world_assert_same_epoch(w->bob, w->carol);
    assert_int_equal(sim_count(w->alice, "message " TEAM " " CAROL " in the epoch that is lost"), 1);
    assert_int_equal(sim_count(w->bob, "message " TEAM " " CAROL " in the epoch that is lost"), 1);
    mod_mls_epoch_info_t now;
    assert_int_equal(mod_mls_room_epoch(w->carol->mls, &now, TEAM), MLS_OK);
    assert_string_not_equal(now.authenticator, lost_authenticator);
    free(lost_authenticator);
}

/* Puts a message into the archive at a place that cannot be seen yet; returns the place. */
static size_t post_hidden(world_t *w, const char *nick, mls_view_t message)
{
    post_message(w, nick, mls_view_text("x")); /* something that is noise while it can be seen */
    sim_stanza_t *place = last_stanza(w);
    mod_mls_text_t inner = { 0 };
    mod_mls_text_add(&inner, "<mls xmlns='" MOD_MLS_NAMESPACE "'>");
    mod_mls_text_add_base64(&inner, message);
    mod_mls_text_add(&inner, "</mls>");
    free(place->inner);
    place->inner = inner.data;
    place->is_gone = true;
    return team(w)->archive.count - 1;
}

static void show_hidden(world_t *w, size_t place)
{
    team(w)->archive.items[place].is_gone = false;
    sim_pass(&w->sim, 10000); /* the reads that were to settle what came later */
}

/* A Commit that removed Carol was applied; then the archive shows that another came first. */
static void rivals__goes_back_on_a_removal(void **state)
{
    world_t *w = *state;
    world_three(w);
    settle(w);
    insider_t bob = insider_become(w->bob, TEAM);
    mls_bytes_t first = insider_commit_signed(&bob, NULL, 0);
    const size_t place = post_hidden(w, "bob", mls_bytes_view(&first));
    assert_int_equal(mod_mls_room_remove(w->alice->mls, TEAM, CAROL), MLS_OK);
    sim_pass(&w->sim, 4000);
    assert_true(sim_expect(w->carol, "removed " TEAM));
    show_hidden(w, place);
    assert_true(sim_expect(w->carol, "went-back " TEAM " 2"));
    assert_true(sim_expect(w->carol, "epoch " TEAM " 3"));
    assert_true(sim_expect(w->carol, "removed " TEAM)); /* Alice's wish, in the next epoch */
    settle(w);
    mls_bytes_clear(&first);
    mls_group_free(bob.group);
}

/* The one that came first is by whom the other removed: nobody follows a removed member back by himself. */
static void rivals__does_not_follow_who_was_removed(void **state)
{
    world_t *w = *state;
    world_three(w);
    settle(w);
    insider_t carol = insider_become(w->carol, TEAM);
    mls_bytes_t first = insider_commit_signed(&carol, NULL, 0);
    const size_t place = post_hidden(w, "carol", mls_bytes_view(&first));
    assert_int_equal(mod_mls_room_remove(w->alice->mls, TEAM, CAROL), MLS_OK);
    sim_pass(&w->sim, 4000);
    assert_int_equal(world_epoch(w->bob), 3);
    show_hidden(w, place);
    assert_true(sim_expect(w->bob, "warning " TEAM " fork"));
    assert_int_equal(sim_count(w->bob, "went-back"), 0);
    assert_int_equal(world_epoch(w->bob), 3);
    world_assert_same_epoch(w->alice, w->bob);
    mls_bytes_clear(&first);
    mls_group_free(carol.group);
}

/* An application message of the epoch that the insider's own Commit began. */
static mls_bytes_t message_after(insider_t *in, mls_view_t own_commit)
{
    static const char text[] =
        "<envelope xmlns='urn:xmpp:sce:1'><content><body xmlns='jabber:client'>from there"
        "</body></content></envelope>";
    uint8_t anchor[MOD_MLS_SHA256_LEN];
    mls_received_t *received;
    mls_bytes_t data, out;
    const mod_mls_authenticated_data_t ad = { .room = mls_view_text(TEAM),
                                              .anchor = mls_view(anchor, MOD_MLS_ANCHOR_LEN),
                                              .origin_id = mls_view_text("there") };
    assert_int_equal(mod_mls_sha256(in->client->mls->crypto, anchor, own_commit), MLS_OK);
    assert_int_equal(mls_group_receive(in->group, &received, own_commit, 0), MLS_OK);
    assert_int_equal(mls_group_merge(in->group, received, true, 0), MLS_OK);
    mls_received_free(received);
    assert_int_equal(mls_encode(&data, mod_mls_codec_authenticated_data, &ad), MLS_OK);
    assert_int_equal(mls_group_encrypt(in->group, &out, mls_view_text(text), mls_bytes_view(&data), true),
                     MLS_OK);
    mls_bytes_clear(&data);
    return out;
}

/* What came live of the branch that is followed in the end could not be read on the other; it is read then.
 */
static void rivals__reads_what_it_could_not_on_the_other_branch(void **state)
{
    world_t *w = *state;
    world_three(w);
    settle(w);
    insider_t alice = insider_become(w->alice, TEAM);
    mls_bytes_t first = insider_commit_signed(&alice, NULL, 0);
    mls_bytes_t message = message_after(&alice, mls_bytes_view(&first));
    const size_t place = post_hidden(w, "alice", mls_bytes_view(&first));
    assert_int_equal(mod_mls_room_update(w->bob->mls, TEAM), MLS_OK);
    sim_pass(&w->sim, 1000);
    post_message(w, "alice", mls_bytes_view(&message));
    assert_true(sim_expect(w->bob, "unreadable " TEAM " broken"));
    show_hidden(w, place);
    assert_true(sim_expect(w->bob, "went-back " TEAM " 2"));
    assert_true(sim_expect(w->bob, "message " TEAM " " ALICE " from there"));
    mls_bytes_clear(&first), mls_bytes_clear(&message);
    mls_group_free(alice.group);
}

static void rivals__settled_is_settled(void **state)
{
    world_t *w = *state;
    world_three(w);
    settle(w);
    insider_t carol = insider_become(w->carol, TEAM); /* makes a rival for an epoch that is over */
    mls_bytes_t message = insider_commit_signed(&carol, NULL, 0);
    assert_int_equal(mod_mls_room_update(w->alice->mls, TEAM), MLS_OK);
    settle(w);
    const uint64_t epoch = world_epoch(w->bob);
    post_message(w, "carol", mls_bytes_view(&message));
    settle(w);
    assert_int_equal(world_epoch(w->bob), epoch);
    assert_int_equal(sim_count(w->bob, "went-back"), 0);
    mls_bytes_clear(&message);
    mls_group_free(carol.group);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(security__broken_stanza, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__truncated_message, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__not_base64, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__replayed_message, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__same_origin_id_is_shown_once, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__other_bytes_do_not_deliver_an_own_message, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(security__message_from_a_removed_member, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__message_made_for_another_room, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__unencrypted_message_is_marked, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__key_package_with_a_wrong_signature, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(security__key_package_of_somebody_else, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__index_with_a_wrong_signature, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__device_with_a_wrong_signature, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__welcome_for_someone_else, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__welcome_for_another_room, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__welcome_whose_commit_is_not_in_the_archive, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(security__commit_that_its_author_may_not_make, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(security__commit_with_a_leaf_that_its_device_has_not_signed,
                                        world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__commit_with_a_forged_device_binding, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(security__commit_with_a_leaf_without_device, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__commit_that_names_another_room, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__room_extension_of_another_room, world_start, world_stop),
        cmocka_unit_test_setup_teardown(security__handshake_without_the_rooms_stanza_id, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(security__handshake_that_the_archive_does_not_have, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(copy__message_that_this_device_never_made, world_start, world_stop),
        cmocka_unit_test_setup_teardown(copy__commit_that_this_device_never_made, world_start, world_stop),
        cmocka_unit_test_setup_teardown(rivals__the_archive_decides_not_the_live_stream, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(rivals__goes_back_to_the_first, world_start, world_stop),
        cmocka_unit_test_setup_teardown(rivals__goes_back_on_a_removal, world_start, world_stop),
        cmocka_unit_test_setup_teardown(rivals__does_not_follow_who_was_removed, world_start, world_stop),
        cmocka_unit_test_setup_teardown(rivals__reads_what_it_could_not_on_the_other_branch, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(rivals__settled_is_settled, world_start, world_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
