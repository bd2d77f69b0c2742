/* Finds private keys in a heap of bytes, whatever the layout: 32 bytes are a private key if the public key
 * that they give occurs in other bytes.
 *
 * Standard input: lines `secret HEX`, bytes to look into, and `public HEX`, bytes in which public keys may
 * occur. Standard output: lines `x25519 HEX` and `ed25519 HEX`, each key once. Candidates are the first 32
 * bytes of each value and all those behind a byte 0x20, which is how the length of a key is written by RFC
 * 9420, Section 2.1.2. */
#define _POSIX_C_SOURCE 200809L

#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define KEY_LEN 32

typedef struct key {
    uint8_t bytes[KEY_LEN];
} found_key_t;

typedef struct keys {
    found_key_t *items;
    size_t num;
    size_t capacity;
} keys_t;

static void die(const char *why)
{
    fprintf(stderr, "find_private_keys: %s\n", why);
    exit(1);
}

static void add_key(keys_t *keys, const uint8_t *bytes)
{
    if (keys->num == keys->capacity) {
        keys->capacity = keys->capacity == 0 ? 1024 : keys->capacity * 2;
        keys->items = realloc(keys->items, keys->capacity * sizeof *keys->items);
        if (keys->items == NULL)
            die("out of memory");
    }
    memcpy(keys->items[keys->num++].bytes, bytes, KEY_LEN);
}

static int compare_keys(const void *a, const void *b)
{
    return memcmp(a, b, KEY_LEN);
}

static void sort_unique(keys_t *keys)
{
    size_t num = 0;

    if (keys->num == 0)
        return;
    qsort(keys->items, keys->num, sizeof *keys->items, compare_keys);
    for (size_t i = 1; i < keys->num; i++)
        if (compare_keys(&keys->items[num], &keys->items[i]) != 0)
            keys->items[++num] = keys->items[i];
    keys->num = num + 1;
}

static bool has_key(const keys_t *keys, const uint8_t *bytes)
{
    return keys->num > 0 && bsearch(bytes, keys->items, keys->num, sizeof *keys->items, compare_keys) != NULL;
}

static void add_candidates(keys_t *keys, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i + KEY_LEN <= len; i++)
        if (i == 0 || bytes[i - 1] == 0x20 || bytes[i - 1] == 0x40)
            add_key(keys, bytes + i);
}

static void read_line(const char *line, keys_t *secrets, keys_t *publics)
{
    keys_t *keys = strncmp(line, "secret ", 7) == 0   ? secrets
                   : strncmp(line, "public ", 7) == 0 ? publics
                                                      : NULL;
    size_t hex_len = strlen(line) < 7 ? 0 : strlen(line) - 7, len = 0;
    uint8_t *bytes = malloc(hex_len / 2 + 1);

    if (keys == NULL || bytes == NULL ||
        sodium_hex2bin(bytes, hex_len / 2, line + 7, hex_len, NULL, &len, NULL) != 0)
        die("a line is not `secret HEX` or `public HEX`");
    add_candidates(keys, bytes, len);
    free(bytes);
}

static void read_input(keys_t *secrets, keys_t *publics)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t len;

    while ((len = getline(&line, &capacity, stdin)) > 0) {
        if (line[len - 1] == '\n')
            line[len - 1] = '\0';
        read_line(line, secrets, publics);
    }
    free(line);
}

static void print_key(const char *kind, const uint8_t *bytes)
{
    char hex[KEY_LEN * 2 + 1];

    printf("%s %s\n", kind, sodium_bin2hex(hex, sizeof hex, bytes, KEY_LEN));
}

static void judge(const uint8_t *candidate, const keys_t *publics)
{
    uint8_t x25519[crypto_scalarmult_BYTES];
    uint8_t ed25519[crypto_sign_PUBLICKEYBYTES], ignored[crypto_sign_SECRETKEYBYTES];

    if (crypto_scalarmult_base(x25519, candidate) == 0 && has_key(publics, x25519))
        print_key("x25519", candidate);
    if (crypto_sign_seed_keypair(ed25519, ignored, candidate) == 0 && has_key(publics, ed25519))
        print_key("ed25519", candidate);
}

int main(void)
{
    keys_t secrets = { 0 }, publics = { 0 };

    if (sodium_init() < 0)
        die("libsodium cannot be used");
    read_input(&secrets, &publics);
    sort_unique(&secrets);
    sort_unique(&publics);
    for (size_t i = 0; i < secrets.num; i++)
        judge(secrets.items[i].bytes, &publics);
    free(secrets.items);
    free(publics.items);
    return 0;
}
