#include "conversation.h"
#include "base64.h"
#include "handmade.h"
#include "session.h"
#include "timestamp.h"

#include <stdio.h>
#include <stdlib.h>

#define DEVICES_NODE "urn:xmpp:mls:0:devices"
#define PACKAGES_NODE "urn:xmpp:mls:0:key-packages:"

enum { WHILE = 500, MOMENTS = 5000, MINUTES = 120000 /* milliseconds; after minutes all is settled */ };

static const char *device_id(const sim_client_t *client)
{
    return client->mls->self.key.id;
}

static sim_room_t *room_of(play_t *play)
{
    return sim_room(&play->sim, PLAY_ROOM);
}

/* 32 hex digits, as message ids are. */
static const char *fresh_id(play_t *play)
{
    char *id = mls_arena_alloc(&play->arena, 33);
    if (id == NULL || mod_mls_random_id(play->alice->mls, id) != MLS_OK)
        abort();
    return id;
}

/* Somebody sends the example into the room. Returns its stanza-id. */
static const char *post(play_t *play, unsigned number, const char *nick, const char *id, const char *inner)
{
    play_cue(play, number, id, "<stanza-id ");
    return sim_post_as(&play->sim, room_of(play), nick, id, inner);
}

/* ---- a device, a room ---------------------------------------------------------------------------- */

static void alice_sets_up_a_device(play_t *play)
{
    play_note(play, 1, handmade_disco_client(play));
    play_cue(play, 2, "disco#info", "category='account'");
    play_cue(play, 3, "<create node='" DEVICES_NODE "'", NULL);
    play_cue(play, 4, "<device ", NULL);
    play_cue(play, 5, "<create node='" PACKAGES_NODE, NULL);
    play_cue(play, 6, "<key-package ", NULL);
    play_cue(play, 7, "<index ", NULL);
    sim_online(play->alice);
    play_pass(play, WHILE);
}

static void alice_creates_the_room(play_t *play)
{
    const mod_mls_room_options_t options = { .name = "Midsummer planting", .may_add = MOD_MLS_EVERYBODY };
    play_cue(play, 8, "<presence ", NULL);
    play_cue(play, 9, "code='201'", NULL);
    play_cue(play, 10, "muc#owner", "type='get'");
    play_cue(play, 11, "muc#owner", "type='form'");
    play_cue(play, 12, "muc#owner", "type='submit'");
    play_cue(play, 13, "disco#info", NULL);
    play_require(play, mod_mls_room_create(play->alice->mls, PLAY_ROOM, &options) == MLS_OK,
                 "Alice cannot create the room");
    play_pass(play, WHILE);
}

/* The invitation is accepted, and all that follows is settled. */
static void accept(play_t *play, sim_client_t *who)
{
    play_require(play, mod_mls_room_accept(who->mls, PLAY_ROOM) == MLS_OK, "an invitation does not come");
    play_pass(play, MINUTES);
}

/* What is not among the examples: before the conversation begins, Carol is in the room. */
static void carol_joins(play_t *play)
{
    sim_online(play->carol);
    play_require(play, mod_mls_room_invite(play->alice->mls, PLAY_ROOM, play->carol->account) == MLS_OK,
                 "Alice cannot invite Carol");
    play_pass(play, MOMENTS);
    accept(play, play->carol);
}

/* ---- Bob ----------------------------------------------------------------------------------------- */

static void publish_by_hand(play_t *play, const char *item_id, const char *element, const char *content)
{
    sim_node_t *node = sim_node(&play->sim, play->bob->account, DEVICES_NODE);
    struct sim_item *item = calloc(1, sizeof *item), **end = &node->items;
    if (item == NULL)
        abort();
    (void)snprintf(item->id, sizeof item->id, "%s", item_id);
    item->element = mod_mls_strdup(element);
    item->content = mod_mls_strdup(content);
    while (*end != NULL)
        end = &(*end)->next;
    *end = item;
}

static void bob_has_two_devices(play_t *play)
{
    sim_online(play->bob);
    sim_online(play->laptop);
    play_pass(play, WHILE);
    sim_offline(play->laptop);
    publish_by_hand(play, handmade_endorsement_id(play, play->bob, play->laptop), "endorsement",
                    handmade_endorsement(play, play->bob, play->laptop));
    play_pass(play, MINUTES);
}

static void alice_invites_bob(play_t *play)
{
    play_cue(play, 14, "<items node='" DEVICES_NODE "'", NULL);
    play_cue(play, 15, "<items node='" DEVICES_NODE "'", NULL);
    play_cue(play, 16, device_id(play->bob), "<item id='index'");
    play_cue(play, 17, device_id(play->bob), "<index ");
    play_cue(play, 18, device_id(play->bob), "type='get'");
    play_cue(play, 19, device_id(play->bob), "<key-package ");
    play_cue(play, 20, "affiliation='member'", play->bob->account);
    play_cue(play, 21, "<mls ", NULL);
    play_cue(play, 22, "<mls ", "<stanza-id ");
    play_cue(play, 23, "urn:xmpp:mam:2", NULL);
    play_cue(play, 24, "urn:xmpp:mam:2", "<mls ");
    play_cue(play, 25, "<fin ", NULL);
    play_cue(play, 26, "<welcome ", NULL);
    play_cue(play, 27, "<retract ", NULL);
    play_require(play, mod_mls_room_invite(play->alice->mls, PLAY_ROOM, play->bob->account) == MLS_OK,
                 "Alice cannot invite Bob");
    play_pass(play, MOMENTS);
}

static void bob_joins(play_t *play)
{
    play_cue_late(play, 28, "/bob'", "<mls ");
    accept(play, play->bob);
}

/* ---- messages ------------------------------------------------------------------------------------ */

static sim_stanza_t *last_stanza(play_t *play)
{
    return &room_of(play)->archive.items[room_of(play)->archive.count - 1];
}

/* The MLSMessage in a stanza; the caller clears it. */
static mls_bytes_t message_in(const sim_stanza_t *stanza)
{
    mls_bytes_t bytes = { 0 };
    const char *start = strstr(stanza->inner, "<mls ");
    const char *content = start == NULL ? NULL : strchr(start, '>');
    const char *end = content == NULL ? NULL : strstr(content, "</mls>");
    if (end == NULL)
        return bytes;
    char *base64 = mod_mls_strndup(mls_view(content + 1, (size_t)(end - content - 1)));
    if (base64 == NULL || mod_mls_base64_decode(&bytes, base64) != MLS_OK)
        abort();
    free(base64);
    return bytes;
}

/* What Alice's message holds, read with Bob's keys before he uses them. */
static void look_inside(play_t *play, insider_t *bob, mls_view_t message)
{
    mls_received_t *received;
    if (mls_group_receive(bob->group, &received, message, play->sim.now / 1000) != MLS_OK) {
        play_require(play, false, "Alice's message cannot be decrypted");
        return;
    }
    char *envelope = mod_mls_strndup(mls_received_data(received));
    play_note(play, 29, envelope);
    free(envelope);
    mls_received_free(received);
}

static void alice_says_hello(play_t *play)
{
    mod_mls_error_t error;
    insider_t bob = insider_become(play->bob, PLAY_ROOM);
    play_cue(play, 30, "<encryption ", NULL);
    play_cue(play, 31, "<encryption ", NULL);
    play_require(play, mod_mls_text_out(play->alice->mls, &error, PLAY_ROOM, "Hello") == MOD_MLS_SENT,
                 "Alice cannot send");
    play_pass(play, WHILE);
    mls_bytes_t message = message_in(last_stanza(play));
    look_inside(play, &bob, mls_bytes_view(&message));
    mls_bytes_clear(&message);
    mls_group_free(bob.group);
}

static void hello_comes_again(play_t *play)
{
    const sim_stanza_t *hello = last_stanza(play);
    char *id = mod_mls_strdup(hello->message_id), *inner = mod_mls_strdup(hello->inner);
    if (id == NULL || inner == NULL)
        abort();
    (void)post(play, 32, "alice", id, inner);
    play_pass(play, WHILE);
    free(id);
    free(inner);
}

static void alice_corrects_herself(play_t *play)
{
    mod_mls_xml_writer_t xml = { 0 };
    char stamp[MOD_MLS_TIMESTAMP_SIZE];
    mod_mls_timestamp_write(stamp, play->sim.now);
    mod_mls_xml_open(&xml, "envelope", "urn:xmpp:sce:1");
    mod_mls_xml_open(&xml, "content", NULL);
    mod_mls_xml_leaf(&xml, "body", "jabber:client", "Hello all");
    mod_mls_xml_open(&xml, "replace", "urn:xmpp:message-correct:0");
    mod_mls_xml_put(&xml, "id", last_stanza(play)->message_id);
    mod_mls_xml_close(&xml);
    mod_mls_xml_close(&xml);
    mod_mls_xml_open(&xml, "time", NULL);
    mod_mls_xml_put(&xml, "stamp", stamp);
    if (mod_mls_xml_finish(&xml) != MLS_OK)
        abort();
    play_note(play, 33, xml.text.data);
    mod_mls_text_clear(&xml.text);
}

/* ---- more devices -------------------------------------------------------------------------------- */

/* The event that the server sends Alice for the device item of Bob's tablet. */
static const char *devices_event(play_t *play)
{
    const struct sim_item *item = sim_node(&play->sim, play->bob->account, DEVICES_NODE)->items;
    while (item != NULL && strcmp(item->id, device_id(play->bob2)) != 0)
        item = item->next;
    mod_mls_xml_writer_t xml = { 0 };
    mod_mls_xml_open(&xml, "message", "jabber:client");
    mod_mls_xml_put(&xml, "type", "headline");
    mod_mls_xml_put(&xml, "from", play->bob->account);
    mod_mls_xml_put(&xml, "to", play->alice->full_jid);
    mod_mls_xml_open(&xml, "event", "http://jabber.org/protocol/pubsub#event");
    mod_mls_xml_open(&xml, "items", NULL);
    mod_mls_xml_put(&xml, "node", DEVICES_NODE);
    mod_mls_xml_open(&xml, "item", NULL);
    mod_mls_xml_put(&xml, "id", device_id(play->bob2));
    mod_mls_xml_leaf(&xml, "device", MOD_MLS_NAMESPACE, item == NULL ? "" : item->content);
    if (mod_mls_xml_finish(&xml) != MLS_OK)
        abort();
    return play_keep(play, &xml.text);
}

static void bob_has_a_new_device(play_t *play)
{
    sim_online(play->bob2);
    play_pass(play, WHILE);
    play_note(play, 34,
              handmade_publish(play, fresh_id(play), handmade_endorsement_id(play, play->bob, play->bob2),
                               "endorsement", handmade_endorsement(play, play->bob, play->bob2)));
    play_deliver(play, 35, devices_event(play));
}

/* Who asks to be added knows the room, and holds no group in it. */
static void know_the_room(play_t *play, sim_client_t *client)
{
    mod_mls_room_t *room;
    mls_status_t status = mod_mls_enter(client->mls);
    if (status == MLS_OK)
        status = mod_mls_room_add(client->mls, &room, PLAY_ROOM, MOD_MLS_ROOM_LEFT);
    play_require(play, mod_mls_leave(client->mls, status) == MLS_OK, "the tablet cannot know the room");
}

/* Whether the Welcome lets the device in for which it was made. */
static bool lets_in(sim_client_t *client, const mls_key_package_t *key_package, mls_view_t message)
{
    const mls_group_config_t config = mod_mls_group_config(client->mls);
    mls_welcome_t *welcome = NULL;
    mls_group_t *group = NULL;
    mls_status_t status = mls_welcome_open(&welcome, client->mls->crypto, &config, key_package, message);
    if (status == MLS_OK)
        status = mls_group_join(&group, NULL, client->mls->crypto, &config, welcome, mls_view(NULL, 0));
    mls_group_free(group);
    mls_welcome_free(welcome);
    return status == MLS_OK;
}

static void the_new_device_asks_to_be_added(play_t *play)
{
    insider_t alice = insider_become(play->alice, PLAY_ROOM);
    mls_key_package_t *key_package = handmade_key_package(play->bob2, play->bob);
    mls_bytes_t request = handmade_join_request(play->bob2, &alice, key_package);
    mls_bytes_t welcome = handmade_welcome(&alice, key_package);
    play_require(play, lets_in(play->bob2, key_package, mls_bytes_view(&welcome)),
                 "the tablet is not let in");
    const char *id = fresh_id(play);
    (void)post(play, 36, "bob", id, handmade_element(play, "join", "", id, mls_bytes_view(&request)));
    play_pass(play, MOMENTS);
    know_the_room(play, play->bob2);
    id = fresh_id(play);
    const char *inner = handmade_element(play, "welcome", "", id, mls_bytes_view(&welcome));
    const char *stanza_id = sim_post_as(&play->sim, room_of(play), "alice", id, inner);
    play_deliver(play, 37, play_room_stanza(play, play->bob2, "alice", id, inner, stanza_id));
    mls_bytes_clear(&request);
    mls_bytes_clear(&welcome);
    mls_key_package_free(key_package);
    mls_group_free(alice.group);
}

static void bob_loses_a_device(play_t *play)
{
    play_note(play, 38,
              handmade_publish(play, fresh_id(play), handmade_revocation_id(play, play->laptop), "revocation",
                               handmade_revocation(play, play->bob, play->laptop)));
}

/* The others are not sent: what is not complete is nothing. */
static void the_last_part_of_a_commit(play_t *play)
{
    enum { SLICE = 75000 };
    insider_t alice = insider_become(play->alice, PLAY_ROOM);
    mls_bytes_t commit = handmade_large_commit(&alice);
    uint8_t hash[MOD_MLS_SHA256_LEN];
    char hex[2 * MOD_MLS_SHA256_LEN + 1], attributes[128];
    play_require(play, commit.len > SLICE && commit.len < 2 * SLICE, "the Commit is not of two parts");
    if (mod_mls_sha256(play->alice->mls->crypto, hash, mls_bytes_view(&commit)) != MLS_OK)
        abort();
    mod_mls_hex(hex, mls_view(hash, sizeof hash));
    (void)snprintf(attributes, sizeof attributes, " id='%s' n='2' of='2'", hex);
    const char *id = fresh_id(play);
    const char *inner =
        handmade_element(play, "part", attributes, id, mls_view(commit.data + SLICE, commit.len - SLICE));
    (void)post(play, 39, "alice", id, inner);
    play_pass(play, WHILE);
    mls_bytes_clear(&commit);
    mls_group_free(alice.group);
}

/* ---- Carol leaves -------------------------------------------------------------------------------- */

/* Who committed last commits first. */
static void alice_renews_her_keys(play_t *play)
{
    play_require(play, mod_mls_room_update(play->alice->mls, PLAY_ROOM) == MLS_OK, "Alice cannot commit");
    play_pass(play, MINUTES);
}

static void carol_goes(play_t *play)
{
    play_cue(play, 40, "/carol'", "<mls ");
    play_cue_late(play, 41, "/alice'", "<mls ");
    play_cue(play, 42, "affiliation='none'", play->carol->account);
    play_require(play, mod_mls_room_leave(play->carol->mls, PLAY_ROOM) == MLS_OK, "Carol cannot leave");
    play_pass(play, MINUTES);
}

/* What Carol wrote with the keys that she had, and sends when she is out. */
static void carol_goes_on_talking(play_t *play, mls_view_t message)
{
    const char *id = fresh_id(play);
    (void)post(play, 43, "carol", id, handmade_inner(play, id, message, true));
    play_pass(play, WHILE);
}

static void carol_leaves(play_t *play)
{
    insider_t carol = insider_become(play->carol, PLAY_ROOM);
    mls_bytes_t message = handmade_message(&carol, "I am still here");
    carol_goes(play);
    if (play->num_failures == 0)
        carol_goes_on_talking(play, mls_bytes_view(&message));
    mls_bytes_clear(&message);
    mls_group_free(carol.group);
}

/* ---- what must do no harm ------------------------------------------------------------------------ */

/* Something comes that Alice's client has not sent; only Bob is told. */
static void deliver_to_bob(play_t *play, unsigned number, const char *id, const char *inner,
                           const char *stanza_id)
{
    play_deliver(play, number, play_room_stanza(play, play->bob, "alice", id, inner, stanza_id));
    play_pass(play, MOMENTS);
}

static void a_commit_without_stanza_id(play_t *play, insider_t *alice)
{
    mls_bytes_t commit = insider_commit_signed(alice, NULL, 0);
    const char *id = fresh_id(play);
    deliver_to_bob(play, 44, id, handmade_inner(play, id, mls_bytes_view(&commit), false), NULL);
    mls_bytes_clear(&commit);
}

static void a_message_cut_off(play_t *play, insider_t *alice)
{
    mls_bytes_t message = handmade_message(alice, "Cut");
    const char *id = fresh_id(play);
    const mls_view_t cut = mls_view(message.data, message.len - 20);
    (void)post(play, 45, "alice", id, handmade_inner(play, id, cut, false));
    play_pass(play, WHILE);
    mls_bytes_clear(&message);
}

static void two_elements(play_t *play, insider_t *alice)
{
    mls_bytes_t one = handmade_message(alice, "One"), two = handmade_message(alice, "Two");
    const char *id = fresh_id(play);
    const char *rest = handmade_inner(play, id, mls_bytes_view(&two), false);
    mod_mls_text_t inner = { 0 };
    mod_mls_text_add(&inner, "<mls xmlns='" MOD_MLS_NAMESPACE "'>");
    mod_mls_text_add_base64(&inner, mls_bytes_view(&one));
    mod_mls_text_add(&inner, "</mls>");
    mod_mls_text_add(&inner, rest);
    (void)post(play, 46, "alice", id, inner.data);
    play_pass(play, WHILE);
    mod_mls_text_clear(&inner);
    mls_bytes_clear(&one);
    mls_bytes_clear(&two);
}

static void a_commit_that_is_not_allowed(play_t *play)
{
    insider_t bob = insider_become(play->bob, PLAY_ROOM);
    mls_bytes_t commit = handmade_policy_commit(&bob);
    const char *id = fresh_id(play);
    play_cue_late(play, 47, "/bob'", "<mls ");
    (void)sim_post_as(&play->sim, room_of(play), "bob", id,
                      handmade_inner(play, id, mls_bytes_view(&commit), false));
    play_pass(play, MINUTES);
    mls_bytes_clear(&commit);
    mls_group_free(bob.group);
}

static void clear_text(play_t *play)
{
    (void)post(play, 48, "alice", fresh_id(play), "<body>Please call me</body>");
    play_pass(play, WHILE);
}

static void a_message_for_another_room(play_t *play)
{
    insider_t alice = insider_become(play->alice, PLAY_ROOM);
    alice.room_jid = "garden@conference.example.org";
    mls_bytes_t message = handmade_message(&alice, "For the gardeners");
    const char *id = fresh_id(play);
    deliver_to_bob(play, 49, id, handmade_inner(play, id, mls_bytes_view(&message), true), fresh_id(play));
    mls_bytes_clear(&message);
    mls_group_free(alice.group);
}

/* Alice, who has one device only, is sent what was once sent to Carol. */
static void a_welcome_for_somebody_else(play_t *play)
{
    const sim_stanza_t *welcome = play->carol->archive.items;
    mod_mls_text_t text = { 0 };
    mod_mls_text_add(&text, "<message xmlns='jabber:client' type='chat' from='");
    mod_mls_text_add(&text, play->bob->full_jid);
    mod_mls_text_add(&text, "' to='");
    mod_mls_text_add(&text, play->alice->account);
    mod_mls_text_add(&text, "' id='");
    mod_mls_text_add(&text, welcome->message_id);
    mod_mls_text_add(&text, "'>");
    mod_mls_text_add(&text, welcome->inner);
    mod_mls_text_add(&text, "</message>");
    play_deliver(play, 50, text.data);
    mod_mls_text_clear(&text);
}

/* Changes the last byte, which is of the signature, of every KeyPackage that Carol has published. */
static void spoil_key_packages(play_t *play)
{
    char name[128];
    (void)snprintf(name, sizeof name, PACKAGES_NODE "%s", device_id(play->carol));
    const sim_node_t *node = sim_node(&play->sim, play->carol->account, name);
    for (struct sim_item *item = node->items; item != NULL; item = item->next) {
        mls_bytes_t bytes;
        mod_mls_text_t text = { 0 };
        if (strcmp(item->element, "key-package") != 0)
            continue;
        if (mod_mls_base64_decode(&bytes, item->content) != MLS_OK)
            abort();
        bytes.data[bytes.len - 1] ^= 1;
        mod_mls_text_add_base64(&text, mls_bytes_view(&bytes));
        free(item->content);
        item->content = text.data;
        mls_bytes_clear(&bytes);
    }
}

static void a_bad_key_package(play_t *play)
{
    spoil_key_packages(play);
    play_cue(play, 51, "<key-package ", NULL);
    play_require(play, mod_mls_room_invite(play->alice->mls, PLAY_ROOM, play->carol->account) == MLS_OK,
                 "Alice cannot invite Carol again");
    play_pass(play, MOMENTS);
    play_require(play, mod_mls_room_cancel(play->alice->mls, PLAY_ROOM, play->carol->account) == MLS_OK,
                 "Alice cannot give it up");
}

static void plain_chat(play_t *play)
{
    mod_mls_text_t text = { 0 };
    mod_mls_text_add(&text, "<message xmlns='jabber:client' type='chat' from='");
    mod_mls_text_add(&text, play->alice->full_jid);
    mod_mls_text_add(&text, "' to='");
    mod_mls_text_add(&text, play->bob->full_jid);
    mod_mls_text_add(&text, "' id='");
    mod_mls_text_add(&text, fresh_id(play));
    mod_mls_text_add(&text, "'><body>Lunch?</body></message>");
    play_deliver(play, 52, text.data);
    mod_mls_text_clear(&text);
}

static void broken_stanzas(play_t *play)
{
    insider_t alice = insider_become(play->alice, PLAY_ROOM);
    a_commit_without_stanza_id(play, &alice);
    a_message_cut_off(play, &alice);
    two_elements(play, &alice);
    mls_group_free(alice.group);
}

void conversation_play(play_t *play)
{
    static void (*const scenes[])(play_t *) = {
        alice_sets_up_a_device,
        alice_creates_the_room,
        carol_joins,
        bob_has_two_devices,
        alice_invites_bob,
        bob_joins,
        alice_says_hello,
        hello_comes_again,
        alice_corrects_herself,
        bob_has_a_new_device,
        the_new_device_asks_to_be_added,
        bob_loses_a_device,
        the_last_part_of_a_commit,
        alice_renews_her_keys,
        carol_leaves,
        broken_stanzas,
        alice_renews_her_keys, /* all is read and settled: of what comes now, nothing may be stored */
        a_commit_that_is_not_allowed,
        clear_text,
        a_message_for_another_room,
        a_welcome_for_somebody_else,
        a_bad_key_package,
        plain_chat,
    };
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0] && play->num_failures == 0; i++) {
        play_seed(play, i + 1);
        scenes[i](play);
    }
}
