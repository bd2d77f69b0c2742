/* x509.c -- members who prove their names by X.509 certificates (RFC 9420, Section 5.3), and one who renews
 * hers.
 *
 * A basic credential is a claim. An x509 credential is a chain of certificates that ties the name to the key
 * which the leaf, and whatever its owner says, is signed with. libmls checks that tie by itself; whom to
 * trust, and which names are wanted, is for the Authentication Service of the group to say. */
#include "example.h"
#include "office.h"

#include <stdio.h>
#include <stdlib.h>

enum { DAY = 24 * 3600 };

/* ---- the Authentication Service ----------------------------------------------------------------------- */

/* Looks for one e-mail address among the names of a certificate. */
typedef struct search {
    mls_view_t email;
    bool found;
} search_t;

static mls_status_t compare(void *arg, mls_x509_name_type_t type, mls_view_t name)
{
    search_t *search = arg;
    search->found = search->found || (type == MLS_X509_NAME_EMAIL && mls_view_equal(name, search->email));
    return MLS_OK;
}

static bool is_certified_for(const mls_leaf_info_t *leaf, const char *email)
{
    search_t search = { .email = mls_view_text(email) };
    return mls_x509_names(leaf->identity, compare, &search) == MLS_OK && search.found;
}

/* Who is wanted here, and certified by whom. A program would look at the time of the Commit that brings the
 * leaf, so that all members come to one verdict; in this example all look at the same moment. */
static mls_status_t is_welcome(void *arg, const mls_leaf_candidate_t *candidate)
{
    static const char *const wanted[] = { "alice@a.example", "bob@a.example" };
    const char *reason;
    mls_status_t status = mls_x509_verify(arg, &candidate->leaf, now(), &reason);
    if (status != MLS_OK) {
        printf("refused: %s\n", reason);
        return status;
    }
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (is_certified_for(&candidate->leaf, wanted[i]) &&
            (candidate->predecessor == NULL || is_certified_for(candidate->predecessor, wanted[i])))
            return MLS_OK;
    return MLS_ERR_REJECTED;
}

/* ---- keys and certificates ---------------------------------------------------------------------------- */

/* The key comes first, then the certificate for it, then what is signed with it. */
typedef struct identity {
    mls_bytes_t private_key, certificate, body;
    mls_credential_t credential;
} identity_t;

static identity_t get_identity(mls_crypto_t *crypto, office_t *office, const char *email, long seconds)
{
    identity_t identity = { .credential.type = MLS_CREDENTIAL_X509 };
    mls_bytes_t public_key;
    must(mls_crypto_signature_key_pair(crypto, &identity.private_key, &public_key, EXAMPLE_SUITE),
         "make a signature key");
    identity.certificate = office_certify(office, email, mls_bytes_view(&public_key), seconds);
    const mls_view_t chain[] = { mls_bytes_view(&identity.certificate) }; /* the office's is known to all */
    must(mls_x509_encode(&identity.body, chain, 1), "make a credential");
    identity.credential.body = mls_bytes_view(&identity.body);
    mls_bytes_clear(&public_key);
    return identity;
}

static void clear_identity(identity_t *identity)
{
    mls_bytes_clear(&identity->private_key);
    mls_bytes_clear(&identity->certificate);
    mls_bytes_clear(&identity->body);
}

static mls_key_package_t *key_package_for(mls_crypto_t *crypto, const identity_t *identity)
{
    const mls_key_package_params_t params = {
        .cipher_suite = EXAMPLE_SUITE,
        .credential = &identity->credential,
        .signature_private_key = mls_bytes_view(&identity->private_key),
        .not_before = now() - 3600,
        .not_after = now() + 28 * DAY,
    };
    mls_key_package_t *key_package;
    must(mls_key_package_new(&key_package, crypto, &params), "make a KeyPackage");
    return key_package;
}

/* ---- the group ---------------------------------------------------------------------------------------- */

static mls_group_t *add(mls_group_t *alice, mls_crypto_t *crypto, const mls_group_config_t *config,
                        const mls_key_package_t *key_package)
{
    const mls_proposal_spec_t add = { .type = MLS_PROPOSAL_ADD,
                                      .key_package = mls_key_package_message(key_package) };
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1, .now = now() };
    const mls_group_info_options_t with_tree = { .with_tree = true };
    mls_pending_commit_t *pending;
    mls_welcome_t *welcome;
    mls_group_t *joined;
    mls_bytes_t message;
    must(mls_group_commit(alice, &pending, &options), "add a member");
    must(mls_pending_commit_group_info(pending, &with_tree), "describe the group");
    must(mls_pending_commit_welcome(pending, &message, NULL, 0), "make the Welcome");
    mls_bytes_t commit = message_of(pending);
    follow(alice, &commit);
    must(mls_welcome_open(&welcome, crypto, config, key_package, mls_bytes_view(&message)), "open it");
    must(mls_group_join(&joined, NULL, crypto, config, welcome, mls_view(NULL, 0)), "join");
    mls_welcome_free(welcome);
    mls_bytes_clear(&commit);
    mls_bytes_clear(&message);
    return joined;
}

/* Somebody has a certificate with Bob's address, from an office that nobody here trusts. */
static void try_impostor(mls_crypto_t *crypto, const mls_group_config_t *config)
{
    office_t *back_room = office_open("Back Room");
    identity_t identity = get_identity(crypto, back_room, "bob@a.example", 30 * DAY);
    mls_key_package_t *key_package = key_package_for(crypto, &identity);
    mls_key_package_info_t info;
    expect(mls_key_package_read(&info, crypto, mls_key_package_message(key_package), now(),
                                &config->authentication) == MLS_ERR_REJECTED,
           "the impostor is refused");
    mls_key_package_free(key_package);
    clear_identity(&identity);
    office_close(back_room);
}

/* A certificate for a new key: the leaf gets both with one Commit, which is still signed with the old key. */
static void renew(mls_group_t *alice, mls_group_t *bob, mls_crypto_t *crypto, office_t *office)
{
    identity_t renewed = get_identity(crypto, office, "alice@a.example", 365 * DAY);
    const mls_leaf_change_t change = { .signature_private_key = mls_bytes_view(&renewed.private_key),
                                       .credential = &renewed.credential };
    const mls_commit_options_t options = { .leaf_change = &change };
    mls_pending_commit_t *pending;
    mls_leaf_info_t leaf;
    must(mls_group_commit(alice, &pending, &options), "renew the certificate");
    mls_bytes_t commit = message_of(pending);
    follow(alice, &commit);
    follow(bob, &commit);
    must(mls_group_leaf(bob, &leaf, mls_group_own_leaf(alice)), "look at Alice's leaf");
    expect(agree(alice, bob) && mls_view_equal(leaf.identity, renewed.credential.body),
           "Bob has Alice's new certificate");
    mls_bytes_clear(&commit);
    clear_identity(&renewed);
}

int main(void)
{
    mls_crypto_t *crypto;
    mls_x509_trust_t *trust;
    mls_group_t *alice;
    must(mls_crypto_new(&crypto, NULL), "make a crypto context");
    office_t *office = office_open("Town Hall");
    must(mls_x509_trust_new(&trust), "begin a list of who is trusted");
    must(mls_x509_trust_add(trust, office_certificate(office)), "trust the town hall");
    const mls_group_config_t config = { .authentication = { .validate = is_welcome, .arg = trust } };

    identity_t alices = get_identity(crypto, office, "alice@a.example", 30 * DAY),
               bobs = get_identity(crypto, office, "bob@a.example", 30 * DAY);
    mls_key_package_t *own = key_package_for(crypto, &alices), *his = key_package_for(crypto, &bobs);
    must(mls_group_create(&alice, crypto, &config, own, mls_view_text("with certificates"), NULL), "create");
    mls_group_t *bob = add(alice, crypto, &config, his);
    expect(agree(alice, bob), "they have the same keys");
    puts("Alice and Bob know each other by their certificates.");
    try_impostor(crypto, &config);
    renew(alice, bob, crypto, office);
    puts("Alice has a new certificate, for a new key.");

    mls_group_free(bob);
    mls_group_free(alice);
    mls_key_package_free(his);
    mls_key_package_free(own);
    clear_identity(&bobs);
    clear_identity(&alices);
    mls_x509_trust_free(trust);
    office_close(office);
    mls_crypto_free(crypto);
    return EXIT_SUCCESS;
}
