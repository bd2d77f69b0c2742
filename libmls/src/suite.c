/* suite.c -- the cipher suites of RFC 9420, Section 17.1, one line each. */
#include "suite.h"

#define SUITE(id) id, #id

/* Which library does what both of them have: the one of MLS_PREFER in CMakeLists.txt, or by measurement.
 * libsodium is the faster one for X25519, and where little is signed or encrypted for Ed25519 and
 * ChaCha20-Poly1305, OpenSSL for SHA-2 and HMAC; both together make public keys of X25519 faster than each.
 */
#if defined MLS_PREFER_OPENSSL
#define SHA256 &mls_openssl_sha256
#define CHACHA20POLY1305 &mls_openssl_chacha20poly1305
#define X25519 &mls_openssl_x25519
#define ED25519 &mls_openssl_ed25519
#else
#if defined MLS_PREFER_LIBSODIUM || !defined MLS_WITH_OPENSSL
#define SHA256 &mls_sodium_sha256
#define CHACHA20POLY1305 &mls_sodium_chacha20poly1305
#define X25519 &mls_sodium_x25519
#define ED25519 &mls_sodium_ed25519
#else
#define SHA256 &mls_openssl_sha256
#define CHACHA20POLY1305 &mls_both_chacha20poly1305
#define X25519 &mls_both_x25519
#define ED25519 &mls_both_ed25519
#endif
#endif

/* clang-format off */
static const mls_suite_t suites[] = {
#if defined MLS_WITH_OPENSSL
    { SUITE(MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519),
      SHA256,              &mls_openssl_aes128gcm, X25519,            ED25519 },
    { SUITE(MLS_128_DHKEMP256_AES128GCM_SHA256_P256),
      SHA256,              &mls_openssl_aes128gcm, &mls_openssl_p256, &mls_openssl_ecdsa_p256 },
#endif
    { SUITE(MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519),
      SHA256,              CHACHA20POLY1305,       X25519,            ED25519 },
#if defined MLS_WITH_OPENSSL
    { SUITE(MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448),
      &mls_openssl_sha512, &mls_openssl_aes256gcm, &mls_openssl_x448, &mls_openssl_ed448 },
    { SUITE(MLS_256_DHKEMP521_AES256GCM_SHA512_P521),
      &mls_openssl_sha512, &mls_openssl_aes256gcm, &mls_openssl_p521, &mls_openssl_ecdsa_p521 },
    { SUITE(MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448),
      &mls_openssl_sha512, CHACHA20POLY1305,       &mls_openssl_x448, &mls_openssl_ed448 },
    { SUITE(MLS_256_DHKEMP384_AES256GCM_SHA384_P384),
      &mls_openssl_sha384, &mls_openssl_aes256gcm, &mls_openssl_p384, &mls_openssl_ecdsa_p384 },
#endif
};
/* clang-format on */

const mls_suite_t *mls_suite_find(uint16_t id)
{
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        if (suites[i].id == id)
            return &suites[i];
    return NULL;
}

size_t mls_crypto_suites(uint16_t *out, size_t max)
{
    const size_t num_suites = sizeof suites / sizeof *suites;
    for (size_t i = 0; i < num_suites && i < max; i++)
        out[i] = suites[i].id;
    return num_suites;
}

const char *mls_crypto_suite_name(uint16_t cipher_suite)
{
    const mls_suite_t *suite = mls_suite_find(cipher_suite);
    return suite == NULL ? NULL : suite->name;
}

const mls_x509_engine_t *mls_x509_engine(void)
{
#if defined MLS_WITH_OPENSSL
    return &mls_openssl_x509;
#else
    return NULL;
#endif
}
