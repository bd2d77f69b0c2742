#include "example.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void must(mls_status_t status, const char *what)
{
    if (status == MLS_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, mls_status_text(status));
    exit(EXIT_FAILURE);
}

void expect(bool is_so, const char *what)
{
    if (is_so)
        return;
    fprintf(stderr, "this is not so: %s\n", what);
    exit(EXIT_FAILURE);
}

uint64_t now(void)
{
    return (uint64_t)time(NULL);
}

mls_key_package_t *key_package_of(mls_crypto_t *crypto, const char *name)
{
    const uint64_t week = 7 * 24 * 3600;
    const mls_key_package_params_t params = { .cipher_suite = EXAMPLE_SUITE,
                                              .identity = mls_view_text(name),
                                              .not_before = now() - 3600, /* clocks differ */
                                              .not_after = now() + 4 * week };
    mls_key_package_t *key_package;
    must(mls_key_package_new(&key_package, crypto, &params), "make a KeyPackage");
    return key_package;
}

mls_bytes_t message_of(const mls_pending_commit_t *commit)
{
    mls_bytes_t message;
    must(mls_bytes_copy(&message, mls_pending_commit_message(commit)), "copy the Commit");
    return message;
}

void follow(mls_group_t *group, const mls_bytes_t *commit)
{
    mls_received_t *received;
    must(mls_group_receive(group, &received, mls_bytes_view(commit), now()), "receive a Commit");
    must(mls_group_merge(group, received, false, now()), "merge the Commit");
    mls_received_free(received);
}

bool agree(const mls_group_t *a, const mls_group_t *b)
{
    return mls_group_epoch(a) == mls_group_epoch(b) &&
           mls_view_equal(mls_group_epoch_authenticator(a), mls_group_epoch_authenticator(b));
}
