/* use_mls.c -- makes and frees a crypto context: needs the headers, libmls, libsodium and libcrypto. */
#include <mls/mls.h>

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    mls_crypto_t *crypto = NULL;
    mls_status_t status = mls_crypto_new(&crypto, NULL);

    if (status != MLS_OK) {
        printf("%s\n", mls_status_text(status));
        return EXIT_FAILURE;
    }
    mls_crypto_free(crypto);
    printf("%zu cipher suites\n", mls_crypto_suites(NULL, 0));
    return EXIT_SUCCESS;
}
