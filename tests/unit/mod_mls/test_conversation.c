/* Conversations of several clients through a simulated server. */
#include "store_sql.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void conversation__two_people_talk(void **state)
{
    world_t *w = *state;
    world_alice_creates(w);
    sim_online(w->bob);
    assert_true(sim_expect(w->bob, "ready"));
    world_invite(w, w->bob);
    assert_true(sim_expect(w->alice, "member-added " TEAM " " BOB));
    world_accept(w, w->bob);
    world_assert_same_epoch(w->alice, w->bob);
    world_say(w, w->alice, "Hello & <welcome>");
    assert_true(sim_expect(w->bob, "message " TEAM " " ALICE " Hello & <welcome> flags=0"));
    assert_true(sim_expect(w->alice, "message " TEAM " " ALICE " Hello & <welcome> flags=3"));
    assert_true(sim_expect(w->alice, "delivered " TEAM));
    world_say(w, w->bob, "Hi");
    assert_true(sim_expect(w->alice, "member-heard " TEAM " " BOB));
    assert_true(sim_expect(w->alice, "message " TEAM " " BOB " Hi"));
    assert_int_equal(sim_count(w->bob, "message " TEAM " " ALICE), 1);
}

static void conversation__one_invited_while_offline_reads_what_came_after(void **state)
{
    world_t *w = *state;
    sim_online(w->carol);
    sim_pass(&w->sim, 1000);
    sim_offline(w->carol);
    world_alice_creates(w);
    sim_online(w->bob);
    world_invite(w, w->bob);
    world_accept(w, w->bob);
    world_say(w, w->bob, "before Carol");
    world_invite(w, w->carol);
    assert_true(sim_expect(w->alice, "member-added " TEAM " " CAROL));
    for (int i = 0; i < 12; i++)
        world_say(w, i % 2 == 0 ? w->alice : w->bob, "after her invitation");
    sim_online(w->carol);
    sim_pass(&w->sim, 1000);
    world_accept(w, w->carol);
    assert_int_equal(sim_count(w->carol, "invitation"),
                     1); /* though it came by the archive and as a message */
    assert_int_equal(sim_count(w->carol, "message "), 12);
    assert_int_equal(sim_count(w->carol, "message " TEAM " " BOB " before"), 0);
    world_assert_same_epoch(w->alice, w->carol);
    world_assert_same_epoch(w->bob, w->carol);
    world_say(w, w->carol, "I am here");
    assert_true(sim_expect(w->bob, "message " TEAM " " CAROL " I am here"));
}

static void conversation__who_was_offline_catches_up(void **state)
{
    world_t *w = *state;
    world_three(w);
    sim_offline(w->bob);
    for (int i = 0; i < 7; i++)
        world_say(w, w->alice, "while Bob is away");
    assert_int_equal(mod_mls_room_update(w->carol->mls, TEAM), MLS_OK);
    sim_pass(&w->sim, 3000);
    world_say(w, w->carol, "in the next epoch");
    sim_restart(w->bob);
    sim_online(w->bob);
    sim_pass(&w->sim, 3000);
    assert_int_equal(sim_count(w->bob, "message " TEAM " " ALICE " while Bob is away"), 7);
    assert_int_equal(sim_count(w->bob, "message " TEAM " " CAROL " in the next epoch"), 1);
    world_assert_same_epoch(w->alice, w->bob);
    sim_pass(&w->sim, 60000);
    sim_restart(w->bob);
    sim_online(w->bob);
    sim_pass(&w->sim, 3000);
    world_say(w, w->bob, "back again");
    assert_true(sim_expect(w->carol, "message " TEAM " " BOB " back again"));
    assert_int_equal(sim_count(w->bob, "message " TEAM " " ALICE " while Bob is away"), 7);
    assert_int_equal(sim_count(w->bob, "unreadable"), 0);
}

static void conversation__removed_member_reads_nothing_further(void **state)
{
    world_t *w = *state;
    w->sim.settings.keep_membership = true;
    sim_restart(w->alice);
    world_three(w);
    assert_int_equal(mod_mls_room_remove(w->alice->mls, TEAM, CAROL), MLS_OK);
    sim_pass(&w->sim, 5000);
    assert_true(sim_expect(w->carol, "removed " TEAM " " CAROL " by=" ALICE));
    assert_true(sim_expect(w->bob, "member-removed " TEAM " " CAROL " by=" ALICE));
    world_say(w, w->alice, "without Carol");
    assert_true(sim_expect(w->bob, "message " TEAM " " ALICE " without Carol"));
    assert_true(sim_expect(w->carol, "unreadable " TEAM " not-member"));
    assert_int_equal(sim_count(w->carol, "message " TEAM " " ALICE " without Carol"), 0);
    mod_mls_error_t error;
    assert_int_equal(mod_mls_text_out(w->carol->mls, &error, TEAM, "x"), MOD_MLS_REFUSED);
    assert_int_equal(error, MOD_MLS_ERROR_NOT_IN_GROUP);
}

static void conversation__removal_takes_the_membership(void **state)
{
    world_t *w = *state;
    world_three(w);
    assert_int_equal(mod_mls_room_remove(w->alice->mls, TEAM, CAROL), MLS_OK);
    sim_pass(&w->sim, 5000);
    assert_true(sim_expect(w->carol, "removed " TEAM " " CAROL " by=" ALICE));
    assert_string_equal(w->sim.rooms[0].affiliations[2], "member"); /* not before it is settled */
    sim_pass(&w->sim, 20000);
    assert_string_equal(w->sim.rooms[0].affiliations[2], "none");
    world_assert_same_epoch(w->alice, w->bob);
}

static void conversation__who_leaves_is_committed_by_another(void **state)
{
    world_t *w = *state;
    world_three(w);
    assert_int_equal(mod_mls_room_leave(w->carol->mls, TEAM), MLS_OK);
    sim_pass(&w->sim, 30000);
    assert_true(sim_expect(w->carol, "left " TEAM));
    assert_true(sim_expect(w->alice, "member-left " TEAM " " CAROL));
    assert_true(sim_expect(w->bob, "member-left " TEAM " " CAROL));
    world_assert_same_epoch(w->alice, w->bob);
    world_say(w, w->bob, "she is gone");
    assert_true(sim_expect(w->alice, "message " TEAM " " BOB " she is gone"));
}

/* As after a removal: who has left must not go on receiving what the room says. */
static void conversation__leaving_takes_the_membership(void **state)
{
    world_t *w = *state;
    world_three(w);
    assert_int_equal(mod_mls_room_leave(w->carol->mls, TEAM), MLS_OK);
    sim_pass(&w->sim, 5000);
    assert_true(sim_expect(w->carol, "left " TEAM));
    assert_string_equal(w->sim.rooms[0].members[2], CAROL);
    assert_string_equal(w->sim.rooms[0].affiliations[2], "member"); /* not before it is settled */
    sim_pass(&w->sim, 30000);
    assert_string_equal(w->sim.rooms[0].affiliations[2], "none");
    world_assert_same_epoch(w->alice, w->bob);
}

static void assert_refuses_text(sim_client_t *client, mod_mls_error_t expected)
{
    mod_mls_error_t error;
    assert_int_equal(mod_mls_text_out(client->mls, &error, TEAM, "x"), MOD_MLS_REFUSED);
    assert_int_equal(error, expected);
}

/* From the wish on, and not only when somebody has committed it. */
static void conversation__who_left_is_told_so(void **state)
{
    world_t *w = *state;
    world_three(w);
    assert_int_equal(mod_mls_room_leave(w->carol->mls, TEAM), MLS_OK);
    assert_refuses_text(w->carol, MOD_MLS_ERROR_HAS_LEFT);
    sim_pass(&w->sim, 30000);
    assert_true(sim_expect(w->carol, "left " TEAM));
    assert_refuses_text(w->carol, MOD_MLS_ERROR_HAS_LEFT);
    assert_int_equal(mod_mls_room_update(w->carol->mls, TEAM), MLS_ERR_STATE);
    assert_true(sim_expect(w->carol, "error " TEAM " has-left"));
    assert_string_equal(mod_mls_error_text(MOD_MLS_ERROR_HAS_LEFT), "You have left this room.");
    assert_string_equal(mod_mls_error_text(MOD_MLS_ERROR_NOT_IN_GROUP), "You were removed from this room.");
}

static void conversation__simultaneous_commits_end_in_one_epoch(void **state)
{
    world_t *w = *state;
    world_three(w);
    assert_int_equal(mod_mls_room_update(w->alice->mls, TEAM), MLS_OK);
    assert_int_equal(mod_mls_room_update(w->bob->mls, TEAM), MLS_OK);
    assert_int_equal(mod_mls_room_update(w->carol->mls, TEAM), MLS_OK);
    sim_pass(&w->sim, 120000);
    world_assert_same_epoch(w->alice, w->bob);
    world_assert_same_epoch(w->alice, w->carol);
    mod_mls_epoch_info_t info;
    assert_int_equal(mod_mls_room_epoch(w->alice->mls, &info, TEAM), MLS_OK);
    assert_int_equal(info.epoch, 5); /* two invitations, three updates: nobody's wish is lost */
}

static void conversation__every_joiner_commits(void **state)
{
    world_t *w = *state;
    w->sim.settings.join_commit_delay_ms = 20000;
    sim_restart(w->bob);
    world_alice_creates(w);
    sim_online(w->bob);
    world_invite(w, w->bob);
    world_accept(w, w->bob);
    sim_pass(&w->sim, 60000);
    mod_mls_epoch_info_t info;
    assert_int_equal(mod_mls_room_epoch(w->alice->mls, &info, TEAM), MLS_OK);
    assert_int_equal(info.epoch, 2);
    assert_true(sim_expect(w->alice, "member-heard " TEAM " " BOB));
    world_assert_same_epoch(w->alice, w->bob);
}

static void conversation__what_was_not_sent_is_sent_after_a_crash(void **state)
{
    world_t *w = *state;
    mod_mls_error_t error;
    world_three(w);
    assert_int_equal(mod_mls_text_out(w->bob->mls, &error, TEAM, "survives"), MOD_MLS_SENT);
    sim_kill(w->bob); /* before anything left */
    assert_int_equal(mod_mls_room_update(w->alice->mls, TEAM), MLS_OK);
    sim_pass(&w->sim, 5000); /* the epoch that it was encrypted in has ended */
    sim_online(w->bob);
    sim_pass(&w->sim, 5000);
    assert_int_equal(sim_count(w->alice, "message " TEAM " " BOB " survives"), 1);
    assert_int_equal(sim_count(w->carol, "message " TEAM " " BOB " survives"), 1);
    assert_int_equal(sim_count(w->bob, "delivered"), 1);
}

static void conversation__commit_survives_a_crash(void **state)
{
    world_t *w = *state;
    world_three(w);
    assert_int_equal(mod_mls_room_remove(w->alice->mls, TEAM, CAROL), MLS_OK);
    sim_kill(w->alice);
    sim_online(w->alice);
    sim_pass(&w->sim, 5000);
    assert_true(sim_expect(w->bob, "member-removed " TEAM " " CAROL));
    world_assert_same_epoch(w->alice, w->bob);
}

static void conversation__room_without_archive_is_refused(void **state)
{
    world_t *w = *state;
    sim_room(&w->sim, TEAM)->has_no_archive = true;
    sim_online(w->alice);
    assert_int_equal(mod_mls_room_create(w->alice->mls, TEAM, NULL), MLS_OK);
    sim_pass(&w->sim, 1000);
    assert_true(sim_expect(w->alice, "error " TEAM " room-no-archive"));
    mod_mls_error_t error;
    assert_int_equal(mod_mls_text_out(w->alice->mls, &error, TEAM, "x"), MOD_MLS_NOT_MINE);
}

static void conversation__server_without_pep_is_told(void **state)
{
    world_t *w = *state;
    w->sim.has_no_pep = true;
    sim_online(w->alice);
    assert_true(sim_expect(w->alice, "error - no-pep"));
    sim_pass(&w->sim, 1000);
    assert_int_equal(sim_count(w->alice, "error"), 1); /* by disco and by what is refused: said once */
    assert_int_equal(sim_count(w->alice, "warning"), 0);
}

/* What is missing is said; what works all the same is used. */
static void conversation__what_the_account_lacks_is_told(void **state)
{
    static const struct {
        const char *feature, *told;
    } needed[] = {
        { "urn:xmpp:mam:2", "warning - no-archive" },
        { "http://jabber.org/protocol/pubsub#persistent-items", "warning - pep-not-persistent" },
        { "http://jabber.org/protocol/pubsub#publish-options", "warning - pep-not-open" },
    };
    world_t *w = *state;
    w->sim.account_lacks[1] = "http://jabber.org/protocol/pubsub#access-open"; /* as in Prosody */
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        w->sim.account_lacks[0] = needed[i].feature;
        sim_online(w->alice);
        sim_pass(&w->sim, 1000);
        assert_int_equal(sim_count(w->alice, needed[i].told), 1);
        assert_int_equal(sim_count(w->alice, "warning"), 1);
        assert_int_equal(sim_count(w->alice, "error"), 0);
        assert_int_equal(sim_count(w->alice, "ready"), 1);
        sim_offline(w->alice);
        sim_forget_events(w->alice);
    }
    w->sim.account_lacks[0] = NULL;
    sim_online(w->alice);
    sim_pass(&w->sim, 1000);
    assert_int_equal(sim_count(w->alice, "ready"), 1);
    assert_int_equal(sim_count(w->alice, "warning"), 0);
}

static void conversation__account_without_devices_is_told(void **state)
{
    world_t *w = *state;
    world_alice_creates(w);
    assert_int_equal(mod_mls_room_invite(w->alice->mls, TEAM, "dave@example.org"), MLS_OK);
    sim_pass(&w->sim, 3000);
    assert_true(sim_expect(w->alice, "error " TEAM " no-devices dave@example.org"));
}

static const char *count_with_payloads(void *arg, sim_client_t *client, sim_moment_t moment,
                                       const char *stanza)
{
    unsigned *count = arg;
    (void)client;
    if (moment == SIM_SENT && strstr(stanza, "node='urn:xmpp:mls:0:devices'") != NULL &&
        strstr(stanza, "<field var='pubsub#deliver_payloads'><value>1</value></field>") != NULL)
        (*count)++;
    return stanza;
}

/* Also where the node was there already and somebody has set it otherwise. */
static void conversation__changes_of_devices_are_told_with_their_content(void **state)
{
    world_t *w = *state;
    unsigned count = 0;
    w->sim.watch = count_with_payloads;
    w->sim.watch_arg = &count;
    sim_online(w->alice);
    assert_int_equal(count, 1);
    sim_offline(w->alice);
    sim_online(w->alice);
    assert_int_equal(count, 3); /* <create/>, which is refused, and <configure/> */
}

/* Both devices get the Welcomes for either, live; a device made later finds them in the archive. */
static void conversation__welcomes_for_other_devices_of_the_account_are_silent(void **state)
{
    world_t *w = *state;
    sim_online(w->bob);
    sim_client_t *second = sim_add(&w->sim, BOB);
    sim_online(second);
    assert_true(sim_expect(second, "new-device " BOB)); /* the first one */
    world_alice_creates(w);
    sim_node_t *devices = sim_node(&w->sim, BOB, "urn:xmpp:mls:0:devices");
    struct sim_item *of_second = devices->items->next;
    devices->items->next = NULL; /* Alice does not see it: the Welcome is for the first alone */
    world_invite(w, w->bob);
    assert_int_equal(sim_count(w->bob, "invitation"), 1);
    assert_int_equal(sim_count(second, "invitation"), 0);
    assert_int_equal(w->bob->archive.count, 1);
    assert_int_equal(second->archive.count, 1);
    assert_int_equal(sim_count(second, "error"), 0);
    devices->items->next = of_second;
    sim_offline(second);
    sim_forget_events(second);
    sim_online(second);
    assert_int_equal(sim_count(second, "new-device"), 0); /* known by now */
    sim_client_t *third = sim_add(&w->sim, BOB);
    third->archive = w->bob->archive; /* the account's archive is one */
    w->bob->archive = (sim_archive_t){ 0 };
    sim_online(third);
    assert_int_equal(sim_count(third, "ready"), 1);
    assert_int_equal(sim_count(third, "invitation"), 0);
    assert_int_equal(sim_count(third, "error"), 0);
}

static size_t count_items(const sim_node_t *node)
{
    size_t count = 0;
    for (const struct sim_item *item = node->items; item != NULL; item = item->next)
        count++;
    return count;
}

static sim_node_t *packages_of(world_t *w, sim_client_t *client)
{
    mod_mls_device_t device;
    char name[128];
    mod_mls_own_device(client->mls, &device);
    (void)snprintf(name, sizeof name, "urn:xmpp:mls:0:key-packages:%s", device.device_id);
    return sim_node(&w->sim, client->account, name);
}

/* The content of the item "index". */
static const char *index_in(const sim_node_t *node)
{
    for (const struct sim_item *item = node->items; item != NULL; item = item->next) {
        if (strcmp(item->id, "index") == 0)
            return item->content;
    }
    return "none";
}

static void conversation__used_key_package_is_replaced(void **state)
{
    world_t *w = *state;
    char index[4000];
    world_alice_creates(w);
    sim_online(w->bob);
    const size_t published = count_items(packages_of(w, w->bob));
    (void)snprintf(index, sizeof index, "%s", index_in(packages_of(w, w->bob)));
    world_invite(w, w->bob);
    assert_int_equal(count_items(packages_of(w, w->bob)), published); /* one went, one came */
    assert_string_not_equal(index_in(packages_of(w, w->bob)), index);
}

static void conversation__server_that_lost_the_keys_gets_them_again(void **state)
{
    world_t *w = *state;
    sim_online(w->bob);
    sim_pass(&w->sim, 1000);
    sim_node_t *node = packages_of(w, w->bob);
    const size_t published = count_items(node);
    assert_true(published >= 5);
    struct sim_item *lost = node->items;
    node->items = NULL;
    sim_restart(w->bob);
    sim_online(w->bob);
    sim_pass(&w->sim, 1000);
    assert_int_equal(count_items(node), published);
    while (lost != NULL) {
        struct sim_item *next = lost->next;
        free(lost->element), free(lost->content), free(lost);
        lost = next;
    }
}

/* The room's owner turns the archive off, and on again. */
static void conversation__nothing_is_sent_while_the_room_is_unsafe(void **state)
{
    static const char changed[] =
        "<message xmlns='jabber:client' type='groupchat' from='" TEAM "'>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><status code='104'/></x></message>";
    world_t *w = *state;
    mod_mls_error_t error;
    world_three(w);
    sim_room(&w->sim, TEAM)->has_no_archive = true;
    sim_deliver(w->bob, changed);
    sim_pass(&w->sim, 1000);
    assert_true(sim_expect(w->bob, "room-unsafe " TEAM " room-no-archive"));
    assert_int_equal(mod_mls_text_out(w->bob->mls, &error, TEAM, "x"), MOD_MLS_REFUSED);
    assert_int_equal(error, MOD_MLS_ERROR_ROOM_NO_ARCHIVE);
    sim_room(&w->sim, TEAM)->has_no_archive = false;
    sim_deliver(w->bob, changed);
    sim_pass(&w->sim, 1000);
    assert_true(sim_expect(w->bob, "room-verified " TEAM));
    world_say(w, w->bob, "safe again");
    assert_true(sim_expect(w->alice, "message " TEAM " " BOB " safe again"));
}

static void conversation__members_invite_where_the_room_says_so(void **state)
{
    const mod_mls_room_options_t options = { .may_add = MOD_MLS_EVERYBODY, .name = "Team" };
    world_t *w = *state;
    sim_online(w->alice);
    sim_online(w->bob);
    sim_online(w->carol);
    assert_int_equal(mod_mls_room_create(w->alice->mls, TEAM, &options), MLS_OK);
    sim_pass(&w->sim, 1000);
    world_invite(w, w->bob);
    world_accept(w, w->bob);
    assert_int_equal(mod_mls_room_invite(w->bob->mls, TEAM, CAROL), MLS_OK);
    sim_pass(&w->sim, 5000);
    assert_true(sim_expect(w->carol, "invitation " TEAM " " BOB " from=" BOB));
    assert_int_equal(mod_mls_room_accept(w->carol->mls, TEAM), MLS_OK);
    sim_pass(&w->sim, 5000);
    world_assert_same_epoch(w->alice, w->carol);
    assert_int_equal(mod_mls_room_remove(w->bob->mls, TEAM, CAROL), MLS_ERR_STATE);
    assert_true(sim_expect(w->bob, "error " TEAM " not-allowed " CAROL));
}

static void conversation__last_admin_does_not_leave(void **state)
{
    world_t *w = *state;
    world_three(w);
    assert_int_equal(mod_mls_room_leave(w->alice->mls, TEAM), MLS_ERR_STATE);
    assert_true(sim_expect(w->alice, "error " TEAM " last-admin"));
}

static void conversation__a_removed_member_can_be_invited_again(void **state)
{
    world_t *w = *state;
    world_three(w);
    assert_int_equal(mod_mls_room_remove(w->alice->mls, TEAM, CAROL), MLS_OK);
    sim_pass(&w->sim, 30000);
    assert_true(sim_expect(w->carol, "removed " TEAM));
    world_invite(w, w->carol);
    world_accept(w, w->carol);
    world_assert_same_epoch(w->alice, w->carol);
    world_say(w, w->carol, "back");
    assert_true(sim_expect(w->bob, "member-heard " TEAM " " CAROL));
    assert_true(sim_expect(w->bob, "message " TEAM " " CAROL " back"));
}

/* Nobody who has MLS is written to in the clear by mistake. */
static void conversation__clear_text_needs_an_explicit_act(void **state)
{
    world_t *w = *state;
    mod_mls_error_t error;
    world_alice_creates(w);
    assert_int_equal(mod_mls_text_out(w->alice->mls, &error, BOB, "x"), MOD_MLS_NOT_MINE);
    sim_online(w->bob);
    world_invite(w, w->bob);
    assert_int_equal(mod_mls_text_out(w->alice->mls, &error, BOB, "x"), MOD_MLS_REFUSED);
    assert_int_equal(error, MOD_MLS_ERROR_WOULD_BE_CLEAR_TEXT);
}

/* From here on every write fails, as on a full disk; or no longer. */
static void fail_writes(sim_client_t *client, bool fail)
{
    assert_int_equal(sqlite3_exec(client->mls->store->db,
                                  fail ? "PRAGMA query_only = ON" : "PRAGMA query_only = OFF", NULL, NULL,
                                  NULL),
                     SQLITE_OK);
}

static void conversation__goes_on_after_writes_failed(void **state)
{
    world_t *w = *state;
    mod_mls_error_t error;
    world_three(w);
    sim_pass(&w->sim, 30000);
    char *before = sim_dump(w->bob);
    fail_writes(w->bob, true);
    world_say(w, w->alice, "while the disk is full");
    assert_true(sim_expect(w->bob, "error - store"));
    assert_int_equal(sim_count(w->bob, "message " TEAM " " ALICE " while the disk is full"), 0);
    assert_int_equal(mod_mls_text_out(w->bob->mls, &error, TEAM, "not stored"), MOD_MLS_REFUSED);
    assert_int_equal(error, MOD_MLS_ERROR_STORE);
    fail_writes(w->bob, false);
    char *after = sim_dump(w->bob);
    assert_string_equal(before, after);
    free(before);
    free(after);
    sim_pass(&w->sim, 5000);
    world_say(w, w->alice, "and after");
    sim_pass(&w->sim, 5000);
    assert_int_equal(sim_count(w->bob, "message " TEAM " " ALICE " while the disk is full"), 1);
    assert_int_equal(sim_count(w->bob, "message " TEAM " " ALICE " and after"), 1);
    assert_int_equal(sim_count(w->alice, "message " TEAM " " BOB), 0);
    world_assert_same_epoch(w->alice, w->bob);
}

static void conversation__replaces_live_messages_for_hosts_that_want_it(void **state)
{
    world_t *w = *state;
    w->sim.settings.replace = true;
    sim_restart(w->bob);
    world_three(w);
    world_say(w, w->alice, "in its place");
    assert_int_equal(w->bob->last_answer, MOD_MLS_REPLACE);
    assert_string_equal(w->bob->last_text, "in its place");
    assert_int_equal(sim_count(w->bob, "message "), 0);
    world_say(w, w->bob, "my own");
    assert_int_equal(w->bob->last_answer, MOD_MLS_REPLACE);
    assert_string_equal(w->bob->last_text, "my own");
    assert_int_equal(w->bob->last_replacement.flags & MOD_MLS_MESSAGE_OWN, MOD_MLS_MESSAGE_OWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(conversation__two_people_talk, world_start, world_stop),
        cmocka_unit_test_setup_teardown(conversation__one_invited_while_offline_reads_what_came_after,
                                        world_start, world_stop),
        cmocka_unit_test_setup_teardown(conversation__who_was_offline_catches_up, world_start, world_stop),
        cmocka_unit_test_setup_teardown(conversation__removed_member_reads_nothing_further, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(conversation__removal_takes_the_membership, world_start, world_stop),
        cmocka_unit_test_setup_teardown(conversation__who_leaves_is_committed_by_another, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(conversation__leaving_takes_the_membership, world_start, world_stop),
        cmocka_unit_test_setup_teardown(conversation__who_left_is_told_so, world_start, world_stop),
        cmocka_unit_test_setup_teardown(conversation__simultaneous_commits_end_in_one_epoch, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(conversation__every_joiner_commits, world_start, world_stop),
        cmocka_unit_test_setup_teardown(conversation__what_was_not_sent_is_sent_after_a_crash, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(conversation__commit_survives_a_crash, world_start, world_stop),
        cmocka_unit_test_setup_teardown(conversation__room_without_archive_is_refused, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(conversation__server_without_pep_is_told, world_start, world_stop),
        cmocka_unit_test_setup_teardown(conversation__what_the_account_lacks_is_told, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(conversation__account_without_devices_is_told, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(conversation__welcomes_for_other_devices_of_the_account_are_silent,
                                        world_start, world_stop),
        cmocka_unit_test_setup_teardown(conversation__changes_of_devices_are_told_with_their_content,
                                        world_start, world_stop),
        cmocka_unit_test_setup_teardown(conversation__used_key_package_is_replaced, world_start, world_stop),
        cmocka_unit_test_setup_teardown(conversation__server_that_lost_the_keys_gets_them_again, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(conversation__nothing_is_sent_while_the_room_is_unsafe, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(conversation__members_invite_where_the_room_says_so, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(conversation__last_admin_does_not_leave, world_start, world_stop),
        cmocka_unit_test_setup_teardown(conversation__a_removed_member_can_be_invited_again, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(conversation__clear_text_needs_an_explicit_act, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(conversation__goes_on_after_writes_failed, world_start, world_stop),
        cmocka_unit_test_setup_teardown(conversation__replaces_live_messages_for_hosts_that_want_it,
                                        world_start, world_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
