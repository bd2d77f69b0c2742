/* key_schedule.c -- the secrets of an epoch (RFC 9420, Section 8). */
#include "key_schedule.h"
#include "group_context.h"
#include "vectors.h"

static void check_epoch_secrets(vector_case_t *c, const cJSON *json, const mls_epoch_secrets_t *secrets)
{
    const struct {
        const char *field;
        const mls_secret_t *secret;
    } expected[] = {
        { "init_secret", &secrets->init_secret },
        { "sender_data_secret", &secrets->sender_data_secret },
        { "encryption_secret", &secrets->encryption_secret },
        { "exporter_secret", &secrets->exporter_secret },
        { "epoch_authenticator", &secrets->epoch_authenticator },
        { "external_secret", &secrets->external_secret },
        { "confirmation_key", &secrets->confirmation_key },
        { "membership_key", &secrets->membership_key },
        { "resumption_psk", &secrets->resumption_psk },
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        vector_equal(c, json, expected[i].field, mls_secret_view(expected[i].secret));
}

static void check_external_pub(vector_case_t *c, const cJSON *json, const mls_epoch_secrets_t *secrets)
{
    mls_hpke_private_t private_key = { 0 };
    mls_hpke_public_t public_key = { 0 };
    vector_ok(
        c, "external_pub",
        mls_external_key_pair(c->crypto, c->suite, &private_key, &public_key, &secrets->external_secret));
    vector_equal(c, json, "external_pub", mls_hpke_public_view(&public_key));
}

static void check_exporter(vector_case_t *c, const cJSON *json, const mls_epoch_secrets_t *secrets)
{
    const cJSON *exporter = vector_object(c, json, "exporter");
    const size_t len = (size_t)vector_number(c, exporter, "length");
    uint8_t *out = mls_arena_alloc(&c->arena, len);
    if (!vector_check(c, "exporter.length", out != NULL, "no memory"))
        return;
    vector_ok(c, "exporter.secret",
              mls_exporter(c->crypto, c->suite, out, len, &secrets->exporter_secret,
                           vector_text(c, exporter, "label"), vector_bytes(c, exporter, "context")));
    vector_same(c, "exporter.secret", mls_view(out, len), vector_bytes(c, exporter, "secret"));
}

/* One epoch; `*init_secret` is that of the epoch before, and becomes that of this one. */
static void check_epoch(vector_case_t *c, const cJSON *json, uint64_t epoch, mls_secret_t *init_secret)
{
    const mls_secret_t commit_secret = vector_secret(c, json, "commit_secret");
    const mls_secret_t psk_secret = vector_secret(c, json, "psk_secret");
    const mls_view_t context = vector_context(c, json, epoch, vector_bytes(c, json, "tree_hash"));
    mls_secret_t joiner_secret = { 0 }, welcome_secret = { 0 };
    mls_epoch_secrets_t secrets = { 0 };

    if (!vector_equal(c, json, "group_context", context) ||
        !vector_ok(
            c, "joiner_secret",
            mls_joiner_secret(c->crypto, c->suite, &joiner_secret, init_secret, &commit_secret, context)) ||
        !vector_ok(c, "welcome_secret",
                   mls_welcome_secret(c->crypto, c->suite, &welcome_secret, &joiner_secret, &psk_secret)) ||
        !vector_ok(
            c, "epoch_secret",
            mls_epoch_secrets_derive(c->crypto, c->suite, &secrets, &joiner_secret, &psk_secret, context)))
        return;
    vector_equal(c, json, "joiner_secret", mls_secret_view(&joiner_secret));
    vector_equal(c, json, "welcome_secret", mls_secret_view(&welcome_secret));
    check_epoch_secrets(c, json, &secrets);
    check_external_pub(c, json, &secrets);
    check_exporter(c, json, &secrets);
    *init_secret = secrets.init_secret;
}

static void verify(vector_case_t *c)
{
    mls_secret_t init_secret = vector_secret(c, c->json, "initial_init_secret");
    const cJSON *json;
    uint64_t epoch = 0;
    cJSON_ArrayForEach(json, vector_array(c, c->json, "epochs"))
    {
        vector_at(c, "epochs[%u].", (unsigned)epoch);
        check_epoch(c, json, epoch++, &init_secret);
    }
}

static const char *const fields[] = { "cipher_suite", "group_id", "initial_init_secret", "epochs", NULL };
const vector_kind_t vector_key_schedule = { "key schedule", fields, verify };
