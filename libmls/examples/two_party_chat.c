/* two_party_chat.c -- Alice and Bob write to each other: KeyPackage, Welcome, messages, and how all of it is
 * kept on disk.
 *
 * Each of them has a device of their own: a crypto context, a store, and a view of the group. What goes from
 * one to the other is bytes: a server may carry them, and cannot read them. */
#include "example.h"
#include "sqlite_store.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct device {
    mls_crypto_t *crypto;
    mls_store_t store;
    mls_key_package_t *key_package; /* while it is needed */
    mls_group_t *group;
} device_t;

/* Bounds and policies; all that is not named has a default. Nobody is asked here whether the name in a
 * credential is true: Alice and Bob compare a code instead. x509.c shows the better way. */
static const mls_group_config_t CONFIG = { .padding = MLS_PADDING_PADME, .private_handshake_only = true };

static const char GROUP[] = "Alice and Bob";

static void turn_on(device_t *device)
{
    must(mls_crypto_new(&device->crypto, NULL), "make a crypto context");
    must(sqlite_store_open(&device->store, ":memory:"), "open the store");
}

static void turn_off(device_t *device)
{
    mls_group_free(device->group);
    mls_crypto_free(device->crypto); /* last of all: everything was made with it */
    sqlite_store_close(&device->store);
}

/* ---- Bob publishes a KeyPackage --------------------------------------------------------------------- */

/* The Welcome may come days later, so its private keys go into the store: beside those of libmls, whose keys
 * all begin with 'g'. */
static mls_bytes_t publish_key_package(device_t *bob)
{
    mls_key_package_t *key_package = key_package_of(bob->crypto, "Bob");
    mls_bytes_t saved, published;
    must(mls_key_package_save(&saved, key_package), "write the KeyPackage with its private keys");
    must(bob->store.put(bob->store.arg, mls_view_text("key package"), mls_bytes_view(&saved)), "store it");
    must(mls_bytes_copy(&published, mls_key_package_message(key_package)), "copy what is public");
    mls_bytes_clear(&saved); /* wipes it, too */
    mls_key_package_free(key_package);
    return published;
}

static mls_status_t load_key_package(void *arg, mls_view_t key, mls_view_t value)
{
    device_t *bob = arg;
    (void)key;
    return mls_key_package_load(&bob->key_package, bob->crypto, value);
}

/* ---- Alice makes the group -------------------------------------------------------------------------- */

static void create(device_t *alice)
{
    mls_key_package_t *own = key_package_of(alice->crypto, "Alice");
    must(mls_group_create(&alice->group, alice->crypto, &CONFIG, own, mls_view_text(GROUP), NULL),
         "create the group");
    mls_key_package_free(own); /* used up: the group has its keys */
}

static mls_bytes_t add_bob(device_t *alice, const mls_bytes_t *bobs_key_package)
{
    const mls_proposal_spec_t add = { .type = MLS_PROPOSAL_ADD,
                                      .key_package = mls_bytes_view(bobs_key_package) };
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1, .now = now() };
    const mls_group_info_options_t with_tree = { .with_tree = true };
    mls_pending_commit_t *pending;
    mls_bytes_t welcome;

    must(mls_group_commit(alice->group, &pending, &options), "add Bob");
    must(mls_pending_commit_group_info(pending, &with_tree), "describe the group for whoever joins");
    must(mls_pending_commit_welcome(pending, &welcome, NULL, 0), "make the Welcome");
    must(mls_group_save(alice->group, &alice->store), "save before the Commit is sent");

    /* Now she sends it. With more members, the server decides which of several Commits of an epoch counts:
     * the first that it hands out. Hers comes back to her like everybody's, and only then she follows it. */
    mls_bytes_t commit = message_of(pending);
    follow(alice->group, &commit);
    must(mls_group_save(alice->group, &alice->store), "save the new epoch, before the Welcome is sent");
    mls_bytes_clear(&commit);
    return welcome;
}

/* ---- Bob joins -------------------------------------------------------------------------------------- */

static void join(device_t *bob, const mls_bytes_t *message)
{
    mls_store_t *store = &bob->store;
    mls_welcome_t *welcome;

    must(store->each(store->arg, mls_view_text("key package"), load_key_package, bob), "read the KeyPackage");
    must(mls_welcome_open(&welcome, bob->crypto, &CONFIG, bob->key_package, mls_bytes_view(message)),
         "open the Welcome");
    must(mls_group_join(&bob->group, NULL, bob->crypto, &CONFIG, welcome, mls_view(NULL, 0)), "join");

    /* One transaction: the group is there and the keys of the KeyPackage are gone, or neither. */
    must(store->begin(store->arg), "begin a transaction");
    must(mls_group_save(bob->group, store), "save the group");
    must(store->erase(store->arg, mls_view_text("key package")), "erase the KeyPackage's private keys");
    must(store->commit(store->arg), "end the transaction");
    mls_welcome_free(welcome);
    mls_key_package_free(bob->key_package);
}

/* ---- they chat -------------------------------------------------------------------------------------- */

/* Each message has a key of its own, used once and then destroyed. It is the saved state that knows which are
 * used. So: first save, then send, or after a crash the same key would encrypt two messages. */
static mls_bytes_t write_text(device_t *from, const char *text)
{
    mls_bytes_t message;
    must(mls_group_encrypt(from->group, &message, mls_view_text(text), mls_view(NULL, 0), false), "encrypt");
    must(mls_group_save(from->group, &from->store), "save before sending");
    return message;
}

/* And the other way round: first save, then show. */
static void read_text(device_t *to, const mls_bytes_t *message, const char *expected)
{
    mls_received_t *received;
    must(mls_group_receive(to->group, &received, mls_bytes_view(message), now()), "receive a message");
    must(mls_group_save(to->group, &to->store), "save before showing");
    expect(mls_received_type(received) == MLS_RECEIVED_APPLICATION, "it is an application message");

    const mls_leaf_info_t *sender = mls_received_sender_leaf(received);
    const mls_view_t text = mls_received_data(received);
    printf("%.*s: %.*s (%zu bytes on the way)\n", (int)sender->identity.len,
           (const char *)sender->identity.data, (int)text.len, (const char *)text.data, message->len);
    expect(mls_view_equal(text, mls_view_text(expected)), "it says what was written");
    mls_received_free(received);
}

static void restart(device_t *device)
{
    mls_group_free(device->group);
    must(mls_group_load(&device->group, device->crypto, &CONFIG, &device->store, mls_view_text(GROUP)),
         "load the group");
}

int main(void)
{
    static const char question[] = "Did the tomato seeds arrive?", answer[] = "They did: forty-one packets.";
    device_t alice = { 0 }, bob = { 0 };
    mls_received_t *received;
    turn_on(&alice);
    turn_on(&bob);

    mls_bytes_t key_package = publish_key_package(&bob);
    create(&alice);
    mls_bytes_t welcome = add_bob(&alice, &key_package);
    join(&bob, &welcome);
    expect(agree(alice.group, bob.group), "Alice and Bob have the same epoch authenticator");

    mls_bytes_t first = write_text(&alice, question);
    read_text(&bob, &first, question);

    /* Bob's program ends and is started again. What he has read cannot be read again: its key is gone. */
    restart(&bob);
    expect(mls_group_receive(bob.group, &received, mls_bytes_view(&first), now()) == MLS_ERR_GENERATION,
           "a message that comes twice is refused");
    mls_bytes_t second = write_text(&bob, answer);
    read_text(&alice, &second, answer);

    mls_bytes_clear(&key_package);
    mls_bytes_clear(&welcome);
    mls_bytes_clear(&first);
    mls_bytes_clear(&second);
    turn_off(&alice);
    turn_off(&bob);
    return EXIT_SUCCESS;
}
