/* make_key_schedule.c -- the secrets of some epochs, along the diagram of RFC 9420, Section 8. */
#include "by_hand.h"
#include "generate.h"
#include "hpke.h"
#include "make.h"

enum { NUM_EPOCHS = 2 };

/* RFC 9420, Section 8.1 */
static mls_view_t group_context(vector_case_t *c, mls_view_t group_id, uint64_t epoch,
                                const mls_secret_t *tree_hash, const mls_secret_t *confirmed)
{
    hand_t hand = { 0 };
    hand_number(&hand, 1, 2); /* mls10 */
    hand_number(&hand, c->suite->id, 2);
    hand_opaque(&hand, group_id);
    hand_number(&hand, epoch, 8);
    hand_opaque(&hand, mls_secret_view(tree_hash));
    hand_opaque(&hand, mls_secret_view(confirmed));
    hand_opaque(&hand, (mls_view_t){ 0 });
    return hand_view(c, &hand);
}

/* The columns of RFC 9420, Section 8, Table 4. */
static const struct {
    const char *field, *label;
} derived[] = {
    { "sender_data_secret", "sender data" }, { "encryption_secret", "encryption" },
    { "exporter_secret", "exporter" },       { "external_secret", "external" },
    { "confirmation_key", "confirm" },       { "membership_key", "membership" },
    { "resumption_psk", "resumption" },      { "epoch_authenticator", "authentication" },
};

/* MLS-Exporter (RFC 9420, Section 8.5) */
static void make_exporter(vector_case_t *c, cJSON *json, const mls_secret_t *epoch_secret)
{
    const mls_secret_t exporter_secret = hand_derive(c, epoch_secret, "exporter");
    const mls_secret_t for_label = hand_derive(c, &exporter_secret, "a label");
    const mls_view_t context = random_bytes(c, 40);
    const size_t len = 1 + random_below(c, (uint32_t)c->suite->hash->len);
    hand_t hashed = { 0 };
    hand_raw(&hashed, context);
    const mls_secret_t hash = hand_hash(c, &hashed);
    const mls_secret_t out = hand_expand(c, &for_label, "exported", mls_secret_view(&hash), len);
    put_text(c, json, "label", "a label");
    put_bytes(c, json, "context", context);
    put_number(c, json, "length", len);
    put_secret(c, json, "secret", &out);
}

static void make_external_pub(vector_case_t *c, cJSON *json, const mls_secret_t *epoch_secret)
{
    const mls_secret_t external_secret = hand_derive(c, epoch_secret, "external");
    mls_hpke_private_t private_key = { 0 };
    mls_hpke_public_t public_key = { 0 };
    vector_ok(c, "external_pub",
              mls_hpke_derive_key_pair(c->crypto, c->suite, &private_key, &public_key,
                                       mls_secret_view(&external_secret)));
    put_bytes(c, json, "external_pub", mls_hpke_public_view(&public_key));
}

/* `*init_secret` is that of the epoch before, and becomes that of this one. */
static void make_epoch(vector_case_t *c, cJSON *json, mls_view_t group_id, uint64_t epoch,
                       mls_secret_t *init_secret)
{
    const mls_secret_t tree_hash = random_secret(c), confirmed = random_secret(c);
    const mls_secret_t commit_secret = random_secret(c);
    const mls_secret_t psk_secret =
        epoch == 0 ? (mls_secret_t){ .len = c->suite->hash->len } : random_secret(c); /* zero: no PSK */
    const mls_view_t context = group_context(c, group_id, epoch, &tree_hash, &confirmed);
    const size_t len = c->suite->hash->len;

    mls_secret_t secret = hand_extract(c, init_secret, mls_secret_view(&commit_secret));
    const mls_secret_t joiner_secret = hand_expand(c, &secret, "joiner", context, len);
    secret = hand_extract(c, &joiner_secret, mls_secret_view(&psk_secret));
    const mls_secret_t welcome_secret = hand_derive(c, &secret, "welcome");
    const mls_secret_t epoch_secret = hand_expand(c, &secret, "epoch", context, len);
    *init_secret = hand_derive(c, &epoch_secret, "init");

    put_secret(c, json, "tree_hash", &tree_hash);
    put_secret(c, json, "commit_secret", &commit_secret);
    put_secret(c, json, "psk_secret", &psk_secret);
    put_secret(c, json, "confirmed_transcript_hash", &confirmed);
    put_bytes(c, json, "group_context", context);
    put_secret(c, json, "joiner_secret", &joiner_secret);
    put_secret(c, json, "welcome_secret", &welcome_secret);
    put_secret(c, json, "init_secret", init_secret);
    for (size_t i = 0; i < sizeof derived / sizeof *derived; i++) {
        secret = hand_derive(c, &epoch_secret, derived[i].label);
        put_secret(c, json, derived[i].field, &secret);
    }
    make_external_pub(c, json, &epoch_secret);
    make_exporter(c, put_object(c, json, "exporter"), &epoch_secret);
}

static void make(vector_case_t *c, cJSON *json, size_t variant)
{
    const mls_view_t group_id = random_bytes(c, 16);
    mls_secret_t init_secret = random_secret(c);
    (void)variant;
    put_bytes(c, json, "group_id", group_id);
    put_secret(c, json, "initial_init_secret", &init_secret);
    cJSON *epochs = put_array(c, json, "epochs");
    for (uint64_t epoch = 0; epoch < NUM_EPOCHS; epoch++)
        make_epoch(c, add_object(c, epochs), group_id, epoch, &init_secret);
}

const vector_generator_t generate_key_schedule = { "key-schedule", "the secrets of some epochs", true, 1,
                                                   make };
